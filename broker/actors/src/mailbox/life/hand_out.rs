//! How messages are handed out, and given back by a poll whose client was gone.

use std::sync::Arc;

use bytes::Bytes;
use clawlink_protocol::time::iso8601;
use clawlink_protocol::{Priority, ReceiptEvent, TaskStatus};

use super::split_receipt;
use crate::mailbox::Mailbox;
use crate::mailbox::attempts::AttemptEnd;
use crate::mailbox::effects::{Change, Effect};
use crate::mailbox::notices::Given;
use crate::mailbox::record::{self, Envelope, Form, Head};
use crate::mailbox::task::{HandedOut, Stage, Task, Terms};

/// What a poll asks for.
#[derive(Debug, Clone, Copy)]
pub struct Poll<'a> {
    /// The agent that will have the messages.
    pub agent: &'a str,
    /// How many at most.
    pub count: usize,
    /// For how long tasks are leased, in milliseconds, whatever their sender wants.
    pub lease_ms: Option<u64>,
    /// How many bytes the bodies may have together.
    pub room: Option<Room>,
}

/// Room for the bodies of messages.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// The bytes that one poll may give. A body that is larger by itself is given by reference.
    pub bytes: usize,
    /// How many of them are taken.
    pub taken: usize,
}

impl Room {
    /// In which form a message is given, and how many bytes that takes. `None`: it waits for the next poll.
    fn admit(&mut self, record: &[u8]) -> Option<Form> {
        let body = record::body_bytes(record);
        if body > self.bytes {
            return Some(Form::Reference(body));
        }
        let taken = self.taken + body;
        (taken <= self.bytes).then(|| {
            self.taken = taken;
            Form::Whole
        })
    }
}

impl Mailbox {
    /// Hands out messages. Responses and notices that this agent was handed before are thereby acknowledged.
    pub fn poll(&mut self, poll: &Poll<'_>, change: &mut Change<'_>) -> Vec<Bytes> {
        self.lapse(change);
        self.acknowledge_notices(poll.agent);
        let mut records = Vec::new();
        let mut room = poll.room;
        let holder: Arc<str> = poll.agent.into();
        while records.len() < poll.count
            && let Some((lane, payload)) = self.lanes.pop_next()
        {
            let (id, is_task, record) = self.identify(lane, payload, change);
            let form = match &mut room {
                None => Form::Whole,
                Some(room) => match room.admit(&record) {
                    Some(form) => form,
                    None => {
                        self.lanes.lane_mut(lane).push_back(&record);
                        break;
                    }
                },
            };
            records.push(if is_task {
                self.lease(&id, lane, record, &holder, poll.lease_ms, form, change)
            } else {
                let given = record::given(&record, form);
                let ledger = self.ledger_mut();
                let turn = ledger.next_turn();
                ledger.notices.give(&id, Given { lane, record, holder: holder.clone(), turn });
                given
            });
        }
        records
    }

    /// What a poll would give, first to come first. Nothing is changed by it.
    pub fn peek(&self, count: usize, now: u64) -> Vec<Bytes> {
        let lanes = Priority::ALL.into_iter().rev();
        let queued =
            lanes.flat_map(|lane| self.lanes.lane(lane).iter_rev().map(move |p| (lane, p)));
        let whole = |(lane, payload): (Priority, &[u8])| {
            let payload = Bytes::copy_from_slice(payload);
            if self.known(&payload).is_some() {
                return payload;
            }
            self.complete(lane, &payload, "", now).1.record
        };
        queued.take(count).map(whole).collect()
    }

    fn acknowledge_notices(&mut self, agent: &str) {
        if let Some(ledger) = &mut self.ledger {
            let held: Vec<_> = ledger.notices.held_by(agent).map(|(_, id)| id.clone()).collect();
            for id in held {
                ledger.notices.forget(&id);
            }
        }
    }

