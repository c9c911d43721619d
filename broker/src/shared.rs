//! What all connections share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use clawlink_actors::directory::Directory;
use clawlink_actors::outbox::{Publication, Subscriber};
use parking_lot::RwLock;
use tokio::sync::watch;

use crate::clients::Clients;
use crate::commands::{Denials, Quiet};
use crate::config::Config;
use crate::memory::Memory;
use crate::pause::Pause;
use crate::scripts::Scripts;
use crate::slowlog::Slowlog;
use crate::statistics::{Commands, Rates};

/// The broker as its connections see it. It holds no agent's data: that is the owners'.
#[derive(Debug)]
pub struct Shared {
    /// The owners.
    pub directory: Arc<Directory>,
    /// How the broker was started, and what was changed since.
    pub config: RwLock<Config>,
    /// Who is connected.
    pub clients: Clients,
    /// How much memory is used, and how much may be.
    pub memory: Memory,
    /// `CLIENT PAUSE`.
    pub pause: Pause,
    /// The scripts.
    pub scripts: Scripts,
    /// Who gets the monitor's lines.
    pub monitors: Monitors,
    /// What is counted.
    pub stats: Stats,
    /// What is counted for each command and each kind of error.
    pub commands: Commands,
    /// How fast things happen.
    pub rates: Rates,
    /// Who gave a wrong token or key.
    pub(crate) denials: Denials,
    /// Requests that took long.
    pub slowlog: Slowlog,
    /// Settings that have no effect.
    pub(crate) quiet: Quiet,
    /// After how many seconds of silence the system probes whether a client is still there; 0: never. For new
    /// connections.
    pub tcp_keepalive_s: AtomicU64,
    /// After how many seconds an idle client is closed; 0: never.
    pub idle_timeout_s: AtomicU64,
    /// 40 hexadecimal digits that no other run of a broker has.
    pub run_id: String,
    /// When the broker started.
    pub started: Instant,
    /// Turns true when the broker is to stop.
    pub stopping: watch::Sender<bool>,
}

impl Shared {
    /// Forgets what was counted: `CONFIG RESETSTAT`. What describes the present (connections, keys, agents) stays.
    pub fn reset_statistics(&self) {
        let stats = &self.stats;
        let own = [&stats.commands, &stats.refusals, &stats.bytes_in, &stats.bytes_out];
        let own = own.into_iter().chain([&stats.reads, &stats.writes]);
        let counters = &self.directory.counters;
        let owners = [
            &counters.caught_panics,
            &counters.owner_messages,
            &counters.loans,
            &counters.slow_subscribers,
            &counters.expired_keys,
            &counters.expiring_ns,
            &counters.keyspace_hits,
            &counters.keyspace_misses,
        ];
        let others = [&stats.wrong_tokens, &self.clients.rejected];
        for counter in own.chain(owners).chain(others) {
            counter.store(0, Ordering::Relaxed);
        }
        self.clients.reset_accepted();
        self.commands.reset();
        self.rates.reset();
    }

    /// What is to be done ten times a second.
    pub fn tick(&self) {
        // Without a limit nobody asks between two calls of INFO, which samples for itself.
        if self.memory.max() > 0 {
            self.memory.sample();
        }
        let stats = &self.stats;
        let counters = [&stats.commands, &stats.bytes_in, &stats.bytes_out];
        self.rates.sample(counters.map(|counter| counter.load(Ordering::Relaxed)));
        let timeout = self.idle_timeout_s.load(Ordering::Relaxed);
        if timeout > 0 {
            self.clients.close_idle(timeout.saturating_mul(1000));
        }
    }
}

/// How long a client may be silent before the system looks whether it is there, in seconds: Redis's default.
pub const TCP_KEEPALIVE_S: u64 = 300;

/// What the edge counts since the start or `CONFIG RESETSTAT`.
#[derive(Debug, Default)]
pub struct Stats {
    /// Commands that were run.
    pub commands: AtomicU64,
    /// Replies that were errors: refusals.
    pub refusals: AtomicU64,
    /// Bytes received.
    pub bytes_in: AtomicU64,
    /// Bytes sent.
    pub bytes_out: AtomicU64,
    /// Reads from connections.
    pub reads: AtomicU64,
    /// Writes to connections.
    pub writes: AtomicU64,
    /// Clients that wait in a blocking command and not for ever.
    pub blocked_for_a_time: AtomicUsize,
    /// Wrong passwords.
    pub wrong_tokens: AtomicU64,
    /// Clients that wait in a blocking command.
    pub blocked: AtomicUsize,
}

impl Stats {
    /// Adds to a counter.
    pub fn add(counter: &AtomicU64, count: u64) {
        counter.fetch_add(count, Ordering::Relaxed);
    }
}

/// The connections that sent `MONITOR`.
#[derive(Debug, Default)]
pub struct Monitors {
    count: AtomicUsize,
    subscribers: RwLock<Vec<Subscriber>>,
}

impl Monitors {
    /// Whether anybody monitors: what every request asks.
    pub fn any(&self) -> bool {
        self.count.load(Ordering::Relaxed) > 0
    }

    /// Adds a connection.
    pub fn add(&self, subscriber: Subscriber) {
        let mut subscribers = self.subscribers.write();
        subscribers.push(subscriber);
        self.count.store(subscribers.len(), Ordering::Relaxed);
    }

    /// Removes a connection.
    pub fn remove(&self, client: u64) {
        let mut subscribers = self.subscribers.write();
        subscribers.retain(|subscriber| subscriber.client != client);
        self.count.store(subscribers.len(), Ordering::Relaxed);
    }

    /// Shows a line to all of them.
    pub fn show(&self, line: &Arc<Publication>, bytes_max: u64) {
        for subscriber in self.subscribers.read().iter() {
            // One that does not keep up closes itself: its outbox has overflowed.
            subscriber.outbox.push(line, bytes_max);
        }
    }
}
