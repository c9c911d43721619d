//! Messages as the records that agents read.

use std::sync::Arc;

use bytes::Bytes;
use clawlink_protocol::content::text_or_base64;
use clawlink_protocol::time::iso8601;
use clawlink_protocol::{Extra, KnowledgeBroadcast, Message as Record, MessagesMissed, Published};

use super::message::{Body, Labels, Message, place};
use super::missed::Gap;
use crate::Refusal;
use crate::message_number::MessageNumber;

/// What an agent tells everyone.
pub(super) struct Told<'a> {
    /// Its id.
    pub(super) message_id: &'a str,
    /// Who tells.
    pub(super) from: &'a Arc<str>,
    /// The topic.
    pub(super) topic: &'a str,
    /// What.
    pub(super) content: &'a [u8],
    /// Its key and its tags.
    pub(super) labels: &'a Labels,
    /// The id of the one whose place it takes.
    pub(super) supersedes: Option<String>,
    /// When, in milliseconds since 1970.
    pub(super) now: u64,
}

/// The `knowledge_broadcast` record.
pub(super) fn broadcast(told: Told<'_>) -> Result<Bytes, Refusal> {
    let (content, content_base64) = text_or_base64(told.content);
    let Labels { key, tags } = told.labels;
    json(&Record::KnowledgeBroadcast(KnowledgeBroadcast {
        message_id: told.message_id.to_owned(),
        from_agent: told.from.to_string(),
        content,
        content_base64,
        topic: told.topic.to_owned(),
        tags: tags.iter().map(|tag| tag.to_string()).collect(),
        key: key.as_ref().map(|key| key.to_string()),
        supersedes: told.supersedes,
        timestamp: iso8601(told.now),
        extra: Extra::new(),
    }))
}

/// A kept message as a poll gives it: itself if it is a record, else wrapped into one.
pub(super) fn of_message(message: &Message) -> Result<Bytes, Refusal> {
    let Body::Raw(number, payload) = &message.body else {
        return Ok(message.payload().clone());
    };
    let (content, content_base64) = text_or_base64(payload);
    json(&Record::Message(Published {
        message_id: number.id(&place(&message.topic)),
        topic: String::from_utf8_lossy(&message.topic).into_owned(),
        content,
        content_base64,
        timestamp: iso8601(message.id.ms),
        extra: Extra::new(),
    }))
}

/// The `messages_missed` record; `number` makes the id of any message.
pub(super) fn missed(
    gap: &Gap,
    number: impl Fn(u64) -> MessageNumber,
    now: u64,
) -> Result<Bytes, Refusal> {
    json(&Record::MessagesMissed(MessagesMissed {
        message_id: number(gap.last_number).id(&place(&gap.topic)),
        topic: String::from_utf8_lossy(&gap.topic).into_owned(),
        missed: gap.missed,
        timestamp: iso8601(now),
        extra: Extra::new(),
    }))
}

/// Records are plain strings and numbers, which JSON can always hold.
fn json(record: &Record) -> Result<Bytes, Refusal> {
    serde_json::to_vec(record).map(Bytes::from).map_err(|_| Refusal::Internal)
}
