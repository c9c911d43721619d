//! A hash table that remembers the order of insertion and can be scanned while it changes.
//!
//! Entries lie in a vector in the order they were added, with a hash index beside it (see
//! [`Members`]). So an entry can be picked at random by its place, and a scan's cursor is simply a place.
//!
//! # Why a scan misses nothing
//!
//! A scan visits places *downwards*, from the last to the first, and its cursor `c` means: all
//! below `c` is still to come. An entry that stays all the time is returned, because an unvisited
//! entry never reaches a place at or above the cursor:
//!
//! - an insertion takes a new last place and moves nobody;
//! - a removal from a large dict moves the last entry down into the gap. If that entry was visited,
//!   it may be visited again, which `SCAN` allows; if it was not, it was below `c` and now lies
//!   lower still;
//! - a removal from a small dict moves everything above the gap down by one: again only downwards;
//! - when so many are removed that `c` lies beyond the end, nothing unvisited lies there either.

use super::Members;

/// Up to this many entries a removal keeps the order of the others, as the packed form of a small
/// hash in Redis does (`hash-max-listpack-entries`). Above, the last entry takes the gap, in
/// constant time.
const ORDERED_MAX: usize = 128;

/// Values by name (any bytes), in order of insertion.
#[derive(Debug, Clone)]
pub struct Dict<V>(Members<V>);

impl<V> Default for Dict<V> {
    fn default() -> Self {
        Self(Members::default())
    }
}

impl<V> Dict<V> {
    /// An empty dict, without allocating.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Estimate of the bytes of memory held by the table and the names, itself included; what
    /// values own on the heap is not known here.
    pub fn memory(&self) -> usize {
        self.0.memory()
    }

    /// Whether `name` has a value.
    pub fn contains(&self, name: &[u8]) -> bool {
        self.0.place(name).is_some()
    }

    /// The value of `name`.
    pub fn get(&self, name: &[u8]) -> Option<&V> {
        self.0.place(name).map(|place| self.0.at(place).1)
    }

    /// The value of `name`, to change it.
    pub fn get_mut(&mut self, name: &[u8]) -> Option<&mut V> {
        self.0.place(name).map(|place| self.0.value_mut(place))
    }

    /// Sets the value of `name`, which keeps its place if it has one, and returns the old value.
    pub fn insert(&mut self, name: &[u8], value: V) -> Option<V> {
        let mut value = Some(value);
        let place = self.0.place_or_add_with(name, || value.take().expect("not taken before"));
        value.map(|value| std::mem::replace(self.0.value_mut(place), value))
    }

    /// The value of `name`; if there is none, the one that `make` gives is added first.
    pub fn get_or_insert_with(&mut self, name: &[u8], make: impl FnOnce() -> V) -> &mut V {
        let place = self.0.place_or_add_with(name, make);
        self.0.value_mut(place)
    }

    /// Removes `name` and returns its value. The order of the others is kept while there are at
    /// most 128; above that the last entry takes the place of the removed one.
    pub fn remove(&mut self, name: &[u8]) -> Option<V> {
        let place = self.0.place(name)?;
        let ordered = self.len() <= ORDERED_MAX;
        Some(if ordered { self.0.shift_remove(place) } else { self.0.swap_remove(place) }.1)
    }

    /// As [`remove`](Self::remove), but the order of the others is kept however many there are, in
    /// time that grows with their number.
    pub fn remove_in_order(&mut self, name: &[u8]) -> Option<V> {
        let place = self.0.place(name)?;
        Some(self.0.shift_remove(place).1)
    }

    /// Removes all entries and gives their memory back.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The entry at a place below [`len`](Self::len): with a random place, a random entry, each as
    /// likely.
    pub fn nth(&self, place: usize) -> Option<(&[u8], &V)> {
        (place < self.len()).then(|| self.0.at(place as u32))
    }

