//! Reads a transcript file.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::{Action, Case, Comparison, Payload, Protocol, Step, Transcript};
use crate::words::{expand, split};

/// Commands that answer once for each channel they name.
const ANSWER_PER_CHANNEL: [&str; 6] =
    ["SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUNSUBSCRIBE"];

impl Transcript {
    /// Reads `<name>.txt` from a folder beside this package's `Cargo.toml`.
    pub fn read(folder: &str, name: &str) -> Result<Self> {
        let path = folder_path(folder).join(format!("{name}.txt"));
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(name, &text).with_context(|| format!("in {}", path.display()))
    }

    /// The names of all transcripts in a folder, sorted.
    pub fn names(folder: &str) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in folder_path(folder).read_dir()? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            names.extend(name.and_then(|name| name.strip_suffix(".txt")).map(str::to_owned));
        }
        names.sort();
        Ok(names)
    }

    /// Parses the text of a transcript. Fails, with the line's number, on what it cannot read.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let mut reader = Reader::default();
        for (index, line) in text.lines().enumerate() {
            reader.line = index + 1;
            reader.read(line.trim_end()).with_context(|| format!("line {}", index + 1))?;
        }
        ensure!(!reader.cases.is_empty(), "there is no `== case`");
        Ok(Self { name: name.to_owned(), cases: reader.cases })
    }
}

fn folder_path(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// What directives have said about the next command.
struct Pending {
    comparison: Comparison,
    keep: Option<String>,
    replies: Option<usize>,
    until: Option<String>,
    repetitions: usize,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Command,
    Park,
    Inline,
    Raw,
}

impl Default for Pending {
    fn default() -> Self {
        Self {
            comparison: Comparison::Exact,
            keep: None,
            replies: None,
            until: None,
            repetitions: 1,
            form: Form::Command,
        }
    }
}

#[derive(Default)]
struct Reader {
    cases: Vec<Case>,
    client: String,
    pending: Pending,
    line: usize,
}

impl Reader {
    fn read(&mut self, line: &str) -> Result<()> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if let Some(header) = line.strip_prefix("== ") {
            return self.begin_case(header);
        }
        if let Some(directive) = line.strip_prefix('@') {
            return self.directive(directive, line);
        }
        if let Some(expected) = line.strip_prefix("= ") {
            self.expect(expected)?;
            return Ok(());
        }
        self.command(line)
    }

    /// Every repetition of a repeated command expects the same.
    fn expect(&mut self, expected: &str) -> Result<()> {
        let steps = self.cases.last_mut().map(|case| case.steps.as_mut_slice());
        let steps = steps.unwrap_or_default();
        let line = steps.last().context("= before any command")?.line;
        for step in steps.iter_mut().rev().take_while(|step| step.line == line) {
            step.expected.push(expected.to_owned());
        }
        Ok(())
    }

    fn begin_case(&mut self, header: &str) -> Result<()> {
        let (name, protocol) = match header.split_once('[') {
            None => (header, None),
            Some((name, "resp2]")) => (name, Some(Protocol::Resp2)),
            Some((name, "resp3]")) => (name, Some(Protocol::Resp3)),
            Some((_, other)) => bail!("[{other} is neither [resp2] nor [resp3]"),
        };
        let name = name.trim().to_owned();
        self.cases.push(Case { name, protocol, steps: Vec::new() });
        self.client = "a".to_owned();
        Ok(())
    }

    fn directive(&mut self, directive: &str, line: &str) -> Result<()> {
        let (name, rest) = directive.split_once(' ').unwrap_or((directive, ""));
        let rest = rest.trim();
        let pending = &mut self.pending;
        match name {
            "client" => self.client = rest.to_owned(),
            "unordered" => pending.comparison = Comparison::Unordered,
            "pairs" => pending.comparison = Comparison::Pairs,
            "approx" => pending.comparison = Comparison::Approx(rest.parse()?),
            "shape" => pending.comparison = Comparison::Shape,
            "kind" | "skip-value" => pending.comparison = Comparison::Kind,
            "keep" => {
                pending.comparison = Comparison::Kind;
                pending.keep = Some(rest.to_owned());
            }
            "fields" => pending.comparison = Comparison::Fields(names(rest)),
            "replies" => pending.replies = Some(rest.parse()?),
            "until" => pending.until = Some(rest.to_owned()),
            "repeat" => pending.repetitions = rest.parse()?,
            "park" => pending.form = Form::Park,
            "inline" => pending.form = Form::Inline,
            "raw" => pending.form = Form::Raw,
            "read" => {
                let (client, count) = rest.split_once(' ').unwrap_or((rest, "1"));
                self.standing(client, Action::Read { replies: count.parse()? }, line)?;
            }
            "closed" => self.standing(rest, Action::Closed, line)?,
            "drop" => self.standing(rest, Action::Drop, line)?,
            _ => bail!("there is no directive @{name}"),
        }
        Ok(())
    }

    fn standing(&mut self, client: &str, action: Action, line: &str) -> Result<()> {
        let client = client.to_owned();
        let pending = std::mem::take(&mut self.pending);
        self.push(client, action, &pending, line)
    }

    fn command(&mut self, line: &str) -> Result<()> {
        let pending = std::mem::take(&mut self.pending);
        for repetition in 1..=pending.repetitions {
            let action = action(line, &pending, repetition)?;
            self.push(self.client.clone(), action, &pending, line)?;
        }
        Ok(())
    }

    fn push(
        &mut self,
        client: String,
        action: Action,
        pending: &Pending,
        line: &str,
    ) -> Result<()> {
        let (comparison, keep) = (pending.comparison.clone(), pending.keep.clone());
        let (text, expected) = (line.to_owned(), Vec::new());
        let step = Step { line: self.line, text, client, action, comparison, keep, expected };
        self.cases.last_mut().context("a command before any `== case`")?.steps.push(step);
        Ok(())
    }
}

