//! How far behind a reader is, as far as that can be known without counting.
//!
//! A reader's position is an id; how many entries came before it is known at the ends of the log, and in between only if
//! it was counted all along and nothing ahead was removed by itself.

use super::{Group, Log, StreamId};

impl Log {
    /// How many entries have ever been added up to this id. `None`: nobody knows.
    pub fn position(&self, id: StreamId) -> Option<i64> {
        let added = self.added() as i64;
        if added == 0 || id == self.last_id() || (self.is_empty() && id < self.last_id()) {
            return Some(added);
        }
        let gap_ahead =
            self.removed_max() != StreamId::MIN && self.removed_max() >= self.first_id();
        if id > self.last_id() || id > self.first_id() || gap_ahead {
            return None;
        }
        let before_first = added.wrapping_sub(self.len() as i64);
        Some(before_first.wrapping_add(i64::from(id == self.first_id())))
    }

    /// Whether an entry with this id or a greater one may have been removed by itself.
    pub(super) fn has_gap_from(&self, id: StreamId) -> bool {
        let gap = self.removed_max();
        !self.is_empty() && gap != StreamId::MIN && self.first_id() <= gap && id <= gap
    }

    /// How many entries a group has not been given yet. `None`: nobody knows.
    pub fn lag(&self, group: &Group) -> Option<i64> {
        let added = self.added() as i64;
        if added == 0 {
            return Some(0);
        }
        let counted = group.read_count.filter(|_| !self.has_gap_from(group.last_id));
        let read = counted.or_else(|| self.position(group.last_id))?;
        Some(added.wrapping_sub(read))
    }
}
