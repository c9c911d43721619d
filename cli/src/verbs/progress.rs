//! `progress`: report how work on a task goes.

use clap::Args;

use super::delegate::option;
use super::done::Done;
use super::which::Which;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::session::Session;

/// Report how work on a task goes, to whoever awaits or watches it; its lease begins anew
#[derive(Debug, Args)]
pub(crate) struct Progress {
    #[command(flatten)]
    which: Which,
    /// How it goes; `-` reads it from standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    note: String,
    /// How much is done
    #[arg(long, value_name = "0-100", value_parser = clap::value_parser!(u8).range(0..=100))]
    percent: Option<u8>,
}

impl Progress {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        let message_id = self.which.id();
        let note = input::value_or_stdin(self.note)?;
        let mut command = redis::cmd("CLAW.PROGRESS");
        command.arg(&message_id).arg(note).arg("FROM").arg(agent);
        option(&mut command, "PERCENT", self.percent);
        link.ask(&command)?;
        session.output.show(&Done { message_id, status: "reported" })?;
        Ok(Exit::Ok)
    }
}
