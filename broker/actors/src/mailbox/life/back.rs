//! How tasks come back from those who had them, and how often they may.

use std::cmp::Reverse;
use std::sync::Arc;

use clawlink_protocol::{ReceiptEvent, TaskStatus};

use super::Voice;
use super::end::Ending;
use super::work::check_open;
use crate::Refusal;
use crate::mailbox::Mailbox;
use crate::mailbox::attempts::AttemptEnd;
use crate::mailbox::effects::{Change, Effect};
use crate::mailbox::task::{Delayed, Stage};
use crate::sequence::{End, Sequence};

/// The longest rest after a failure, in milliseconds: a day.
const BACKOFF_MS_MAX: u64 = 24 * 60 * 60 * 1_000;

impl Mailbox {
    /// Whoever has a task gives it back: to the head of its lane, or for later. That does not count as an attempt.
    ///
    /// # Errors
    /// As [`Mailbox::respond`].
    pub fn release(
        &mut self,
        voice: Voice<'_>,
        due: Option<u64>,
        reason: &str,
        change: &mut Change<'_>,
    ) -> Result<(), Refusal> {
        let task = self.task(voice.id)?;
        check_open(voice.id, task, TaskStatus::Queued.word())?;
        let turn = voice.held(task)?.turn;
        match due {
            None => {
                let back = vec![(turn, Arc::from(voice.id))];
                self.put_back(back, AttemptEnd::Released, reason, change);
            }
            Some(until) => {
                self.end_attempt(voice.id, AttemptEnd::Released, reason, change);
                self.delay(voice.id, until, change);
                self.send_receipt(voice.id, ReceiptEvent::Released, reason, change);
            }
        }
        Ok(())
    }

    /// What this agent was handed goes back to the head of its lanes.
    pub fn release_all(
        &mut self,
        agent: &str,
        end: AttemptEnd,
        reason: &str,
        change: &mut Change<'_>,
    ) {
        let Some(ledger) = self.ledger.as_deref() else { return };
        let leased = ledger.timers.leased().filter_map(|id| ledger.task(id));
        let held = leased.filter_map(|task| {
            let handed = task.handed_out().filter(|handed| *handed.holder == *agent)?;
            Some((handed.turn, task.id.clone()))
        });
        let notices = ledger.notices.held_by(agent).map(|(turn, id)| (turn, id.clone()));
        let all = held.chain(notices).collect();
        self.put_back(all, end, reason, change);
    }

    /// Messages go back to the head of their lanes: the one that was handed out first is again the first. Tasks whose
    /// last attempt that was are dead.
    pub(super) fn put_back(
        &mut self,
        mut messages: Vec<(u64, Arc<str>)>,
        end: AttemptEnd,
        reason: &str,
        change: &mut Change<'_>,
    ) {
        messages.sort_unstable_by_key(|(turn, _)| Reverse(*turn));
        for (_, id) in messages {
            if self.task(&id).is_ok() {
                self.put_task_back(&id, end, reason, change);
            } else if let Some(given) = self.ledger_mut().notices.take_back(&id) {
                self.lanes.lane_mut(given.lane).push_back(&given.record);
            }
        }
    }

    fn put_task_back(&mut self, id: &str, end: AttemptEnd, reason: &str, change: &mut Change<'_>) {
        self.end_attempt(id, end, reason, change);
        if end.counts() && self.is_last_attempt(id, change) {
            self.die(id, reason.as_bytes(), "", reason, change);
            return;
        }
        if !self.enter_lane(id, End::Right, change) {
            return;
        }
        let event = match end {
            AttemptEnd::LeaseLost | AttemptEnd::Resumed => ReceiptEvent::LeaseLost,
            _ => ReceiptEvent::Released,
        };
        self.send_receipt(id, event, reason, change);
    }

    /// A task that waited, or that somebody had, enters its lane: at the tail (left) or at the head (right). False if there
    /// is no record of it.
    pub(super) fn enter_lane(&mut self, id: &str, end: End, change: &mut Change<'_>) -> bool {
        let Some((lane, record)) = self.take_record(id) else { return false };
        self.lanes.lane_mut(lane).push(end, &record);
        self.set_stage(id, Stage::Queued, change);
        true
    }

