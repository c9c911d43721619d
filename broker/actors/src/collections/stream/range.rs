//! Reading entries from one id to another.

use super::node::{Fields, Node};
use super::{Log, StreamId};

/// An entry.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Its id.
    pub id: StreamId,
    /// Its fields and values.
    pub fields: Fields<'a>,
}

impl Log {
    /// The entries from one id to another, both included.
    pub fn range(&self, start: StreamId, end: StreamId) -> impl Iterator<Item = Entry<'_>> {
        let entries = self.nodes_between(start, end).flat_map(|(id, node)| node.entries(*id));
        // Entries that were removed are passed over before the end is looked for: as good, and simpler.
        let inside = entries.skip_while(move |e| e.id < start).take_while(move |e| e.id <= end);
        inside.filter(|e| !e.removed).map(|e| Entry { id: e.id, fields: e.fields })
    }

    /// The same, last entry first.
    pub fn range_back(&self, start: StreamId, end: StreamId) -> impl Iterator<Item = Entry<'_>> {
        self.nodes_between(start, end).rev().flat_map(move |(id, node)| {
            // Entries are found from the front of a node only.
            let inside = node.entries(*id).filter(|e| !e.removed && e.id >= start && e.id <= end);
            let inside: Vec<_> = inside.map(|e| Entry { id: e.id, fields: e.fields }).collect();
            inside.into_iter().rev()
        })
    }

    /// The nodes in which there may be entries between two ids.
    fn nodes_between(
        &self,
        start: StreamId,
        end: StreamId,
    ) -> impl DoubleEndedIterator<Item = (&StreamId, &Node)> {
        let before = self.nodes.range(..=start).next_back().map(|(id, _)| *id);
        let first = before.unwrap_or(start);
        (start <= end).then(|| self.nodes.range(first..=end)).into_iter().flatten()
    }
}
