//! How many messages have fallen off the end of a topic's history, and since when.
//!
//! A reader that comes late is told how many it missed, however long ago. The messages are gone; what
//! stays is runs of them: where a run ends, and how long it is. The newest runs are single messages.
//! When there are too many of one length, the two oldest become one of twice the length, so that a
//! hundred million messages take a few hundred runs. A reader that stopped inside a run is told a share
//! of its length: exact where the topic's messages followed each other without those of other topics in
//! between, else off by one in thirty at most.

use std::collections::VecDeque;

/// How many runs of one length are kept.
const RUNS_MAX: usize = 32;

/// Where a message that fell stood.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Its number among the messages of all topics.
    pub(super) sequence: u64,
    /// The number in its id.
    pub(super) number: u64,
    /// How many messages of all topics had fallen when it had.
    pub(super) fall: u64,
}

/// Messages that fell one after the other.
#[derive(Debug, Clone, Copy)]
struct Run {
    last: Mark,
    len: u64,
}

/// The messages that fell.
#[derive(Debug, Default)]
pub(super) struct Fallen {
    /// Runs of 1, 2, 4 … messages; in each level the oldest first, and each level older than the one
    /// before it.
    levels: Vec<VecDeque<Run>>,
    /// What came just before the first of all.
    before: Mark,
}

impl Fallen {
    /// Notes that a message fell; all its marks are greater than those of any before it.
    pub(super) fn note(&mut self, last: Mark) {
        if self.levels.is_empty() {
            let Mark { sequence, number, fall } = last;
            let before = |mark: u64| mark.saturating_sub(1);
            let (sequence, number, fall) = (before(sequence), before(number), before(fall));
            self.before = Mark { sequence, number, fall };
        }
        let mut carried = Some(Run { last, len: 1 });
        for level in 0.. {
            let Some(run) = carried else { return };
            if level == self.levels.len() {
                self.levels.push(VecDeque::new());
            }
            let runs = &mut self.levels[level];
            runs.push_back(run);
            carried = None;
            if runs.len() > RUNS_MAX
                && let (Some(first), Some(second)) = (runs.pop_front(), runs.pop_front())
            {
                carried = Some(Run { last: second.last, len: first.len + second.len });
            }
        }
    }

    /// How many fell whose mark, as `of` reads it, is behind this one.
    pub(super) fn after(&self, mark: u64, of: impl Fn(&Mark) -> u64) -> u64 {
        let mut runs = self.levels.iter().flat_map(|runs| runs.iter().rev()).peekable();
        let mut count = 0;
        while let Some(run) = runs.next().filter(|run| of(&run.last) > mark) {
            let last = of(&run.last);
            let before = runs.peek().map_or(of(&self.before), |older| of(&older.last));
            count += share(run.len, last - mark, last.saturating_sub(before));
        }
        count
    }

    /// The last one that fell.
    pub(super) fn last(&self) -> Option<Mark> {
        self.levels.first()?.back().map(|run| run.last)
    }

    /// How many fell in all.
    pub(super) fn count(&self) -> u64 {
        self.levels.iter().flatten().map(|run| run.len).sum()
    }

    /// The memory that it takes, in bytes.
    pub(super) fn memory(&self) -> usize {
        self.levels.iter().map(|runs| runs.capacity() * size_of::<Run>()).sum()
    }
}

/// The part of a run that lies within `behind` of its end, if all of it lies within `span`.
fn share(len: u64, behind: u64, span: u64) -> u64 {
    if behind >= span {
        return len;
    }
    let share = (u128::from(len) * u128::from(behind)).div_ceil(u128::from(span));
    u64::try_from(share).unwrap_or(len).min(len)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mark(at: u64) -> Mark {
        Mark { sequence: at, number: at, fall: at }
    }

    fn sequence(mark: &Mark) -> u64 {
        mark.sequence
    }

    #[test]
    fn what_fell_in_a_row_is_counted_exactly_and_takes_little_room() {
        let mut fallen = Fallen::default();
        let all = 100_000;
        (1..=all).for_each(|at| fallen.note(mark(at)));
        for behind in [0, 1, 31, 32, 33, 500, 77_777, all - 1, all] {
            assert_eq!(fallen.after(behind, sequence), all - behind);
        }
        assert_eq!((fallen.count(), fallen.last()), (all, Some(mark(all))));
        let runs: usize = fallen.levels.iter().map(VecDeque::len).sum();
        assert!(runs <= 12 * (RUNS_MAX + 1), "{runs}");
    }

    proptest! {
        /// The model: all marks in a vector.
        #[test]
        fn counts_as_a_vector_of_marks_would(
            steps in prop::collection::vec(1..50u64, 0..3_000),
            part in 0.0..1.1f64,
        ) {
            let mut fallen = Fallen::default();
            let mut marks = Vec::new();
            for step in steps {
                let at = marks.last().map_or(0, |last| *last) + step;
                fallen.note(mark(at));
                marks.push(at);
            }
            let behind = (marks.last().copied().unwrap_or(9) as f64 * part) as u64;
            let expected = marks.iter().filter(|at| **at > behind).count() as u64;
            let counted = fallen.after(behind, sequence);
            // As long as only single messages are concerned there is no share to be estimated.
            let slack = if expected < RUNS_MAX as u64 / 2 { 0 } else { expected / 30 };
            prop_assert!(counted.abs_diff(expected) <= slack, "{} for {}", counted, expected);
            prop_assert_eq!(fallen.after(0, sequence), marks.len() as u64);
        }
    }
}
