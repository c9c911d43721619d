//! Which state of a task may follow which: the one place that says so.

use clawlink_protocol::TaskStatus;
use clawlink_protocol::TaskStatus::{
    Canceled, Completed, Dead, Delayed, Delivered, Expired, Failed, InProgress, InputRequired,
    Queued,
};

use super::task::{Stage, Task};
use crate::Refusal;

/// What may follow for a task that an agent has.
const WITH_AN_AGENT: &[TaskStatus] =
    &[Queued, Delayed, InProgress, InputRequired, Completed, Failed, Canceled, Expired, Dead];

/// What may follow each state.
const TABLE: [(TaskStatus, &[TaskStatus]); 10] = [
    (Delayed, &[Queued, Canceled, Expired]),
    (Queued, &[Delivered, Canceled, Expired]),
    (Delivered, WITH_AN_AGENT),
    (InProgress, WITH_AN_AGENT),
    (InputRequired, WITH_AN_AGENT),
    (Completed, &[]),
    (Failed, &[]),
    (Canceled, &[]),
    (Expired, &[]),
    (Dead, &[Queued]),
];

/// Whether a task in the state `from` may get into the state `to`.
pub fn may_follow(from: TaskStatus, to: TaskStatus) -> bool {
    TABLE.iter().any(|(state, next)| *state == from && next.contains(&to))
}

/// Refuses what would bring a task into a state that may not follow its own.
///
/// # Errors
/// As [`refuse`].
pub fn check(id: &str, task: &Task, to: TaskStatus) -> Result<(), Refusal> {
    if may_follow(task.status(), to) { Ok(()) } else { Err(refuse(id, task, to.word())) }
}

/// Why a task cannot become what somebody wants: [`Refusal::Answered`], [`Refusal::Canceled`], or by the names of both
/// states [`Refusal::BadState`].
pub fn refuse(id: &str, task: &Task, wanted: &'static str) -> Refusal {
    match (task.status(), &task.stage) {
        (status @ (Completed | Failed), _) => Refusal::Answered(id.into(), status.word()),
        (Canceled, Stage::Ended(ended)) => Refusal::Canceled(id.into(), ended.reason.clone()),
        (status, _) => Refusal::BadState(id.into(), status.word(), wanted),
    }
}

#[cfg(test)]
mod tests {
    use clawlink_protocol::TaskStatus;

    use super::{TABLE, may_follow};

    #[test]
    fn every_state_stands_in_the_table_once_and_only_dead_tasks_come_back() {
        let states: Vec<_> = TABLE.iter().map(|(state, _)| *state).collect();
        assert_eq!(states, TaskStatus::ALL);
        for (state, next) in TABLE {
            let comes_back = next.iter().any(|next| !next.is_end());
            assert_eq!(comes_back, !state.is_end() || state == TaskStatus::Dead, "{state:?}");
        }
    }

    #[test]
    fn nothing_is_completed_that_nobody_was_handed() {
        assert!(!may_follow(TaskStatus::Queued, TaskStatus::Completed));
        assert!(!may_follow(TaskStatus::Delayed, TaskStatus::Delivered));
        assert!(may_follow(TaskStatus::InputRequired, TaskStatus::Completed));
        assert!(!may_follow(TaskStatus::Canceled, TaskStatus::Queued));
    }
}
