//! Groups: consumers that share the entries of a stream, each of which is given to one of them and stays pending until
//! that one acknowledges it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::pending::{Consumer, ConsumerId, Consumers, Pending};
use super::{Entries, Log, StreamId};

/// The groups of a stream by their names.
pub type Names = BTreeMap<Box<[u8]>, Group>;

/// The groups of a stream.
#[derive(Debug, Clone, Default)]
pub struct Groups(Names);

/// A group.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// The greatest id that was given to a consumer; what comes behind it is new.
    pub last_id: StreamId,
    /// How many entries were given to consumers, if that was counted all along.
    pub read_count: Option<i64>,
    pending: BTreeMap<StreamId, Pending>,
    consumers: Consumers,
}

impl Groups {
    /// The group of this name.
    pub fn get(&self, name: &[u8]) -> Option<&Group> {
        self.0.get(name)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, name: &[u8]) -> Option<&mut Group> {
        self.0.get_mut(name)
    }

    /// Adds a group. False if there is one of that name.
    pub fn add(&mut self, name: &[u8], last_id: StreamId, read_count: Option<i64>) -> bool {
        let new = !self.0.contains_key(name);
        if new {
            self.0.insert(name.into(), Group { last_id, read_count, ..Group::default() });
        }
        new
    }

    /// Removes a group and all that is pending in it. False if there is none of that name.
    pub fn remove(&mut self, name: &[u8]) -> bool {
        self.0.remove(name).is_some()
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Group)> {
        self.0.iter().map(|(name, group)| (&**name, group))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Estimate of the bytes on the heap.
    pub fn memory(&self) -> usize {
        self.iter().map(|(name, group)| name.len() + group.memory()).sum()
    }
}

impl Group {
    /// The consumer of this name.
    pub fn consumer(&self, name: &[u8]) -> Option<&Consumer> {
        self.consumers.find(name).and_then(|id| self.consumers.get(id))
    }

    /// All consumers, by name.
    pub fn consumers(&self) -> impl ExactSizeIterator<Item = &Consumer> {
        self.consumers.iter()
    }

    /// How many consumers there are.
    pub fn consumer_count(&self) -> usize {
        self.consumers.len()
    }

    /// The name of a consumer that has something pending.
    pub fn name(&self, pending: &Pending) -> &[u8] {
        self.consumers.get(pending.consumer).map_or(&[], |consumer| &consumer.name)
    }

    /// Adds a consumer. False if there is one of that name.
    pub fn add_consumer(&mut self, name: &[u8], now: u64) -> bool {
        let new = self.consumers.find(name).is_none();
        if new {
            self.consumers.add(name, now);
        }
        new
    }

    /// The consumer of this name, which is seen now and made if it is not there.
    pub fn see_consumer(&mut self, name: &[u8], now: u64) -> ConsumerId {
        let Some(id) = self.consumers.find(name) else {
            return self.consumers.add(name, now);
        };
        if let Some(consumer) = self.consumers.get_mut(id) {
            consumer.seen_ms = now;
        }
        id
    }

    /// Removes a consumer and what it has pending; returns how many entries that were. `None`: there is no such consumer.
    pub fn remove_consumer(&mut self, name: &[u8]) -> Option<usize> {
        let consumer = self.consumers.remove(name)?;
        for id in &consumer.pending {
            self.pending.remove(id);
        }
        Some(consumer.pending.len())
    }

    /// The number of entries that are pending.
    pub fn pending_count(&self) -> usize {
        self.pending.len()
    }

    /// What is pending between two ids; nothing if they are in the wrong order.
    pub fn pending(
        &self,
        ids: RangeInclusive<StreamId>,
    ) -> impl DoubleEndedIterator<Item = (StreamId, &Pending)> {
        let pending = (!ids.is_empty()).then(|| self.pending.range(ids));
        pending.into_iter().flatten().map(|(id, pending)| (*id, pending))
    }

    /// What is pending under an id.
    pub fn pending_at(&self, id: StreamId) -> Option<&Pending> {
        self.pending.get(&id)
    }

    /// Nobody has the entry any more. False if nobody had it.
    pub fn release(&mut self, id: StreamId) -> bool {
        let Some(pending) = self.pending.remove(&id) else { return false };
        if let Some(consumer) = self.consumers.get_mut(pending.consumer) {
            consumer.pending.remove(&id);
        }
        true
    }

    /// Gives an entry to a consumer, whoever has it now. It was never delivered if nobody has.
    pub fn assign(&mut self, id: StreamId, consumer: ConsumerId) -> &mut Pending {
        let nobodys = Pending { consumer, delivered_ms: 0, deliveries: 0 };
        let mut is_new = false;
        let pending = self.pending.entry(id).or_insert_with(|| {
            is_new = true;
            nobodys
        });
        if is_new || pending.consumer != consumer {
            if let Some(before) = self.consumers.get_mut(pending.consumer).filter(|_| !is_new) {
                before.pending.remove(&id);
            }
            if let Some(now) = self.consumers.get_mut(consumer) {
                now.pending.insert(id);
            }
            pending.consumer = consumer;
        }
        pending
    }

    /// Gives new entries to a consumer, at most `count`. `keep`: they are pending until they are acknowledged.
    pub fn deliver(
        &mut self,
        log: &Log,
        consumer: ConsumerId,
        count: usize,
        keep: bool,
        now: u64,
    ) -> Entries {
        let mut given = Entries::default();
        let Some(start) = self.last_id.successor() else { return given };
        for entry in log.range(start, StreamId::MAX).take(count) {
            self.advance(log, entry.id);
            if keep {
                let pending = self.assign(entry.id, consumer);
                (pending.delivered_ms, pending.deliveries) = (now, 1);
            }
            given.push(entry.id, entry.fields);
        }
        given
    }

    /// Gives a consumer again what it has pending behind an id, at most `count`.
    pub fn deliver_again(
        &mut self,
        log: &Log,
        consumer: ConsumerId,
        behind: StreamId,
        count: usize,
        now: u64,
    ) -> Entries {
        let mut given = Entries::default();
        let (Some(consumer), Some(start)) = (self.consumers.get(consumer), behind.successor())
        else {
            return given;
        };
        for id in consumer.pending.range(start..).take(count) {
            let Some(entry) = log.range(*id, *id).next() else {
                given.push_gone(*id);
                continue;
            };
            given.push(*id, entry.fields);
            if let Some(pending) = self.pending.get_mut(id) {
                pending.delivered_ms = now;
                pending.deliveries = pending.deliveries.wrapping_add(1);
            }
        }
        given
    }

    /// The entry is the last that was given to a consumer.
    fn advance(&mut self, log: &Log, id: StreamId) {
        self.read_count = match self.read_count.filter(|_| !log.has_gap_from(id)) {
            Some(count) => Some(count.wrapping_add(1)),
            None => log.position(id),
        };
        self.last_id = id;
    }

    fn memory(&self) -> usize {
        let pending = size_of::<StreamId>() + size_of::<Pending>();
        let of_consumers: usize = self
            .consumers()
            .map(|c| {
                size_of::<Consumer>() + 2 * c.name.len() + c.pending.len() * size_of::<StreamId>()
            })
            .sum();
        size_of::<Self>() + self.pending.len() * pending + of_consumers
    }
}
