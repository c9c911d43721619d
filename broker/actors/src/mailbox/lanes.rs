//! The four lanes of an inbox, one for each priority.
//!
//! Left to right they read low, normal, high, urgent: a message enters at an end of its own lane,
//! and is taken from an end of the whole. With one priority that is exactly a Redis list.

use std::borrow::Cow;
use std::ops::Range;

use ahash::{AHashMap, AHashSet};
use bytes::Bytes;
use clawlink_protocol::Priority;
use memchr::memmem;
use serde::Deserialize;

use super::record::{self, Head};
use crate::collections::List;
use crate::sequence::{End, Sequence};

/// The queued messages of a mailbox, in four lanes. Empty it is one word, since most of many
/// mailboxes are idle.
#[derive(Debug, Default)]
pub struct Lanes(Option<Box<[List; LANES]>>);

/// A lane for each priority.
const LANES: usize = Priority::ALL.len();

static EMPTY: List = List::new();

impl Lanes {
    /// How many messages there are.
    pub fn len(&self) -> usize {
        self.lanes().iter().map(List::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lanes().iter().all(List::is_empty)
    }

    /// Bytes of all messages together.
    pub fn bytes(&self) -> usize {
        self.lanes().iter().map(List::bytes).sum()
    }

    /// Estimate of the bytes of memory they hold.
    pub fn memory(&self) -> usize {
        size_of::<Self>() + self.lanes().iter().map(List::memory).sum::<usize>()
    }

    /// The messages of one priority.
    pub fn lane(&self, priority: Priority) -> &List {
        self.lanes().get(priority as usize).unwrap_or(&EMPTY)
    }

    /// The messages of one priority, to be changed.
    pub fn lane_mut(&mut self, priority: Priority) -> &mut List {
        &mut self.0.get_or_insert_default()[priority as usize]
    }

    /// Takes the next message: the right end of the highest lane that has one.
    pub fn pop_next(&mut self) -> Option<(Priority, Bytes)> {
        let last = |p: &Priority| !self.lane(*p).is_empty();
        let priority = Priority::ALL.into_iter().rev().find(last)?;
        Some((priority, self.pop(End::Right)?))
    }

    /// The message with this id.
    pub fn find(&self, id: &str) -> Option<&[u8]> {
        let seek = Seek::new(id);
        self.lanes().iter().rev().find_map(|lane| lane.iter_rev().find(|payload| seek.is(payload)))
    }

    /// Takes the message with this id, wherever it stands; that which is served first, if there are copies.
    pub fn take(&mut self, id: &str) -> Option<(Priority, Bytes)> {
        let seek = Seek::new(id);
        let taken = Priority::ALL.into_iter().rev().find_map(|priority| {
            let lane = self.lane(priority);
            let from_right = lane.iter_rev().position(|payload| seek.is(payload))?;
            let at = lane.len() - 1 - from_right;
            Some((priority, self.lane_mut(priority).remove(at)?))
        });
        self.settle();
        taken
    }

    /// Takes the tasks with these ids, in one walk.
    pub fn take_all<'a>(
        &mut self,
        ids: &AHashSet<&'a str>,
    ) -> AHashMap<&'a str, (Priority, Bytes)> {
        let mut taken = AHashMap::new();
        if ids.is_empty() {
            return taken;
        }
        for priority in Priority::ALL {
            let named = |(at, payload): (usize, &[u8])| {
                let id = record::task_id(payload).map(Cow::Borrowed);
                let id = id.or_else(|| Head::read(payload).map(|head| head.id().to_owned().into()));
                Some((at, *ids.get(&*id?)?))
            };
            let found: Vec<_> = self.lane(priority).iter().enumerate().filter_map(named).collect();
            for (at, id) in found.into_iter().rev() {
                taken.extend(
                    self.lane_mut(priority).remove(at).map(|record| (id, (priority, record))),
                );
            }
        }
        self.settle();
        taken
    }

    /// All messages, left to right.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.iter_from(0)
    }

    /// Forgets all messages.
    pub fn clear(&mut self) {
        self.0 = None;
    }

    fn lanes(&self) -> &[List] {
        self.0.as_deref().map_or(&[], <[List; LANES]>::as_slice)
    }

    fn lanes_mut(&mut self) -> &mut [List] {
        self.0.as_deref_mut().map_or(&mut [], <[List; LANES]>::as_mut_slice)
    }

    /// The lane that holds the message at `index` of the whole, and its index there.
    fn locate(&self, index: usize) -> Option<(usize, usize)> {
        let mut before = 0;
        for (at, lane) in self.lanes().iter().enumerate() {
            if index < before + lane.len() {
                return Some((at, index - before));
            }
            before += lane.len();
        }
        None
    }

    /// An empty inbox gives its lanes' memory back.
    fn settle(&mut self) {
        if self.is_empty() {
            self.clear();
        }
    }
}

