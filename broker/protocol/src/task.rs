//! Tasks and their answers.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::Extra;

/// A task on its way to the agent that is to do it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskDelegation {
    /// The id that an answer names.
    pub message_id: String,
    /// Who asks; empty if the sender did not say.
    pub from_agent: String,
    /// An agent id, or `@capability`.
    pub to_agent: String,
    /// What to do, if it is UTF-8 text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// What to do, in base64, if it is not text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_base64: Option<String>,
    /// A JSON object for the receiver, which nobody in between reads: kept byte for byte, so that
    /// large integers, key order and spacing survive.
    #[serde(default = "empty_object")]
    pub context: Option<Box<RawValue>>,
    /// Higher priorities are delivered first.
    pub priority: Priority,
    /// When it was sent.
    pub timestamp: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The context of a task that brought none: `{}`.
fn empty_object() -> Option<Box<RawValue>> {
    RawValue::from_string("{}".to_owned()).ok()
}

/// What became of a task.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskResponse {
    /// The id of the task that this answers.
    pub message_id: String,
    /// The response's own id, which acknowledges it.
    pub response_id: String,
    /// Who answers.
    pub from_agent: String,
    /// Who asked.
    pub to_agent: String,
    /// The answer, if it is UTF-8 text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// The answer, in base64, if it is not text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_base64: Option<String>,
    /// How far the task is.
    pub status: TaskStatus,
    /// When it was answered.
    pub timestamp: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// How urgent a task is: the order of delivery. Ordered from `Low` to `Urgent`.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// After everything else.
    Low,
    /// What a task has that does not say.
    #[default]
    Normal,
    /// Before the normal ones.
    High,
    /// Before all others.
    Urgent,
}

impl Priority {
    /// All of them, lowest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Urgent];

    /// The word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    /// The priority that a word names, in any case of letters.
    pub fn from_word(word: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|p| word.eq_ignore_ascii_case(p.word().as_bytes()))
    }
}

/// How far a task is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Being worked on: renews the lease, does not close the task.
    InProgress,
    /// Done.
    #[default]
    Completed,
    /// Given up.
    Failed,
}

impl TaskStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::InProgress, Self::Completed, Self::Failed];

    /// The word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    /// The status that a word names, in any case of letters.
    pub fn from_word(word: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|s| word.eq_ignore_ascii_case(s.word().as_bytes()))
    }
}
