//! `demo`: a whole collaboration, to watch.
//!
//! The agents run the very verbs that a user types, each in a session of its own, so what the demo
//! shows is what these commands do.

mod play;
mod stage;

use clap::Args;

use self::stage::Stage;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Start a broker in this process and play a collaboration of three agents
#[derive(Debug, Args)]
pub(crate) struct Demo {}

impl Demo {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let address = start_broker()?;
        let stage = Stage::at(&address, session.output.is_json())?;
        play::play(&stage).map(|()| Exit::Ok)
    }
}

/// The broker library cannot be embedded yet; until it can, the demo says so.
fn start_broker() -> Result<String, Failure> {
    Err(Failure::local("no broker is built into this version"))
}
