//! `identify`: act from here as an agent that was registered elsewhere.

use clap::Args;
use serde::Deserialize;

use super::register::Registered;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::identity::Identity;
use crate::reply;
use crate::session::Session;

/// Act from here as an agent that was registered elsewhere, by its key
#[derive(Debug, Args)]
pub(crate) struct Identify {
    /// Its id
    #[arg(long)]
    id: String,
    /// The key that its registration answered
    #[arg(long, env = "CLAWLINK_KEY", hide_env_values = true)]
    key: String,
}

/// What the broker answers.
#[derive(Debug, Deserialize)]
struct Identified {
    agent_id: String,
    #[serde(default)]
    queued: u64,
}

impl Identify {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let store = session.store()?;
        let mut command = redis::cmd("CLAW.IDENTIFY");
        command.arg(&self.id).arg(&self.key);
        let reply = session.link()?.ask(&command).map_err(explain)?;
        let Identified { agent_id, queued } = reply::record(reply)?;
        let relay = session.relay().to_string();
        let identity = store.save(&Identity {
            relay: relay.clone(),
            agent_id: agent_id.clone(),
            name: agent_id.clone(),
            key: self.key,
        })?;
        let status = "identified".to_owned();
        session.output.show(&Registered { agent_id, status, queued, relay, identity })?;
        Ok(Exit::Ok)
    }
}

/// Nothing is stored here yet, so there is no file to delete.
fn explain(failure: Failure) -> Failure {
    match failure.code() {
        Some("BADKEY") => failure.next(
            "give the `key` that CLAW.REGISTER answered; `clawlink info` names the file that holds it"
                .to_owned(),
        ),
        _ => failure,
    }
}
