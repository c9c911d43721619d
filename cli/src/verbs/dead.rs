//! `dead`: the tasks that nobody managed to do.

use clap::Args;

use super::delegate::option;
use super::tasks::Listed;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// List the dead tasks of an inbox: all their attempts failed. `requeue` or `bury` them
#[derive(Debug, Args)]
pub(crate) struct Dead {
    /// Whose inbox: an agent's id or @CAPABILITY [default: the agent's own]
    #[arg(value_name = "AGENT")]
    inbox: Option<String>,
    /// At most so many [default: 100]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
}

impl Dead {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let inbox = self.inbox.map_or_else(|| session.agent(), Ok)?;
        let mut command = redis::cmd("CLAW.DEAD");
        command.arg(inbox);
        option(&mut command, "LIMIT", self.limit);
        session.output.show(&Listed::read(session.link()?.ask(&command)?)?)?;
        Ok(Exit::Ok)
    }
}
