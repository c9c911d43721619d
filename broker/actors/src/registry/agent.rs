//! One agent, as the registry knows it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use clawlink_protocol::time::iso8601;
use clawlink_protocol::{Agent as Record, AgentStatus};

use crate::directory::Gauge;

/// A registered agent.
#[derive(Debug)]
pub struct Agent {
    /// Its id.
    pub id: Arc<str>,
    /// What it calls itself.
    pub name: String,
    /// What it can do, in the order it said.
    pub capabilities: Arc<[Arc<str>]>,
    /// The machine it runs on, as it says.
    pub machine: String,
    /// Free text about it.
    pub description: String,
    /// What it must show to resume while it is online.
    pub key: String,
    /// When it registered first, in milliseconds since 1970.
    pub registered_at: u64,
    /// What its mailbox shows, and its last sign of life.
    pub gauge: Arc<Gauge>,
    /// When to look whether it is still alive. `None`: it was found stale, and others were told so.
    pub check_at: Option<u64>,
}

impl Agent {
    /// Its last sign of life, in milliseconds since 1970.
    pub fn last_seen(&self) -> u64 {
        self.gauge.last_seen.load(Ordering::Relaxed)
    }

    /// Whether there was no sign of life for so many milliseconds.
    pub fn is_stale(&self, now: u64, stale_ms: u64) -> bool {
        self.last_seen().saturating_add(stale_ms) <= now
    }

    /// Its key is void: whoever was identified by it is not any more.
    pub fn void_key(&self) {
        self.gauge.void_keys.fetch_add(1, Ordering::Relaxed);
    }

    /// Messages that wait for it.
    pub fn queued(&self) -> usize {
        self.gauge.queued.load(Ordering::Relaxed)
    }

    /// Estimate of the bytes of memory it holds.
    pub fn memory(&self) -> usize {
        let texts = self.id.len() + self.name.len() + self.machine.len() + self.description.len();
        let capabilities: usize = self.capabilities.iter().map(|c| c.len() + 32).sum();
        size_of::<Self>() + size_of::<Gauge>() + texts + self.key.len() + capabilities
    }

    /// How it is now, as others are told.
    pub fn record(&self, stale: bool) -> Record {
        Record {
            agent_id: self.id.to_string(),
            name: self.name.clone(),
            capabilities: self.capabilities.iter().map(|name| name.to_string()).collect(),
            machine: self.machine.clone(),
            description: self.description.clone(),
            registered_at: iso8601(self.registered_at),
            last_heartbeat: self.last_seen() / 1_000,
            status: if stale { AgentStatus::Stale } else { AgentStatus::Online },
            ..Record::default()
        }
    }
}
