//! A hash table for millions of entries with short names: what keys, large hashes, sets and large
//! sorted sets lie in.
//!
//! Entries lie in pieces of a vector without gaps, and a hash index beside it holds their places in four
//! bytes each. No hash is stored, and short names need no allocation. A removal either moves the last
//! entry into the gap or keeps the order of all. A scan is safe for the reasons given at
//! [`Dict`](super::Dict): it visits places downwards, and nothing unvisited ever moves up.

use std::sync::LazyLock;

use ahash::RandomState;
use hashbrown::HashTable;

use super::pieces::Pieces;
use super::{Name, scan_step};

/// Up to this many entries are found by looking at each, without an index.
const SEARCHED_MAX: usize = 8;

/// An index below this capacity is not worth shrinking.
const SHRINK_MIN: usize = 64;

/// One for all tables: they would otherwise be larger than what small ones hold.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// Values by name (any bytes), at places from 0 to `len`, of which there are less than 2^32.
#[derive(Debug, Clone)]
pub struct Members<V> {
    entries: Pieces<(Name, V)>,
    /// The places of all entries, or nothing while they are few.
    index: HashTable<u32>,
    name_bytes: usize,
}

impl<V> Default for Members<V> {
    fn default() -> Self {
        Self { entries: Pieces::default(), index: HashTable::new(), name_bytes: 0 }
    }
}

impl<V> Members<V> {
    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The place of `name`.
    pub fn place(&self, name: &[u8]) -> Option<u32> {
        self.find(name, self.hash(name))
    }

    /// The entry at a place below [`len`](Self::len).
    pub fn at(&self, place: u32) -> (&[u8], &V) {
        let (name, value) = self.entries.at(place as usize);
        (name, value)
    }

    /// The value at a place below [`len`](Self::len), to change it.
    pub fn value_mut(&mut self, place: u32) -> &mut V {
        &mut self.entries.at_mut(place as usize).1
    }

    /// The place of `name`, and whether it is a new one, with this value.
    pub fn place_or_add(&mut self, name: &[u8], value: V) -> (u32, bool) {
        let count = self.len();
        let place = self.place_or_add_with(name, || value);
        (place, self.len() > count)
    }

    /// The place of `name`; if it has none, a new last one, with the value that `make` gives.
    pub fn place_or_add_with(&mut self, name: &[u8], make: impl FnOnce() -> V) -> u32 {
        let hash = self.hash(name);
        match self.find(name, hash) {
            Some(place) => place,
            None => self.push(name, hash, make()),
        }
    }

    /// Adds an entry, whose name must not be there yet, at a new last place.
    pub fn add(&mut self, name: &[u8], value: V) -> u32 {
        self.push(name, self.hash(name), value)
    }

    /// The hash of a name; nothing while there is no index.
    fn hash(&self, name: &[u8]) -> Option<u64> {
        (!self.index.is_empty()).then(|| HASHER.hash_one(name))
    }

    fn find(&self, name: &[u8], hash: Option<u64>) -> Option<u32> {
        let Some(hash) = hash else {
            let at = self.entries.iter().position(|(other, _)| **other == *name);
            return at.map(|at| at as u32);
        };
        self.index.find(hash, |place| *self.entries.at(*place as usize).0 == *name).copied()
    }

    fn push(&mut self, name: &[u8], hash: Option<u64>, value: V) -> u32 {
        let place = self.entries.len();
        let name = Name::from(name);
        self.name_bytes += name.heap_bytes();
        self.entries.push((name, value));
        let entries = &self.entries;
        let hash_at = |place: &u32| HASHER.hash_one(&*entries.at(*place as usize).0);
        if let Some(hash) = hash {
            self.index.insert_unique(hash, place as u32, hash_at);
        } else if entries.len() > SEARCHED_MAX {
            for place in 0..entries.len() as u32 {
                self.index.insert_unique(hash_at(&place), place, hash_at);
            }
        }
        place as u32
    }

    /// Removes the entry at a place below [`len`](Self::len); the last entry takes its place.
    pub fn swap_remove(&mut self, place: u32) -> (Name, V) {
        let last = self.entries.len() as u32 - 1;
        if let Some(moved) = self.hash(&self.entries.at(last as usize).0) {
            self.unindex(place);
            if let Some(at) = self.index.find_mut(moved, |at| *at == last) {
                *at = place;
            }
        }
        let removed = self.entries.swap_remove(place as usize);
        self.removed(removed)
    }

    /// Removes the entry at a place below [`len`](Self::len). The others keep their order, which takes time that grows
    /// with their number.
    pub fn shift_remove(&mut self, place: u32) -> (Name, V) {
        self.unindex(place);
        self.index.iter_mut().filter(|at| **at > place).for_each(|at| *at -= 1);
        let removed = self.entries.shift_remove(place as usize);
        self.removed(removed)
    }

    fn unindex(&mut self, place: u32) {
        let Some(hash) = self.hash(&self.entries.at(place as usize).0) else { return };
        if let Ok(found) = self.index.find_entry(hash, |at| *at == place) {
            found.remove();
        }
    }

