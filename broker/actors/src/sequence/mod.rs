//! Sequences: what the list commands work on.
//!
//! A plain Redis list and the lanes of an inbox differ in where a pushed element enters and in who
//! is told of it; for the rest they are one sequence from left to right. So every list command is
//! written once, over [`Sequence`] (the elements) and [`ListOwner`] (where they are found, and what
//! a change entails).

mod owner;
#[cfg(test)]
mod owner_tests;
#[cfg(test)]
mod tests;

pub use owner::ListOwner;

use std::ops::Range;

use bytes::Bytes;

use crate::Args;
use crate::collections::List;
use crate::key_events::{Event, events};

/// An end of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The head: index 0.
    Left,
    /// The tail: index -1.
    Right,
}

impl End {
    /// The end that `LEFT` or `RIGHT`, in any case of letters, names.
    pub fn from_word(word: &[u8]) -> Option<Self> {
        if word.eq_ignore_ascii_case(b"LEFT") {
            Some(Self::Left)
        } else if word.eq_ignore_ascii_case(b"RIGHT") {
            Some(Self::Right)
        } else {
            None
        }
    }

    /// What is told of a list that was pushed to at this end.
    pub fn pushed(self) -> Event {
        match self {
            Self::Left => events::LPUSH,
            Self::Right => events::RPUSH,
        }
    }

    /// What is told of a list whose elements were taken from this end.
    pub fn popped(self) -> Event {
        match self {
            Self::Left => events::LPOP,
            Self::Right => events::RPOP,
        }
    }
}

/// Byte strings from left to right.
pub trait Sequence {
    /// The number of elements.
    fn len(&self) -> usize;

    /// Adds a copy of an element at the left, or at the right, of those it belongs to.
    fn push(&mut self, end: End, element: &[u8]);

    /// As [`push`](Self::push); a long element is kept without copying it.
    fn push_bytes(&mut self, end: End, element: Bytes);

    /// Takes the element at an end.
    fn pop(&mut self, end: End) -> Option<Bytes>;

    /// The element at `index`, counted from 0 at the left.
    fn get(&self, index: usize) -> Option<&[u8]>;

    /// Replaces the element at `index`; false if there is none.
    fn set(&mut self, index: usize, element: &[u8]) -> bool;

    /// Removes elements equal to `element`, at most `limit` of them, those nearest `from` first.
    /// Returns how many.
    fn remove_equal(&mut self, element: &[u8], limit: usize, from: End) -> usize;

    /// Keeps only the elements at `range`.
    fn retain_range(&mut self, range: Range<usize>);

    /// The elements from `index` to the right end.
    fn iter_from(&self, index: usize) -> impl DoubleEndedIterator<Item = &[u8]>;

    /// Whether there is no element.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Sequence for List {
    fn len(&self) -> usize {
        self.len()
    }

    fn push(&mut self, end: End, element: &[u8]) {
        match end {
            End::Left => self.push_front(element),
            End::Right => self.push_back(element),
        }
    }

    fn push_bytes(&mut self, end: End, element: Bytes) {
        match end {
            End::Left => self.push_front_bytes(element),
            End::Right => self.push_back_bytes(element),
        }
    }

    fn pop(&mut self, end: End) -> Option<Bytes> {
        match end {
            End::Left => self.pop_front(),
            End::Right => self.pop_back(),
        }
    }

    fn get(&self, index: usize) -> Option<&[u8]> {
        self.get(index)
    }

    fn set(&mut self, index: usize, element: &[u8]) -> bool {
        self.set(index, element)
    }

    fn remove_equal(&mut self, element: &[u8], limit: usize, from: End) -> usize {
        self.remove_equal(element, limit, from == End::Right)
    }

    fn retain_range(&mut self, range: Range<usize>) {
        self.retain_range(range);
    }

    fn iter_from(&self, index: usize) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.iter_from(index)
    }
}

/// From this length on a pushed element is passed by handle: it may then share the buffer that it
/// arrived in. Below, copying it straight from that buffer into the list is the only copy.
const BY_HANDLE_MIN: usize = 16 * 1024;

/// Pushes a word of a request, copying it once at most.
pub fn push_word(list: &mut impl Sequence, end: End, args: &Args<'_>, index: usize) {
    let word = args.word(index);
    if word.len() < BY_HANDLE_MIN {
        list.push(end, word);
    } else {
        list.push_bytes(end, args.value(index));
    }
}

/// The elements that Redis's `start` and `stop` mean, both included and negative ones counted from
/// the right end, in a sequence of `len`. Empty if they mean none.
pub fn span(start: i64, stop: i64, len: usize) -> Range<usize> {
    let from_left = |index: i64| if index < 0 { index + len as i64 } else { index };
    let start = usize::try_from(from_left(start)).unwrap_or(0).min(len);
    let end = usize::try_from(from_left(stop).saturating_add(1)).unwrap_or(0).min(len);
    start..end.max(start)
}

/// The element that Redis's `index` means, negative ones counted from the right end.
pub fn position(index: i64, len: usize) -> Option<usize> {
    let from_left = if index < 0 { index + len as i64 } else { index };
    usize::try_from(from_left).ok().filter(|index| *index < len)
}
