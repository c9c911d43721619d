//! The expiries of a database in order of time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::NonZeroU64;

/// A key's expiry, in milliseconds since 1970.
pub type Expiry = Option<NonZeroU64>;

/// A note that a key was given this expiry.
type Note = Reverse<(NonZeroU64, Box<[u8]>)>;

/// The expiries of a database. Setting one adds a note to a heap; changing or ending it leaves the note there, to be
/// recognised as void when its time comes because the key no longer has that expiry. So a key that is set again and
/// again with a new expiry pays for one push, and not for a search in a tree.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    notes: BinaryHeap<Note>,
    /// How many keys have an expiry.
    live: usize,
}

/// Void notes that are always tolerated.
const VOID_MIN: usize = 64;

impl Deadlines {
    /// How many keys have an expiry.
    pub(super) fn len(&self) -> usize {
        self.live
    }

    /// Whether no key has an expiry.
    pub(super) fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Estimate of the bytes that the notes take, without the names of keys.
    pub(super) fn memory(&self) -> usize {
        self.notes.capacity() * size_of::<Note>()
    }

    /// When the next note is due, in milliseconds since 1970. It may turn out to be void.
    pub(super) fn next(&self) -> Option<u64> {
        self.notes.peek().map(|Reverse((at, _))| at.get())
    }

    /// Notes that the expiry of `key` went from `old` to `new`. `is_live` tells whether a key has an expiry now.
    pub(super) fn changed(
        &mut self,
        key: &[u8],
        old: Expiry,
        new: Expiry,
        is_live: impl Fn(&[u8], NonZeroU64) -> bool,
    ) {
        if old == new {
            return;
        }
        self.live += usize::from(new.is_some());
        self.live -= usize::from(old.is_some());
        if let Some(at) = new {
            self.notes.push(Reverse((at, key.into())));
        }
        if self.notes.len() > 2 * self.live + VOID_MIN {
            self.sweep(is_live);
        }
    }

    /// The next key whose time is before `now`, with its expiry, if the note is not void. The caller removes the key.
    pub(super) fn pop_due(&mut self, now: u64) -> Option<(NonZeroU64, Box<[u8]>)> {
        let due = self.notes.peek().is_some_and(|Reverse((at, _))| at.get() < now);
        due.then(|| self.notes.pop()).flatten().map(|Reverse(note)| note)
    }

    /// How many notes there are, void ones included.
    #[cfg(test)]
    pub(super) fn notes(&self) -> usize {
        self.notes.len()
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Drops void notes, and repeated ones. Twice as many notes as live keys lie between two sweeps, so a change
    /// pays for a constant part of one.
    fn sweep(&mut self, is_live: impl Fn(&[u8], NonZeroU64) -> bool) {
        let mut notes = std::mem::take(&mut self.notes).into_vec();
        notes.retain(|Reverse((at, key))| is_live(key, *at));
        notes.sort_unstable();
        notes.dedup();
        notes.shrink_to(2 * self.live + VOID_MIN);
        self.notes = notes.into();
    }
}
