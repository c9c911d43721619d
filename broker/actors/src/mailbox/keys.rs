//! The keys that senders give their tasks, so that sending one again does not make a second task.

use std::collections::VecDeque;
use std::sync::Arc;

use ahash::AHashMap;

/// For how long a key is remembered, in milliseconds: a day.
pub const KEEP_MS: u64 = 24 * 60 * 60 * 1_000;

/// The keys of one mailbox, each with the id of the first task that was sent with it.
#[derive(Debug, Default)]
pub struct Keys {
    ids: AHashMap<Arc<[u8]>, Arc<str>>,
    /// Oldest first: until when it is remembered.
    queue: VecDeque<(u64, Arc<[u8]>)>,
}

impl Keys {
    /// The first task that this sender sent with this key.
    pub fn find(&self, sender: &str, key: &[u8]) -> Option<&Arc<str>> {
        self.ids.get(&*joined(sender, key))
    }

    /// Remembers a key.
    pub fn remember(&mut self, sender: &str, key: &[u8], id: Arc<str>, now: u64) {
        let joined: Arc<[u8]> = joined(sender, key).into();
        self.ids.insert(joined.clone(), id);
        self.queue.push_back((now.saturating_add(KEEP_MS), joined));
    }

    /// When the next one is forgotten.
    pub fn next(&self) -> Option<u64> {
        self.queue.front().map(|(until, _)| *until)
    }

    /// Forgets the keys that are too old, and the oldest while there are more than `most`. Whether none is left.
    pub fn drop_old(&mut self, now: u64, most: u64) -> bool {
        while self.next().is_some_and(|until| until <= now) || self.queue.len() as u64 > most {
            let Some((_, key)) = self.queue.pop_front() else { break };
            self.ids.remove(&key);
        }
        self.queue.is_empty()
    }

    /// Estimate of the bytes of memory they hold.
    pub fn memory(&self) -> usize {
        let bytes: usize = self.ids.iter().map(|(key, id)| key.len() + id.len()).sum();
        size_of::<Self>() + self.ids.len() * 128 + bytes
    }
}

/// A sender's key: no agent's name holds a zero byte.
fn joined(sender: &str, key: &[u8]) -> Vec<u8> {
    [sender.as_bytes(), b"\0", key].concat()
}

#[cfg(test)]
mod tests {
    use super::{KEEP_MS, Keys};

    #[test]
    fn a_key_is_its_senders_and_lasts_a_day() {
        let mut keys = Keys::default();
        keys.remember("ann", b"k", "bob.t.1".into(), 0);
        keys.remember("ben", b"k", "bob.t.2".into(), 1);
        assert_eq!(keys.find("ann", b"k").map(|id| &**id), Some("bob.t.1"));
        assert_eq!(keys.find("ben", b"k").map(|id| &**id), Some("bob.t.2"));
        assert_eq!(keys.find("", b"k"), None);
        assert!(!keys.drop_old(KEEP_MS, 10));
        assert_eq!(keys.find("ann", b"k"), None);
        assert!(keys.drop_old(KEEP_MS, 0));
    }
}
