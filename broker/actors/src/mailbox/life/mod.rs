//! The life of messages, pure: how they come, are handed out, come back, and end. What follows elsewhere is noted in
//! the [`Change`](super::Change).

mod arrive;
mod back;
mod end;
mod hand_out;
mod hold;
mod tick;
mod work;

pub use arrive::Delegated;
pub use hand_out::{Poll, Room};
pub use hold::{Voice, split_receipt};
pub use work::{Answer, Progress};

use std::sync::Arc;

use bytes::Bytes;
use clawlink_protocol::{Priority, name};

use super::effects::{Change, Effect};
use super::record::{self, Receipt};
use super::task::{Stage, Task};
use super::{Ledger, Mailbox};
use crate::Refusal;
use clawlink_protocol::ReceiptEvent;

impl Mailbox {
    /// What is known of a task.
    ///
    /// # Errors
    /// [`Refusal::NoTask`]
    pub fn task(&self, id: &str) -> Result<&Task, Refusal> {
        let task = self.ledger().and_then(|ledger| ledger.task(id));
        task.ok_or_else(|| Refusal::NoTask(id.into()))
    }

    /// The record of a task, as long as somebody may need it. Walks over the lanes if it is queued.
    pub fn record(&self, id: &str) -> Option<&[u8]> {
        match &self.task(id).ok()?.stage {
            Stage::Delayed(delayed) => Some(&delayed.record),
            Stage::Queued => self.lanes.find(id),
            Stage::Out(handed) => Some(&handed.record),
            Stage::Taken { .. } => None,
            Stage::Ended(ended) => {
                Some(&ended.record).filter(|record| !record.is_empty()).map(|r| &**r)
            }
        }
    }

    /// Brings a task to another stage; says whose hands it leaves.
    fn set_stage(&mut self, id: &str, to: Stage, change: &mut Change<'_>) {
        let before = self.ledger.as_mut().and_then(|ledger| ledger.set_stage(id, to));
        if let Some(Stage::Out(handed)) = before {
            change.effects.push(Effect::LetsGo { agent: handed.holder, id: id.into() });
        }
    }

    /// Takes a task's record, and out of its lane if it is there; the lane with it. `None`: a plain pop took it.
    fn take_record(&mut self, id: &str) -> Option<(Priority, Bytes)> {
        match &self.task(id).ok()?.stage {
            Stage::Delayed(delayed) => Some((delayed.lane, delayed.record.clone())),
            Stage::Queued => self.lanes.take(id),
            Stage::Out(handed) => Some((handed.lane, handed.record.clone())),
            Stage::Ended(ended) => Some((ended.lane, ended.record.clone())),
            Stage::Taken { .. } => None,
        }
    }

    fn ledger_mut(&mut self) -> &mut Ledger {
        self.ledger.get_or_insert_default()
    }

    /// Tells the sender of a task what happened to it, if it wants to know.
    fn send_receipt(&self, id: &str, event: ReceiptEvent, reason: &str, change: &mut Change<'_>) {
        let Ok(task) = self.task(id) else { return };
        let to = task.reply_to();
        if !task.terms.as_ref().is_some_and(|terms| terms.receipts) || !is_agent(to) {
            return;
        }
        let agent = match task.attempts.past().last() {
            _ if event == ReceiptEvent::Queued => "",
            last => task
                .handed_out()
                .map(|out| &*out.holder)
                .or(last.map(|last| &*last.agent))
                .unwrap_or(""),
        };
        let receipt_id = (change.mint)(to);
        let record = record::receipt(&Receipt {
            message_id: task.known_as(),
            receipt_id: &receipt_id,
            event,
            agent,
            attempt: task.attempts.handed_out(),
            reason,
            timestamp: change.now,
        });
        let (to, id) = (to.clone(), receipt_id);
        change.effects.push(Effect::Send { to, id, record, optional: true });
    }
}

/// Whether a name can have an inbox of its own.
fn is_agent(name: &Arc<str>) -> bool {
    name::is_valid(name.as_bytes())
}