    /// The entries in order of insertion, as far as removals have kept it.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&[u8], &V)> + ExactSizeIterator {
        self.0.iter()
    }

    /// The entries, with the values to change.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&[u8], &mut V)> {
        self.0.iter_mut()
    }

    /// Visits the next `count` entries of a scan and returns the cursor to go on from: 0 starts a
    /// scan, and 0 is returned when it is complete. Every entry that is there from the start to the
    /// end of a scan is visited at least once; any cursor that a client makes up is harmless.
    pub fn scan(&self, cursor: u64, count: usize, visit: impl FnMut(&[u8], &V)) -> u64 {
        self.0.scan(cursor, count, visit)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    fn name(number: u16) -> Vec<u8> {
        // Some are too long to be kept in place.
        let tail = if number.is_multiple_of(3) { " with a long name" } else { "" };
        format!("field:{number}{tail}").into_bytes()
    }

    fn config() -> ProptestConfig {
        ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u16),
        Remove(u16),
        RemoveMany(u16, u16),
        Scan(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let number = 0..300u16;
        prop_oneof![
            4 => number.clone().prop_map(Step::Insert),
            4 => number.clone().prop_map(Step::Remove),
            1 => (number.clone(), number).prop_map(|(a, b)| Step::RemoveMany(a.min(b), a.max(b))),
            4 => (0..40usize).prop_map(Step::Scan),
        ]
    }

    proptest! {
        #![proptest_config(config())]

        /// Between two calls of one scan anything is inserted and removed, around the size at which
        /// the way of removing changes; what was there all along must have been visited.
        #[test]
        fn a_scan_returns_what_stays(
            start in 0..260u16,
            steps in prop::collection::vec(step(), 1..120),
        ) {
            let mut dict = Dict::new();
            (0..start).for_each(|number| { dict.insert(&name(number), number); });
            let mut staying: BTreeSet<u16> = (0..start).collect();
            let mut visited = BTreeSet::new();
            let mut cursor = 0;
            let last_steps = std::iter::repeat_n(Step::Scan(7), 60);
            for step in steps.into_iter().chain(last_steps) {
                let gone = match step {
                    Step::Insert(number) => { dict.insert(&name(number), number); 0..0 }
                    Step::Remove(number) => number..number + 1,
                    Step::RemoveMany(from, to) => from..to,
                    Step::Scan(count) => {
                        cursor = dict.scan(cursor, count, |_, number| { visited.insert(*number); });
                        if cursor == 0 {
                            let missed = staying.difference(&visited).count();
                            prop_assert_eq!(missed, 0);
                            staying = dict.iter().map(|(_, number)| *number).collect();
                            visited.clear();
                        }
                        0..0
                    }
                };
                for number in gone {
                    dict.remove(&name(number));
                    staying.remove(&number);
                }
            }
        }

        #[test]
        fn behaves_as_a_map(
            steps in prop::collection::vec((0..200u16, any::<u32>(), 0..4u8), 0..600),
        ) {
            let (mut dict, mut model) = (Dict::new(), BTreeMap::new());
            for (number, value, kind) in steps {
                let key = name(number);
                match kind {
                    0 => prop_assert_eq!(dict.remove(&key), model.remove(&key)),
                    1 => {
                        let ours = *dict.get_or_insert_with(&key, || value);
                        prop_assert_eq!(ours, *model.entry(key).or_insert(value));
                    }
                    _ => prop_assert_eq!(dict.insert(&key, value), model.insert(key, value)),
                }
                prop_assert_eq!(dict.len(), model.len());
            }
            let ours = dict.iter().map(|(name, value)| (name.to_vec(), *value));
            let ours: BTreeMap<_, _> = ours.collect();
            prop_assert_eq!(ours, model);
        }
    }

    #[test]
    fn a_small_dict_keeps_its_order() {
        let mut dict = Dict::new();
        (0..128).for_each(|number| {
            dict.insert(&name(number), number);
        });
        assert_eq!(dict.insert(&name(5), 500), Some(5));
        assert_eq!(dict.remove(&name(0)), Some(0));
        let order: Vec<u16> = dict.iter().map(|(_, number)| *number).collect();
        assert_eq!(order[..5], [1, 2, 3, 4, 500]);
        assert_eq!(dict.nth(126).map(|(_, number)| *number), Some(127));
        assert_eq!(dict.nth(127), None);
    }

    #[test]
    fn cursors_made_up_by_a_client_are_harmless() {
        let mut dict = Dict::new();
        dict.insert(b"only", 1);
        for cursor in [0, 1, 2, 77, u64::MAX] {
            let mut visits = 0;
            assert_eq!(dict.scan(cursor, 0, |_, _| visits += 1), 0);
            assert_eq!(visits, 1);
        }
        assert_eq!(Dict::<u8>::new().scan(9, 10, |_, _| unreachable!()), 0);
    }

    #[test]
    fn an_emptied_dict_gives_its_memory_back() {
        let mut dict = Dict::new();
        (0..10_000).for_each(|number| {
            dict.insert(&name(number), number);
        });
        let full = dict.memory();
        (10..10_000).for_each(|number| {
            dict.remove(&name(number));
        });
        assert!(dict.memory() < full / 100, "{} of {full}", dict.memory());
    }
}