    /// Leases a task to an agent. Returns the record that it gets.
    #[expect(clippy::too_many_arguments, reason = "all of them are the hand-out's own")]
    fn lease(
        &mut self,
        id: &str,
        lane: Priority,
        record: Bytes,
        holder: &Arc<str>,
        lease_ms: Option<u64>,
        form: Form,
        change: &mut Change<'_>,
    ) -> Bytes {
        let ledger = self.ledger.get_or_insert_default();
        let turn = ledger.next_turn();
        let Some(task) = ledger.task_mut(id) else { return record };
        let attempt = task.attempts.begin();
        let (hops, special) = (task.hops(), task.terms.is_some());
        let lease_ms = lease_ms
            .or_else(|| task.wants(|terms| terms.lease_ms))
            .unwrap_or_else(|| change.limits.lease_s.get() * 1_000);
        let (since, until) = (change.now, change.now.saturating_add(lease_ms));
        let given = record::handed_out(&record, id, attempt, until, form);
        let (agent, id) = (holder.clone(), task.id.clone());
        let (holder, status) = (holder.clone(), TaskStatus::Delivered);
        let handed = HandedOut { lane, record, holder, since, until, lease_ms, status, turn };
        ledger.set_stage(&id, Stage::Out(Box::new(handed)));
        if special {
            self.send_receipt(&id, ReceiptEvent::Delivered, "", change);
        }
        change.effects.push(Effect::Holds { agent, id, hops });
        given
    }

    /// The id of a record that was found in a lane, and whether it is a task, if the message is known: a copy or a forgery
    /// of one that is elsewhere is not.
    pub(super) fn known(&self, payload: &Bytes) -> Option<(String, bool)> {
        let ledger = self.ledger.as_deref()?;
        let waits = |id: &str| {
            let task = ledger.task(id);
            task.is_some_and(|task| matches!(task.stage, Stage::Queued | Stage::Taken { .. }))
        };
        if let Some(id) = record::task_id(payload) {
            return waits(id).then(|| (id.to_owned(), true));
        }
        let head = Head::read(payload)?;
        let known =
            if head.is_task() { waits(head.id()) } else { ledger.notices.is_queued(head.id()) };
        known.then(|| (head.id().to_owned(), head.is_task()))
    }

    /// The id of a message that was taken from a lane, whether it is a task, and its complete record. One that has no
    /// identity yet gets one.
    fn identify(
        &mut self,
        lane: Priority,
        payload: Bytes,
        change: &Change<'_>,
    ) -> (String, bool, Bytes) {
        if let Some((id, is_task)) = self.known(&payload) {
            return (id, is_task, payload);
        }
        let id = (change.mint)(self.name());
        let (is_task, whole) = self.complete(lane, &payload, &id, change.now);
        let ledger = self.ledger_mut();
        if is_task {
            let sender_id = whole.sender_id;
            let terms = sender_id.map(|id| Terms { sender_id: Some(id), ..Terms::default() });
            let (from, terms) = (whole.from.into(), terms.map(Box::new));
            ledger.add(Task::new(id.as_str().into(), from, Stage::Queued, terms));
        } else {
            ledger.notices.queue(&id);
        }
        (id, is_task, whole.record)
    }

    /// What a plain client pushed, made whole, and whether it is a task.
    fn complete(
        &self,
        lane: Priority,
        payload: &[u8],
        id: &str,
        now: u64,
    ) -> (bool, record::Whole) {
        let head = Head::read(payload);
        let timestamp = iso8601(now);
        let envelope =
            Envelope { message_id: id, from: "", to: self.name(), timestamp: &timestamp };
        let whole = head.as_ref().and_then(|_| record::complete(payload, envelope));
        let is_task = head.is_none_or(|head| head.is_task()) || whole.is_none();
        (is_task, whole.unwrap_or_else(|| record::raw_task(payload, envelope, lane)))
    }

    /// Those of these messages that this agent was handed go back to the head of their lanes, as if they had not been
    /// handed out. They are named by receipts, or by their ids.
    pub fn give_back(&mut self, agent: &str, words: &[&str], change: &mut Change<'_>) {
        let Some(ledger) = self.ledger.as_deref() else { return };
        let mut turns: Vec<(u64, Arc<str>)> = Vec::new();
        for word in words {
            let (id, attempt) = split_receipt(word);
            let task = ledger
                .task(id)
                .filter(|task| attempt.is_none_or(|attempt| attempt == task.attempts.handed_out()));
            let handed = task.and_then(Task::handed_out).filter(|out| *out.holder == *agent);
            turns.extend(handed.map(|out| (out.turn, Arc::from(id))));
        }
        let notices = ledger.notices.held_by(agent);
        let given = notices.filter(|(_, id)| words.contains(&&***id));
        turns.extend(given.map(|(turn, id)| (turn, id.clone())));
        let reason = "the client was gone before it could be told";
        self.put_back(turns, AttemptEnd::Undelivered, reason, change);
    }
}
