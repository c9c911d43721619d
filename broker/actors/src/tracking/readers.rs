//! Which clients have read which keys of one owner.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ahash::RandomState;
use indexmap::IndexMap;

use super::Tracking;

/// Which clients have read which keys of one owner, in whatever database: as in Redis a key's name is all that counts.
/// Each is told of the next change, and then forgotten.
#[derive(Debug)]
pub(crate) struct Readers {
    keys: IndexMap<Box<[u8]>, Vec<u64>, RandomState>,
    tracking: Arc<Tracking>,
    turn: usize,
}

impl Readers {
    /// Nobody yet.
    pub(crate) fn new(tracking: Arc<Tracking>) -> Self {
        Self { keys: IndexMap::default(), tracking, turn: 0 }
    }

    /// A client has read a key.
    pub(crate) fn remember(&mut self, key: &[u8], client: u64) {
        let Self { keys, tracking, .. } = self;
        let readers = match keys.get_mut(key) {
            Some(readers) => readers,
            None => {
                tracking.keys.fetch_add(1, Ordering::Relaxed);
                keys.entry(key.into()).or_default()
            }
        };
        if let Err(at) = readers.binary_search(&client) {
            readers.insert(at, client);
            tracking.items.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Forgets who has read a key, and says who it was.
    pub(crate) fn take(&mut self, key: &[u8]) -> Option<Vec<u64>> {
        let readers = self.keys.swap_remove(key)?;
        self.count_out(1, readers.len());
        Some(readers)
    }

    /// If all owners together remember more than `keys_max` keys, forgets one of this owner's, though not the one that was
    /// read last, and says which and who had read it.
    pub(crate) fn make_room(&mut self, keys_max: usize) -> Option<(Box<[u8]>, Vec<u64>)> {
        if self.tracking.keys.load(Ordering::Relaxed) <= keys_max {
            return None;
        }
        self.turn = self.turn.wrapping_add(1);
        let others = self.keys.len().saturating_sub(1).max(1);
        let (key, readers) = self.keys.swap_remove_index(self.turn % others)?;
        self.count_out(1, readers.len());
        Some((key, readers))
    }

    fn count_out(&self, keys: usize, items: usize) {
        self.tracking.keys.fetch_sub(keys, Ordering::Relaxed);
        self.tracking.items.fetch_sub(items, Ordering::Relaxed);
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.count_out(self.keys.len(), self.keys.values().map(Vec::len).sum());
    }
}
