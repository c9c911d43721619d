//! A message that a topic keeps.

use std::sync::Arc;

use bytes::Bytes;

use super::change::FileRecord;
use crate::collections::StreamId;
use crate::message_number::{MessageNumber, number_of};

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

/// What an agent wrote on its broadcast, so that it can be found by it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// What the fact is about: a newer one with the same key in the same topic takes its place.
    pub key: Option<Box<str>>,
    /// Words to find it by.
    pub tags: Box<[Box<str>]>,
}

/// What is to be kept of a publication.
#[derive(Debug)]
pub struct New {
    /// The agent who published it; empty if nobody knows. It is not given back to that agent by a
    /// poll.
    pub from: Arc<str>,
    /// What subscribers received.
    pub body: Body,
    /// The labels of an agent's broadcast; nothing else has any.
    pub labels: Option<Box<Labels>>,
}

/// A message in a topic's history.
#[derive(Debug)]
pub struct Message {
    /// Its number among the messages of all topics, in the order in which they are kept.
    pub sequence: u64,
    /// Its id in its topic's stream.
    pub id: StreamId,
    /// Its topic.
    pub topic: Arc<[u8]>,
    /// Who published it; empty if nobody knows.
    pub from: Arc<str>,
    /// What was published.
    pub body: Body,
    /// The labels of an agent's broadcast; nothing else has any.
    pub labels: Option<Box<Labels>>,
}

impl Message {
    /// What it counts for against the bound of its topic's bytes.
    pub(super) fn weight(&self) -> usize {
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

    /// Its `message_id`.
    pub fn message_id(&self) -> String {
        match &self.body {
            Body::Raw(number, _) => number.id(&place(&self.topic)),
            Body::Record(message_id, _) => message_id.to_string(),
            Body::File(record) => record.message_id(),
        }
    }

    /// The number in its `message_id`.
    pub fn number(&self) -> u64 {
        match &self.body {
            Body::Raw(number, _) => number.number(),
            Body::Record(message_id, _) => number_of(message_id.as_bytes()).unwrap_or(0),
            Body::File(record) => record.number(),
        }
    }

    /// What it is the newest fact about, if it was told with a key.
    pub fn key(&self) -> Option<&str> {
        self.labels.as_ref()?.key.as_deref()
    }

    /// Whether it was told with this tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.labels.as_ref().is_some_and(|labels| labels.tags.iter().any(|own| **own == *tag))
    }

    /// Whether its `message_id` is this one, given its topic's [`place`].
    pub(super) fn is(&self, place: &str, message_id: &[u8]) -> bool {
        match &self.body {
            Body::Raw(number, _) => number.is(place, message_id),
            Body::Record(own, _) => own.as_bytes() == message_id,
            Body::File(record) => record.is(message_id),
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
pub(super) const MESSAGE_OVERHEAD: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_written_yet_counts_as_if_it_were() {
        let topic: Arc<[u8]> = (*b"caf\xe9").into();
        let number = MessageNumber::new("t8k2m1".into(), 17);
        let id = number.id(&place(&topic));
        let [raw, record] = [Body::Raw(number, "x".into()), Body::Record(id.into(), "x".into())];
        let [raw, record] = [raw, record].map(|body| {
            let (id, topic, labels) = (StreamId::MIN, topic.clone(), None);
            Message { sequence: 1, id, topic, from: "".into(), body, labels }
        });
        assert_eq!(raw.weight(), record.weight());
        assert_eq!((raw.number(), raw.message_id()), (record.number(), record.message_id()));
    }
}
