//! How far a task is.

use serde::{Deserialize, Serialize};

/// How far a task is.
///
/// ```text
/// delayed --> queued --> delivered --> in_progress <--> input_required
///
/// from any of these: completed | failed | canceled | expired | dead
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// It waits for its time.
    Delayed,
    /// It waits for an agent.
    Queued,
    /// An agent has it.
    Delivered,
    /// An agent has it and says that work goes on.
    InProgress,
    /// The agent that has it waits for an answer from the sender.
    InputRequired,
    /// Done.
    #[default]
    Completed,
    /// Given up by the agent that had it.
    Failed,
    /// Called off.
    Canceled,
    /// Not done before its deadline.
    Expired,
    /// Every attempt failed.
    Dead,
}

impl TaskStatus {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Delayed,
        Self::Queued,
        Self::Delivered,
        Self::InProgress,
        Self::InputRequired,
        Self::Completed,
        Self::Failed,
        Self::Canceled,
        Self::Expired,
        Self::Dead,
    ];

    /// Those that the agent which has a task may give it.
    pub const OF_RESPONSES: [Self; 4] =
        [Self::InProgress, Self::InputRequired, Self::Completed, Self::Failed];

    /// The word used on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Delayed => "delayed",
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::InProgress => "in_progress",
            Self::InputRequired => "input_required",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
            Self::Dead => "dead",
        }
    }

    /// The status that a word names, in any case of letters.
    pub fn from_word(word: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|s| word.eq_ignore_ascii_case(s.word().as_bytes()))
    }

    /// Whether nothing follows by itself: the task is done, or was given up in one way or another.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Canceled | Self::Expired | Self::Dead)
    }
}

#[cfg(test)]
mod tests {
    use super::TaskStatus;

    #[test]
    fn every_status_has_one_word_on_the_wire() {
        for status in TaskStatus::ALL {
            let json = serde_json::to_string(&status).expect("a word");
            assert_eq!(json.trim_matches('"'), status.word());
            assert_eq!(
                TaskStatus::from_word(status.word().to_uppercase().as_bytes()),
                Some(status)
            );
        }
        assert_eq!(TaskStatus::from_word(b"half"), None);
    }

    #[test]
    fn a_task_that_is_open_has_not_ended() {
        let ends: Vec<_> = TaskStatus::ALL.into_iter().filter(|status| status.is_end()).collect();
        assert_eq!(ends, TaskStatus::ALL[5..]);
        assert!(!TaskStatus::InputRequired.is_end());
    }
}
