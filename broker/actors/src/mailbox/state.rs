//! The state of a mailbox, pure: times and new ids are parameters.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::record::{self, Head};
use super::task::Stage;
use super::{Lanes, Ledger};
use clawlink_protocol::TaskStatus;

use crate::Refusal;
use crate::call::Call;
use crate::directory::{Directory, Gauge};
use crate::limits::Limits;

/// The mailbox of an agent or of a capability.
///
/// An idle one is small: its ledger exists only while there are messages that have an identity.
#[derive(Debug)]
pub struct Mailbox {
    name: Arc<[u8]>,
    gauge: Arc<Gauge>,
    pub(super) lanes: Lanes,
    pub(super) ledger: Option<Box<Ledger>>,
}

impl Mailbox {
    /// An empty mailbox. Its name is an agent id or `@capability`.
    pub fn new(name: Arc<[u8]>, gauge: Arc<Gauge>) -> Self {
        Self { name, gauge, lanes: Lanes::default(), ledger: None }
    }

    /// Its name; empty if it is no text, which no registered name is.
    pub fn name(&self) -> &str {
        std::str::from_utf8(&self.name).unwrap_or_default()
    }

    /// Its name, any bytes.
    pub fn name_bytes(&self) -> &Arc<[u8]> {
        &self.name
    }

    /// Whether it belongs to a capability, not to an agent.
    pub fn is_shared(&self) -> bool {
        self.name.first() == Some(&b'@')
    }

    /// Whether an agent, or an agent with the capability, of this name is registered.
    pub fn is_open(&self) -> bool {
        self.gauge.open.load(Ordering::Relaxed)
    }

    /// The queued messages.
    pub fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    /// The queued messages, to be changed. Ask [`admit`](Self::admit) before adding one, and say what was
    /// [`pushed`](Self::pushed) and [`taken`](Self::taken).
    pub fn lanes_mut(&mut self) -> &mut Lanes {
        &mut self.lanes
    }

    /// What is known of messages that have an identity.
    pub fn ledger(&self) -> Option<&Ledger> {
        self.ledger.as_deref()
    }

    /// The task that this sender has sent with this key before.
    pub fn sent_before(&self, sender: &str, key: &[u8]) -> Option<Arc<str>> {
        self.ledger.as_ref()?.keys.as_ref()?.find(sender, key).cloned()
    }

    /// Remembers with which key a task is sent.
    pub fn remember_key(&mut self, sender: &str, key: &[u8], id: Arc<str>, now: u64) {
        let ledger = self.ledger.get_or_insert_default();
        ledger.keys.get_or_insert_default().remember(sender, key, id, now);
    }

    /// Refuses a message that does not fit any more.
    ///
    /// # Errors
    /// [`Refusal::InboxFull`], [`Refusal::InboxFullBytes`]
    pub fn admit(&self, payload: &[u8], call: &Call<'_>) -> Result<(), Refusal> {
        self.check_room(payload.len(), &call.env.directory.limits)
    }

    /// Refuses a message of so many bytes if it does not fit any more. What agents have counts, too.
    ///
    /// # Errors
    /// [`Refusal::InboxFull`], [`Refusal::InboxFullBytes`]
    pub fn check_room(&self, bytes: usize, limits: &Limits) -> Result<(), Refusal> {
        refuse_full(&self.name, self.messages(), self.bytes() + bytes, limits)
    }

    fn messages(&self) -> usize {
        self.lanes.len() + self.ledger.as_ref().map_or(0, |ledger| ledger.room().0)
    }

    fn bytes(&self) -> usize {
        self.lanes.bytes() + self.ledger.as_ref().map_or(0, |ledger| ledger.room().1)
    }

    /// Estimate of the bytes of memory it holds.
    pub fn memory(&self) -> usize {
        let ledger = self.ledger.as_ref().map_or(0, |ledger| ledger.memory());
        size_of::<Self>() + self.name.len() + self.lanes.memory() + ledger
    }

    /// A plain client put this message into the lanes.
    pub fn pushed(&mut self, payload: &[u8], call: &Call<'_>) {
        self.note_pushed(payload);
        self.settle(&call.env.directory, call.now);
    }

    /// A plain client took this message out of the lanes.
    pub fn taken(&mut self, payload: &[u8], call: &Call<'_>) {
        let keep_ms = call.env.directory.limits.results_keep_ms.get();
        self.note_taken(payload, call.now.saturating_add(keep_ms));
        self.settle(&call.env.directory, call.now);
    }

    /// A plain client removed this message from the lanes, and nobody was given it: a task has ended so.
    pub fn removed(&mut self, payload: &[u8], call: &mut Call<'_>) {
        // Without a ledger no message has an identity, so plain lists pay nothing for this.
        if self.ledger.is_some()
            && let Some(id) = known_as(payload)
        {
            self.make(call.now, call.env, |mailbox, change| mailbox.call_off(&id, change));
        }
        self.settle(&call.env.directory, call.now);
    }

