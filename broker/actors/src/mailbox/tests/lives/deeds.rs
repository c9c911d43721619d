//! What is done to the model's tasks, and what is refused.

use clawlink_protocol::TaskStatus::{self, *};

use super::model::{At, KEEP_MS, Model};
use crate::Refusal;
use crate::mailbox::AttemptEnd;

/// The longest rest after a failure, in milliseconds: a day.
const REST_MS_MAX: u64 = 86_400_000;

/// What somebody does to a task as the one who has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Deed {
    Respond(TaskStatus, bool),
    Touch,
    Release(Option<u64>),
    Progress,
}

impl Model {
    /// Whether the task is there and not over.
    fn check_open(&self, number: usize, wanted: &'static str) -> Result<(), Refusal> {
        let id: Box<str> = self.tasks[number].id.as_str().into();
        match &self.tasks[number].at {
            At::Gone => Err(Refusal::NoTask(id)),
            At::Over { status: status @ (Completed | Failed), .. } => {
                Err(Refusal::Answered(id, status.word()))
            }
            At::Over { status: Canceled, reason, .. } => {
                Err(Refusal::Canceled(id, reason.as_str().into()))
            }
            At::Over { status, .. } => Err(Refusal::BadState(id, status.word(), wanted)),
            _ => Ok(()),
        }
    }

    /// Whether whoever speaks has the task.
    fn check_held(&self, number: usize, who: &str, attempt: Option<u32>) -> Result<(), Refusal> {
        let task = &self.tasks[number];
        let id: Box<str> = task.id.as_str().into();
        let Some(held) = self.held(number) else {
            let status = self.status(number).map_or("", TaskStatus::word);
            return Err(Refusal::HeldByNobody(id, status));
        };
        let holder = self.agents[held.agent];
        let newest = attempt.is_none_or(|attempt| attempt == task.handed_out);
        if newest && (who.is_empty() || who == holder) {
            return Ok(());
        }
        Err(Refusal::NotHeld(id, holder.into(), task.handed_out))
    }

    /// Does what somebody wants to do, or says why not.
    pub(super) fn act(
        &mut self,
        number: usize,
        who: &str,
        attempt: Option<u32>,
        deed: Deed,
    ) -> Result<(), Refusal> {
        let wanted = match deed {
            Deed::Respond(status, _) => status.word(),
            Deed::Release(_) => Queued.word(),
            Deed::Touch | Deed::Progress => InProgress.word(),
        };
        self.check_open(number, wanted)?;
        let taken = matches!(self.tasks[number].at, At::Taken { .. }) && attempt.is_none();
        let answer = matches!(deed, Deed::Respond(InProgress | Completed | Failed, _));
        if !(taken && answer) {
            self.check_held(number, who, attempt)?;
        }
        match deed {
            Deed::Respond(Completed, _) => {
                self.end(number, Completed, AttemptEnd::Completed, "", true);
            }
            Deed::Respond(Failed, fatal) if fatal || taken => {
                self.end(number, Failed, AttemptEnd::Failed, "", true);
            }
            Deed::Respond(Failed, _) => self.fail(number),
            Deed::Respond(status, _) => self.go_on(number, Some(status)),
            Deed::Progress => self.go_on(number, Some(InProgress)),
            Deed::Touch => self.go_on(number, None),
            Deed::Release(None) => self.put_back(&[number], AttemptEnd::Released),
            Deed::Release(Some(delay)) => {
                self.attempt_ends(number, AttemptEnd::Released);
                self.rest(number, delay);
            }
        }
        Ok(())
    }

    fn go_on(&mut self, number: usize, status: Option<TaskStatus>) {
        let now = self.now;
        match &mut self.tasks[number].at {
            At::With(held) => {
                held.until = now + held.lease_ms;
                held.status = status.unwrap_or(held.status);
            }
            At::Taken { status: was, .. } => *was = status.unwrap_or(*was),
            _ => {}
        }
    }

    fn fail(&mut self, number: usize) {
        self.attempt_ends(number, AttemptEnd::Failed);
        if self.used_up(number) {
            self.end(number, Dead, AttemptEnd::Failed, "dead", true);
            return;
        }
        let task = &self.tasks[number];
        let rest = task.wishes.backoff_ms * (1 << (task.counted - 1));
        match rest.min(REST_MS_MAX) {
            0 => self.queue(number),
            rest => self.rest(number, rest),
        }
    }

    fn rest(&mut self, number: usize, delay: u64) {
        let (until, turn) = (self.now + delay, self.turn());
        self.tasks[number].at = At::Delayed { until, turn };
    }

    pub(super) fn cancel(&mut self, number: usize, by: &str, why: &str) -> Result<(), Refusal> {
        self.check_open(number, Canceled.word())?;
        let tell = self.tasks[number].from != by;
        self.end(number, Canceled, AttemptEnd::Canceled, why, tell);
        Ok(())
    }

    pub(super) fn answer(&mut self, number: usize) -> Result<(), Refusal> {
        let id: Box<str> = self.tasks[number].id.as_str().into();
        self.check_open(number, "answered")?;
        let status = self.status(number).unwrap_or(Queued);
        if status != InputRequired {
            return Err(Refusal::BadState(id, status.word(), "answered"));
        }
        self.go_on(number, Some(InProgress));
        Ok(())
    }

    fn check_listed(&self, number: usize, wanted: &'static str) -> Result<(), Refusal> {
        self.check_open(number, wanted).or_else(|refusal| match &self.tasks[number].at {
            At::Over { listed: true, .. } => Ok(()),
            At::Over { status: Dead, .. } => {
                let id = self.tasks[number].id.as_str().into();
                Err(Refusal::BadState(id, "buried", wanted))
            }
            _ => Err(refusal),
        })?;
        match &self.tasks[number].at {
            At::Over { .. } => Ok(()),
            _ => {
                let (id, status) = (self.tasks[number].id.as_str().into(), self.status(number));
                Err(Refusal::BadState(id, status.map_or("", TaskStatus::word), wanted))
            }
        }
    }

    pub(super) fn requeue(&mut self, number: usize) -> Result<(), Refusal> {
        self.check_listed(number, Queued.word())?;
        let now = self.now;
        let task = &mut self.tasks[number];
        task.counted = 0;
        task.wishes.deadline = task.wishes.deadline.filter(|at| *at > now);
        self.queue(number);
        Ok(())
    }

    pub(super) fn bury(&mut self, number: usize) -> Result<(), Refusal> {
        self.check_listed(number, "buried")?;
        let now = self.now;
        if let At::Over { listed, until, .. } = &mut self.tasks[number].at {
            (*listed, *until) = (false, now + KEEP_MS);
        }
        Ok(())
    }

    pub(super) fn acknowledge(&mut self, number: usize) -> bool {
        if matches!(self.tasks[number].at, At::Gone | At::Over { .. }) {
            return false;
        }
        self.leave_lane(number);
        self.tasks[number].at = At::Gone;
        true
    }
}
