//! The list against a plain vector, and the promises about memory.

use bytes::Bytes;
use proptest::prelude::*;

use super::List;
use super::packed::{CHUNK_MAX, PACKED_ELEMENT_MAX};

#[derive(Clone, Debug)]
enum Step {
    PushFront(Vec<u8>),
    PushBack(Vec<u8>),
    /// Enough at once to fill several chunks.
    PushMany(Vec<u8>, usize, bool),
    PopFront(usize),
    PopBack(usize),
    Insert(usize, Vec<u8>),
    Set(usize, Vec<u8>),
    Remove(usize),
    RemoveEqual(Vec<u8>, usize, bool),
    Retain(usize, usize),
}

/// Few distinct elements, so that equal ones occur, of all lengths at which something changes.
fn element() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![
        4 => 0..4usize,
        4 => 120..135usize,
        4 => 195..205usize,
        2 => PACKED_ELEMENT_MAX - 2..PACKED_ELEMENT_MAX + 3,
        1 => CHUNK_MAX - 1..CHUNK_MAX + 3,
    ];
    (length, 0..3u8).prop_map(|(length, byte)| vec![byte; length])
}

fn step() -> impl Strategy<Value = Step> {
    let at = 0..400usize;
    prop_oneof![
        3 => element().prop_map(Step::PushFront),
        3 => element().prop_map(Step::PushBack),
        2 => (element(), 1..120usize, any::<bool>()).prop_map(|(e, n, f)| Step::PushMany(e, n, f)),
        2 => (1..60usize).prop_map(Step::PopFront),
        2 => (1..60usize).prop_map(Step::PopBack),
        4 => (at.clone(), element()).prop_map(|(at, e)| Step::Insert(at, e)),
        4 => (at.clone(), element()).prop_map(|(at, e)| Step::Set(at, e)),
        4 => at.clone().prop_map(Step::Remove),
        1 => (element(), 0..30usize, any::<bool>())
            .prop_map(|(e, n, b)| Step::RemoveEqual(e, n, b)),
        1 => (0..100usize, at).prop_map(|(from, keep)| Step::Retain(from, from + keep)),
    ]
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() }
}

/// Does one step on both and compares what they answer.
fn take_step(list: &mut List, model: &mut Vec<Vec<u8>>, step: Step) {
    match step {
        Step::PushFront(element) => {
            list.push_front(&element);
            model.insert(0, element);
        }
        Step::PushBack(element) => {
            list.push_back_bytes(Bytes::from(element.clone()));
            model.push(element);
        }
        Step::PushMany(element, times, front) => {
            for _ in 0..times {
                let push = if front { Step::PushFront } else { Step::PushBack };
                take_step(list, model, push(element.clone()));
            }
        }
        Step::PopFront(times) => {
            for _ in 0..times {
                let expected = (!model.is_empty()).then(|| model.remove(0));
                assert_eq!(list.pop_front().map(Vec::from), expected);
            }
        }
        Step::PopBack(times) => {
            for _ in 0..times {
                assert_eq!(list.pop_back().map(Vec::from), model.pop());
            }
        }
        Step::Insert(at, element) => {
            list.insert(at, &element);
            model.insert(at.min(model.len()), element);
        }
        Step::Set(at, element) => {
            assert_eq!(list.set(at, &element), at < model.len());
            if let Some(old) = model.get_mut(at) {
                *old = element;
            }
        }
        Step::Remove(at) => {
            let expected = (at < model.len()).then(|| model.remove(at));
            assert_eq!(list.remove(at).map(Vec::from), expected);
        }
        Step::RemoveEqual(element, limit, from_back) => {
            let removed = remove_equal(model, &element, limit, from_back);
            assert_eq!(list.remove_equal(&element, limit, from_back), removed);
        }
        Step::Retain(from, to) => {
            list.retain_range(from..to);
            model.truncate(to);
            model.drain(..from.min(model.len()));
        }
    }
}

fn remove_equal(model: &mut Vec<Vec<u8>>, element: &[u8], limit: usize, from_back: bool) -> usize {
    let equal = model.iter().enumerate().filter(|(_, each)| *each == element);
    let mut places: Vec<usize> = equal.map(|(at, _)| at).collect();
    if !from_back {
        places.reverse();
    }
    let doomed = places.split_off(places.len().saturating_sub(limit));
    let mut at = 0;
    model.retain(|_| {
        at += 1;
        !doomed.contains(&(at - 1))
    });
    doomed.len()
}

