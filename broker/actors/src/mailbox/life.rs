//! The life of messages: how they come, are handed out, come back, and end. Pure: times and new ids are parameters.

use std::sync::Arc;

use bytes::Bytes;
use clawlink_protocol::time::iso8601;
use clawlink_protocol::{Priority, TaskStatus, name};

use super::Mailbox;
use super::ledger::{Entry, HandedOut, NO_LEASE, Stage};
use super::record::{self, Envelope, Head};
use crate::Refusal;

/// A task on its way in.
#[derive(Debug)]
pub struct Delegated<'a> {
    /// Its id.
    pub id: &'a str,
    /// Who sends it; empty if nobody said.
    pub from: Arc<str>,
    /// Its record.
    pub record: &'a Bytes,
    /// Its lane.
    pub priority: Priority,
}

/// What a poll asks for.
#[derive(Debug)]
pub struct Poll<'a> {
    /// The agent that will have the messages.
    pub agent: &'a str,
    /// How many at most.
    pub count: usize,
    /// For how long tasks are leased, in milliseconds.
    pub lease_ms: u64,
}

/// An answer to a task.
#[derive(Debug)]
pub struct Answer<'a> {
    /// The task.
    pub id: &'a str,
    /// Who answers; empty if nobody said.
    pub speaker: &'a str,
    /// What.
    pub text: &'a [u8],
    /// How far the task is.
    pub status: TaskStatus,
    /// For how long a task is leased that comes out of its lane by this, in milliseconds.
    pub lease_ms: u64,
}

/// A response on its way to the sender of a task.
#[derive(Debug)]
pub struct Sent {
    /// The sender of the task, if it has a mailbox.
    pub to: Option<Arc<str>>,
    /// The response's own id.
    pub id: String,
    /// The response.
    pub record: Bytes,
}

impl Mailbox {
    /// Queues a task. The caller has checked that there is room.
    pub fn delegate(&mut self, task: Delegated<'_>) {
        self.ledger.get_or_insert_default().queue(task.id, task.from, true);
        self.lanes.lane_mut(task.priority).push_front(task.record);
    }

    /// Queues a message of the broker's own making. It is never refused: a response's room was kept free when the
    /// task was delegated.
    pub fn deliver(&mut self, id: &str, record: &Bytes) {
        self.ledger.get_or_insert_default().queue(id, "".into(), false);
        self.lanes.lane_mut(Priority::Normal).push_front(record);
    }

    /// Hands out messages. Responses and notices that this agent was handed before are thereby acknowledged.
    pub fn poll(
        &mut self,
        poll: &Poll<'_>,
        now: u64,
        mut mint: impl FnMut(&str) -> String,
    ) -> Vec<Bytes> {
        self.lapse(now);
        if let Some(ledger) = &mut self.ledger {
            for id in ledger.held_by(poll.agent, true) {
                ledger.forget(&id);
            }
        }
        let mut records = Vec::new();
        let holder: Arc<str> = poll.agent.into();
        while records.len() < poll.count
            && let Some((lane, payload)) = self.lanes.pop_next()
        {
            let (id, record) = self.identify(lane, payload, now, &mut mint);
            let ledger = self.ledger.get_or_insert_default();
            let is_task = ledger.get(&id).is_some_and(|entry| entry.is_task);
            let until = if is_task { now.saturating_add(poll.lease_ms) } else { NO_LEASE };
            let handed = HandedOut::new(lane, record.clone(), holder.clone(), until, poll.lease_ms);
            ledger.hand_out(&id, handed);
            records.push(record);
        }
        records
    }

    /// The id of a message that was taken from a lane, and its complete record. One that has no identity yet gets one.
    fn identify(
        &mut self,
        lane: Priority,
        payload: Bytes,
        now: u64,
        mint: &mut impl FnMut(&str) -> String,
    ) -> (String, Bytes) {
        let head = Head::read(&payload);
        if let (Some(head), Some(ledger)) = (&head, &self.ledger)
            && ledger.is_waiting(head.id(), head.is_task())
        {
            return (head.id().to_owned(), payload.clone());
        }
        let id = mint(self.name());
        let timestamp = iso8601(now);
        let envelope =
            Envelope { message_id: &id, from: "", to: self.name(), timestamp: &timestamp };
        let whole = head.as_ref().and_then(|_| record::complete(&payload, envelope));
        let is_task = head.is_none_or(|head| head.is_task()) || whole.is_none();
        let whole = whole.unwrap_or_else(|| record::raw_task(&payload, envelope, lane));
        let ledger = self.ledger.get_or_insert_default();
        ledger.queue(&id, whole.from.into(), is_task);
        ledger.set_sender_id(&id, whole.sender_id);
        (id, whole.record)
    }

    /// Answers a task.
    ///
    /// # Errors
    /// [`Refusal::NoTask`], [`Refusal::Answered`]
    pub fn respond(
        &mut self,
        answer: &Answer<'_>,
        now: u64,
        mint: impl FnOnce(&str) -> String,
    ) -> Result<Sent, Refusal> {
        let entry = self.task(answer.id)?;
        if let Stage::Finished(status, _) = entry.stage {
            return Err(Refusal::Answered(answer.id.into(), status.word()));
        }
        let to = entry.from.clone();
        let has_inbox = name::is_valid(to.as_bytes());
        let id = mint(if has_inbox { &to } else { self.name() });
        let record = record::response(
            Envelope {
                message_id: entry.sender_id.as_deref().unwrap_or(answer.id),
                from: self.answerer(entry, answer.speaker),
                to: &to,
                timestamp: &iso8601(now),
            },
            &id,
            answer.text,
            answer.status,
        );
        if answer.status == TaskStatus::InProgress {
            self.continue_task(answer, now);
        } else {
            self.unqueue(answer.id);
            if let Some(ledger) = &mut self.ledger {
                ledger.finish(answer.id, answer.status, record.clone());
            }
        }
        Ok(Sent { to: has_inbox.then_some(to), id, record })
    }

