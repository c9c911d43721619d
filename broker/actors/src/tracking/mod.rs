//! Client-side caching (`CLIENT TRACKING`): clients that keep what they have read, and are told when it changes.
//!
//! There are two ways to be told. A client that is tracked is told of keys it has read: each owner remembers, beside its
//! watches, who has read which key (`Readers`), and tells each once. A client that named prefixes is told of every
//! change of a key that begins with one of them, read or not. Who is told at all, and where, is known here to everybody.

mod readers;
#[cfg(test)]
mod tests;
mod tracker;

pub use tracker::{Mode, Redirection, Tracker};

pub(crate) use readers::Readers;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ahash::AHashMap;
use bytes::Bytes;
use parking_lot::RwLock;

use tracker::News;

use crate::outbox::Moment;

/// Who is told of changes.
#[derive(Debug, Default)]
pub struct Tracking {
    trackers: RwLock<AHashMap<u64, Arc<Tracker>>>,
    prefixes: RwLock<BTreeMap<Bytes, BTreeSet<u64>>>,
    prefix_count: AtomicUsize,
    keys: AtomicUsize,
    items: AtomicUsize,
}

/// What `INFO` says of tracking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Clients that are told of changes.
    pub clients: usize,
    /// Keys that some client has read.
    pub keys: usize,
    /// Pairs of such a key and a client that has read it.
    pub items: usize,
    /// Prefixes that some client has named.
    pub prefixes: usize,
}

/// A key that was changed, and the client that changed it; 0 for nobody's request.
pub(crate) type Changed = (Bytes, u64);

impl Tracking {
    /// From now on this client is told as its tracker says.
    pub fn start(&self, tracker: Arc<Tracker>) {
        let client = tracker.client;
        let old = self.trackers.write().insert(client, tracker.clone());
        let mut prefixes = self.prefixes.write();
        forget_prefixes(&mut prefixes, client, old.as_deref());
        for prefix in tracker.prefixes() {
            prefixes.entry(prefix.clone()).or_default().insert(client);
        }
        self.prefix_count.store(prefixes.len(), Ordering::Release);
    }

    /// From now on this client is told nothing.
    pub fn stop(&self, client: u64) {
        let Some(old) = self.trackers.write().remove(&client) else { return };
        let mut prefixes = self.prefixes.write();
        forget_prefixes(&mut prefixes, client, Some(&old));
        self.prefix_count.store(prefixes.len(), Ordering::Release);
    }

    /// How this client is told, if it is.
    pub fn get(&self, client: u64) -> Option<Arc<Tracker>> {
        self.trackers.read().get(&client).cloned()
    }

    /// How much is tracked.
    pub fn counts(&self) -> Counts {
        Counts {
            clients: self.trackers.read().len(),
            keys: self.keys.load(Ordering::Relaxed),
            items: self.items.load(Ordering::Relaxed),
            prefixes: self.prefix_count.load(Ordering::Relaxed),
        }
    }

    /// Whether any client has named a prefix: what every change asks.
    pub(crate) fn has_prefixes(&self) -> bool {
        self.prefix_count.load(Ordering::Acquire) > 0
    }

    /// A key was changed that these clients have read. `by`: who changed it. `moment`: when they see it who are about to
    /// get a reply. `bytes_max` bounds each outbox.
    pub(crate) fn changed(
        &self,
        readers: &[u64],
        (key, by): (&[u8], u64),
        moment: Moment,
        bytes_max: u64,
    ) {
        let news = News::of(Some(vec![Bytes::copy_from_slice(key)]), moment);
        let trackers = self.trackers.read();
        for tracker in readers.iter().filter_map(|client| trackers.get(client)) {
            if tracker.mode.remembers_reads() && !tracker.ignores(by) {
                tracker.tell(&news, bytes_max);
            }
        }
    }

    /// Keys were changed: tells those who have named prefixes of them, with one message for each prefix.
    pub(crate) fn broadcast(&self, changed: &[Changed], bytes_max: u64) {
        let (prefixes, trackers) = (self.prefixes.read(), self.trackers.read());
        for (prefix, clients) in prefixes.iter() {
            let mut keys: BTreeMap<&Bytes, u64> = BTreeMap::new();
            for (key, by) in changed.iter().filter(|(key, _)| key.starts_with(prefix)) {
                // As in Redis the last who changed it counts.
                keys.insert(key, *by);
            }
            if keys.is_empty() {
                continue;
            }
            let all = News::of(Some(keys.keys().copied().cloned().collect()), Moment::AtEnd);
            for tracker in clients.iter().filter_map(|client| trackers.get(client)) {
                if !tracker.ignores_own {
                    tracker.tell(&all, bytes_max);
                    continue;
                }
                let others = keys.iter().filter(|(_, by)| !tracker.ignores(**by));
                let others: Vec<Bytes> = others.map(|(key, _)| (*key).clone()).collect();
                if !others.is_empty() {
                    tracker.tell(&News::of(Some(others), Moment::AtEnd), bytes_max);
                }
            }
        }
    }

    /// All keys may have changed: everybody is told to forget everything.
    pub(crate) fn all_changed(&self, bytes_max: u64) {
        let news = News::of(None, Moment::AtEnd);
        self.trackers.read().values().for_each(|tracker| tracker.tell(&news, bytes_max));
    }
}

fn forget_prefixes(
    prefixes: &mut BTreeMap<Bytes, BTreeSet<u64>>,
    client: u64,
    tracker: Option<&Tracker>,
) {
    for prefix in tracker.into_iter().flat_map(Tracker::prefixes) {
        if let Some(clients) = prefixes.get_mut(prefix) {
            clients.remove(&client);
            if clients.is_empty() {
                prefixes.remove(prefix);
            }
        }
    }
}
