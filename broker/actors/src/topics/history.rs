//! What one `topic:` channel keeps.

use std::collections::VecDeque;
use std::sync::Arc;

use ahash::AHashMap;

use super::fallen::{Fallen, Mark};
use super::message::{Message, place};
use crate::collections::StreamId;

/// How much is kept. The newest message of a topic is kept in any case.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Topics.
    pub topics: u64,
    /// Messages of one topic.
    pub messages: u64,
    /// Bytes of one topic.
    pub bytes: u64,
}

/// The history of one topic: never empty.
#[derive(Debug)]
pub struct History {
    name: Arc<[u8]>,
    messages: VecDeque<Arc<Message>>,
    bytes: usize,
    /// The newest fact for each key: the sequence number of its message, which is kept.
    facts: AHashMap<Box<str>, u64>,
    fallen: Fallen,
}

impl History {
    pub(super) fn new(name: &[u8]) -> Self {
        Self {
            name: name.into(),
            messages: VecDeque::new(),
            bytes: 0,
            facts: AHashMap::new(),
            fallen: Fallen::default(),
        }
    }

    /// The topic.
    pub fn name(&self) -> &Arc<[u8]> {
        &self.name
    }

    /// The number of kept messages.
    pub fn message_count(&self) -> usize {
        self.messages.len()
    }

    /// What they count for against the bound of bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The number of keys that a kept fact has.
    pub fn key_count(&self) -> usize {
        self.facts.len()
    }

    /// The kept messages from one id to another, both included; from the other end with `.rev()`.
    pub fn range(
        &self,
        start: StreamId,
        end: StreamId,
    ) -> impl DoubleEndedIterator<Item = &Arc<Message>> {
        let from = self.messages.partition_point(|message| message.id < start);
        let to = self.messages.partition_point(|message| message.id <= end);
        self.messages.range(from..to.max(from))
    }

    /// All kept messages, oldest first.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &Arc<Message>> + ExactSizeIterator {
        self.messages.iter()
    }

    /// The oldest message.
    pub fn first(&self) -> Option<&Arc<Message>> {
        self.messages.front()
    }

    /// The newest message.
    pub fn last(&self) -> Option<&Arc<Message>> {
        self.messages.back()
    }

    /// The id of the newest message.
    pub fn newest_id(&self) -> StreamId {
        self.last().map_or(StreamId::MIN, |message| message.id)
    }

    /// The kept message with this message id. Linear in what one topic keeps.
    pub fn find(&self, message_id: &[u8]) -> Option<&Arc<Message>> {
        let place = place(&self.name);
        self.messages.iter().find(|message| message.is(&place, message_id))
    }

    /// The newest fact about this key.
    pub fn fact(&self, key: &str) -> Option<&Arc<Message>> {
        let sequence = *self.facts.get(key)?;
        self.messages.get(self.place_of(sequence)?)
    }

    /// What has fallen off its end.
    pub(super) fn fallen(&self) -> &Fallen {
        &self.fallen
    }

    /// Estimate of the memory it takes, in bytes.
    pub fn memory(&self) -> usize {
        let keys: usize =
            self.facts.keys().map(|key| key.len() + size_of::<(Box<str>, u64)>()).sum();
        self.bytes + self.name.len() + size_of::<Self>() + keys + self.fallen.memory()
    }

    /// Adds the newest message. If it has the key of another one it takes its place: gives that one.
    pub(super) fn push(&mut self, message: Arc<Message>) -> Option<Arc<Message>> {
        let key = message.key();
        let former = key.and_then(|key| self.facts.insert(key.into(), message.sequence));
        self.bytes += message.weight();
        self.messages.push_back(message);
        let superseded = self.messages.remove(self.place_of(former?)?)?;
        self.bytes -= superseded.weight();
        Some(superseded)
    }

    /// The oldest message, if there are more than the bounds allow. `falls` counts those of all topics
    /// that fell before.
    pub(super) fn pop_excess(&mut self, bounds: &Bounds, falls: u64) -> Option<Arc<Message>> {
        let too_many = self.messages.len() as u64 > bounds.messages;
        let too_large = self.bytes as u64 > bounds.bytes;
        if self.messages.len() < 2 || !(too_many || too_large) {
            return None;
        }
        let oldest = self.messages.pop_front()?;
        self.bytes -= oldest.weight();
        if let Some(key) = oldest.key() {
            self.facts.remove(key);
        }
        let (sequence, number) = (oldest.sequence, oldest.number());
        self.fallen.note(Mark { sequence, number, fall: falls + 1 });
        Some(oldest)
    }

    fn place_of(&self, sequence: u64) -> Option<usize> {
        self.messages.binary_search_by_key(&sequence, |message| message.sequence).ok()
    }
}
