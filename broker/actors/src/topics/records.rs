//! Messages as the records that agents read.

use std::sync::Arc;

use bytes::Bytes;
use clawlink_protocol::content::text_or_base64;
use clawlink_protocol::time::iso8601;
use clawlink_protocol::{Extra, KnowledgeBroadcast, Message as Record, Published};

use super::history::{Body, Message, place};
use crate::Refusal;

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
    /// Words to find it by.
    pub(super) tags: Vec<String>,
    /// When, in milliseconds since 1970.
    pub(super) now: u64,
}

/// The `knowledge_broadcast` record.
pub(super) fn broadcast(told: Told<'_>) -> Result<Bytes, Refusal> {
    let (content, content_base64) = text_or_base64(told.content);
    json(&Record::KnowledgeBroadcast(KnowledgeBroadcast {
        message_id: told.message_id.to_owned(),
        from_agent: told.from.to_string(),
        content,
        content_base64,
        topic: told.topic.to_owned(),
        tags: told.tags,
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

/// Records are plain strings and numbers, which JSON can always hold.
fn json(record: &Record) -> Result<Bytes, Refusal> {
    serde_json::to_vec(record).map(Bytes::from).map_err(|_| Refusal::Internal)
}
