//! `bury`: what becomes of a dead task.

use clap::Args;

use super::done::Done;
use super::which::Which;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Take a dead task off the list of the dead, for good
#[derive(Debug, Args)]
pub(crate) struct Bury {
    #[command(flatten)]
    which: Which,
}

impl Bury {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let message_id = self.which.id();
        session.link()?.ask(redis::cmd("CLAW.BURY").arg(&message_id))?;
        session.output.show(&Done { message_id, status: "buried" })?;
        Ok(Exit::Ok)
    }
}
