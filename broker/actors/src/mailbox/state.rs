//! The state of a mailbox, pure: times and new ids are parameters.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::record::Head;
use super::{Entry, Lanes, Ledger};
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

    /// What is known of a message.
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        self.ledger.as_ref()?.get(id)
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
        self.lanes.len() + self.ledger.as_ref().map_or(0, |ledger| ledger.out_len())
    }

    fn bytes(&self) -> usize {
        self.lanes.bytes() + self.ledger.as_ref().map_or(0, |ledger| ledger.out_bytes())
    }

    /// Estimate of the bytes of memory it holds.
    pub fn memory(&self) -> usize {
        let ledger = self.ledger.as_ref().map_or(0, |ledger| ledger.memory());
        size_of::<Self>() + self.name.len() + self.lanes.memory() + ledger
    }

    /// A plain client put this message into the lanes.
    pub fn pushed(&mut self, _payload: &[u8], call: &Call<'_>) {
        self.settle(&call.env.directory);
    }

    /// A plain client took this message out of the lanes.
    pub fn taken(&mut self, payload: &[u8], call: &Call<'_>) {
        self.forget_taken(payload);
        self.settle(&call.env.directory);
    }

    /// As [`taken`](Self::taken), without showing it in the gauge yet.
    pub(super) fn forget_taken(&mut self, payload: &[u8]) {
        // Without a ledger no message has an identity, so plain lists pay nothing for this.
        if let Some(ledger) = &mut self.ledger
            && let Some(head) = Head::read(payload)
        {
            ledger.taken(head.id());
        }
    }

    /// Drops what is remembered beyond the limits, and shows in the gauge and the counters what there is now. To be
    /// called after every change.
    pub fn settle(&mut self, directory: &Directory) {
        let limits = &directory.limits;
        if let Some(ledger) = &mut self.ledger {
            ledger.drop_oldest(limits.results_max.get(), limits.inbox_bytes_max.get());
            if ledger.is_empty() {
                self.ledger = None;
            }
        }
        let queued = self.lanes.len();
        let out = self.ledger.as_ref().map_or(0, |ledger| ledger.out_len());
        let (gauge, counters) = (&self.gauge, &directory.counters);
        show(&gauge.queued, &counters.queued, queued);
        show(&gauge.handed_out, &counters.leased, out);
        gauge.bytes.store(self.bytes(), Ordering::Relaxed);
    }
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