    /// Whoever has a task has failed: it rests and goes to the tail of its lane, or is dead. Returns the receipt of the
    /// attempt, or the id of the response.
    pub(super) fn fail(
        &mut self,
        id: &str,
        text: &[u8],
        from: &str,
        change: &mut Change<'_>,
    ) -> String {
        let reason = String::from_utf8_lossy(text);
        let receipt = self.task(id).map(|task| task.receipt()).unwrap_or_default();
        self.end_attempt(id, AttemptEnd::Failed, &reason, change);
        if self.is_last_attempt(id, change) {
            return self.die(id, text, from, &reason, change);
        }
        match self.backoff_ms(id) {
            0 if !self.enter_lane(id, End::Left, change) => return receipt,
            0 => {}
            rest => self.delay(id, change.now.saturating_add(rest), change),
        }
        self.send_receipt(id, ReceiptEvent::Failed, &reason, change);
        receipt
    }

    /// How long a task rests after the attempt that has just ended.
    fn backoff_ms(&self, id: &str) -> u64 {
        let Ok(task) = self.task(id) else { return 0 };
        let first = task.terms.as_ref().map_or(0, |terms| terms.backoff_ms);
        let doubled = task.attempts.counted().saturating_sub(1).min(63);
        first.saturating_mul(1 << doubled).min(BACKOFF_MS_MAX)
    }

    fn is_last_attempt(&self, id: &str, change: &Change<'_>) -> bool {
        self.task(id).is_ok_and(|task| {
            let most = task.wants(|terms| terms.attempts).map(u64::from);
            let most = most.unwrap_or_else(|| change.limits.attempts.get());
            u64::from(task.attempts.counted()) >= most
        })
    }

    /// A task has used up its attempts, of which the last has ended.
    fn die(
        &mut self,
        id: &str,
        text: &[u8],
        from: &str,
        reason: &str,
        change: &mut Change<'_>,
    ) -> String {
        let (status, attempt) = (TaskStatus::Dead, AttemptEnd::Failed);
        let ending = Ending { status, text, from, reason, attempt };
        let record = self.take_record(id);
        self.end(id, record, &ending, change)
    }

    /// A task leaves the agent that has it and waits for a time.
    fn delay(&mut self, id: &str, until: u64, change: &mut Change<'_>) {
        if let Some((lane, record)) = self.take_record(id) {
            let delayed = Delayed { lane, record, until };
            self.set_stage(id, Stage::Delayed(Box::new(delayed)), change);
        }
    }

    /// Notes that the present attempt at a task is over, unless that has been noted.
    pub(super) fn end_attempt(
        &mut self,
        id: &str,
        end: AttemptEnd,
        reason: &str,
        change: &Change<'_>,
    ) {
        if let Some(task) = self.ledger.as_mut().and_then(|ledger| ledger.task_mut(id))
            && let Stage::Out(out) = &task.stage
        {
            task.attempts.end(&out.holder, out.since, change.now, end, reason);
        }
    }

    /// Puts a dead task back into its lane, with all its attempts before it. There will be another response.
    ///
    /// # Errors
    /// [`Refusal::NoTask`]; if the task does not stand in the list of the dead, by its state.
    pub fn requeue(&mut self, id: &str, change: &mut Change<'_>) -> Result<(), Refusal> {
        self.check_listed(id, TaskStatus::Queued.word())?;
        let Some((lane, record)) = self.take_record(id) else { return Ok(()) };
        self.lanes.lane_mut(lane).push_front(&record);
        if let Some(task) = self.ledger_mut().task_mut(id) {
            task.attempts.forgive();
            if let Some(terms) = &mut task.terms {
                terms.deadline = terms.deadline.filter(|at| *at > change.now);
            }
            if let Some(group) = task.wants(|terms| terms.group.clone()) {
                let (from, id) = (task.from.clone(), task.id.clone());
                change.effects.push(Effect::Joined { from, group, id });
            }
        }
        self.set_stage(id, Stage::Queued, change);
        self.send_receipt(id, ReceiptEvent::Queued, "", change);
        Ok(())
    }
}
