//! A script's text: its name, and what its first line says of it.

use clawlink_actors::Refusal;
use sha1::{Digest, Sha1};

/// The SHA-1 of a script in 40 lower-case digits: its name.
pub(crate) type Sha = [u8; 40];

/// The SHA-1 of these bytes.
pub(super) fn sha(text: &[u8]) -> Sha {
    let mut name = [0; 40];
    for (digits, byte) in name.chunks_exact_mut(2).zip(Sha1::digest(text)) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        digits[0] = DIGITS[usize::from(byte >> 4)];
        digits[1] = DIGITS[usize::from(byte & 15)];
    }
    name
}

/// A name as a client sent it, in any case. `None`: it has not 40 letters.
pub(super) fn script_name(word: &[u8]) -> Option<Sha> {
    let mut sha = Sha::try_from(word).ok()?;
    sha.make_ascii_lowercase();
    Some(sha)
}

/// A script.
#[derive(Debug)]
pub(crate) struct Script {
    /// Its name.
    pub sha: Sha,
    /// Its text without what stands in a first line `#!lua`; the line itself stays, for the numbers of lines.
    pub body: Box<[u8]>,
    /// What its first line says of it, if it has one.
    pub flags: Option<ScriptFlags>,
    /// Whether it may publish or ask who listens: such a script borrows the topics too. What is not called by its usual
    /// name is not noticed, and refused.
    pub publishes: bool,
    /// Whether it may have stopped Lua's collection of garbage.
    pub collects: bool,
}

/// What a script says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ScriptFlags {
    /// It writes nothing.
    pub no_writes: bool,
    /// It may run when memory is full.
    pub allow_oom: bool,
}

impl Script {
    /// A script of this text.
    ///
    /// # Errors
    /// Redis's texts, when the first line is no good `#!lua …`.
    pub(super) fn new(sha: Sha, text: &[u8]) -> Result<Self, Refusal> {
        let (flags, body) = match text.strip_prefix(b"#!") {
            Some(_) => {
                let end = memchr::memchr(b'\n', text);
                let end = end.ok_or(Refusal::Fixed("ERR", "Invalid script shebang"))?;
                (Some(shebang(&text[..end])?), &text[end..])
            }
            None => (None, text),
        };
        Ok(Self {
            sha,
            body: body.into(),
            flags,
            publishes: mentions(body, b"publish") || mentions(body, b"pubsub"),
            collects: mentions(body, b"collectgarbage"),
        })
    }
}

/// Whether a word stands in a text, in any case.
fn mentions(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

fn shebang(line: &[u8]) -> Result<ScriptFlags, Refusal> {
    let line = String::from_utf8_lossy(line);
    let refuse = |text: String| Refusal::Custom("ERR", text.into());
    let mut words = line.split_ascii_whitespace();
    let engine = words.next().unwrap_or_default();
    if engine != "#!lua" {
        return Err(refuse(format!("Unexpected engine in script shebang: {engine}")));
    }
    let mut flags = ScriptFlags::default();
    for option in words {
        let Some(names) = option.strip_prefix("flags=") else {
            return Err(refuse(format!("Unknown lua shebang option: {option}")));
        };
        for name in names.split(',').filter(|name| !name.is_empty()) {
            match name {
                "no-writes" => flags.no_writes = true,
                "allow-oom" => flags.allow_oom = true,
                "allow-stale" | "no-cluster" | "allow-cross-slot-keys" => {}
                other => {
                    return Err(refuse(format!("Unexpected flag in script shebang: {other}")));
                }
            }
        }
    }
    Ok(flags)
}

#[cfg(test)]
mod tests {
    use super::{Script, ScriptFlags, sha};

    #[test]
    fn a_name_is_the_sha1_of_the_text() {
        assert_eq!(&sha(b"return 1"), b"e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
    }

    #[test]
    fn the_first_line_says_what_a_script_does() {
        let flags =
            |text: &str| Script::new([b'0'; 40], text.as_bytes()).map(|script| script.flags);
        assert_eq!(flags("return 1"), Ok(None));
        let no_writes = ScriptFlags { no_writes: true, ..ScriptFlags::default() };
        assert_eq!(flags("#!lua flags=no-writes,allow-stale\nreturn 1"), Ok(Some(no_writes)));
        assert_eq!(flags("#!lua\nreturn 1"), Ok(Some(ScriptFlags::default())));
        for bad in ["#!lua", "#!python\n", "#!lua name=x\n", "#!lua flags=fast\n"] {
            assert!(flags(bad).is_err(), "{bad}");
        }
    }
}
