//! What a mailbox knows of the messages that have an id: who sent them, who has them, how they ended.
//!
//! A raw message that a client pushed has no entry here until it is first polled. So an inbox that is used as a plain
//! list has no ledger at all.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use ahash::AHashMap;
use bytes::Bytes;
use clawlink_protocol::{Priority, TaskStatus};

/// The entries of a mailbox.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: AHashMap<Arc<str>, Entry>,
    /// The messages that are handed out, in the order in which they come back: end of the lease, then turn.
    /// `NO_LEASE` comes last of all.
    out: BTreeMap<(u64, u64), Arc<str>>,
    out_bytes: usize,
    turns: u64,
    /// What has left the inbox for good and is remembered for a while, oldest first. An id may have come back since.
    /// The turn tells whether this is still about the same end.
    closed: VecDeque<(u64, Arc<str>)>,
    closed_bytes: usize,
}

/// The "lease end" of what has no lease: responses and notices.
pub const NO_LEASE: u64 = u64::MAX;

/// A message.
#[derive(Debug)]
pub struct Entry {
    /// Who sent it; empty if nobody said.
    pub from: Arc<str>,
    /// The id that the sender knows it by, if that is another one.
    pub sender_id: Option<Box<str>>,
    /// Whether it is a task. Responses and notices need no answer.
    pub is_task: bool,
    /// Whether somebody has said that work on it is in progress.
    pub in_progress: bool,
    /// Where it is.
    pub stage: Stage,
    /// The turn in which it left the inbox for good.
    closed: u64,
}

/// Where a message is.
#[derive(Debug)]
pub enum Stage {
    /// In its lane.
    Queued,
    /// With an agent.
    Out(Box<HandedOut>),
    /// Taken by a plain pop: delivered at most once, but it can still be answered.
    Taken,
    /// Answered: how, and the response.
    Finished(TaskStatus, Bytes),
}

/// A message that an agent has.
#[derive(Debug, Clone)]
pub struct HandedOut {
    /// The lane that it goes back to.
    pub lane: Priority,
    /// The record that was handed out, and goes back.
    pub record: Bytes,
    /// The agent.
    pub holder: Arc<str>,
    /// When the lease ends, in milliseconds since 1970; `NO_LEASE` without a lease.
    pub until: u64,
    /// For how long it is leased, in milliseconds.
    pub lease_ms: u64,
    turn: u64,
}

impl Ledger {
    /// The entry of a message.
    pub fn get(&self, id: &str) -> Option<&Entry> {
        self.entries.get(id)
    }

    /// Messages that agents have.
    pub fn out_len(&self) -> usize {
        self.out.len()
    }

    /// Bytes of the messages that agents have.
    pub fn out_bytes(&self) -> usize {
        self.out_bytes
    }

    /// Whether it knows of no message.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The ids of all messages.
    pub fn into_ids(self) -> Vec<Arc<str>> {
        self.entries.into_keys().collect()
    }

    /// Estimate of the bytes of memory it holds.
    pub fn memory(&self) -> usize {
        // A map's slot, its id and the id's second home.
        let entry = size_of::<(Arc<str>, Entry)>() + 2 * size_of::<Arc<str>>() + 48;
        size_of::<Self>() + self.entries.len() * entry + self.out_bytes + self.closed_bytes
    }

    /// Notes a message that is in its lane.
    pub fn queue(&mut self, id: &str, from: Arc<str>, is_task: bool) {
        let stage = Stage::Queued;
        let entry = Entry { from, sender_id: None, is_task, in_progress: false, stage, closed: 0 };
        self.entries.insert(id.into(), entry);
    }

    /// Notes by which id the sender knows a message.
    pub fn set_sender_id(&mut self, id: &str, sender_id: Option<Box<str>>) {
        if let Some(entry) = self.entries.get_mut(id) {
            entry.sender_id = sender_id;
        }
    }

    /// Whether a record with this id that was found in a lane is the message itself, and not a copy or a forgery.
    pub fn is_waiting(&self, id: &str, is_task: bool) -> bool {
        let waiting = |entry: &Entry| matches!(entry.stage, Stage::Queued | Stage::Taken);
        self.entries.get(id).is_some_and(|entry| entry.is_task == is_task && waiting(entry))
    }

    /// Notes that an agent has a message. Does nothing if there is no such entry.
    pub fn hand_out(&mut self, id: &str, mut handed: HandedOut) {
        let Some((id, _)) = self.entries.get_key_value(id) else {
            return;
        };
        let id = id.clone();
        self.turns += 1;
        handed.turn = self.turns;
        if let Some(entry) = self.entries.get_mut(&id) {
            self.out_bytes += handed.record.len();
            self.out.insert((handed.until, handed.turn), id);
            entry.stage = Stage::Out(Box::new(handed));
        }
    }

    /// Takes a message back from the agent that has it. `None`: no agent has it.
    pub fn take_back(&mut self, id: &str) -> Option<HandedOut> {
        let entry = self.entries.get_mut(id)?;
        match std::mem::replace(&mut entry.stage, Stage::Queued) {
            Stage::Out(handed) => {
                self.out.remove(&(handed.until, handed.turn));
                self.out_bytes -= handed.record.len();
                Some(*handed)
            }
            other => {
                entry.stage = other;
                None
            }
        }
    }

