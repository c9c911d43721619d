//! `completions`: the script that lets a shell complete this program's command lines.

use clap::{Args, CommandFactory};
use clap_complete::Shell;
use serde::Serialize;

use crate::args::Cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Print a completion script, for example for `clawlink completions bash > FILE`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell it is for
    shell: Shell,
}

#[derive(Serialize)]
struct Script {
    shell: String,
    script: String,
}

impl Completions {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "clawlink", &mut script);
        let text = String::from_utf8_lossy(&script).into_owned();
        let record = Script { shell: self.shell.to_string(), script: text };
        session.output.content(&script, &record)?;
        Ok(Exit::Ok)
    }
}
