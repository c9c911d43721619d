//! Responses and notices: messages that need no answer. They have no lease: an agent's next poll acknowledges them.

use std::collections::BTreeMap;
use std::sync::Arc;

use ahash::AHashMap;
use bytes::Bytes;
use clawlink_protocol::Priority;

/// The responses and notices of a mailbox that have an id.
#[derive(Debug, Default)]
pub struct Notices {
    entries: AHashMap<Arc<str>, Option<Given>>,
    /// Those that agents have, by turn.
    given: BTreeMap<u64, Arc<str>>,
    bytes: usize,
}

/// A notice that an agent has.
#[derive(Debug)]
pub struct Given {
    /// The lane that it goes back to.
    pub lane: Priority,
    /// Its record.
    pub record: Bytes,
    /// The agent.
    pub holder: Arc<str>,
    /// When it was handed out, among all that the mailbox hands out.
    pub turn: u64,
}

impl Notices {
    /// How many are known.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many agents have.
    pub fn given_len(&self) -> usize {
        self.given.len()
    }

    /// Bytes of those that agents have.
    pub fn given_bytes(&self) -> usize {
        self.bytes
    }

    /// Notes one that is in its lane.
    pub fn queue(&mut self, id: &str) {
        self.entries.insert(id.into(), None);
    }

    /// Whether it is in its lane.
    pub fn is_queued(&self, id: &str) -> bool {
        matches!(self.entries.get(id), Some(None))
    }

    /// Notes that an agent has it. Does nothing if it is not known.
    pub fn give(&mut self, id: &str, given: Given) {
        let Some((key, _)) = self.entries.get_key_value(id) else {
            return;
        };
        self.given.insert(given.turn, key.clone());
        self.bytes += given.record.len();
        if let Some(entry) = self.entries.get_mut(id) {
            *entry = Some(given);
        }
    }

    /// Those that this agent has.
    pub fn held_by<'a>(&'a self, agent: &'a str) -> impl Iterator<Item = (u64, &'a Arc<str>)> {
        let has = |id| {
            let given = self.entries.get(id).and_then(Option::as_ref);
            given.is_some_and(|given: &Given| *given.holder == *agent)
        };
        self.given.iter().filter(move |(_, id)| has(*id)).map(|(turn, id)| (*turn, id))
    }

    /// Takes one back from the agent that has it; from then on it counts as queued. `None`: no agent has it.
    pub fn take_back(&mut self, id: &str) -> Option<Given> {
        let given = self.entries.get_mut(id)?.take()?;
        self.given.remove(&given.turn);
        self.bytes -= given.record.len();
        Some(given)
    }

    /// Forgets one. False if it is not known.
    pub fn forget(&mut self, id: &str) -> bool {
        self.take_back(id);
        self.entries.remove(id).is_some()
    }

    /// Forgets all that are in a lane.
    pub fn forget_queued(&mut self) {
        self.entries.retain(|_, given| given.is_some());
    }
}
