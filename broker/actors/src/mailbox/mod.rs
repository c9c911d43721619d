//! Mailboxes: what waits for an agent, or for whoever has a capability.

mod lanes;

pub use lanes::{Lanes, lane_of};

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::call::{Call, Env};
use crate::command::{Run, Runs};
use crate::directory::Gauge;
use crate::owner::State;
use crate::sequence::Sequence;
use crate::{Command, Refusal};

/// Families.
pub const COMMANDS: &[&[&Command]] = &[];

/// A mailbox.
#[derive(Debug)]
pub struct Mailbox {
    name: Arc<[u8]>,
    gauge: Arc<Gauge>,
    lanes: Lanes,
}

/// Notices.
#[derive(Debug)]
pub enum Notice {}

impl State for Mailbox {
    type Notice = Notice;

    fn run(runs: &Runs) -> Option<Run<Self>> {
        runs.mailbox
    }

    fn notice(&mut self, notice: Notice, _now: u64, _env: &mut Env) {
        match notice {}
    }
}

impl Mailbox {
    /// An empty mailbox.
    pub fn new(name: Arc<[u8]>, gauge: Arc<Gauge>) -> Self {
        Self { name, gauge, lanes: Lanes::default() }
    }

    /// The messages that wait.
    pub fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    /// The messages that wait, to be changed.
    pub fn lanes_mut(&mut self) -> &mut Lanes {
        &mut self.lanes
    }

    /// Whether one more message may enter.
    pub fn admit(&mut self, payload: &[u8], call: &Call<'_>) -> Result<(), Refusal> {
        let limits = &call.env.directory.limits;
        let name = || String::from_utf8_lossy(&self.name).into();
        let (most, most_bytes) = (limits.inbox_messages_max.get(), limits.inbox_bytes_max.get());
        if self.lanes.len() as u64 >= most {
            return Err(Refusal::InboxFull(name(), most));
        }
        if (self.lanes.bytes() + payload.len()) as u64 > most_bytes {
            return Err(Refusal::InboxFullBytes(name(), most_bytes));
        }
        Ok(())
    }

    /// A message has entered.
    pub fn pushed(&mut self, _payload: &[u8], _call: &Call<'_>) {
        self.show();
    }

    /// A message was taken by a plain client.
    pub fn taken(&mut self, _payload: &[u8]) {
        self.show();
    }

    fn show(&self) {
        self.gauge.queued.store(self.lanes.len(), Ordering::Relaxed);
    }
}
