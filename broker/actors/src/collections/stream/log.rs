//! The entries of a stream, and what is remembered of those that are no more.

use std::collections::BTreeMap;

use super::StreamId;
use super::node::Node;
use super::radix;

use crate::Refusal;

/// When a node is closed.
#[derive(Debug, Clone, Copy)]
pub struct NodeBounds {
    /// After so many entries; 0 for no bound.
    pub entries: u64,
    /// At so many bytes, as Redis counts them; 0 for no bound.
    pub bytes: u64,
}

/// No node grows beyond this many bytes whatever the bounds are.
const NODE_BYTES_MAX: u64 = 1 << 30;

/// The id that an entry is to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewId {
    /// The time, or what follows the last id.
    Auto,
    /// This time, and the next number in it.
    Within(u64),
    /// This one.
    Exactly(StreamId),
}

/// The entries.
#[derive(Debug, Clone, Default)]
pub struct Log {
    pub(super) nodes: BTreeMap<StreamId, Node>,
    pub(super) len: u64,
    /// The greatest id ever given, or what `XSETID` made of it.
    pub(super) last_id: StreamId,
    /// The id of the first entry; 0-0 without entries.
    first_id: StreamId,
    /// The id of the last entry; 0-0 without entries.
    pub(super) newest: StreamId,
    /// The greatest id ever removed by itself, or what `XSETID` made of it.
    pub(super) removed_max: StreamId,
    /// How many entries were ever added, or what `XSETID` made of it.
    pub(super) added: u64,
}

impl Log {
    /// The number of entries.
    pub fn len(&self) -> usize {
        usize::try_from(self.len).unwrap_or(usize::MAX)
    }

    /// Whether it has no entries.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The greatest id ever given.
    pub fn last_id(&self) -> StreamId {
        self.last_id
    }

    /// The id of the first entry; 0-0 without entries.
    pub fn first_id(&self) -> StreamId {
        self.first_id
    }

    /// The id of the last entry; 0-0 without entries.
    pub fn newest(&self) -> StreamId {
        self.newest
    }

    /// The greatest id that was removed by itself; 0-0 if none was.
    pub fn removed_max(&self) -> StreamId {
        self.removed_max
    }

    /// How many entries were ever added.
    pub fn added(&self) -> u64 {
        self.added
    }

    /// The number of nodes: the keys of Redis's radix tree.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// The number of nodes that Redis's radix tree would have for those keys. Linear in the keys.
    pub fn radix_node_count(&self) -> usize {
        radix::node_count(self.nodes.keys().copied())
    }

    /// Estimate of the bytes on the heap.
    pub fn memory(&self) -> usize {
        let nodes: usize = self.nodes.values().map(Node::memory).sum();
        let places = self.nodes.len() * (size_of::<StreamId>() + size_of::<Node>());
        nodes + places
    }

    /// The id that a new entry gets.
    ///
    /// # Errors
    /// If there is no id left, or the one asked for is not greater than all before.
    pub fn next_id(&self, wanted: NewId, now: u64) -> Result<StreamId, Refusal> {
        if self.last_id == StreamId::MAX {
            return Err(EXHAUSTED);
        }
        let id = match wanted {
            NewId::Auto => self.last_id.following(now),
            NewId::Exactly(id) => id,
            NewId::Within(ms) if ms == self.last_id.ms => {
                let seq = self.last_id.seq.checked_add(1).ok_or(NO_NUMBER)?;
                StreamId { ms, seq }
            }
            NewId::Within(ms) => StreamId { ms, seq: 0 },
        };
        if id > self.last_id { Ok(id) } else { Err(TOO_SMALL) }
    }

    /// Appends an entry. `id` comes from [`next_id`](Self::next_id); `words` are fields and values in turn.
    pub fn append<'w>(
        &mut self,
        id: StreamId,
        words: impl ExactSizeIterator<Item = &'w [u8]> + Clone,
        bounds: NodeBounds,
    ) {
        debug_assert!(id > self.last_id);
        let bytes: usize = words.clone().map(<[u8]>::len).sum();
        let bytes_max = if bounds.bytes == 0 { u64::MAX } else { bounds.bytes }.min(NODE_BYTES_MAX);
        match self.nodes.last_entry() {
            Some(mut last) if last.get().has_room(bytes, bounds.entries, bytes_max) => {
                let own_id = *last.key();
                last.get_mut().append(own_id, id, words);
            }
            full => {
                if let Some(mut full) = full {
                    full.get_mut().close();
                }
                let mut node = Node::new(id, words.clone());
                node.append(id, id, words);
                self.nodes.insert(id, node);
            }
        }
        self.len += 1;
        self.added = self.added.wrapping_add(1);
        (self.last_id, self.newest) = (id, id);
        if self.len == 1 {
            self.first_id = id;
        }
    }

    /// Removes an entry. False if it is not there.
    pub fn remove(&mut self, id: StreamId) -> bool {
        let Some((&own_id, node)) = self.nodes.range_mut(..=id).next_back() else {
            return false;
        };
        let found = node.entries(own_id).find(|entry| entry.id >= id);
        let Some(place) = found.filter(|e| e.id == id && !e.removed).map(|e| e.place()) else {
            return false;
        };
        node.remove(place);
        if node.live() == 0 {
            self.nodes.remove(&own_id);
        }
        self.len -= 1;
        self.removed_max = self.removed_max.max(id);
        if self.first_id == id {
            self.find_first();
        }
        if self.newest == id {
            let newest = self.range_back(StreamId::MIN, id).next().map(|entry| entry.id);
            self.newest = newest.unwrap_or(StreamId::MIN);
        }
        true
    }

    /// Whether an entry is there.
    pub fn contains(&self, id: StreamId) -> bool {
        self.range(id, id).next().is_some()
    }

    /// Changes what the stream knows of entries that are no more: `XSETID`.
    ///
    /// # Errors
    /// If the entries that are there contradict it.
    pub fn set_history(
        &mut self,
        last_id: StreamId,
        added: Option<u64>,
        removed_max: StreamId,
    ) -> Result<(), Refusal> {
        if self.len > 0 && last_id < self.newest {
            return Err(LAST_TOO_SMALL);
        }
        if self.len > 0 && added.is_some_and(|added| added < self.len) {
            return Err(ADDED_TOO_SMALL);
        }
        self.last_id = last_id;
        self.added = added.unwrap_or(self.added);
        if removed_max != StreamId::MIN {
            self.removed_max = removed_max;
        }
        Ok(())
    }

    pub(super) fn find_first(&mut self) {
        let first = self.range(StreamId::MIN, StreamId::MAX).next().map(|entry| entry.id);
        self.first_id = first.unwrap_or(StreamId::MIN);
    }
}

const EXHAUSTED: Refusal = Refusal::Fixed(
    "ERR",
    "The stream has exhausted the last possible ID, unable to add more items",
);

// What Redis says when there is no next number in a millisecond.
const NO_NUMBER: Refusal = Refusal::Fixed("ERR", "Elements are too large to be stored");

const TOO_SMALL: Refusal = Refusal::Fixed(
    "ERR",
    "The ID specified in XADD is equal or smaller than the target stream top item",
);

const LAST_TOO_SMALL: Refusal =
    Refusal::Fixed("ERR", "The ID specified in XSETID is smaller than the target stream top item");

const ADDED_TOO_SMALL: Refusal = Refusal::Fixed(
    "ERR",
    "The entries_added specified in XSETID is smaller than the target stream length",
);
