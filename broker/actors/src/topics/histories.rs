//! What all `topic:` channels keep.
//!
//! A message is stored once. Its topic knows it by its stream id, for `XRANGE` and `XREAD`; the log
//! of all topics knows it by its sequence number, for agents who poll. Readers hold positions in
//! the log, never copies.

use std::sync::Arc;

use super::history::{Bounds, History};
use super::log::Log;
use super::message::{Message, New};
use crate::collections::Dict;
use crate::collections::StreamId;

/// How a message leaves its topic's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// It was the oldest of more than are kept.
    Fell,
    /// A newer one has its key.
    Superseded,
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
    falls: u64,
    last_fallen: u64,
}

impl Histories {
    /// Keeps a message; those that leave for it, because they are superseded or more than the bounds
    /// allow, are shown to `leaves`. `None` if it would be the first of one topic too many.
    pub fn keep(
        &mut self,
        topic: &[u8],
        new: New,
        now: u64,
        bounds: &Bounds,
        mut leaves: impl FnMut(&Arc<Message>, Leaves),
    ) -> Option<&Arc<Message>> {
        if self.topics.len() as u64 >= bounds.topics && !self.topics.contains(topic) {
            return None;
        }
        self.last_sequence += 1;
        self.last_id = self.last_id.following(now);
        let (sequence, id) = (self.last_sequence, self.last_id);
        let history = self.topics.get_or_insert_with(topic, || History::new(topic));
        let (topic, New { from, body, labels }) = (history.name().clone(), new);
        let message = Arc::new(Message { sequence, id, topic, from, body, labels });
        self.log.push(message.clone());
        if let Some(superseded) = history.push(message) {
            self.log.remove(superseded.sequence);
            leaves(&superseded, Leaves::Superseded);
        }
        while let Some(fallen) = history.pop_excess(bounds, self.falls) {
            self.falls += 1;
            self.last_fallen = self.last_fallen.max(fallen.sequence);
            self.log.remove(fallen.sequence);
            leaves(&fallen, Leaves::Fell);
        }
        history.last()
    }

    /// The history of a topic, if anything was published there.
    pub fn get(&self, topic: &[u8]) -> Option<&History> {
        self.topics.get(topic)
    }

