//! What all connections share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use clawlink_actors::directory::Directory;
use clawlink_actors::outbox::{Publication, Subscriber};
use parking_lot::RwLock;
use tokio::sync::watch;

use crate::clients::Clients;
use crate::config::Config;
use crate::memory::Memory;
use crate::pause::Pause;

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
    /// Who gets the monitor's lines.
    pub monitors: Monitors,
    /// What is counted.
    pub stats: Stats,
    /// When the broker started.
    pub started: Instant,
    /// Turns true when the broker is to stop.
    pub stopping: watch::Sender<bool>,
}

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
