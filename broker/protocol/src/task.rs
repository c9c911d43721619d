//! Tasks and their answers. What is told about a task on its way stands in [`crate::task_notice`].

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{Extra, TaskStatus};

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

/// What the broker adds to a task when it hands it out. Each is `None` if the record does not have it,
/// or has something else in its place: whoever pushes tasks of its own making may use any field, and
/// what it put there is kept.
impl TaskDelegation {
    /// Which hand-out this is: 1 for the first.
    pub fn attempt(&self) -> Option<u64> {
        self.extra.get("attempt").and_then(Value::as_u64)
    }

    /// What names this hand-out: `<message id>#<attempt>`. An answer that names it is refused once
    /// somebody else has the task.
    pub fn receipt(&self) -> Option<&str> {
        self.text("receipt")
    }

    /// When the task goes back to its queue unless the agent gives a sign of life.
    pub fn lease_ends(&self) -> Option<&str> {
        self.text("lease_ends")
    }

    /// When the task is over, done or not.
    pub fn deadline(&self) -> Option<&str> {
        self.text("deadline")
    }

    /// The id of the task that this one is a part of.
    pub fn parent(&self) -> Option<&str> {
        self.text("parent")
    }

    /// How many tasks there are above it: one more than its parent has.
    pub fn hops(&self) -> Option<u64> {
        self.extra.get("hops").and_then(Value::as_u64)
    }

    /// The group whose results its sender gathers.
    pub fn group(&self) -> Option<&str> {
        self.text("group")
    }

    /// The agent that gets the response in place of the sender.
    pub fn reply_to(&self) -> Option<&str> {
        self.text("reply_to")
    }

    /// If the task was larger than the poll allowed: the id under which it can be read. `task` and
    /// `context` are missing then.
    pub fn task_ref(&self) -> Option<&str> {
        self.text("task_ref")
    }

    /// The bytes of the `task` and `context` that [`task_ref`](Self::task_ref) stands for.
    pub fn task_bytes(&self) -> Option<u64> {
        self.extra.get("task_bytes").and_then(Value::as_u64)
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.extra.get(field).and_then(Value::as_str)
    }
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

#[cfg(test)]
mod tests {
    use super::TaskDelegation;

    #[test]
    fn what_the_broker_adds_is_read_and_what_others_put_there_is_kept() {
        let json =
            r#"{"attempt":2,"receipt":"b.t.1#2","deadline":7,"task_ref":"b.t.1","task_bytes":9}"#;
        let task: TaskDelegation = serde_json::from_str(json).expect("a task");
        assert_eq!((task.attempt(), task.receipt()), (Some(2), Some("b.t.1#2")));
        assert_eq!((task.task_ref(), task.task_bytes()), (Some("b.t.1"), Some(9)));
        assert_eq!((task.deadline(), task.group()), (None, None));
        assert_eq!(task.extra["deadline"], 7);
    }
}