fn assert_same(list: &List, model: &[Vec<u8>]) {
    assert_eq!(list.len(), model.len());
    assert_eq!(list.is_empty(), model.is_empty());
    assert_eq!(list.bytes(), model.iter().map(Vec::len).sum::<usize>());
    assert!(list.iter().eq(model.iter()), "front to back");
    assert!(list.iter_rev().eq(model.iter().rev()), "back to front");
    assert_eq!(list.front(), model.first().map(Vec::as_slice));
    assert_eq!(list.back(), model.last().map(Vec::as_slice));
    for at in (0..model.len()).step_by(7).chain([model.len()]) {
        assert_eq!(list.get(at), model.get(at).map(Vec::as_slice));
        assert!(list.iter_from(at).eq(&model[at..]));
    }
    let chunks = list.spine.from(0);
    let heap: usize = chunks.map(|chunk| chunk.totals().heap).sum();
    assert_eq!(list.spine.totals().heap, heap);
    assert!(list.spine.from(0).all(|chunk| chunk.count() > 0), "no empty chunk is kept");
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn behaves_as_a_vector(steps in prop::collection::vec(step(), 1..60)) {
        let (mut list, mut model) = (List::new(), Vec::new());
        for step in steps {
            take_step(&mut list, &mut model, step);
            assert_same(&list, &model);
        }
    }

    #[test]
    fn iterates_from_both_ends_at_once(
        elements in prop::collection::vec(element(), 0..80),
        turns in prop::collection::vec(any::<bool>(), 90),
    ) {
        let mut list = List::new();
        elements.iter().for_each(|element| list.push_back(element));
        let (mut ours, mut theirs) = (list.iter(), elements.iter().map(Vec::as_slice));
        for front in turns {
            if front {
                prop_assert_eq!(ours.next(), theirs.next());
            } else {
                prop_assert_eq!(ours.next_back(), theirs.next_back());
            }
        }
    }
}

#[test]
fn an_empty_list_owns_nothing() {
    assert!(size_of::<List>() <= 40, "{}", size_of::<List>());
    let mut list = List::new();
    assert_eq!(list.memory(), size_of::<List>());
    for _ in 0..1000 {
        list.push_front(&[7; 200]);
    }
    while list.pop_back().is_some() {}
    assert_eq!(list.memory(), size_of::<List>());
}

#[test]
fn a_short_list_is_small() {
    let mut list = List::new();
    list.push_back(b"hello");
    assert!(list.memory() <= 96, "{}", list.memory());
    for _ in 0..1000 {
        list.push_back(&[1; 100]);
    }
    list.retain_range(0..1);
    assert!(list.memory() <= 600, "a list cut short: {}", list.memory());
}

#[test]
fn a_queued_element_costs_little_more_than_its_bytes() {
    for (length, front) in [(200, true), (200, false), (50, true), (1020, false)] {
        let mut list = List::new();
        for _ in 0..100_000 {
            if front {
                list.push_front(&vec![1; length]);
            } else {
                list.push_back(&vec![1; length]);
            }
        }
        let each = list.memory() as f64 / 100_000.0;
        assert!(each <= length as f64 * 1.03 + 8.0, "{each} bytes for {length}");
    }
}

#[test]
fn a_queue_keeps_no_more_than_it_holds() {
    let mut list = List::new();
    for round in 0..200_000 {
        list.push_front(&[3; 200]);
        if round >= 1000 {
            list.pop_back();
        }
    }
    assert_eq!(list.len(), 1000);
    assert!(list.memory() <= 1000 * 214 + 2 * CHUNK_MAX, "{}", list.memory());
}

#[test]
fn a_long_element_is_not_copied() {
    let element = Bytes::from(vec![5; CHUNK_MAX + 1]);
    let mut list = List::new();
    list.push_front(b"short");
    list.push_front_bytes(element.clone());
    list.push_back_bytes(element.clone());
    assert_eq!(list.pop_front().map(|bytes| bytes.as_ptr()), Some(element.as_ptr()));
    assert_eq!(list.remove(1).map(|bytes| bytes.as_ptr()), Some(element.as_ptr()));
    assert_eq!(list.len(), 1);
}
