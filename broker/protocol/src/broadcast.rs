//! What agents tell everyone.

use serde::{Deserialize, Serialize};

use crate::Extra;

/// Something an agent learnt, for whoever follows the topic.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KnowledgeBroadcast {
    /// The id that acknowledges it.
    pub message_id: String,
    /// Who tells; empty if the sender did not say.
    pub from_agent: String,
    /// What it tells, if it is UTF-8 text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// What it tells, in base64, if it is not text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_base64: Option<String>,
    /// The topic; its channel is `topic:<topic>`.
    #[serde(default = "general")]
    pub topic: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// What the fact is about: a newer one with the same key on the same topic takes its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The id of the one whose place it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<String>,
    /// When it was told.
    pub timestamp: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The topic of a broadcast that names none.
pub const DEFAULT_TOPIC: &str = "general";

fn general() -> String {
    DEFAULT_TOPIC.to_owned()
}

/// What a plain `PUBLISH topic:<topic> …` sent, as an agent's inbox gives it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Published {
    /// The id that acknowledges it.
    pub message_id: String,
    /// The topic that it was published on.
    pub topic: String,
    /// The payload, if it is UTF-8 text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The payload, in base64, if it is not text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_base64: Option<String>,
    /// When it was published.
    pub timestamp: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What a reader is told that came too late: messages of a topic that are no longer kept, and that it was
/// never handed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MessagesMissed {
    /// The id of the newest of them.
    pub message_id: String,
    /// The topic.
    pub topic: String,
    /// How many they are.
    pub missed: u64,
    /// When the reader was told.
    pub timestamp: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}