impl Sequence for Lanes {
    fn len(&self) -> usize {
        self.len()
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn push(&mut self, end: End, element: &[u8]) {
        self.lane_mut(lane_of(element)).push(end, element);
    }

    fn push_bytes(&mut self, end: End, element: Bytes) {
        self.lane_mut(lane_of(&element)).push_bytes(end, element);
    }

    fn pop(&mut self, end: End) -> Option<Bytes> {
        let lanes = self.lanes_mut();
        let popped = match end {
            End::Left => lanes.iter_mut().find_map(List::pop_front),
            End::Right => lanes.iter_mut().rev().find_map(List::pop_back),
        };
        self.settle();
        popped
    }

    fn get(&self, index: usize) -> Option<&[u8]> {
        let (lane, index) = self.locate(index)?;
        self.lanes()[lane].get(index)
    }

    /// The message that is put there stays there, whatever its priority: that is what the index
    /// says.
    fn set(&mut self, index: usize, element: &[u8]) -> bool {
        let found = self.locate(index);
        found.is_some_and(|(lane, index)| self.lanes_mut()[lane].set(index, element))
    }

    fn remove_equal(&mut self, element: &[u8], limit: usize, from: End) -> usize {
        let mut removed = 0;
        for step in 0..self.lanes().len() {
            let at = if from == End::Left { step } else { LANES - 1 - step };
            let lane = &mut self.lanes_mut()[at];
            removed += Sequence::remove_equal(lane, element, limit - removed, from);
        }
        self.settle();
        removed
    }

    fn retain_range(&mut self, range: Range<usize>) {
        let mut before = 0;
        for lane in self.lanes_mut() {
            let len = lane.len();
            let start = range.start.saturating_sub(before);
            lane.retain_range(start..range.end.saturating_sub(before));
            before += len;
        }
        self.settle();
    }

    fn iter_from(&self, index: usize) -> impl DoubleEndedIterator<Item = &[u8]> {
        let mut starts = [0; LANES];
        let mut before = 0;
        for (start, lane) in starts.iter_mut().zip(self.lanes()) {
            *start = index.saturating_sub(before).min(lane.len());
            before += lane.len();
        }
        self.lanes().iter().zip(starts).flat_map(|(lane, start)| lane.iter_from(start))
    }
}

/// A message that is looked for by its id.
struct Seek<'a> {
    id: &'a str,
    bytes: memmem::Finder<'a>,
}

impl<'a> Seek<'a> {
    fn new(id: &'a str) -> Self {
        Self { id, bytes: memmem::Finder::new(id) }
    }

    /// Whether this is the message. Nearly all others are told apart without reading them.
    fn is(&self, payload: &[u8]) -> bool {
        match record::task_id(payload) {
            Some(id) => id == self.id,
            None => self.bytes.find(payload).is_some() && record::has_id(payload, self.id),
        }
    }
}

/// What tells the lane of a message.
#[derive(Deserialize)]
struct Peek<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    priority: Priority,
}

/// The lane that a message belongs to: that of its priority if it is a task with one, else the
/// normal one.
///
/// Most of what is pushed is not a task in JSON, and is not parsed to find that out.
pub fn lane_of(payload: &[u8]) -> Priority {
    if payload.first() != Some(&b'{') {
        return Priority::Normal;
    }
    let peek = || {
        let text = std::str::from_utf8(payload).ok()?;
        let may_say = text.contains("\"priority\"") && text.contains("task_delegation");
        may_say.then(|| serde_json::from_str::<Peek<'_>>(text).ok()).flatten()
    };
    match peek() {
        Some(Peek { kind, priority }) if kind == "task_delegation" => priority,
        _ => Priority::Normal,
    }
}

#[cfg(test)]
mod tests {
    use ahash::AHashSet;
    use clawlink_protocol::Priority;

    use super::Lanes;
    use crate::sequence::{End, Sequence};

    fn task(id: &str, priority: &str) -> String {
        format!(r#"{{"type":"task_delegation","message_id":"{id}","priority":"{priority}"}}"#)
    }

    fn lanes(messages: &[&str]) -> Lanes {
        let mut lanes = Lanes::default();
        messages.iter().for_each(|message| lanes.push(End::Left, message.as_bytes()));
        lanes
    }

    #[test]
    fn a_message_is_found_by_its_id_in_whatever_form_it_was_written() {
        let (low, spaced) =
            (task("b.t.1", "low"), r#" {"message_id": "b.t.2", "type": "task_delegation"}"#);
        let response = r#"{"type":"task_response","message_id":"b.t.4","response_id":"b.t.3"}"#;
        // A text that speaks of an id is not the message.
        let mut lanes = lanes(&["about b.t.1", &low, spaced, response]);
        assert_eq!(lanes.find("b.t.1"), Some(low.as_bytes()));
        assert_eq!(lanes.find("b.t.3"), Some(response.as_bytes()));
        for none in ["b.t.4", "b.t", "b.t.11", ""] {
            assert_eq!(lanes.find(none), None, "{none}");
            assert_eq!(lanes.take(none), None, "{none}");
        }
        let taken = lanes.take("b.t.2");
        assert_eq!(taken, Some((Priority::Normal, spaced.into())));
        assert_eq!(lanes.take("b.t.1"), Some((Priority::Low, low.into())));
        assert_eq!(lanes.len(), 2);
    }

    #[test]
    fn many_are_taken_in_one_walk_and_the_rest_keeps_its_order() {
        let messages: Vec<String> =
            (0..1_000).map(|n| task(&format!("b.t.{n}"), ["high", "low"][n % 2])).collect();
        let mut lanes = lanes(&messages.iter().map(String::as_str).collect::<Vec<_>>());
        let ids: Vec<String> = (0..1_000).step_by(3).map(|n| format!("b.t.{n}")).collect();
        let wanted: AHashSet<&str> = ids.iter().map(String::as_str).chain(["b.t.1000"]).collect();
        let taken = lanes.take_all(&wanted);
        assert_eq!(taken.len(), ids.len());
        let (priority, record) = &taken["b.t.3"];
        assert_eq!((*priority, &record[..]), (Priority::Low, messages[3].as_bytes()));
        let left = |parity| {
            let numbers = (0..1_000).filter(move |n| n % 3 != 0 && n % 2 == parity);
            numbers.map(|n| messages[n].clone().into_bytes())
        };
        let served: Vec<_> = lanes.iter().rev().map(<[u8]>::to_vec).collect();
        assert_eq!(served, left(0).chain(left(1)).collect::<Vec<_>>());
    }
}