    /// Work on a task goes on: its lease starts anew, unless another agent has it by now.
    pub fn go_on(&mut self, id: &str, speaker: &str, now: u64) {
        let Some(entry) = self.entries.get_mut(id) else {
            return;
        };
        entry.in_progress = true;
        let Stage::Out(handed) = &mut entry.stage else {
            return;
        };
        if !(speaker.is_empty() || *handed.holder == *speaker) {
            return;
        }
        if let Some(id) = self.out.remove(&(handed.until, handed.turn)) {
            handed.until = now.saturating_add(handed.lease_ms);
            self.out.insert((handed.until, handed.turn), id);
        }
    }

    /// The messages whose lease is over, latest handed out first: put back in this order at the head of their lanes,
    /// the one handed out first is again the first.
    pub fn lapsed(&self, now: u64) -> Vec<Arc<str>> {
        let due = self.out.range(..=(now, u64::MAX)).filter(|((until, _), _)| *until != NO_LEASE);
        latest_first(due.map(|((_, turn), id)| (*turn, id.clone())).collect())
    }

    /// The messages that this agent has, latest handed out first. `noticed`: only those without a lease.
    pub fn held_by(&self, holder: &str, noticed: bool) -> Vec<Arc<str>> {
        let first = if noticed { NO_LEASE } else { 0 };
        let has = |id: &Arc<str>| {
            let entry = self.entries.get(id);
            entry.is_some_and(
                |e| matches!(&e.stage, Stage::Out(handed) if *handed.holder == *holder),
            )
        };
        let held = self.out.range((first, 0)..).filter(|(_, id)| has(id));
        latest_first(held.map(|((_, turn), id)| (*turn, id.clone())).collect())
    }

    /// When the next lease ends.
    pub fn deadline(&self) -> Option<u64> {
        let ((until, _), _) = self.out.first_key_value()?;
        (*until != NO_LEASE).then_some(*until)
    }

    /// Forgets a message. False if there is none.
    pub fn forget(&mut self, id: &str) -> bool {
        self.take_back(id);
        let gone = self.entries.remove(id);
        self.closed_bytes -= gone.as_ref().map_or(0, |entry| entry.stage.closed_bytes());
        gone.is_some()
    }

    /// Forgets all messages that are in a lane, and returns their ids.
    pub fn forget_queued(&mut self) -> Vec<Arc<str>> {
        let queued = self.entries.iter().filter(|(_, entry)| matches!(entry.stage, Stage::Queued));
        let ids: Vec<_> = queued.map(|(id, _)| id.clone()).collect();
        ids.iter().for_each(|id| drop(self.entries.remove(id)));
        ids
    }

    /// A plain pop took this message. A task can still be answered; of anything else nothing is left to do.
    pub fn taken(&mut self, id: &str) {
        let Some(entry) = self.entries.get(id).filter(|e| matches!(e.stage, Stage::Queued)) else {
            return;
        };
        if entry.is_task {
            self.close(id, Stage::Taken);
        } else {
            self.forget(id);
        }
    }

    /// A task was answered.
    pub fn finish(&mut self, id: &str, status: TaskStatus, response: Bytes) {
        self.take_back(id);
        self.close(id, Stage::Finished(status, response));
    }

    fn close(&mut self, id: &str, stage: Stage) {
        let Some((id, _)) = self.entries.get_key_value(id) else {
            return;
        };
        let id = id.clone();
        if let Some(entry) = self.entries.get_mut(&id) {
            self.closed_bytes += stage.closed_bytes();
            let before = std::mem::replace(&mut entry.stage, stage);
            self.closed_bytes -= before.closed_bytes();
            self.turns += 1;
            entry.closed = self.turns;
            self.closed.push_back((self.turns, id));
        }
    }

    /// Keeps at most so many messages that are over, and bytes of responses. The newest stays whatever its size:
    /// somebody may be waiting for it right now.
    pub fn drop_oldest(&mut self, messages: u64, bytes: u64) {
        while self.closed.len() > 1
            && (self.closed.len() as u64 > messages || self.closed_bytes as u64 > bytes)
        {
            let Some((turn, id)) = self.closed.pop_front() else {
                return;
            };
            let over = |e: &Entry| matches!(e.stage, Stage::Taken | Stage::Finished(..));
            // A task that was taken and then answered stands here twice; the second time counts.
            if self.entries.get(&id).is_some_and(|e| e.closed == turn && over(e)) {
                self.forget(&id);
            }
        }
    }
}

impl Entry {
    /// Estimate of the bytes of memory it holds.
    pub fn memory(&self) -> usize {
        let record = match &self.stage {
            Stage::Out(handed) => handed.record.len(),
            Stage::Finished(_, response) => response.len(),
            Stage::Queued | Stage::Taken => 0,
        };
        size_of::<Self>() + self.from.len() + record
    }
}

impl Stage {
    fn closed_bytes(&self) -> usize {
        if let Self::Finished(_, response) = self { response.len() } else { 0 }
    }
}

impl HandedOut {
    /// A message in the hands of `holder`.
    pub fn new(lane: Priority, record: Bytes, holder: Arc<str>, until: u64, lease_ms: u64) -> Self {
        Self { lane, record, holder, until, lease_ms, turn: 0 }
    }
}

fn latest_first(mut messages: Vec<(u64, Arc<str>)>) -> Vec<Arc<str>> {
    messages.sort_unstable_by_key(|(turn, _)| Reverse(*turn));
    messages.into_iter().map(|(_, id)| id).collect()
}
