//! `demo`: a whole collaboration, to watch.
//!
//! The agents run the very verbs that a user types, each in a session of its own, so what the demo
//! shows is what these commands do.

mod play;
mod stage;

use std::io;

use clap::Args;
use clawlink_broker::{Broker, Config};

use self::stage::Stage;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Start a broker in this process and play a collaboration of three agents
#[derive(Debug, Args)]
pub(crate) struct Demo {}

impl Demo {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let broker = Broker::start(Config::default_on_free_port()).map_err(local)?;
        let played = Stage::at(&broker.local_addr().to_string(), session.output.is_json())
            .and_then(|stage| play::play(&stage));
        // A broker that does not stop well matters less than a play that did not end well.
        let stopped = broker.stop().map_err(local);
        played.and(stopped).map(|()| Exit::Ok)
    }
}

fn local(error: io::Error) -> Failure {
    Failure::local(format!("the broker in this process failed: {error}"))
}
