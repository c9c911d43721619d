//! What can be read without asking an owner: counts of the whole broker, and a gauge of each mailbox.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use parking_lot::{Mutex, RwLock};

/// What the whole broker counts.
#[derive(Debug, Default)]
pub struct Counters {
    /// Panics that were caught and answered with an error.
    pub caught_panics: AtomicU64,
    /// Messages with requests that owners have taken: what a transaction, a script or a pipeline costs them.
    pub owner_messages: AtomicU64,
    /// Loans of owners that were granted.
    pub loans: AtomicU64,
    /// Registered agents.
    pub agents: AtomicUsize,
    /// Channels with a history, and the messages they keep.
    pub topics: AtomicUsize,
    /// Files.
    pub files: AtomicUsize,
    /// Bytes of all kept file versions.
    pub file_bytes: AtomicUsize,
    /// Tasks, responses and notices that wait in inboxes.
    pub queued: AtomicUsize,
    /// Tasks that are leased to an agent.
    pub leased: AtomicUsize,
    /// How many things of each [`Kind`](crate::topics::Kind) have subscribers.
    pub subscribed: [AtomicUsize; 3],
    /// Subscribers that were closed because they did not keep up.
    pub slow_subscribers: AtomicU64,
    /// Plain keys that expired.
    pub expired_keys: AtomicU64,
    /// The time spent on removing plain keys as they expire, in nanoseconds.
    pub expiring_ns: AtomicU64,
    /// Lookups of plain keys that found something.
    pub keyspace_hits: AtomicU64,
    /// Lookups of plain keys that found nothing.
    pub keyspace_misses: AtomicU64,
}

impl Counters {
    /// Adds one. All owners live on one thread, so nobody adds at the same time, and it need not be one step.
    pub(crate) fn count(counter: &AtomicU64) {
        counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

/// What a mailbox lets others read without asking it.
#[derive(Debug, Default)]
pub struct Gauge {
    /// Messages that wait.
    pub queued: AtomicUsize,
    /// Messages that were handed out and are neither answered nor acknowledged.
    pub handed_out: AtomicUsize,
    /// Tasks that it can say something of, those that are over included.
    pub tasks: AtomicUsize,
    /// Bytes of both.
    pub bytes: AtomicUsize,
    /// Whether an agent (or an agent with the capability) of this name is registered.
    pub open: AtomicBool,
    /// When the agent last gave a sign of life, in milliseconds since 1970.
    pub last_seen: AtomicU64,
    /// Whether the agent was found stale, so that its next sign of life is news.
    pub stale: AtomicBool,
    /// How many of the agent's keys have become void: a connection that showed one of them has lost its identity.
    pub void_keys: AtomicU64,
    /// The capabilities of the agent whose mailbox this is.
    pub capabilities: RwLock<Arc<[Arc<str>]>>,
    /// The tasks that the agent has, latest last, each with how many there are above it.
    held: Mutex<Vec<(Arc<str>, u64)>>,
}

impl Gauge {
    /// The agent has a task from now on.
    pub fn holds(&self, task: Arc<str>, hops: u64) {
        self.held.lock().push((task, hops));
    }

    /// The agent has a task no longer.
    pub fn lets_go(&self, task: &str) {
        let mut held = self.held.lock();
        if let Some(at) = held.iter().position(|(id, _)| **id == *task) {
            held.remove(at);
        }
        if held.is_empty() {
            held.shrink_to(HELD_KEPT_MAX);
        }
    }

    /// The task that the agent was handed last of those it has, and how many there are above it.
    pub fn last_held(&self) -> Option<(Arc<str>, u64)> {
        self.held.lock().last().cloned()
    }
}

/// The room that is kept for the tasks of an agent that has none.
const HELD_KEPT_MAX: usize = 4;
