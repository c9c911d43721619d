//! The agents' processes.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Result, ensure};
use clawlink_compat_tests::binary;
use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::random::Random;
use clawlink_compat_tests::reply::Reply;
use clawlink_compat_tests::server::Server;

use crate::LEASE_S;

/// What every agent can do, and tasks are sent to.
pub const CAPABILITY: &str = "work";
/// The first of them are sent tasks by name, so they rise again under their own.
pub const NAMED: usize = 10;
/// Where the agents write down what happens to them, in the server's folder.
pub const JOURNALS: &str = "journals";

/// Agents that can be killed.
pub struct Colony<'a> {
    server: &'a Server,
    program: PathBuf,
    broker: Client,
    agents: Vec<Agent>,
    /// How many names have been given.
    names: usize,
    random: Random,
}

struct Agent {
    id: String,
    key: String,
    process: Child,
}

impl<'a> Colony<'a> {
    pub fn start(server: &'a Server, agents: usize, seed: u64) -> Result<Self> {
        std::fs::create_dir_all(server.folder().join(JOURNALS))?;
        let mut colony = Self {
            server,
            program: binary::mortal()?,
            broker: server.connect()?,
            agents: Vec::new(),
            names: 0,
            random: Random::new(seed),
        };
        for _ in 0..agents {
            let agent = colony.newcomer()?;
            colony.agents.push(agent);
        }
        Ok(colony)
    }

    /// Kills an agent. It comes back with its key, or, if it need not be found by its name, another takes its place.
    pub fn kill_and_replace(&mut self, index: usize, by_another: bool) -> Result<()> {
        let Agent { id, key, process } = &mut self.agents[index];
        process.kill()?;
        process.wait()?;
        let (id, key) = (id.clone(), key.clone());
        self.agents[index] =
            if by_another && index >= NAMED { self.newcomer()? } else { self.spawn(id, key)? };
        Ok(())
    }

    fn newcomer(&mut self) -> Result<Agent> {
        let id = format!("w{}", self.names);
        self.names += 1;
        let joined = self.broker.ask(&["CLAW.REGISTER", &id, "CAPS", CAPABILITY])?;
        ensure!(!matches!(joined, Reply::Error(_)), "{id} cannot join: {}", joined.text());
        let key = joined.items()[3].text();
        // Another agent's name on this connection, which must not speak as any.
        self.broker.call(&["RESET"])?;
        self.spawn(id, key)
    }

    fn spawn(&mut self, id: String, key: String) -> Result<Agent> {
        let journal = self.server.folder().join(JOURNALS).join(&id);
        let complaints = std::fs::File::create(self.server.folder().join(format!("{id}.err")))?;
        let process = Command::new(&self.program)
            .args([self.server.port().to_string(), id.clone(), key.clone()])
            .arg(CAPABILITY)
            .arg(journal)
            .args([(LEASE_S * 1_000).to_string(), self.random.next_u64().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(complaints)
            .spawn()?;
        Ok(Agent { id, key, process })
    }
}

impl Drop for Colony<'_> {
    fn drop(&mut self) {
        for agent in &mut self.agents {
            // An agent ends by itself only when something is wrong, and it has said what.
            if let Ok(Some(status)) = agent.process.try_wait() {
                let path = self.server.folder().join(format!("{}.err", agent.id));
                let complaint = std::fs::read_to_string(path).unwrap_or_default();
                eprintln!("{} ended by itself, {status}: {complaint}", agent.id);
            }
            let _ = agent.process.kill();
            let _ = agent.process.wait();
        }
    }
}