    /// Forgets the history of a topic, and gives it. `None` if there was none.
    pub fn remove(&mut self, topic: &[u8]) -> Option<History> {
        let removed = self.topics.remove(topic)?;
        removed.messages().for_each(|message| self.log.remove(message.sequence));
        Some(removed)
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

    /// How many messages have fallen off the ends of their topics' histories, ever.
    pub fn falls(&self) -> u64 {
        self.falls
    }

    /// The sequence number of the newest message that fell off the end of a topic's history; 0 if none did.
    pub fn fallen_to(&self, topic: &[u8]) -> u64 {
        let last = self.get(topic).and_then(|history| history.fallen().last());
        last.map_or(0, |last| last.sequence)
    }

    /// The greatest sequence number of all that fell.
    pub fn last_fallen(&self) -> u64 {
        self.last_fallen
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;
    use proptest::prelude::*;

    use super::super::message::{Body, Labels, MESSAGE_OVERHEAD};
    use super::*;

    fn new(payload: &str, key: Option<u8>) -> New {
        let body = Body::Record(payload.into(), Bytes::copy_from_slice(payload.as_bytes()));
        let key = key.map(|key| key.to_string().into());
        New { from: "".into(), body, labels: Some(Box::new(Labels { key, tags: [].into() })) }
    }

    const BOUNDS: Bounds = Bounds { topics: 3, messages: 4, bytes: 2_000 };

    fn keep(histories: &mut Histories, topic: &[u8], payload: &str) -> bool {
        histories.keep(topic, new(payload, None), 1, &BOUNDS, |_, _| {}).is_some()
    }

    #[test]
    fn the_newest_message_is_kept_whatever_its_size() {
        let mut histories = Histories::default();
        assert!(keep(&mut histories, b"t", "small"));
        assert!(keep(&mut histories, b"t", &"x".repeat(5_000)));
        let kept = histories.get(b"t").unwrap();
        assert_eq!((kept.message_count(), kept.newest_id()), (1, StreamId { ms: 1, seq: 1 }));
        assert!(keep(&mut histories, b"t", "small again"));
        let kept = histories.get(b"t").unwrap();
        assert_eq!(kept.range(StreamId::MIN, StreamId::MAX).count(), 1);
        assert!(kept.find(b"small again").is_some() && kept.find(b"small").is_none());
    }

    #[test]
    fn one_topic_too_many_is_not_kept() {
        let mut histories = Histories::default();
        for topic in ["a", "b", "c", "a"] {
            assert!(keep(&mut histories, topic.as_bytes(), "x"));
        }
        assert!(!keep(&mut histories, b"d", "x"));
        assert!(histories.remove(b"a").is_some() && histories.remove(b"a").is_none());
        assert!(keep(&mut histories, b"d", "x"));
        assert_eq!(histories.after(0).map(|m| m.sequence).collect::<Vec<_>>(), [2, 3, 5]);
    }

    /// What the model knows of a message.
    #[derive(Debug, Clone, PartialEq)]
    struct Kept {
        id: StreamId,
        sequence: u64,
        weight: usize,
        key: Option<u8>,
    }

    /// A topic of the model: a vector of what is kept, and how many fell.
    #[derive(Default)]
    struct Model {
        kept: Vec<Kept>,
        fallen: u64,
    }

    impl Model {
        fn push(&mut self, new: Kept) -> Vec<(u64, Leaves)> {
            let mut left = Vec::new();
            let same = self.kept.iter().position(|kept| kept.key.is_some() && kept.key == new.key);
            left.extend(same.map(|at| (self.kept.remove(at).sequence, Leaves::Superseded)));
            self.kept.push(new);
            let weight = |kept: &[Kept]| kept.iter().map(|kept| kept.weight).sum::<usize>();
            while self.kept.len() > 4 || self.kept.len() > 1 && weight(&self.kept) > 2_000 {
                left.push((self.kept.remove(0).sequence, Leaves::Fell));
                self.fallen += 1;
            }
            left
        }
    }

    proptest! {
        #[test]
        fn behaves_as_the_last_messages_of_each_topic_and_the_last_of_each_key(
            steps in prop::collection::vec((0..3u8, 0..700usize, 0..3u64, 0..20u8), 0..60),
            from in (990..1_010u64, 0..4u64),
            to in (990..1_100u64, 0..4u64),
        ) {
            let mut histories = Histories::default();
            let mut model: BTreeMap<u8, Model> = BTreeMap::new();
            let (mut now, mut last) = (1_000, StreamId::MIN);
            for (sequence, (topic, len, step, kind)) in (1..).zip(steps) {
                now = if kind == 0 { now - 2 } else { now + step };
                if kind == 1 {
                    prop_assert_eq!(histories.remove(&[topic]).is_some(), model.remove(&topic).is_some());
                }
                let key = (kind > 10).then_some(kind % 3);
                let mut left = Vec::new();
                let new = new(&"x".repeat(len), key);
                let leaves = |message: &Arc<Message>, how| left.push((message.sequence, how));
                let id = histories.keep(&[topic], new, now, &BOUNDS, leaves).map(|message| message.id);
                let id = id.expect("there are few topics");
                prop_assert!(id > last && id.ms >= now);
                last = id;
                let weight = 2 * len + MESSAGE_OVERHEAD;
                let expected = model.entry(topic).or_default().push(Kept { id, sequence, weight, key });
                prop_assert_eq!(left, expected);
            }
            let (from, to) = (StreamId { ms: from.0, seq: from.1 }, StreamId { ms: to.0, seq: to.1 });
            for (topic, Model { kept, fallen }) in &model {
                let history = histories.get(&[*topic]).unwrap();
                prop_assert_eq!(history.message_count(), kept.len());
                prop_assert_eq!(history.bytes(), kept.iter().map(|kept| kept.weight).sum::<usize>());
                prop_assert_eq!(history.fallen().count(), *fallen);
                let ours: Vec<_> = history.range(from, to).map(|m| m.sequence).collect();
                let within = kept.iter().filter(|kept| (from..=to).contains(&kept.id));
                prop_assert_eq!(ours, within.map(|kept| kept.sequence).collect::<Vec<_>>());
                for key in 0..3u8 {
                    let fact = history.fact(&key.to_string()).map(|fact| fact.sequence);
                    let newest = kept.iter().find(|kept| kept.key == Some(key));
                    prop_assert_eq!(fact, newest.map(|kept| kept.sequence));
                }
                prop_assert!(history.key_count() <= 3);
            }
            let kept = model.values().flat_map(|topic| &topic.kept);
            let mut all: Vec<u64> = kept.map(|kept| kept.sequence).collect();
            all.sort_unstable();
            prop_assert_eq!(histories.after(0).map(|m| m.sequence).collect::<Vec<_>>(), all);
        }
    }
}
