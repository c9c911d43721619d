//! What the sender and the worker of a task are told on its way.

use serde::{Deserialize, Serialize};

use crate::Extra;

/// What happened to a task, for a sender that asked for receipts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskReceipt {
    /// The id of the task.
    pub message_id: String,
    /// The receipt's own id, which acknowledges it.
    pub receipt_id: String,
    /// What happened.
    pub event: ReceiptEvent,
    /// The agent that has the task, or had it; empty while none has.
    pub agent: String,
    /// The hand-out that this is about; 0 before the first.
    pub attempt: u64,
    /// Why, as far as anybody said.
    pub reason: String,
    /// When.
    pub timestamp: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What can happen to a task before its response.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptEvent {
    /// It waits for an agent.
    #[default]
    Queued,
    /// An agent was handed it.
    Delivered,
    /// The agent failed, and it is tried again.
    Failed,
    /// The agent gave it back.
    Released,
    /// The agent gave no sign of life for the time of its lease.
    LeaseLost,
    /// Its last attempt failed.
    Dead,
    /// Its deadline passed.
    Expired,
}

impl ReceiptEvent {
    /// The word used on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Released => "released",
            Self::LeaseLost => "lease_lost",
            Self::Dead => "dead",
            Self::Expired => "expired",
        }
    }
}

/// To the agent that has a task: it was called off, or its deadline has passed. An answer to it is
/// refused.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskNotice {
    /// The id of the task.
    pub message_id: String,
    /// The notice's own id, which acknowledges it.
    pub notice_id: String,
    /// Who called it off; empty if nobody said, or if it was the deadline.
    pub from_agent: String,
    /// The agent that has the task.
    pub to_agent: String,
    /// Why, as far as anybody said.
    pub reason: String,
    /// When.
    pub timestamp: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The answer to what a worker asked, with the status `input_required`, about its task.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskAnswer {
    /// The id of the task.
    pub message_id: String,
    /// The answer's own id, which acknowledges it.
    pub answer_id: String,
    /// Who answers.
    pub from_agent: String,
    /// The agent that has the task.
    pub to_agent: String,
    /// The answer, if it is UTF-8 text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The answer, in base64, if it is not text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_base64: Option<String>,
    /// When.
    pub timestamp: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// How work on a task goes: for those who await or watch it, never in an inbox.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskProgress {
    /// The id of the task.
    pub message_id: String,
    /// The number of the report: 1 for the first about this task.
    pub seq: u64,
    /// Who reports.
    pub from_agent: String,
    /// The report, if it is UTF-8 text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The report, in base64, if it is not text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note_base64: Option<String>,
    /// How much is done, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// When.
    pub timestamp: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}
