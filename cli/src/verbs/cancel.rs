//! `cancel`: call a task off.

use clap::Args;

use super::delegate::option;
use super::done::Done;
use super::which::Which;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Call a task off: whoever works on it is told, and an answer to it is refused
#[derive(Debug, Args)]
pub(crate) struct Cancel {
    #[command(flatten)]
    which: Which,
    /// Why, for whoever works on it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl Cancel {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        let message_id = self.which.id();
        let mut command = redis::cmd("CLAW.CANCEL");
        command.arg(&message_id).arg("FROM").arg(agent);
        option(&mut command, "REASON", self.reason);
        link.ask(&command)?;
        session.output.show(&Done { message_id, status: "canceled" })?;
        Ok(Exit::Ok)
    }
}
