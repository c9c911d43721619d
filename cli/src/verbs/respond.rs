//! `respond`: answer a task.

use clap::Args;
use clawlink_protocol::TaskStatus;
use serde::Serialize;

use super::which::Which;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output::style::{self, ID};
use crate::output::text::clean;
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Answer a task, or report how it goes
#[derive(Debug, Args)]
pub(crate) struct Respond {
    #[command(flatten)]
    which: Which,
    /// The answer; `-` reads it from standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    result: String,
    /// How far the task is. `in_progress` renews its lease and keeps it open; `input_required` asks
    /// the sender what the result says; after `failed` it is tried again, unless with --fatal
    /// [default: completed]
    #[arg(long, value_parser = TaskStatus::OF_RESPONSES.map(TaskStatus::word))]
    status: Option<String>,
    /// With `--status failed`: it is of no use to try again
    #[arg(long)]
    fatal: bool,
    /// Accepted for compatibility: the broker knows who asked
    #[arg(long, value_name = "AGENT")]
    to: Option<String>,
}

#[derive(Serialize)]
struct Responded {
    response_id: String,
    message_id: String,
    status: TaskStatus,
}

impl Respond {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        let word = self.status.as_deref().unwrap_or_default().as_bytes();
        let status = TaskStatus::from_word(word).unwrap_or_default();
        let result = input::value_or_stdin(self.result)?;
        let mut command = redis::cmd("CLAW.RESPOND");
        let message_id = self.which.id();
        command.arg(&message_id).arg(result).arg("FROM").arg(agent);
        command.arg("STATUS").arg(status.word());
        if self.fatal {
            command.arg("FATAL");
        }
        let response_id = reply::text(link.ask(&command)?)?;
        session.output.show(&Responded { response_id, message_id, status })?;
        Ok(Exit::Ok)
    }
}

impl Report for Responded {
    fn text(&self, page: &mut Page) {
        let (id, task) = (clean(&self.response_id), clean(&self.message_id));
        // In place of a response there is the receipt of the attempt that failed.
        if self.status == TaskStatus::Failed && self.response_id.contains('#') {
            return page.line(format_args!("{ID}{id}{ID:#} failed: the task is tried again"));
        }
        let (look, status) = (style::task(self.status), self.status.word());
        page.line(format_args!(
            "responded {ID}{id}{ID:#} to {ID}{task}{ID:#}: {look}{status}{look:#}"
        ));
    }
}