    fn removed(&mut self, removed: (Name, V)) -> (Name, V) {
        self.name_bytes -= removed.0.heap_bytes();
        self.shrink();
        removed
    }

    /// All entries, in the order of their places.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&[u8], &V)> + ExactSizeIterator {
        self.entries.iter().map(|(name, value)| (&**name, value))
    }

    /// The entries, with the values to change.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&[u8], &mut V)> {
        self.entries.iter_mut().map(|(name, value)| (&**name, value))
    }

    /// Visits the next `count` entries of a scan and returns the cursor to go on from: see
    /// [`Dict::scan`](super::Dict::scan).
    pub fn scan(&self, cursor: u64, count: usize, mut visit: impl FnMut(&[u8], &V)) -> u64 {
        let step = scan_step(self.len(), cursor, count);
        for place in step.clone().rev() {
            let (name, value) = self.entries.at(place);
            visit(name, value);
        }
        step.start as u64
    }

    /// Estimate of the bytes of memory that it holds, itself included; what values own on the heap
    /// is not known here.
    pub fn memory(&self) -> usize {
        let index = self.index.capacity() * 8 / 7 * (size_of::<u32>() + 1);
        let entries = self.entries.capacity() * size_of::<(Name, V)>();
        size_of::<Self>() + entries + index + self.name_bytes
    }

    /// Halves the index again and again as the table empties, so that its memory follows its length.
    fn shrink(&mut self) {
        let capacity = self.index.capacity();
        if capacity > SHRINK_MIN && self.len() < capacity / 8 {
            let entries = &self.entries;
            let hash_at = |place: &u32| HASHER.hash_one(&*entries.at(*place as usize).0);
            self.index.shrink_to(2 * entries.len(), hash_at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::Members;

    fn name(number: u16) -> Vec<u8> {
        // Some are too long to be kept in place.
        let tail = if number.is_multiple_of(3) { "and then some more" } else { "" };
        format!("member:{number}{tail}").into_bytes()
    }

    fn remove(members: &mut Members<u32>, name: &[u8]) -> Option<u32> {
        let place = members.place(name)?;
        Some(members.swap_remove(place).1)
    }

    fn config() -> ProptestConfig {
        ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() }
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn behaves_as_a_map(
            span in prop_oneof![Just(12u16), Just(300u16)],
            steps in prop::collection::vec((any::<u16>(), any::<u32>(), 0..3u8), 0..600),
        ) {
            let (mut members, mut model) = (Members::default(), BTreeMap::new());
            for (number, value, kind) in steps {
                let key = name(number % span);
                match (kind, members.place(&key)) {
                    (0, _) => prop_assert_eq!(remove(&mut members, &key), model.remove(&key)),
                    (_, Some(place)) => {
                        let old = std::mem::replace(members.value_mut(place), value);
                        prop_assert_eq!(Some(old), model.insert(key, value));
                    }
                    (_, None) => {
                        let place = members.add(&key, value);
                        prop_assert_eq!(members.at(place), (&key[..], &value));
                        prop_assert_eq!(model.insert(key, value), None);
                    }
                }
                prop_assert_eq!(members.len(), model.len());
            }
            let ours: BTreeMap<_, _> = members.iter().map(|(n, v)| (n.to_vec(), *v)).collect();
            for key in model.keys() {
                prop_assert!(members.place(key).is_some());
            }
            prop_assert_eq!(ours, model);
        }

        #[test]
        fn a_scan_returns_what_stays(
            start in 0..260u16,
            steps in prop::collection::vec((0..300u16, any::<bool>(), 1..40usize), 1..120),
        ) {
            let mut members = Members::default();
            (0..start).for_each(|number| { members.add(&name(number), u32::from(number)); });
            let mut staying: BTreeSet<u32> = (0..u32::from(start)).collect();
            let (mut visited, mut cursor) = (BTreeSet::new(), 0);
            for (number, adds, count) in steps {
                cursor = members.scan(cursor, count, |_, value| { visited.insert(*value); });
                if cursor == 0 {
                    prop_assert_eq!(staying.difference(&visited).count(), 0);
                    staying = members.iter().map(|(_, value)| *value).collect();
                    visited.clear();
                }
                if !adds {
                    remove(&mut members, &name(number));
                    staying.remove(&u32::from(number));
                } else if members.place(&name(number)).is_none() {
                    members.add(&name(number), u32::from(number));
                }
            }
        }
    }

    #[test]
    fn an_emptied_table_gives_its_memory_back() {
        let mut members = Members::default();
        (0..10_000).for_each(|number| {
            members.add(&name(number), 0u32);
        });
        let full = members.memory();
        (5..10_000).for_each(|number| {
            remove(&mut members, &name(number));
        });
        assert!(members.memory() < full / 50, "{} of {full}", members.memory());
        (0..5).for_each(|number| assert!(members.place(&name(number)).is_some()));
    }
}
