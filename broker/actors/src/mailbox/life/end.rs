//! How tasks end. Every end makes one response, which goes to the sender, to whoever awaits it, and to its group.

use std::sync::Arc;

use bytes::Bytes;
use clawlink_protocol::TaskStatus::{self, Canceled, Completed, Dead, Expired};
use clawlink_protocol::time::iso8601;
use clawlink_protocol::{Priority, ReceiptEvent};

use super::is_agent;
use crate::Refusal;
use crate::mailbox::Mailbox;
use crate::mailbox::attempts::AttemptEnd;
use crate::mailbox::effects::{Change, Effect};
use crate::mailbox::record::{self, Envelope};
use crate::mailbox::task::{Ended, Stage, Task};
use crate::mailbox::transitions::refuse;

/// How a task ends.
#[derive(Debug)]
pub(super) struct Ending<'a> {
    /// Its last state.
    pub(super) status: TaskStatus,
    /// The result: what there is to tell the sender.
    pub(super) text: &'a [u8],
    /// Who says so; empty if it is the broker.
    pub(super) from: &'a str,
    /// Why, if anybody said.
    pub(super) reason: &'a str,
    /// What that means for whoever has it.
    pub(super) attempt: AttemptEnd,
}

impl Mailbox {
    /// Ends a task. `record`: what was found of it, if anything, outside of the lanes by now. Returns the response's id.
    pub(super) fn end(
        &mut self,
        id: &str,
        record: Option<(Priority, Bytes)>,
        ending: &Ending<'_>,
        change: &mut Change<'_>,
    ) -> String {
        self.end_attempt(id, ending.attempt, ending.reason, change);
        let Ok(task) = self.task(id) else { return String::new() };
        let (id, to) = (task.id.clone(), task.reply_to().clone());
        let has_inbox = is_agent(&to);
        let response_id = (change.mint)(if has_inbox { &to } else { self.name() });
        let envelope = Envelope {
            message_id: task.known_as(),
            from: ending.from,
            to: &to,
            timestamp: &iso8601(change.now),
        };
        let status = ending.status;
        let response = record::response(envelope, &response_id, ending.text, status);
        let group = task.wants(|terms| terms.group.clone()).map(|group| (task.from.clone(), group));
        let (lane, record) = record.unwrap_or_default();
        let ended = Ended {
            status,
            response: response.clone(),
            reason: ending.reason.into(),
            lane,
            listed: status == Dead && !record.is_empty(),
            record,
            at: change.now,
            until: change.now.saturating_add(change.limits.results_keep_ms.get()),
        };
        self.set_stage(&id, Stage::Ended(Box::new(ended)), change);
        match status {
            Dead => self.send_receipt(&id, ReceiptEvent::Dead, ending.reason, change),
            Expired => self.send_receipt(&id, ReceiptEvent::Expired, ending.reason, change),
            _ => {}
        }
        if let Some((from, group)) = group {
            let (id, response) = (id.clone(), response.clone());
            change.effects.push(Effect::Ended { from, group, id, response });
        }
        // Who calls off its own task knows.
        if has_inbox && !(status == Canceled && *to == *ending.from) {
            let id = response_id.clone();
            change.effects.push(Effect::Send { to, id, record: response, optional: false });
        }
        change.effects.push(Effect::Wake(id));
        response_id
    }

    /// Ends a task whose time is over.
    pub(super) fn expire(
        &mut self,
        id: &str,
        record: Option<(Priority, Bytes)>,
        reason: &str,
        change: &mut Change<'_>,
    ) {
        self.tell_worker(id, "task_expired", "", reason, change);
        let (text, attempt) = (reason.as_bytes(), AttemptEnd::Expired);
        let ending = Ending { status: Expired, text, from: "", reason, attempt };
        self.end(id, record, &ending, change);
    }

    /// Takes a dead task off the list of the dead. It is remembered as any other that is over.
    ///
    /// # Errors
    /// [`Refusal::NoTask`]; if it does not stand there, by its state.
    pub fn bury(&mut self, id: &str, change: &Change<'_>) -> Result<(), Refusal> {
        self.check_listed(id, "buried")?;
        let until = change.now.saturating_add(change.limits.results_keep_ms.get());
        self.ledger_mut().bury(id, until);
        Ok(())
    }

