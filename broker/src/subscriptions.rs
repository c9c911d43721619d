//! What a connection is subscribed to.

use std::collections::BTreeSet;

use bytes::Bytes;

/// The names of one kind, in the order that `UNSUBSCRIBE` without arguments confirms them.
pub type Names = BTreeSet<Bytes>;

/// What a connection is subscribed to: channels, patterns and shard channels.
#[derive(Debug, Default)]
pub struct Subscriptions {
    names: Option<Box<[Names; 3]>>,
}

impl Subscriptions {
    /// Whether it is subscribed to nothing.
    pub fn is_empty(&self) -> bool {
        self.names.as_ref().is_none_or(|names| names.iter().all(Names::is_empty))
    }

    /// The names of one kind: 0 for channels, 1 for patterns, 2 for shard channels.
    pub fn of(&mut self, kind: usize) -> &mut Names {
        &mut self.names.get_or_insert_default()[kind]
    }

    /// How many of one kind.
    pub fn count(&self, kind: usize) -> usize {
        self.names.as_ref().map_or(0, |names| names[kind].len())
    }

    /// Forgets all names.
    pub fn clear(&mut self) {
        self.names = None;
    }
}
