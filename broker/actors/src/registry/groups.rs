//! Groups: tasks whose results one sender gathers. Pure: times are parameters.
//!
//! The tasks of a group live in several mailboxes. Each tells the registry when such a task is created and when it has
//! ended, with its response; a sender that gathers asks the registry alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use ahash::{AHashMap, AHashSet, RandomState};
use bytes::Bytes;
use clawlink_protocol::name;
use indexmap::IndexMap;

use crate::Refusal;

/// For how long a group is remembered after its last change, in milliseconds: a day, as results are.
pub const KEEP_MS: u64 = 24 * 60 * 60 * 1_000;
/// What all groups together may hold, in bytes: as much as an inbox may. Beyond it those that have not changed for the
/// longest time are forgotten; their results are still with the tasks.
pub const BYTES_MAX: usize = 64 << 20;
/// An estimate of what is held for a task, or for a group, besides its texts.
const OVERHEAD_BYTES: usize = 128;

/// A group's sender and its name.
type Key = (Arc<str>, Arc<str>);

/// All groups.
#[derive(Debug, Default)]
pub struct Groups {
    groups: AHashMap<Key, Group>,
    /// Every group once, by its last change.
    by_change: BTreeSet<(u64, Key)>,
    /// Estimate of the bytes of all of them.
    bytes: usize,
}

/// The tasks of one group.
#[derive(Debug, Default)]
pub struct Group {
    pending: AHashSet<Arc<str>>,
    ended: IndexMap<Arc<str>, Bytes, RandomState>,
    changed_at: u64,
    bytes: usize,
}

/// A group's name, if it is one: like an agent's id.
///
/// # Errors
/// [`Refusal::InvalidName`]
pub fn check_name(word: &[u8]) -> Result<&str, Refusal> {
    let text = std::str::from_utf8(word).ok().filter(|_| name::is_valid(word));
    text.ok_or_else(|| Refusal::InvalidName("group", String::from_utf8_lossy(word).into()))
}

impl Groups {
    /// The group of this sender (empty: of those who did not say who they are) with this name.
    pub fn get(&self, from: &str, group: &str) -> Option<&Group> {
        self.groups.get(&(from.into(), group.into()))
    }

    /// A task is part of a group from now on. One that had ended is pending again.
    pub fn join(&mut self, from: &Arc<str>, group: &Arc<str>, id: Arc<str>, now: u64) {
        self.change(from, group, now, |group| {
            match group.ended.shift_remove(&id) {
                Some(response) => group.bytes -= response.len(),
                None if group.pending.contains(&id) => {}
                None => group.bytes += OVERHEAD_BYTES + id.len(),
            }
            group.pending.insert(id);
        });
    }

    /// A task of a group has ended. The last end counts. Nothing is made of it if the group is no longer remembered.
    pub fn end(&mut self, from: &Arc<str>, group: &Arc<str>, id: &str, response: Bytes, now: u64) {
        if self.get(from, group).is_none() {
            return;
        }
        self.change(from, group, now, |group| {
            let former = group.ended.shift_remove_entry(id);
            let known = group.pending.take(id).or_else(|| {
                let (id, response) = former?;
                group.bytes -= response.len();
                Some(id)
            });
            if let Some(id) = known {
                group.bytes += response.len();
                group.ended.insert(id, response);
            }
        });
    }

    fn change(
        &mut self,
        from: &Arc<str>,
        name: &Arc<str>,
        now: u64,
        change: impl FnOnce(&mut Group),
    ) {
        let key = (from.clone(), name.clone());
        let group = self.groups.entry(key.clone()).or_insert_with(|| {
            let bytes = OVERHEAD_BYTES + from.len() + name.len();
            self.bytes += bytes;
            Group { bytes, ..Group::default() }
        });
        self.by_change.remove(&(group.changed_at, key.clone()));
        self.bytes -= group.bytes;
        change(group);
        self.bytes += group.bytes;
        group.changed_at = now;
        self.by_change.insert((now, key));
    }

    /// Forgets groups until the rest is small enough; returns which.
    pub fn make_room(&mut self) -> Vec<Key> {
        self.forget_while(|groups, _| groups.bytes > BYTES_MAX)
    }

    /// Forgets the groups whose time is over; returns which.
    pub fn lapse(&mut self, now: u64) -> Vec<Key> {
        self.forget_while(|_, changed_at| changed_at.saturating_add(KEEP_MS) <= now)
    }

    /// When the next group is to be forgotten, in milliseconds since 1970.
    pub fn next_lapse(&self) -> Option<u64> {
        self.by_change.first().map(|(changed_at, _)| changed_at.saturating_add(KEEP_MS))
    }

    /// Forgets the group that has not changed for the longest time, as long as it is one to be forgotten.
    fn forget_while(&mut self, is_over: impl Fn(&Self, u64) -> bool) -> Vec<Key> {
        let mut gone = Vec::new();
        while self.by_change.first().is_some_and(|(changed_at, _)| is_over(self, *changed_at))
            && let Some((_, key)) = self.by_change.pop_first()
        {
            self.bytes -= self.groups.remove(&key).map_or(0, |group| group.bytes);
            gone.push(key);
        }
        gone
    }
}

