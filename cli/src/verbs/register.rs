//! `register`: join the mesh, or resume an identity stored here.

use std::path::PathBuf;

use clap::Args;
use clawlink_protocol::name;
use serde::{Deserialize, Serialize};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::identity::{Identity, Store};
use crate::output::style::{FAINT, KIND};
use crate::output::text::{clean, plural};
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Join the mesh as an agent, or come back as one that was registered from here
#[derive(Debug, Args)]
pub(crate) struct Register {
    /// What to call it
    #[arg(long)]
    name: String,
    /// Its id [default: --as, or else the name in lower case with dashes]
    #[arg(long)]
    id: Option<String>,
    /// What it can do, separated by commas; others reach it with `delegate --to @CAPABILITY`
    #[arg(long, value_name = "A,B")]
    caps: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    description: Option<String>,
    /// The machine it runs on [default: the name of this one]
    #[arg(long)]
    machine: Option<String>,
}

/// What the broker answers.
#[derive(Debug, Deserialize)]
struct Registration {
    agent_id: String,
    key: String,
    status: String,
    #[serde(default)]
    queued: u64,
}

/// What is reported: also of an agent that showed its key.
#[derive(Serialize)]
pub(super) struct Registered {
    pub(super) agent_id: String,
    pub(super) status: String,
    pub(super) queued: u64,
    pub(super) relay: String,
    pub(super) identity: PathBuf,
}

impl Register {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let store = session.store()?;
        let id = self.id.clone().or_else(|| session.named_agent().map(str::to_owned));
        let stored = match id.clone().or_else(|| name::slug(&self.name)) {
            Some(id) => store.load(&id)?,
            None => None,
        };
        let command = self.command(id.as_deref(), stored.as_ref());
        let reply = session.link()?.ask(&command).map_err(|failure| explain(failure, &store))?;
        let registration: Registration = reply::record(reply)?;
        let identity = store.save(&Identity {
            relay: session.relay().to_string(),
            agent_id: registration.agent_id.clone(),
            name: self.name,
            key: registration.key,
        })?;
        let Registration { agent_id, status, queued, .. } = registration;
        let relay = session.relay().to_string();
        session.output.show(&Registered { agent_id, status, queued, relay, identity })?;
        Ok(Exit::Ok)
    }

    fn command(&self, id: Option<&str>, stored: Option<&Identity>) -> redis::Cmd {
        let host = gethostname::gethostname().to_string_lossy().into_owned();
        let options = [
            ("ID", id),
            ("CAPS", self.caps.as_deref()),
            ("MACHINE", Some(self.machine.as_deref().unwrap_or(&host))),
            ("DESC", self.description.as_deref()),
            ("KEY", stored.map(|identity| identity.key.as_str())),
        ];
        let mut command = redis::cmd("CLAW.REGISTER");
        command.arg(&self.name);
        for (option, value) in options {
            if let Some(value) = value {
                command.arg(option).arg(value);
            }
        }
        command
    }
}

/// Says what to do when the id is somebody else's.
fn explain(failure: Failure, store: &Store) -> Failure {
    let folder = store.folder().display().to_string();
    match failure.code() {
        Some("AGENTINUSE") => {
            failure.next(format!("no key for it is stored in {folder}, so choose another --id"))
        }
        Some("BADKEY") => failure.next(format!(
            "another session took it over: choose another --id, or delete its file in {folder}"
        )),
        _ => failure,
    }
}

impl Report for Registered {
    fn text(&self, page: &mut Page) {
        let (id, status) = (clean(&self.agent_id), clean(&self.status));
        let mail = plural(self.queued, "message");
        page.line(format_args!("{status} {KIND}{id}{KIND:#} at {}: {mail} waiting", self.relay));
        let identity = self.identity.display();
        page.line(format_args!("{FAINT}identity stored in {identity}{FAINT:#}"));
    }
}
