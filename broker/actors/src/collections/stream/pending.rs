//! Consumers, and what was given to them and not acknowledged yet.

use std::collections::{BTreeMap, BTreeSet};

use super::StreamId;

/// An entry that was given to a consumer and not acknowledged yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// Who has it.
    pub consumer: ConsumerId,
    /// When it was given, in milliseconds since 1970.
    pub delivered_ms: u64,
    /// How often.
    pub deliveries: u64,
}

/// A consumer among those of its group: a name that costs nothing to repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsumerId(u32);

/// A consumer of a group.
#[derive(Debug, Clone)]
pub struct Consumer {
    /// Its name.
    pub name: Box<[u8]>,
    /// When it last read or claimed something, in milliseconds since 1970.
    pub seen_ms: u64,
    /// The ids of what it was given and has not acknowledged.
    pub pending: BTreeSet<StreamId>,
}

/// The consumers of a group.
#[derive(Debug, Clone, Default)]
pub(super) struct Consumers {
    by_name: BTreeMap<Box<[u8]>, ConsumerId>,
    places: Vec<Option<Consumer>>,
}

impl Consumers {
    /// The consumer of this name.
    pub(super) fn find(&self, name: &[u8]) -> Option<ConsumerId> {
        self.by_name.get(name).copied()
    }

    /// A new consumer; its name is not taken.
    pub(super) fn add(&mut self, name: &[u8], now: u64) -> ConsumerId {
        let consumer = Consumer { name: name.into(), seen_ms: now, pending: BTreeSet::new() };
        // Places of consumers that are gone are used again. They are few, and only looked for when there is one.
        let gone = (self.by_name.len() < self.places.len())
            .then(|| self.places.iter().position(Option::is_none))
            .flatten();
        let place = gone.unwrap_or(self.places.len());
        match gone {
            Some(place) => self.places[place] = Some(consumer),
            None => self.places.push(Some(consumer)),
        }
        let id = ConsumerId(place as u32);
        self.by_name.insert(name.into(), id);
        id
    }

    /// Removes a consumer.
    pub(super) fn remove(&mut self, name: &[u8]) -> Option<Consumer> {
        let ConsumerId(place) = self.by_name.remove(name)?;
        self.places[place as usize].take()
    }

    /// A consumer that is there.
    pub(super) fn get(&self, ConsumerId(place): ConsumerId) -> Option<&Consumer> {
        self.places.get(place as usize)?.as_ref()
    }

    /// The same, to be changed.
    pub(super) fn get_mut(&mut self, ConsumerId(place): ConsumerId) -> Option<&mut Consumer> {
        self.places.get_mut(place as usize)?.as_mut()
    }

    /// All of them, by name.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Consumer> {
        let ids: Vec<ConsumerId> = self.by_name.values().copied().collect();
        let found: Vec<&Consumer> = ids.into_iter().filter_map(|id| self.get(id)).collect();
        found.into_iter()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }
}
