//! `flush`: clear the agents' world.

use clap::Args;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Report, page::Page};
use crate::session::Session;

/// Clear the agents' world for everybody: agents, mail, tasks, topics and files. Plain keys stay
#[derive(Debug, Args)]
pub(crate) struct Flush {
    /// Needed: there is no way back
    #[arg(long, required = true)]
    yes: bool,
}

#[derive(Serialize)]
struct Flushed {
    status: &'static str,
}

impl Flush {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        debug_assert!(self.yes, "the command line requires it");
        session.link()?.ask(&redis::cmd("CLAW.FLUSH"))?;
        session.output.show(&Flushed { status: "flushed" })?;
        Ok(Exit::Ok)
    }
}

impl Report for Flushed {
    fn text(&self, page: &mut Page) {
        page.line(format_args!("flushed: no agents, tasks, topics or files are left"));
    }
}