impl Group {
    /// How many tasks it has.
    pub fn total(&self) -> usize {
        self.pending.len() + self.ended.len()
    }

    /// How many of them have not ended.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// The responses of those that have, in the order in which they ended.
    pub fn results(&self) -> impl ExactSizeIterator<Item = &Bytes> {
        self.ended.values()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use proptest::prelude::*;

    use super::{BYTES_MAX, Groups, KEEP_MS};

    fn arc(text: &str) -> Arc<str> {
        text.into()
    }

    fn join(groups: &mut Groups, group: &str, id: &str, now: u64) {
        groups.join(&arc("alice"), &arc(group), arc(id), now);
    }

    fn end(groups: &mut Groups, group: &str, id: &str, response: &str, now: u64) {
        let response = Bytes::copy_from_slice(response.as_bytes());
        groups.end(&arc("alice"), &arc(group), id, response, now);
    }

    /// How many tasks are pending, and the results.
    fn seen(groups: &Groups, group: &str) -> Option<(usize, Vec<String>)> {
        let group = groups.get("alice", group)?;
        let text = |response: &Bytes| String::from_utf8_lossy(response).into_owned();
        Some((group.pending(), group.results().map(text).collect()))
    }

    #[test]
    fn results_come_in_the_order_of_their_ends() {
        let mut groups = Groups::default();
        ["1", "2", "3"].iter().for_each(|id| join(&mut groups, "g", id, 0));
        end(&mut groups, "g", "3", "c", 1);
        end(&mut groups, "g", "1", "a", 2);
        assert_eq!(seen(&groups, "g"), Some((1, vec!["c".into(), "a".into()])));
        assert_eq!(groups.get("alice", "g").map(super::Group::total), Some(3));
        assert!(groups.get("bob", "g").is_none(), "groups are their sender's");
    }

    #[test]
    fn a_task_that_is_tried_again_is_pending_again() {
        let mut groups = Groups::default();
        join(&mut groups, "g", "1", 0);
        end(&mut groups, "g", "1", "dead", 1);
        join(&mut groups, "g", "1", 2);
        assert_eq!(seen(&groups, "g"), Some((1, vec![])));
        end(&mut groups, "g", "1", "done", 3);
        end(&mut groups, "g", "1", "done twice", 3);
        assert_eq!(seen(&groups, "g"), Some((0, vec!["done twice".into()])));
    }

    #[test]
    fn what_is_not_known_does_not_end() {
        let mut groups = Groups::default();
        end(&mut groups, "g", "1", "x", 0);
        assert_eq!(seen(&groups, "g"), None);
        join(&mut groups, "g", "1", 0);
        end(&mut groups, "g", "2", "x", 0);
        assert_eq!(seen(&groups, "g"), Some((1, vec![])));
    }

    #[test]
    fn a_group_is_kept_for_a_day_after_its_last_change() {
        let mut groups = Groups::default();
        join(&mut groups, "old", "1", 0);
        join(&mut groups, "new", "2", 5);
        end(&mut groups, "old", "1", "x", 10);
        assert_eq!(groups.next_lapse(), Some(5 + KEEP_MS));
        assert_eq!(groups.lapse(4 + KEEP_MS), []);
        assert_eq!(groups.lapse(5 + KEEP_MS), [(arc("alice"), arc("new"))]);
        assert_eq!(groups.lapse(10 + KEEP_MS), [(arc("alice"), arc("old"))]);
        assert_eq!((groups.next_lapse(), groups.bytes), (None, 0));
    }

    #[test]
    fn what_is_too_much_is_forgotten_oldest_first() {
        let mut groups = Groups::default();
        let half = "x".repeat(BYTES_MAX / 2);
        for (group, now) in [("a", 0), ("b", 1), ("c", 2)] {
            join(&mut groups, group, "1", now);
            end(&mut groups, group, "1", &half, now);
        }
        assert_eq!(groups.make_room(), [(arc("alice"), arc("a")), (arc("alice"), arc("b"))]);
        assert!(groups.bytes <= BYTES_MAX && groups.get("alice", "c").is_some());
    }

    proptest! {
        #[test]
        fn the_sum_of_bytes_is_right_whatever_happens(
            steps in prop::collection::vec((0..3_u8, 0..3_u8, 0..4_u8, 0..50_usize), 0..60)
        ) {
            let mut groups = Groups::default();
            for (now, (what, group, id, len)) in steps.into_iter().enumerate() {
                let (group, id, now) = (format!("g{group}"), format!("t{id}"), now as u64);
                match what {
                    0 => join(&mut groups, &group, &id, now),
                    1 => end(&mut groups, &group, &id, &"x".repeat(len), now),
                    _ => drop(groups.lapse(KEEP_MS + now.saturating_sub(5))),
                }
                let sum: usize = groups.groups.values().map(|group| group.bytes).sum();
                prop_assert_eq!(groups.bytes, sum);
                prop_assert_eq!(groups.by_change.len(), groups.groups.len());
            }
            groups.lapse(u64::MAX);
            prop_assert_eq!(groups.bytes, 0);
        }
    }
}
