//! `heartbeat`: a sign of life.

use clap::Args;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::text::clean;
use crate::output::{Report, page::Page};
use crate::session::Session;

/// Give a sign of life; every other command of an agent is one too
#[derive(Debug, Args)]
pub(crate) struct Heartbeat {}

#[derive(Serialize)]
struct Alive {
    agent_id: String,
    status: &'static str,
}

impl Heartbeat {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent_id) = session.link_as_agent()?;
        link.ask(redis::cmd("CLAW.HEARTBEAT").arg(&agent_id))?;
        session.output.show(&Alive { agent_id, status: "ok" })?;
        Ok(Exit::Ok)
    }
}

impl Report for Alive {
    fn text(&self, page: &mut Page) {
        page.line(format_args!("{} is alive", clean(&self.agent_id)));
    }
}
