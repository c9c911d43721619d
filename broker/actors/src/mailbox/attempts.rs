//! The attempts at a task: who had it, and how that ended.

use std::sync::Arc;

/// A hand-out of a task that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its number; the first is 1.
    pub number: u32,
    /// Who had the task.
    pub agent: Arc<str>,
    /// Since when, in milliseconds since 1970.
    pub since: u64,
    /// Until when.
    pub until: u64,
    /// How it ended.
    pub end: AttemptEnd,
    /// Why, as far as anybody said; at most `REASON_KEPT_MAX` bytes of it.
    pub reason: Box<str>,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttemptEnd {
    /// With a result.
    Completed,
    /// The agent said that it failed.
    Failed,
    /// The agent gave no sign of life for the time of its lease.
    LeaseLost,
    /// The agent gave the task back.
    Released,
    /// The agent registered anew, so whatever had the task before is gone.
    Resumed,
    /// The agent left.
    Unregistered,
    /// The client was gone before it could be told.
    Undelivered,
    /// The task was called off.
    Canceled,
    /// The deadline of the task passed.
    Expired,
}

impl AttemptEnd {
    /// The word for it in records.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::LeaseLost => "lease_lost",
            Self::Released => "released",
            Self::Resumed => "resumed",
            Self::Unregistered => "unregistered",
            Self::Undelivered => "undelivered",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
        }
    }

    /// Whether it counts against the attempts that a task has: the task, or whoever had it, may be to blame.
    pub const fn counts(self) -> bool {
        matches!(self, Self::Failed | Self::LeaseLost | Self::Resumed)
    }
}

/// The bytes of a reason that an attempt keeps: the whole of a last failure stands in the response.
pub const REASON_KEPT_MAX: usize = 1_024;

/// Of so many attempts the first are kept, and of as many the last: how it began, and what happened of late.
const KEPT: usize = 16;

/// The attempts at one task.
#[derive(Debug, Default)]
pub struct Attempts {
    past: Vec<Attempt>,
    handed_out: u32,
    counted: u32,
}

impl Attempts {
    /// The number of hand-outs so far, which is the number of the present one if there is one.
    pub fn handed_out(&self) -> u32 {
        self.handed_out
    }

    /// How many of them count against the attempts that the task has.
    pub fn counted(&self) -> u32 {
        self.counted
    }

    /// Those that are over, oldest first: the first and the last sixteen of them.
    pub fn past(&self) -> &[Attempt] {
        &self.past
    }

    /// The task is handed out once more. Returns the number of this attempt.
    pub fn begin(&mut self) -> u32 {
        self.handed_out = self.handed_out.saturating_add(1);
        self.handed_out
    }

    /// The present attempt is over, unless that was said before.
    pub fn end(&mut self, agent: &Arc<str>, since: u64, until: u64, end: AttemptEnd, reason: &str) {
        if self.past.last().is_some_and(|last| last.number == self.handed_out) {
            return;
        }
        if self.past.len() >= 2 * KEPT {
            self.past.remove(KEPT);
        }
        self.counted += u32::from(end.counts());
        let (number, reason) = (self.handed_out, clipped(reason, REASON_KEPT_MAX).into());
        self.past.push(Attempt { number, agent: agent.clone(), since, until, end, reason });
    }

    /// From now on none of those that were made count.
    pub fn forgive(&mut self) {
        self.counted = 0;
    }

    /// Estimate of the bytes of memory they hold.
    pub fn memory(&self) -> usize {
        let reasons: usize = self.past.iter().map(|attempt| attempt.reason.len()).sum();
        self.past.capacity() * size_of::<Attempt>() + reasons
    }
}

/// The first bytes of a text, whole characters.
pub fn clipped(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::{AttemptEnd, Attempts, KEPT, REASON_KEPT_MAX};

    #[test]
    fn the_first_and_the_last_attempts_are_kept_and_all_are_counted() {
        let mut attempts = Attempts::default();
        for number in 1..=100 {
            assert_eq!(attempts.begin(), number);
            let end = if number % 2 == 0 { AttemptEnd::LeaseLost } else { AttemptEnd::Released };
            attempts.end(&"bob".into(), 0, 1, end, "");
        }
        let numbers: Vec<_> = attempts.past().iter().map(|attempt| attempt.number).collect();
        assert_eq!(numbers[..KEPT], (1..=16).collect::<Vec<_>>());
        assert_eq!(numbers[KEPT..], (85..=100).collect::<Vec<_>>());
        assert_eq!((attempts.handed_out(), attempts.counted()), (100, 50));
        attempts.forgive();
        assert_eq!((attempts.handed_out(), attempts.counted()), (100, 0));
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let mut attempts = Attempts::default();
        attempts.begin();
        let reason = format!("x{}", "ü".repeat(REASON_KEPT_MAX));
        attempts.end(&"bob".into(), 0, 1, AttemptEnd::Failed, &reason);
        assert_eq!(attempts.past()[0].reason.len(), REASON_KEPT_MAX - 1);
    }
}
