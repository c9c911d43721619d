//! What the broker itself tells: who came and went, and which files changed.

use serde::{Deserialize, Serialize};

use crate::{Agent, Extra};

/// A shared file was saved, deleted, locked or unlocked; published on the topic `files`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileNotice {
    /// The id that acknowledges it.
    pub message_id: String,
    /// Which file.
    pub file_key: String,
    /// Its newest version; for a deletion, the last one.
    pub version: u64,
    /// Who did it; empty if the editor did not say.
    pub last_editor: String,
    /// Where it went, if it is gone because it was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<String>,
    /// When.
    pub timestamp: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// An agent joined, left, went stale or came back; published on the topic `agents`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentNotice {
    /// The id that acknowledges it.
    pub message_id: String,
    /// The agent, as it was at that moment.
    pub agent: Agent,
    /// When.
    pub timestamp: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}
