//! `ack`: be done with messages without answering them.

use clap::Args;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::text::plural;
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Be done with messages: tasks that need no answer, responses, broadcasts and notices
#[derive(Debug, Args)]
pub(crate) struct Ack {
    /// The ids, as `poll` printed them
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
}

#[derive(Serialize)]
struct Acknowledged {
    acknowledged: u64,
}

impl Ack {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        let mut command = redis::cmd("CLAW.ACK");
        command.arg(&self.ids).arg("FROM").arg(agent);
        let acknowledged = reply::count(&link.ask(&command)?)?;
        session.output.show(&Acknowledged { acknowledged })?;
        Ok(Exit::Ok)
    }
}

impl Report for Acknowledged {
    fn text(&self, page: &mut Page) {
        page.line(format_args!("acknowledged {}", plural(self.acknowledged, "message")));
    }
}