    /// Whether both are records of one task that has an identity.
    pub fn is_same_task(&self, one: &[u8], other: &[u8]) -> bool {
        let id = record::task_id(one).filter(|id| Some(*id) == record::task_id(other));
        id.is_some_and(|id| self.task(id).is_ok())
    }

    /// As [`pushed`](Self::pushed), without showing it in the gauge yet: a task that was taken may have come back.
    pub(super) fn note_pushed(&mut self, payload: &[u8]) {
        // Without a ledger no message has an identity, so plain lists pay nothing for this.
        if let Some(ledger) = &mut self.ledger
            && let Some(id) = record::task_id(payload)
            && ledger.task(id).is_some_and(|task| matches!(task.stage, Stage::Taken { .. }))
        {
            ledger.set_stage(id, Stage::Queued);
        }
    }

    /// As [`taken`](Self::taken), without showing it in the gauge yet. A task can still be answered until then; of
    /// anything else nothing is left to do.
    pub(super) fn note_taken(&mut self, payload: &[u8], until: u64) {
        let Some(ledger) = &mut self.ledger else { return };
        let Some(id) = known_as(payload) else { return };
        if ledger.task(&id).is_some_and(|task| matches!(task.stage, Stage::Queued)) {
            ledger.set_stage(&id, Stage::Taken { status: TaskStatus::Delivered, until });
        } else if ledger.notices.is_queued(&id) {
            ledger.notices.forget(&id);
        }
    }

    /// Drops what is remembered beyond the limits, and shows in the gauge and the counters what there is now. To be
    /// called after every change.
    pub fn settle(&mut self, directory: &Directory, now: u64) {
        let limits = &directory.limits;
        if let Some(ledger) = &mut self.ledger {
            let (results, bytes) = (limits.results_max.get(), limits.inbox_bytes_max.get());
            for task in ledger.drop_closed(now, results, bytes) {
                if task.hops() > 0 {
                    directory.forget_hops(&task.id);
                }
            }
            let most = limits.task_keys_max.get();
            if ledger.keys.as_mut().is_some_and(|keys| keys.drop_old(now, most)) {
                ledger.keys = None;
            }
            if ledger.is_empty() {
                self.ledger = None;
            }
        }
        let queued = self.lanes.len();
        let out = self.ledger.as_ref().map_or(0, |ledger| ledger.out_len());
        let (gauge, counters) = (&self.gauge, &directory.counters);
        show(&gauge.queued, &counters.queued, queued);
        show(&gauge.handed_out, &counters.leased, out);
        let tasks = self.ledger.as_ref().map_or(0, |ledger| ledger.tasks_len());
        gauge.tasks.store(tasks, Ordering::Relaxed);
        gauge.bytes.store(self.bytes(), Ordering::Relaxed);
    }

    /// Shows a gauge: this mailbox's own, or that of another agent.
    pub(super) fn gauge_of(&self, agent: &str, directory: &Directory, show: impl FnOnce(&Gauge)) {
        if *agent == *self.name() {
            show(&self.gauge);
        } else {
            directory.gauge(agent.as_bytes(), show);
        }
    }
}

/// The id that a record gives itself.
fn known_as(payload: &[u8]) -> Option<String> {
    let head = || Head::read(payload).map(|head| head.id().to_owned());
    record::task_id(payload).map(str::to_owned).or_else(head)
}

/// Shows a number of one mailbox, and what that changes in the sum over all.
fn show(gauge: &AtomicUsize, sum: &AtomicUsize, value: usize) {
    // Only the mailbox writes its gauge. The sum wraps on the way down and comes out right.
    let before = gauge.load(Ordering::Relaxed);
    if before != value {
        gauge.store(value, Ordering::Relaxed);
        sum.fetch_add(value.wrapping_sub(before), Ordering::Relaxed);
    }
}

/// Refuses what would make an inbox larger than the limits: `messages` are there already, `bytes` there would be.
///
/// # Errors
/// [`Refusal::InboxFull`], [`Refusal::InboxFullBytes`]
pub fn refuse_full(
    inbox: &[u8],
    messages: usize,
    bytes: usize,
    limits: &Limits,
) -> Result<(), Refusal> {
    let lossy = |name| String::from_utf8_lossy(name).into();
    let (most, most_bytes) = (limits.inbox_messages_max.get(), limits.inbox_bytes_max.get());
    if messages as u64 >= most {
        return Err(Refusal::InboxFull(lossy(inbox), most));
    }
    if bytes as u64 > most_bytes {
        return Err(Refusal::InboxFullBytes(lossy(inbox), most_bytes));
    }
    Ok(())
}
