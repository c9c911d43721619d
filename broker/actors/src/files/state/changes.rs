//! The last changes of files, for those who wait for the next one.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::collections::glob;
use crate::topics::FileChange;

/// Changes that are kept (1 000): more than come about between two waits of one agent.
pub const CHANGES_MAX: usize = 1_000;

/// The last changes. They are numbered from 1 on since the broker started.
#[derive(Debug, Default)]
pub struct Changes {
    kept: VecDeque<Arc<FileChange>>,
    newest: u64,
    /// Those who wait have looked at all changes before this one.
    fresh: u64,
    /// They have looked at the newest one, too.
    looked: bool,
}

/// A change that somebody waited for.
#[derive(Debug)]
pub struct Next<'a> {
    /// The change.
    pub change: &'a FileChange,
    /// Its number.
    pub number: u64,
    /// How many changes before it, of any file, were forgotten before they could be looked at.
    pub missed: u64,
}

impl Changes {
    /// The number of the newest change; 0 if there was none.
    pub fn newest(&self) -> u64 {
        self.newest
    }

    /// Keeps a change.
    pub fn push(&mut self, change: Arc<FileChange>) {
        if self.kept.len() >= CHANGES_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back(change);
        self.newest += 1;
        if std::mem::take(&mut self.looked) {
            self.fresh = self.newest;
        }
    }

    /// As [`Changes::next`], for one of those who wait and are asked after each change: the changes that all of them
    /// have seen before are not looked at again.
    pub fn next_fresh(&mut self, pattern: &[u8], after: u64) -> Option<Next<'_>> {
        self.looked = true;
        self.next(pattern, after.max(self.fresh.saturating_sub(1)))
    }

    /// The first change of a file that matches `pattern` after the one of number `after`.
    pub fn next(&self, pattern: &[u8], after: u64) -> Option<Next<'_>> {
        let oldest = self.newest + 1 - self.kept.len() as u64;
        let skip = usize::try_from((after + 1).saturating_sub(oldest)).unwrap_or(usize::MAX);
        let (number, change) = (oldest..)
            .zip(&self.kept)
            .skip(skip)
            .find(|(_, change)| glob::matches(pattern, &change.path))?;
        Some(Next { change, number, missed: oldest.saturating_sub(after + 1) })
    }
}
