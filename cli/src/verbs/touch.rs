//! `touch`: go on having a task.

use clap::Args;
use serde::Serialize;

use super::which::Which;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::style::ID;
use crate::output::text::{clean, span};
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Say that work on a task goes on: its lease begins anew. Fails if another agent has it by now
#[derive(Debug, Args)]
pub(crate) struct Touch {
    #[command(flatten)]
    which: Which,
}

#[derive(Serialize)]
struct Touched {
    message_id: String,
    lease: u64,
}

impl Touch {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        let message_id = self.which.id();
        let mut command = redis::cmd("CLAW.TOUCH");
        command.arg(&message_id).arg("FROM").arg(agent);
        let lease = reply::count(&link.ask(&command)?)?;
        session.output.show(&Touched { message_id, lease })?;
        Ok(Exit::Ok)
    }
}

impl Report for Touched {
    fn text(&self, page: &mut Page) {
        let (id, lease) = (clean(&self.message_id), span(self.lease));
        page.line(format_args!("touched {ID}{id}{ID:#}: leased for another {lease}"));
    }
}