fn names(list: &str) -> Vec<String> {
    list.split_whitespace().map(str::to_owned).collect()
}

fn action(line: &str, pending: &Pending, repetition: usize) -> Result<Action> {
    let replies = pending.replies;
    if pending.form == Form::Inline {
        let bytes = Payload::Raw(format!("{line}\r\n").into_bytes());
        return Ok(Action::Send { bytes, replies: replies.unwrap_or(1) });
    }
    let words = split(line)?;
    let args =
        words.iter().map(|word| expand(word, repetition)).collect::<Result<Vec<Vec<u8>>>>()?;
    if pending.form == Form::Raw {
        let bytes = Payload::Raw(args.concat());
        return Ok(Action::Send { bytes, replies: replies.unwrap_or(1) });
    }
    Ok(match (&pending.until, pending.form) {
        (Some(reply), _) => Action::Until { args, reply: reply.clone().into_bytes() },
        (None, Form::Park) => Action::Park { args },
        (None, _) => {
            let replies = replies.unwrap_or_else(|| usual_replies(&args));
            Action::Send { bytes: Payload::Command(args), replies }
        }
    })
}

fn usual_replies(args: &[Vec<u8>]) -> usize {
    let name = args.first().map(|name| name.to_ascii_uppercase()).unwrap_or_default();
    let per_channel = ANSWER_PER_CHANNEL.iter().any(|command| command.as_bytes() == name);
    if per_channel { args.len().saturating_sub(1).max(1) } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_concern_the_next_command_only() {
        let text = "== x\n@unordered\n@repeat 2\nKEYS *\nPING\n@client b\nSUBSCRIBE c d\n";
        let transcript = Transcript::parse("t", text).unwrap();
        let steps = &transcript.cases[0].steps;
        assert_eq!(steps.len(), 4);
        assert_eq!(steps[1].comparison, Comparison::Unordered);
        assert_eq!(steps[2].comparison, Comparison::Exact);
        assert_eq!(steps[3].client, "b");
        assert!(matches!(steps[3].action, Action::Send { replies: 2, .. }));
    }

    #[test]
    fn every_repetition_expects_the_same() {
        let text = "== x\nECHO a\n= \"a\"\n@repeat 2\nPING\n= +PONG\n";
        let transcript = Transcript::parse("t", text).unwrap();
        let counts: Vec<_> = transcript.cases[0].steps.iter().map(|s| s.expected.len()).collect();
        assert_eq!(counts, [1, 1, 1]);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_line() {
        let error = Transcript::parse("t", "== x\n@unorderd\nPING").err().unwrap();
        assert!(format!("{error:#}").contains("line 2"), "{error:#}");
        assert!(Transcript::parse("t", "PING").is_err());
        assert!(Transcript::parse("t", "# nothing").is_err());
    }
}
