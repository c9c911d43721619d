//! A log node by node: how it is saved, and made again.

use super::{Log, Node, StreamId};

/// What a log knows of entries that are no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct History {
    /// The greatest id ever given.
    pub last_id: StreamId,
    /// The greatest id that was removed by itself.
    pub removed_max: StreamId,
    /// How many entries were ever added.
    pub added: u64,
}

impl Log {
    /// Its nodes, with their ids.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (StreamId, &Node)> {
        self.nodes.iter().map(|(id, node)| (*id, node))
    }

    /// Adds a node that has entries, in the order of their ids. `None`, and nothing is added, if some are not greater than all before.
    pub fn add_node(&mut self, id: StreamId, mut node: Node) -> Option<()> {
        let behind = self.nodes.last_key_value().is_none_or(|(_, last)| last.last_id() < id);
        behind.then(|| {
            node.close();
            self.len += node.live();
            self.nodes.insert(id, node);
        })
    }

    /// Says what was before, once all nodes are added. `None`: the entries contradict it.
    pub fn set_nodes_history(&mut self, history: History) -> Option<()> {
        let History { last_id, removed_max, added } = history;
        let greatest =
            self.nodes.last_key_value().map_or(StreamId::MIN, |(_, last)| last.last_id());
        if last_id < greatest {
            return None;
        }
        let newest = self.range_back(StreamId::MIN, StreamId::MAX).next().map(|entry| entry.id);
        self.newest = newest.unwrap_or(StreamId::MIN);
        self.find_first();
        (self.last_id, self.removed_max, self.added) = (last_id, removed_max, added);
        Some(())
    }
}
