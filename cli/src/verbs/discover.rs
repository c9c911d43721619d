//! `discover`: who is in the mesh.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use clawlink_protocol::{Agent, AgentStatus};
use serde::{Deserialize, Serialize};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::text::span;
use crate::output::{
    Report,
    page::{Column, Page},
};
use crate::reply;
use crate::session::Session;

/// List the agents that are online
#[derive(Debug, Args)]
pub(crate) struct Discover {
    /// Only agents with this capability; repeat it for agents that have several
    #[arg(long, value_name = "CAPABILITY", value_delimiter = ',')]
    cap: Vec<String>,
    /// Only agents whose name or id matches, as in `rev*`
    #[arg(long, value_name = "PATTERN")]
    name: Option<String>,
    /// Stale agents too: those that gave no sign of life for 120 s
    #[arg(long)]
    all: bool,
}

/// An agent, and how much mail waits for it.
#[derive(Serialize, Deserialize)]
struct Found {
    #[serde(flatten)]
    agent: Agent,
    #[serde(default)]
    queued: u64,
}

#[derive(Serialize)]
struct Agents {
    agents: Vec<Found>,
    count: usize,
    /// Whether stale agents were asked for.
    #[serde(skip)]
    all: bool,
}

impl Discover {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let mut command = redis::cmd("CLAW.DISCOVER");
        for cap in &self.cap {
            command.arg("CAP").arg(cap);
        }
        if let Some(pattern) = &self.name {
            command.arg("NAME").arg(pattern);
        }
        if self.all {
            command.arg("ALL");
        }
        let agents: Vec<Found> = reply::records(session.link()?.ask(&command)?)?;
        let count = agents.len();
        session.output.show(&Agents { agents, count, all: self.all })?;
        Ok(Exit::Ok)
    }
}

const COLUMNS: [(&str, Column); 5] = [
    ("AGENT", Column::Whole),
    ("STATUS", Column::Whole),
    ("MAIL", Column::Number),
    ("CAPABILITIES", Column::Text),
    ("ABOUT", Column::Text),
];

impl Report for Agents {
    fn text(&self, page: &mut Page) {
        if self.agents.is_empty() {
            let hint = if self.all { "" } else { "; --all lists stale ones too" };
            return page.line(format_args!("no such agents are online{hint}"));
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let rows: Vec<_> = self.agents.iter().map(|found| row(found, now)).collect();
        page.table(&COLUMNS, &rows);
    }
}

fn row(Found { agent, queued }: &Found, now: u64) -> Vec<String> {
    let status = match agent.status {
        AgentStatus::Online => "online".to_owned(),
        // Since when matters for these alone: an agent that is online was seen just now.
        AgentStatus::Stale => format!("stale {}", span(now.saturating_sub(agent.last_heartbeat))),
    };
    let capabilities = agent.capabilities.join(", ");
    vec![agent.agent_id.clone(), status, queued.to_string(), capabilities, about(agent)]
}

/// What else there is to say, in few columns: `Code Reviewer on host: reads Rust`.
fn about(agent: &Agent) -> String {
    let named = if agent.name == agent.agent_id { "" } else { &agent.name };
    let on = if agent.machine.is_empty() { "" } else { "on " };
    let place = format!("{named} {on}{}", agent.machine);
    let colon = if agent.description.is_empty() { "" } else { ": " };
    format!("{}{colon}{}", place.trim(), agent.description)
}