    /// Refuses what can be done to dead tasks alone, and to those only that are listed as dead.
    pub(super) fn check_listed(&self, id: &str, wanted: &'static str) -> Result<(), Refusal> {
        let task = self.task(id)?;
        match task.ended() {
            Some(ended) if ended.listed => Ok(()),
            Some(ended) if ended.status == Dead => {
                Err(Refusal::BadState(id.into(), "buried", wanted))
            }
            _ => Err(refuse(id, task, wanted)),
        }
    }

    /// Forgets a message that needs no more attention. False if it is not here, or is over already.
    pub fn acknowledge(&mut self, id: &str, change: &mut Change<'_>) -> bool {
        let Ok(task) = self.task(id) else { return self.acknowledge_notice(id) };
        if task.status().is_end() {
            return false;
        }
        self.take_record(id);
        let forgotten = self.ledger_mut().forget(id);
        forgotten.is_some_and(|task| {
            acknowledged(&task, change);
            true
        })
    }

    fn acknowledge_notice(&mut self, id: &str) -> bool {
        let Some(ledger) = &mut self.ledger else { return false };
        if ledger.notices.is_queued(id) {
            self.lanes.take(id);
        }
        ledger.notices.forget(id)
    }

    /// Calls off what is queued. What a plain client pushed is gone without a word: nobody is known to wait for it.
    pub fn drop_queued(&mut self, change: &mut Change<'_>) {
        self.lanes.clear();
        let Some(ledger) = &mut self.ledger else { return };
        ledger.notices.forget_queued();
        let queued = ledger.tasks().filter(|task| matches!(task.stage, Stage::Queued));
        let ids: Vec<Arc<str>> = queued.map(|task| task.id.clone()).collect();
        for id in ids {
            self.end_unseen(&id, "its inbox was deleted", change);
        }
    }

    /// Calls off a message that is no longer in its lane, and that nobody was given.
    pub fn call_off(&mut self, id: &str, change: &mut Change<'_>) {
        let Some(ledger) = &mut self.ledger else { return };
        if ledger.task(id).is_some_and(|task| matches!(task.stage, Stage::Queued)) {
            self.end_unseen(id, "it was removed from its inbox", change);
        } else if ledger.notices.is_queued(id) {
            ledger.notices.forget(id);
        }
    }

    fn end_unseen(&mut self, id: &str, reason: &str, change: &mut Change<'_>) {
        let (text, attempt) = (reason.as_bytes(), AttemptEnd::Canceled);
        let ending = Ending { status: Canceled, text, from: "", reason, attempt };
        self.end(id, None, &ending, change);
    }

    /// Forgets everything.
    pub fn flush(&mut self, change: &mut Change<'_>) {
        self.lanes.clear();
        let ledger = self.ledger.take();
        for task in ledger.into_iter().flat_map(|ledger| ledger.into_tasks()) {
            forgotten(&task, change);
        }
    }
}

/// A task was acknowledged: there will be no answer, and those who wait for one are to know.
fn acknowledged(task: &Task, change: &mut Change<'_>) {
    forgotten(task, change);
    if let Some(group) = task.wants(|terms| terms.group.clone()) {
        let (from, id) = (task.from.clone(), task.id.clone());
        let timestamp = iso8601(change.now);
        let envelope =
            Envelope { message_id: task.known_as(), from: "", to: &from, timestamp: &timestamp };
        let response = record::response(envelope, "", b"", Completed);
        change.effects.push(Effect::Ended { from, group, id, response });
    }
}

fn forgotten(task: &Task, change: &mut Change<'_>) {
    if let Some(out) = task.handed_out() {
        let (agent, id) = (out.holder.clone(), task.id.clone());
        change.effects.push(Effect::LetsGo { agent, id });
    }
    if task.hops() > 0 {
        change.effects.push(Effect::ForgetHops(task.id.clone()));
    }
    change.effects.push(Effect::Wake(task.id.clone()));
}
