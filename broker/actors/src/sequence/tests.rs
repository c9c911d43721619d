//! Lists and lanes against one simple model: elements in a vector, each with its lane.

use bytes::Bytes;
use clawlink_protocol::Priority;
use proptest::prelude::*;

use super::{End, Sequence, position, span};
use crate::collections::List;
use crate::mailbox::{Lanes, lane_of};

/// A step on a sequence. Indices are taken modulo the length.
#[derive(Clone, Debug)]
enum Step {
    Push(End, usize),
    PushBytes(End, usize),
    Pop(End),
    Set(usize, usize),
    RemoveEqual(usize, usize, End),
    Retain(i64, i64),
}

/// What is pushed: plain text, JSON that is no task, and tasks of every priority.
fn element(number: usize) -> Vec<u8> {
    match number % 7 {
        0 => b"plain".to_vec(),
        1 => br#"{"type":"task_response","priority":"urgent"}"#.to_vec(),
        2 => vec![b'x'; 9_000],
        lane => {
            let priority = Priority::ALL[lane - 3].word();
            format!(r#"{{"type":"task_delegation","task":"t","priority":"{priority}"}}"#).into()
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let end = || prop_oneof![Just(End::Left), Just(End::Right)];
    let step = prop_oneof![
        6 => (end(), 0..7usize).prop_map(|(end, number)| Step::Push(end, number)),
        3 => (end(), 0..7usize).prop_map(|(end, number)| Step::PushBytes(end, number)),
        5 => end().prop_map(Step::Pop),
        2 => (0..50usize, 0..7usize).prop_map(|(index, number)| Step::Set(index, number)),
        2 => (0..7usize, 0..4usize, end())
            .prop_map(|(number, limit, end)| Step::RemoveEqual(number, limit, end)),
        1 => (-20..20i64, -20..20i64).prop_map(|(start, stop)| Step::Retain(start, stop)),
    ];
    prop::collection::vec(step, 0..80)
}

/// Elements with their lanes, which never go down from left to right.
struct Model {
    elements: Vec<(Priority, Vec<u8>)>,
    lane_of: fn(&[u8]) -> Priority,
}

impl Model {
    fn push(&mut self, end: End, element: Vec<u8>) {
        let lane = (self.lane_of)(&element);
        let at = match end {
            End::Left => self.elements.partition_point(|(other, _)| *other < lane),
            End::Right => self.elements.partition_point(|(other, _)| *other <= lane),
        };
        self.elements.insert(at, (lane, element));
    }

    fn pop(&mut self, end: End) -> Option<Vec<u8>> {
        match end {
            End::Left if !self.elements.is_empty() => Some(self.elements.remove(0).1),
            End::Left => None,
            End::Right => self.elements.pop().map(|(_, element)| element),
        }
    }

    fn remove_equal(&mut self, element: &[u8], limit: usize, from: End) -> usize {
        let mut equal: Vec<usize> =
            (0..self.elements.len()).filter(|at| self.elements[*at].1 == element).collect();
        if from == End::Right {
            equal.reverse();
        }
        equal.truncate(limit);
        equal.sort_unstable();
        equal.iter().rev().for_each(|at| drop(self.elements.remove(*at)));
        equal.len()
    }
}

/// Does a step to both and compares what it answers.
fn take_step(
    step: Step,
    sequence: &mut impl Sequence,
    model: &mut Model,
) -> Result<(), TestCaseError> {
    let len = model.elements.len();
    match step {
        Step::Push(end, number) => {
            sequence.push(end, &element(number));
            model.push(end, element(number));
        }
        Step::PushBytes(end, number) => {
            sequence.push_bytes(end, Bytes::from(element(number)));
            model.push(end, element(number));
        }
        Step::Pop(end) => {
            prop_assert_eq!(sequence.pop(end).map(|popped| popped.to_vec()), model.pop(end));
        }
        Step::Set(index, number) => {
            prop_assert!(!sequence.set(len, b"beyond the end"));
            if len > 0 {
                prop_assert!(sequence.set(index % len, &element(number)));
                model.elements[index % len].1 = element(number);
            }
        }
        Step::RemoveEqual(number, limit, from) => {
            let limit = if limit == 0 { usize::MAX } else { limit };
            let removed = model.remove_equal(&element(number), limit, from);
            prop_assert_eq!(sequence.remove_equal(&element(number), limit, from), removed);
        }
        Step::Retain(start, stop) => {
            let kept = span(start, stop, len);
            sequence.retain_range(kept.clone());
            model.elements.truncate(kept.end);
            model.elements.drain(..kept.start);
        }
    }
    Ok(())
}

fn agree(
    mut sequence: impl Sequence,
    lane_of: fn(&[u8]) -> Priority,
    steps: Vec<Step>,
) -> Result<(), TestCaseError> {
    let mut model = Model { elements: Vec::new(), lane_of };
    for step in steps {
        take_step(step, &mut sequence, &mut model)?;
        let wanted: Vec<&[u8]> = model.elements.iter().map(|(_, each)| &each[..]).collect();
        prop_assert_eq!(sequence.len(), wanted.len());
        prop_assert_eq!(sequence.is_empty(), wanted.is_empty());
        let mut backwards: Vec<&[u8]> = sequence.iter_from(0).rev().collect();
        backwards.reverse();
        prop_assert_eq!(&backwards, &wanted);
        for at in 0..=wanted.len() {
            prop_assert_eq!(sequence.get(at), wanted.get(at).copied());
            prop_assert_eq!(sequence.iter_from(at).collect::<Vec<_>>(), &wanted[at..]);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_list_is_one_lane(steps in steps()) {
        agree(List::new(), |_| Priority::Normal, steps)?;
    }

    #[test]
    fn an_inbox_has_a_lane_for_each_priority(steps in steps()) {
        agree(Lanes::default(), lane_of, steps)?;
    }
}

#[test]
fn messages_leave_by_priority_and_then_in_the_order_they_were_sent() {
    let task = |name: &str, priority: &str| {
        format!(r#"{{"type":"task_delegation","task":"{name}","priority":"{priority}"}}"#)
    };
    let sent = [
        task("a", "low"),
        task("b", "normal"),
        "c".to_owned(),
        task("d", "urgent"),
        task("e", "high"),
        task("f", "urgent"),
    ];
    let mut lanes = Lanes::default();
    sent.iter().for_each(|message| lanes.push(End::Left, message.as_bytes()));
    let taken: Vec<Bytes> = std::iter::from_fn(|| lanes.pop(End::Right)).collect();
    let order = [3, 5, 4, 1, 2, 0].map(|at| Bytes::from(sent[at].clone()));
    assert_eq!(taken, order);
    assert_eq!(lanes.memory(), size_of::<Lanes>());
}

#[test]
fn only_tasks_have_a_priority() {
    let urgent = br#"{"type": "task_delegation", "task": "x", "priority": "urgent"}"#;
    assert_eq!(lane_of(urgent), Priority::Urgent);
    let escaped = br#"{"priority":"low","context":{"a":[1]},"type":"task_deleg\u0061tion"}"#;
    assert_eq!(lane_of(escaped), Priority::Normal, "the cheap look does not unescape");
    for other in [
        &br#"{"type":"task_delegation","priority":"at once"}"#[..],
        br#"{"type":"task_delegation","priority":3}"#,
        br#"{"type":"task_delegation","context":{"priority":"high"}}"#,
        br#"{"type":"note","text":"task_delegation","priority":"high"}"#,
        br#"{"type":"task_delegation","priority":"high""#,
        b"{\"type\":\"task_delegation\",\"priority\":\"high\xff\"}",
        br#" {"type":"task_delegation","priority":"high"}"#,
        b"",
        b"{",
    ] {
        assert_eq!(lane_of(other), Priority::Normal, "{}", other.escape_ascii());
    }
}

#[test]
fn spans_and_positions_count_from_either_end() {
    assert_eq!(span(0, -1, 5), 0..5);
    assert_eq!(span(-3, -2, 5), 2..4);
    assert_eq!(span(-100, 100, 5), 0..5);
    for (start, stop) in [(3, 1), (5, 10), (-10, -6), (i64::MAX, i64::MIN), (i64::MAX, i64::MAX)] {
        assert!(span(start, stop, 5).is_empty(), "{start} {stop}");
    }
    assert_eq!(span(i64::MIN, i64::MAX, 5), 0..5);
    assert_eq!(position(-1, 5), Some(4));
    for outside in [5, -6, i64::MIN, i64::MAX] {
        assert_eq!(position(outside, 5), None);
    }
}
