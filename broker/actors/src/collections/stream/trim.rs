//! Removing the oldest entries.

use super::{Log, StreamId};

/// What is to be removed, and how thoroughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trim {
    /// What is to be removed.
    pub by: TrimBy,
    /// Whether whole nodes alone are removed, so that more may be left than was asked for.
    pub by_nodes: bool,
    /// The most entries that are removed; 0 for no limit.
    pub limit: u64,
}

/// Which entries are to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrimBy {
    /// The oldest, until so many are left.
    Len(u64),
    /// Those with smaller ids.
    MinId(StreamId),
}

impl Log {
    /// Removes the oldest entries and returns how many.
    pub fn trim(&mut self, trim: &Trim) -> u64 {
        let mut removed = 0;
        while let Some(first) = self.nodes.first_entry() {
            let (own_id, node) = (*first.key(), first.get());
            let live = node.live();
            let nothing_left = matches!(trim.by, TrimBy::Len(len) if self.len <= len);
            if nothing_left || (trim.limit > 0 && removed + live > trim.limit) {
                break;
            }
            let all = match trim.by {
                TrimBy::Len(len) => self.len - live >= len,
                TrimBy::MinId(id) => node.last_id() < id,
            };
            if all {
                first.remove();
                self.len -= live;
                removed += live;
                continue;
            }
            if !trim.by_nodes {
                removed += self.trim_node(own_id, trim.by);
            }
            break;
        }
        if removed > 0 {
            self.find_first();
        }
        if self.len == 0 {
            self.newest = StreamId::MIN;
        }
        removed
    }

    /// Removes entries of the first node, which may have none left though it stays: an entry that was removed before may
    /// have a greater id.
    fn trim_node(&mut self, own_id: StreamId, by: TrimBy) -> u64 {
        let Some(node) = self.nodes.get_mut(&own_id) else { return 0 };
        let most = match by {
            TrimBy::Len(len) => self.len - len,
            TrimBy::MinId(_) => u64::MAX,
        };
        let old = node.entries(own_id).take_while(|entry| match by {
            TrimBy::Len(_) => true,
            TrimBy::MinId(id) => entry.id < id,
        });
        let old = old.filter(|entry| !entry.removed).take(most as usize);
        let places: Vec<usize> = old.map(|entry| entry.place()).collect();
        places.iter().for_each(|place| node.remove(*place));
        self.len -= places.len() as u64;
        places.len() as u64
    }
}