    /// Who answers: who says so, else who has the task, else whose mailbox this is.
    fn answerer<'a>(&'a self, entry: &'a Entry, speaker: &'a str) -> &'a str {
        match &entry.stage {
            _ if !speaker.is_empty() => speaker,
            Stage::Out(handed) => &handed.holder,
            _ if self.is_shared() => "",
            _ => self.name(),
        }
    }

    /// Work on a task goes on, so it stays with whoever does it, or comes back to them if the lease was over.
    fn continue_task(&mut self, answer: &Answer<'_>, now: u64) {
        let queued = self.entry(answer.id).is_some_and(|e| matches!(e.stage, Stage::Queued));
        let out_of_lane = if queued { self.unqueue(answer.id) } else { None };
        let Some(ledger) = &mut self.ledger else {
            return;
        };
        if let Some((lane, record)) = out_of_lane {
            let until = now.saturating_add(answer.lease_ms);
            let holder = answer.speaker.into();
            ledger
                .hand_out(answer.id, HandedOut::new(lane, record, holder, until, answer.lease_ms));
        }
        ledger.go_on(answer.id, answer.speaker, now);
    }

    /// Forgets a message that needs no more attention. False if it is not here, or is answered already.
    pub fn acknowledge(&mut self, id: &str) -> bool {
        if self.entry(id).is_none_or(|entry| matches!(entry.stage, Stage::Finished(..))) {
            return false;
        }
        self.unqueue(id);
        self.ledger.as_mut().is_some_and(|ledger| ledger.forget(id))
    }

    /// The entry of a task.
    ///
    /// # Errors
    /// [`Refusal::NoTask`]
    pub fn task(&self, id: &str) -> Result<&Entry, Refusal> {
        let entry = self.entry(id).filter(|entry| entry.is_task);
        entry.ok_or_else(|| Refusal::NoTask(id.into()))
    }

    /// What this agent was handed goes back to the head of its lanes.
    pub fn release(&mut self, agent: &str) {
        let held = self.ledger.as_ref().map(|ledger| ledger.held_by(agent, false));
        self.put_back(&held.unwrap_or_default());
    }

    /// Those of these messages that this agent was handed go back to the head of their lanes.
    pub fn give_back(&mut self, agent: &str, ids: &[&str]) {
        let held = self.ledger.as_ref().map(|ledger| ledger.held_by(agent, false));
        let mut held = held.unwrap_or_default();
        held.retain(|id| ids.contains(&&**id));
        self.put_back(&held);
    }

    /// Messages whose lease is over go back to the head of their lanes. Whether there were any.
    pub fn lapse(&mut self, now: u64) -> bool {
        if self.next_lapse().is_none_or(|at| at > now) {
            return false;
        }
        let lapsed = self.ledger.as_ref().map(|ledger| ledger.lapsed(now)).unwrap_or_default();
        self.put_back(&lapsed);
        !lapsed.is_empty()
    }

    /// When the next lease ends, in milliseconds since 1970.
    pub fn next_lapse(&self) -> Option<u64> {
        self.ledger.as_ref()?.deadline()
    }

    fn put_back(&mut self, ids: &[Arc<str>]) {
        for id in ids {
            if let Some(back) = self.ledger.as_mut().and_then(|ledger| ledger.take_back(id)) {
                self.lanes.lane_mut(back.lane).push_back(&back.record);
            }
        }
    }

    /// The record of a message that is queued or handed out. Walks over the lanes.
    pub fn record(&self, id: &str) -> Option<&[u8]> {
        match &self.entry(id)?.stage {
            Stage::Out(handed) => Some(&handed.record),
            Stage::Queued => self.lanes.iter().find(|payload| record::has_id(payload, id)),
            Stage::Taken | Stage::Finished(..) => None,
        }
    }

    /// Takes a queued message out of its lane, wherever it stands there. Walks over the lanes.
    fn unqueue(&mut self, id: &str) -> Option<(Priority, Bytes)> {
        if !matches!(self.entry(id)?.stage, Stage::Queued) {
            return None;
        }
        Priority::ALL.into_iter().rev().find_map(|priority| {
            let lane = self.lanes.lane_mut(priority);
            let at = lane.iter().position(|payload| record::has_id(payload, id))?;
            Some((priority, lane.remove(at)?))
        })
    }

    /// Forgets what is queued. Returns the ids of the messages among it that had one.
    pub fn drop_queued(&mut self) -> Vec<Arc<str>> {
        self.lanes.clear();
        self.ledger.as_mut().map(|ledger| ledger.forget_queued()).unwrap_or_default()
    }

    /// Forgets everything. Returns the ids of the tasks that were known.
    pub fn flush(&mut self) -> Vec<Arc<str>> {
        self.lanes.clear();
        self.ledger.take().map(|ledger| ledger.into_ids()).unwrap_or_default()
    }
}
