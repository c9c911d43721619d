//! The four lanes of an inbox, one for each priority.
//!
//! Left to right they read low, normal, high, urgent: a message enters at the left of its lane and is taken from the
//! right end of all. With one priority that is exactly a Redis list.

use bytes::Bytes;
use clawlink_protocol::Priority;

use crate::collections::List;

/// The queued messages of a mailbox.
#[derive(Debug, Default)]
pub struct Lanes([List; 4]);

impl Lanes {
    /// How many messages there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(List::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(List::is_empty)
    }

    /// Bytes of all messages together.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(List::bytes).sum()
    }

    /// Estimate of the bytes of memory they hold.
    pub fn memory(&self) -> usize {
        self.0.iter().map(List::memory).sum()
    }

    /// The messages of one priority.
    pub fn lane(&self, priority: Priority) -> &List {
        &self.0[priority as usize]
    }

    /// The messages of one priority, to be changed.
    pub fn lane_mut(&mut self, priority: Priority) -> &mut List {
        &mut self.0[priority as usize]
    }

    /// Takes the next message: the right end of the highest lane that has one.
    pub fn pop_next(&mut self) -> Option<(Priority, Bytes)> {
        Priority::ALL.into_iter().rev().find_map(|p| Some((p, self.lane_mut(p).pop_back()?)))
    }

    /// All messages, left to right.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().flat_map(List::iter)
    }

    /// Forgets all messages.
    pub fn clear(&mut self) {
        self.0.iter_mut().for_each(List::clear);
    }
}
