//! `requeue`: what becomes of a dead task.

use clap::Args;

use super::done::Done;
use super::which::Which;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Queue a dead task again, with all its attempts before it
#[derive(Debug, Args)]
pub(crate) struct Requeue {
    #[command(flatten)]
    which: Which,
}

impl Requeue {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let message_id = self.which.id();
        session.link()?.ask(redis::cmd("CLAW.REQUEUE").arg(&message_id))?;
        session.output.show(&Done { message_id, status: "requeued" })?;
        Ok(Exit::Ok)
    }
}
