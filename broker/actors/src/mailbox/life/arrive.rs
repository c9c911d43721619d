//! How messages come in.

use std::sync::Arc;

use bytes::Bytes;
use clawlink_protocol::{Priority, ReceiptEvent};

use crate::mailbox::Mailbox;
use crate::mailbox::effects::{Change, Effect};
use crate::mailbox::task::{Delayed, Stage, Task, Terms};

/// A task on its way in.
#[derive(Debug)]
pub struct Delegated<'a> {
    /// Its id.
    pub id: Arc<str>,
    /// Who sends it; empty if nobody said.
    pub from: Arc<str>,
    /// Its record.
    pub record: &'a Bytes,
    /// Its lane.
    pub priority: Priority,
    /// When it enters its lane, in milliseconds since 1970, if not at once.
    pub due: Option<u64>,
    /// What its sender wants otherwise than usual.
    pub terms: Option<Box<Terms>>,
}

impl Mailbox {
    /// Queues a task, or keeps it for its time. The caller has checked that there is room.
    pub fn delegate(&mut self, new: Delegated<'_>, change: &mut Change<'_>) {
        let Delegated { id, from, record, priority, due, terms } = new;
        let stage = match due {
            Some(until) => {
                Stage::Delayed(Box::new(Delayed { lane: priority, record: record.clone(), until }))
            }
            None => {
                self.lanes.lane_mut(priority).push_front(record);
                Stage::Queued
            }
        };
        let special = terms.is_some();
        let task = Task::new(id.clone(), from, stage, terms);
        if special {
            announce(&task, change);
        }
        self.ledger_mut().add(task);
        if special && due.is_none() {
            self.send_receipt(&id, ReceiptEvent::Queued, "", change);
        }
    }

    /// Queues a message of the broker's own making. It is never refused: a response's room was kept free when the
    /// task was delegated.
    pub fn deliver(&mut self, id: &str, record: &Bytes) {
        self.ledger_mut().notices.queue(id);
        self.lanes.lane_mut(Priority::Normal).push_front(record);
    }
}

/// Says which group a task belongs to, and how far it is from the first one.
fn announce(task: &Task, change: &mut Change<'_>) {
    if let Some(group) = task.wants(|terms| terms.group.clone()) {
        let (from, id) = (task.from.clone(), task.id.clone());
        change.effects.push(Effect::Joined { from, group, id });
    }
    if task.hops() > 0 {
        change.effects.push(Effect::Hops(task.id.clone(), task.hops()));
    }
}
