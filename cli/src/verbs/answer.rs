//! `answer`: answer the question of an agent that works on a task.

use clap::Args;

use super::done::Done;
use super::which::Which;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::session::Session;

/// Answer the question of whoever works on a task (to answer a task itself is `respond`)
#[derive(Debug, Args)]
pub(crate) struct Answer {
    #[command(flatten)]
    which: Which,
    /// The answer; `-` reads it from standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    text: String,
}

impl Answer {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        let message_id = self.which.id();
        let text = input::value_or_stdin(self.text)?;
        let mut command = redis::cmd("CLAW.ANSWER");
        command.arg(&message_id).arg(text).arg("FROM").arg(agent);
        link.ask(&command)?;
        session.output.show(&Done { message_id, status: "answered" })?;
        Ok(Exit::Ok)
    }
}
