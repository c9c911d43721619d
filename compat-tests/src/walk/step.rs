//! What a walk consists of, and how it is written down.

use std::fmt::Write as _;

use super::equality::Equality;
use super::lua::Tree;

/// One command, and how its replies are compared.
#[derive(Clone, Debug)]
pub struct Command {
    /// The command's name and its arguments.
    pub words: Vec<Vec<u8>>,
    /// What of the reply is compared.
    pub equality: Equality,
    /// Whether it gives a key a life of a few milliseconds.
    pub ends_soon: bool,
    /// Its second word, if that is a random script.
    pub script: Option<Tree>,
}

impl Command {
    /// The name in capitals.
    #[must_use]
    pub fn name(&self) -> String {
        String::from_utf8_lossy(&self.words[0]).to_uppercase()
    }

    /// Whether this blocks for a moment at most: its reply comes by itself.
    #[must_use]
    pub fn is_brief(&self) -> bool {
        let is_block = |word: &[u8]| word.eq_ignore_ascii_case(b"BLOCK");
        let seconds = self.words.iter().any(|word| word == b"0.001" || word == b"0.002");
        let is_wait = self.name() == "WAIT"
            && self.words.last().is_some_and(|word| word == b"1" || word == b"2");
        seconds
            || is_wait
            || self
                .words
                .windows(2)
                .any(|pair| is_block(&pair[0]) && (pair[1] == b"1" || pair[1] == b"2"))
    }

    /// The key that it stores its result at.
    #[must_use]
    pub fn stores_at(&self) -> Option<&[u8]> {
        let name = self.name();
        let place = if name == "SORT" {
            1 + self.words.iter().rposition(|word| word.eq_ignore_ascii_case(b"STORE"))?
        } else if name.ends_with("STORE") {
            1
        } else {
            return None;
        };
        self.words.get(place).map(Vec::as_slice)
    }

    /// The same with a shorter script, in all ways.
    pub fn shorter(&self) -> impl Iterator<Item = Self> + '_ {
        let scripts = self.script.iter().flat_map(Tree::shorter);
        scripts.map(|script| {
            let mut words = self.words.clone();
            words[1] = script.text().into_bytes();
            Self { words, script: Some(script), ..self.clone() }
        })
    }

    fn is_reply(&self, how: &[u8]) -> bool {
        let [first, second, third] = &self.words[..] else { return false };
        first.eq_ignore_ascii_case(b"CLIENT")
            && second.eq_ignore_ascii_case(b"REPLY")
            && third.eq_ignore_ascii_case(how)
    }

    /// The command as `redis-cli` reads it.
    #[must_use]
    pub fn line(&self) -> String {
        self.words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }
}

/// What one of the clients does at a time.
#[derive(Clone, Debug)]
pub enum Step {
    /// Sends commands in one write.
    Send {
        /// Its number.
        client: usize,
        /// At least one.
        commands: Vec<Command>,
    },
    /// Is unblocked by somebody else, if it waits: with an error, or as if its time were over.
    Unblock {
        /// Its number.
        client: usize,
        /// Whether with an error.
        error: bool,
    },
}

impl Step {
    /// Whose step it is.
    #[must_use]
    pub fn client(&self) -> usize {
        match self {
            Self::Send { client, .. } | Self::Unblock { client, .. } => *client,
        }
    }

    /// The step as lines that `redis-cli` reads, behind the name of the client if there are several.
    #[must_use]
    pub fn lines(&self, clients: usize) -> String {
        let mut text = String::new();
        let name = |client: usize| match clients {
            1 => String::new(),
            _ => format!("{}> ", char::from(b'a' + client as u8)),
        };
        match self {
            Self::Send { client, commands } => {
                for (index, command) in commands.iter().enumerate() {
                    let joint =
                        if index == 0 { name(*client) } else { "    in one write: ".to_owned() };
                    let _ = writeln!(text, "{joint}{}", command.line());
                }
            }
            Self::Unblock { client, error } => {
                let how = if *error { "ERROR" } else { "TIMEOUT" };
                let _ = writeln!(text, "CLIENT UNBLOCK {}{how}", name(*client));
            }
        }
        text
    }
}

/// How many replies commands have at least when nobody waits: `CLIENT REPLY` takes some away.
#[must_use]
pub fn replies_min(commands: &[Command]) -> usize {
    let (mut is_off, mut skips, mut count) = (false, false, 0);
    for command in commands {
        is_off = is_off && !command.is_reply(b"ON") || command.is_reply(b"OFF");
        let is_silent = is_off || skips || command.is_reply(b"SKIP");
        skips = command.is_reply(b"SKIP");
        count += usize::from(!is_silent);
    }
    count
}

/// A word as it is written in a shell for `redis-cli`, and in a transcript.
fn quoted(word: &[u8]) -> String {
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && !b"\"'\\".contains(byte);
    if !word.is_empty() && word.iter().all(is_plain) {
        return String::from_utf8_lossy(word).into_owned();
    }
    let mut text = String::from("\"");
    for &byte in word {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => {
                let _ = write!(text, "\\x{byte:02x}");
            }
        }
    }
    text + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str) -> Command {
        let words = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
        Command { words, equality: Equality::Exact, ends_soon: false, script: None }
    }

    #[test]
    fn silent_commands_are_not_counted() {
        let count = |lines: &[&str]| {
            replies_min(&lines.iter().map(|line| command(line)).collect::<Vec<_>>())
        };
        assert_eq!(count(&["GET a", "GET b"]), 2);
        assert_eq!(count(&["CLIENT REPLY SKIP", "GET a", "GET b"]), 1);
        assert_eq!(count(&["CLIENT REPLY OFF", "GET a", "CLIENT REPLY ON", "GET a"]), 2);
    }

    #[test]
    fn words_are_quoted_where_they_must() {
        assert_eq!(quoted(b"a"), "a");
        assert_eq!(quoted(b""), "\"\"");
        assert_eq!(quoted(b"a \"\n"), "\"a \\\"\\x0a\"");
    }

    #[test]
    fn brief_commands_are_known() {
        assert!(command("BLPOP a 0.001").is_brief());
        assert!(command("XREAD BLOCK 1 STREAMS a $").is_brief());
        assert!(command("WAIT 1 2").is_brief());
        assert!(!command("XREAD BLOCK 0 STREAMS a 1").is_brief());
        assert!(!command("WAIT 1 0").is_brief());
    }
}
