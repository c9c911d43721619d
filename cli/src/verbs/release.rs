//! `release`: give a task back.

use clap::Args;

use super::delegate::option;
use super::done::Done;
use super::seconds::Seconds;
use super::which::Which;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Give a task back for somebody else to do; that counts as no attempt
#[derive(Debug, Args)]
pub(crate) struct Release {
    #[command(flatten)]
    which: Which,
    /// Nobody gets it before so many seconds have passed
    #[arg(long, value_name = "SECONDS")]
    delay: Option<Seconds>,
    /// Why, for its sender
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl Release {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        let message_id = self.which.id();
        let mut command = redis::cmd("CLAW.RELEASE");
        command.arg(&message_id).arg("FROM").arg(agent);
        option(&mut command, "DELAY", self.delay);
        option(&mut command, "REASON", self.reason);
        link.ask(&command)?;
        session.output.show(&Done { message_id, status: "released" })?;
        Ok(Exit::Ok)
    }
}
