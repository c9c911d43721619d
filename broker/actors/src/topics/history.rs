//! What `topic:` channels keep.
//!
//! A message is stored once. Its topic knows it by its stream id, for `XRANGE` and `XREAD`; the log
//! of all topics knows it by its sequence number, for agents who poll. Readers hold positions in
//! the log, never copies.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::change::FileRecord;
use super::log::Log;
use crate::collections::{Dict, StreamId};
use crate::message_number::MessageNumber;

/// What was published.
#[derive(Debug)]
pub enum Body {
    /// Whatever a plain `PUBLISH` sent. Its id is written when somebody asks for it.
    Raw(MessageNumber, Bytes),
    /// A complete JSON record, made by the broker, and its `message_id`.
    Record(Box<str>, Bytes),
    /// The record of a change of a file, which may not be written yet.
    File(Box<FileRecord>),
}

/// What is to be kept of a publication.
#[derive(Debug)]
pub struct New {
    /// The agent who published it; empty if nobody knows. It is not given back to that agent by a
    /// poll.
    pub from: Arc<str>,
    /// What subscribers received.
    pub body: Body,
}

/// A message in a topic's history.
#[derive(Debug)]
pub struct Message {
    /// Its number among the messages of all topics. The numbers have no gaps, so those that are
    /// missing in the log between two readings of it are what the reader missed.
    pub sequence: u64,
    /// Its id in its topic's stream.
    pub id: StreamId,
    /// Its topic.
    pub topic: Arc<[u8]>,
    /// Who published it; empty if nobody knows.
    pub from: Arc<str>,
    /// What was published.
    pub body: Body,
}

impl Message {
    /// What it counts for against the bound of its topic's bytes.
    fn weight(&self) -> usize {
        let len = match &self.body {
            Body::Raw(number, payload) => payload.len() + number.id_len(place_len(&self.topic)),
            Body::Record(message_id, payload) => payload.len() + message_id.len(),
            Body::File(record) => record.json_len() + record.message_id_len(),
        };
        len + MESSAGE_OVERHEAD
    }

    /// What subscribers received.
    pub fn payload(&self) -> &Bytes {
        match &self.body {
            Body::Raw(_, payload) | Body::Record(_, payload) => payload,
            Body::File(record) => record.json(),
        }
    }
}

/// The place in the ids of a topic's messages.
pub(super) fn place(topic: &[u8]) -> String {
    format!("#{}", String::from_utf8_lossy(topic))
}

/// Its length in bytes.
fn place_len(topic: &[u8]) -> usize {
    "#".len() + String::from_utf8_lossy(topic).len()
}

/// About what a message takes in memory besides its payload, so that many empty messages are
/// bounded too.
const MESSAGE_OVERHEAD: usize = 200;

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
}

impl History {
    fn new(name: &[u8]) -> Self {
        Self { name: name.into(), messages: VecDeque::new(), bytes: 0 }
    }

    /// The number of kept messages.
    pub fn message_count(&self) -> usize {
        self.messages.len()
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

    /// The id of the newest message.
    pub fn newest_id(&self) -> StreamId {
        self.messages.back().map_or(StreamId::MIN, |message| message.id)
    }

    /// The kept message with this message id. Linear in what one topic keeps.
    pub fn find(&self, message_id: &[u8]) -> Option<&Arc<Message>> {
        let place = place(&self.name);
        self.messages.iter().find(|message| match &message.body {
            Body::Raw(number, _) => number.is(&place, message_id),
            Body::Record(own, _) => own.as_bytes() == message_id,
            Body::File(record) => record.is(message_id),
        })
    }

    /// Estimate of the memory it takes, in bytes.
    pub fn memory(&self) -> usize {
        self.bytes + self.name.len() + size_of::<Self>()
    }

    /// The oldest message, if there are more than the bounds allow.
    fn pop_excess(&mut self, bounds: &Bounds) -> Option<Arc<Message>> {
        let too_many = self.messages.len() as u64 > bounds.messages;
        let too_large = self.bytes as u64 > bounds.bytes;
        if self.messages.len() < 2 || !(too_many || too_large) {
            return None;
        }
        let oldest = self.messages.pop_front()?;
        self.bytes -= oldest.weight();
        Some(oldest)
    }
}

/// The histories of all topics.
#[derive(Debug, Default)]
pub struct Histories {
    topics: Dict<History>,
    log: Log,
    last_sequence: u64,
    /// The newest id of all topics, so that ids grow even in a topic whose history was deleted in
    /// between.
    last_id: StreamId,
}

impl Histories {
    /// Keeps a message, and drops the oldest of its topic as the bounds demand. False if it would
    /// be the first of one topic too many.
    pub fn keep(&mut self, topic: &[u8], new: New, now: u64, bounds: &Bounds) -> bool {
        if self.topics.len() as u64 >= bounds.topics && !self.topics.contains(topic) {
            return false;
        }
        self.last_sequence += 1;
        self.last_id = self.last_id.following(now);
        let (sequence, id) = (self.last_sequence, self.last_id);
        let history = self.topics.get_or_insert_with(topic, || History::new(topic));
        let (topic, New { from, body }) = (history.name.clone(), new);
        let message = Arc::new(Message { sequence, id, topic, from, body });
        history.bytes += message.weight();
        history.messages.push_back(message.clone());
        self.log.push(message);
        while let Some(dropped) = history.pop_excess(bounds) {
            self.log.remove(dropped.sequence);
        }
        true
    }

    /// The history of a topic, if anything was published there.
    pub fn get(&self, topic: &[u8]) -> Option<&History> {
        self.topics.get(topic)
    }

