//! Where the demo is played: a broker, a folder for the agents' files and identities, and a way to
//! show what each agent types and sees.

use std::path::PathBuf;

use clap::Parser;
use serde_json::{Value as Json, json};

use crate::args::Cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::style::{FAINT, HEADING, KIND};
use crate::output::{KEPT_INDENT, Kept, print_json, print_text};
use crate::relay::Relay;
use crate::session::Session;
use crate::verbs::perform;

/// A broker with nobody in it, and an audience.
pub(super) struct Stage {
    relay: Relay,
    /// Gone, with all that the agents stored, when the play is over.
    folder: tempfile::TempDir,
    json: bool,
}

/// How a step is meant to end.
type Ending = Result<Exit, Failure>;

impl Stage {
    /// A stage at a broker's address; with `json` it prints a line of JSON for each step.
    pub(super) fn at(address: &str, json: bool) -> Result<Self, Failure> {
        let relay =
            address.parse().map_err(|error| Failure::local(format!("{address}: {error}")))?;
        let folder = tempfile::tempdir()
            .map_err(|error| Failure::local(format!("cannot make a temporary folder: {error}")))?;
        Ok(Self { relay, folder, json })
    }

    /// Where the play's files are.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Tells the audience what the next steps are about.
    pub(super) fn narrate(&self, text: &str) -> Result<(), Failure> {
        if self.json {
            return Ok(());
        }
        print_text(&format!("\n{HEADING}{text}{HEADING:#}\n")).map_err(|e| Failure::output(&e))
    }

    /// Has an agent run a command; answers what it printed, as JSON.
    pub(super) fn act(&self, agent: &str, args: &[&str]) -> Result<Json, Failure> {
        let (ending, seen) = self.run(agent, args)?;
        let exit = ending?;
        self.show(agent, args, exit as u8, &seen)?;
        Ok(seen.record)
    }

    /// Has an agent run a command that the broker refuses with this error code.
    pub(super) fn refused(&self, agent: &str, args: &[&str], code: &str) -> Result<(), Failure> {
        let (ending, _) = self.run(agent, args)?;
        match ending {
            Err(failure) if failure.code() == Some(code) => {
                let seen = Kept { text: failure.sentence(), record: json!({ "error": code }) };
                self.show(agent, args, Exit::Refused as u8, &seen)
            }
            Err(failure) => Err(failure),
            Ok(_) => Err(Failure::local(format!("`{}` was not refused", shell_line(args)))),
        }
    }

    fn run(&self, agent: &str, args: &[&str]) -> Result<(Ending, Kept), Failure> {
        let words = ["clawlink"].iter().chain(args);
        let cli = Cli::try_parse_from(words).map_err(|error| Failure::local(error.to_string()))?;
        let identities = self.path("identities");
        let session = Session::on_stage(self.relay.clone(), agent, identities);
        let ending = perform(cli.verb, &session);
        Ok((ending, session.output.take()))
    }

    fn show(&self, agent: &str, args: &[&str], exit: u8, seen: &Kept) -> Result<(), Failure> {
        let shown = if self.json {
            let record = &seen.record;
            print_json(&json!({"agent": agent, "args": args, "exit": exit, "output": record}))
        } else {
            let folder = self.folder.path().display();
            let line = shell_line(args).replace(&format!("{folder}/"), "");
            let seen = indent(&seen.text).replace(&format!("{folder}/"), "");
            print_text(&format!(
                "{KIND}{agent:>5}{KIND:#} {FAINT}${FAINT:#} clawlink {line}\n{seen}"
            ))
        };
        shown.map_err(|error| Failure::output(&error))
    }
}

fn indent(text: &str) -> String {
    let indent = usize::from(KEPT_INDENT);
    text.lines().map(|line| format!("{:indent$}{line}\n", "")).collect()
}

/// The arguments as a shell takes them.
fn shell_line(args: &[&str]) -> String {
    args.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@,=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::shell_line;

    #[test]
    fn a_shell_reads_back_what_is_shown() {
        let words = ["a-b", "@rust", "two words", "it's", "", "{\"n\":1}"];
        let line = shell_line(&words);
        let echoed = std::process::Command::new("sh")
            .args(["-c", &format!("printf '%s\\n' {line}")])
            .output()
            .expect("a shell");
        assert_eq!(String::from_utf8_lossy(&echoed.stdout), words.join("\n") + "\n");
    }
}