    /// Forgets the history of a topic. False if there was none.
    pub fn remove(&mut self, topic: &[u8]) -> bool {
        let removed = self.topics.remove(topic);
        for message in removed.iter().flat_map(|history| &history.messages) {
            self.log.remove(message.sequence);
        }
        removed.is_some()
    }

    /// Forgets all histories. Numbers and ids go on from where they were.
    pub fn clear(&mut self) {
        self.topics.clear();
        self.log.clear();
    }

    /// All histories by their topics' names.
    pub fn topics(&self) -> &Dict<History> {
        &self.topics
    }

    /// The kept messages of all topics behind this sequence number, oldest first.
    pub fn after(&self, sequence: u64) -> impl Iterator<Item = &Arc<Message>> {
        self.log.after(sequence)
    }

    /// The number of kept messages of all topics.
    pub fn message_count(&self) -> usize {
        self.log.len()
    }

    /// Whether the message with this sequence number is kept.
    pub fn keeps(&self, sequence: u64) -> bool {
        self.log.contains(sequence)
    }

    /// The sequence number of the newest message there has ever been.
    pub fn last_sequence(&self) -> u64 {
        self.last_sequence
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn new(payload: &str) -> New {
        let body = Body::Record(payload.into(), Bytes::copy_from_slice(payload.as_bytes()));
        New { from: "".into(), body }
    }

    const BOUNDS: Bounds = Bounds { topics: 3, messages: 4, bytes: 2_000 };

    #[test]
    fn the_newest_message_is_kept_whatever_its_size() {
        let mut histories = Histories::default();
        assert!(histories.keep(b"t", new("small"), 1, &BOUNDS));
        assert!(histories.keep(b"t", new(&"x".repeat(5_000)), 1, &BOUNDS));
        let kept = histories.get(b"t").unwrap();
        assert_eq!((kept.message_count(), kept.newest_id()), (1, StreamId { ms: 1, seq: 1 }));
        assert!(histories.keep(b"t", new("small again"), 1, &BOUNDS));
        let kept = histories.get(b"t").unwrap();
        assert_eq!(kept.range(StreamId::MIN, StreamId::MAX).count(), 1);
        assert!(kept.find(b"small again").is_some() && kept.find(b"small").is_none());
    }

    #[test]
    fn what_is_not_written_yet_counts_as_if_it_were() {
        let topic: Arc<[u8]> = (*b"caf\xe9").into();
        let number = MessageNumber::new("t8k2m1".into(), 17);
        let id = number.id(&place(&topic));
        let [raw, record] = [Body::Raw(number, "x".into()), Body::Record(id.into(), "x".into())];
        let weight = |body| {
            let (id, topic) = (StreamId::MIN, topic.clone());
            Message { sequence: 1, id, topic, from: "".into(), body }.weight()
        };
        assert_eq!(weight(raw), weight(record));
    }

    #[test]
    fn one_topic_too_many_is_not_kept() {
        let mut histories = Histories::default();
        for topic in ["a", "b", "c", "a"] {
            assert!(histories.keep(topic.as_bytes(), new("x"), 1, &BOUNDS));
        }
        assert!(!histories.keep(b"d", new("x"), 1, &BOUNDS));
        assert!(histories.remove(b"a") && !histories.remove(b"a"));
        assert!(histories.keep(b"d", new("x"), 1, &BOUNDS));
        assert_eq!(histories.after(0).map(|m| m.sequence).collect::<Vec<_>>(), [2, 3, 5]);
    }

    proptest! {
        /// The model: a vector of everything for each topic, of which the last few are kept.
        #[test]
        fn behaves_as_the_last_messages_of_each_topic(
            steps in prop::collection::vec((0..3u8, 0..700usize, 0..3u64, 0..20u8), 0..60),
            from in (990..1_010u64, 0..4u64),
            to in (990..1_100u64, 0..4u64),
        ) {
            let mut histories = Histories::default();
            let mut model: BTreeMap<u8, Vec<(StreamId, u64, usize)>> = BTreeMap::new();
            let (mut now, mut last) = (1_000, StreamId::MIN);
            for (sequence, (topic, len, step, kind)) in (1..).zip(steps) {
                now = if kind == 0 { now - 2 } else { now + step };
                if kind == 1 {
                    prop_assert_eq!(histories.remove(&[topic]), model.remove(&topic).is_some());
                }
                prop_assert!(histories.keep(&[topic], new(&"x".repeat(len)), now, &BOUNDS));
                let kept = model.entry(topic).or_default();
                let id = histories.get(&[topic]).unwrap().newest_id();
                prop_assert!(id > last && id.ms >= now);
                last = id;
                kept.push((id, sequence, 2 * len + MESSAGE_OVERHEAD));
                while kept.len() > 4 || kept.len() > 1 && kept.iter().map(|k| k.2).sum::<usize>() > 2_000 {
                    kept.remove(0);
                }
            }
            let (from, to) = (StreamId { ms: from.0, seq: from.1 }, StreamId { ms: to.0, seq: to.1 });
            for (topic, kept) in &model {
                let history = histories.get(&[*topic]).unwrap();
                prop_assert_eq!(history.message_count(), kept.len());
                let ours: Vec<_> = history.range(from, to).map(|m| m.sequence).collect();
                let theirs = kept.iter().filter(|(id, ..)| (from..=to).contains(id)).map(|k| k.1);
                prop_assert_eq!(ours, theirs.collect::<Vec<_>>());
            }
            let mut all: Vec<u64> = model.values().flatten().map(|kept| kept.1).collect();
            all.sort_unstable();
            prop_assert_eq!(histories.after(0).map(|m| m.sequence).collect::<Vec<_>>(), all);
        }
    }
}
