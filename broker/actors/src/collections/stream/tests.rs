//! Streams against plain maps, and the promises about memory.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Log, NewId, NodeBounds, Stream, StreamId, Trim, TrimBy};

/// Fields and values in turn.
type Words = Vec<Vec<u8>>;

#[derive(Clone, Debug)]
enum Step {
    /// So much later than the entry before.
    Append(u64, u64, Words),
    /// The entry at this place, and the same again.
    Remove(usize),
    /// To a part of the entries.
    TrimLen(usize, bool),
    /// Up to the entry at this place.
    TrimId(usize, bool),
}

fn words() -> impl Strategy<Value = Words> {
    let word = prop_oneof![
        4 => "[a-c]{0,2}".prop_map(String::into_bytes),
        2 => any::<i64>().prop_map(|value| value.to_string().into_bytes()),
        1 => (0..200usize).prop_map(|len| vec![b'x'; len]),
    ];
    let fields = prop_oneof![
        Just(vec![&b"one"[..]]),
        Just(vec![&b"one"[..], b"two"]),
        Just(vec![&b"two"[..], b"one"]),
        Just(vec![]),
    ];
    (fields, prop::collection::vec(word, 3)).prop_map(|(fields, values)| {
        let pairs = fields.into_iter().zip(values);
        pairs.flat_map(|(field, value)| [field.to_vec(), value]).collect()
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => (0..3u64, 0..3u64, words()).prop_map(|(ms, seq, words)| Step::Append(ms, seq, words)),
        4 => (0..300usize).prop_map(Step::Remove),
        1 => (0..100usize, any::<bool>()).prop_map(|(part, nodes)| Step::TrimLen(part, nodes)),
        1 => (0..300usize, any::<bool>()).prop_map(|(at, nodes)| Step::TrimId(at, nodes)),
    ]
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() }
}

const BOUNDS: NodeBounds = NodeBounds { entries: 7, bytes: 300 };

fn append(log: &mut Log, id: StreamId, words: &Words) {
    log.append(id, words.iter().map(Vec::as_slice), BOUNDS);
}

/// What a log holds between two ids, read from the front and from the back.
fn held(log: &Log, start: StreamId, end: StreamId) -> Vec<(StreamId, Words)> {
    let words = |fields: super::Fields<'_>| -> Words {
        fields.flat_map(|(field, value)| [field.to_vec(), value.to_vec()]).collect()
    };
    let forth: Vec<_> = log.range(start, end).map(|e| (e.id, words(e.fields))).collect();
    let mut back: Vec<_> = log.range_back(start, end).map(|e| (e.id, words(e.fields))).collect();
    back.reverse();
    assert_eq!(forth, back);
    forth
}

type Model = BTreeMap<StreamId, Words>;

/// The id of an entry that is there, or one near by.
fn nth(model: &Model, at: usize) -> StreamId {
    let id = model.keys().nth(at % (model.len() + 1)).copied();
    id.unwrap_or(StreamId { ms: at as u64, seq: 1 })
}

/// Does one step on both. Approximate trimming may leave more than the model's would.
fn take_step(log: &mut Log, model: &mut Model, step: Step) {
    match step {
        Step::Append(ms, seq, words) => {
            let last = log.last_id();
            let seq = if ms == 0 { last.seq + 1 + seq } else { seq };
            let id = StreamId { ms: last.ms + ms, seq };
            assert_eq!(log.next_id(NewId::Exactly(id), 0), Ok(id));
            append(log, id, &words);
            model.insert(id, words);
        }
        Step::Remove(at) => {
            let id = nth(model, at);
            let was_there = model.remove(&id).is_some();
            assert_eq!(log.remove(id), was_there);
            assert!(!log.remove(id) && !log.contains(id));
            assert!(!was_there || log.removed_max() >= id);
        }
        Step::TrimLen(part, by_nodes) => {
            let keep = model.len() * part / 100;
            let excess = model.len() - keep;
            trim(log, model, TrimBy::Len(keep as u64), excess, by_nodes);
        }
        Step::TrimId(at, by_nodes) => {
            let id = nth(model, at);
            let excess = model.range(..id).count();
            trim(log, model, TrimBy::MinId(id), excess, by_nodes);
        }
    }
}

/// Trims both; `excess` is how many entries there are too many.
fn trim(log: &mut Log, model: &mut Model, by: TrimBy, excess: usize, by_nodes: bool) {
    let removed = log.trim(&Trim { by, by_nodes, limit: 0 }) as usize;
    if by_nodes {
        assert!(removed <= excess && excess - removed < BOUNDS.entries as usize);
    } else {
        assert_eq!(removed, excess);
    }
    (0..removed).for_each(|_| drop(model.pop_first()));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn behaves_as_a_map(steps in prop::collection::vec(step(), 0..250), ends in (0..400usize, 0..400usize)) {
        let (mut log, mut model) = (Log::default(), Model::new());
        let mut added = 0;
        for step in steps {
            added += u64::from(matches!(step, Step::Append(..)));
            take_step(&mut log, &mut model, step);
            let edge = |found: Option<&StreamId>| found.copied().unwrap_or(StreamId::MIN);
            prop_assert_eq!(log.len(), model.len());
            prop_assert_eq!(log.first_id(), edge(model.keys().next()));
            prop_assert_eq!(log.newest(), edge(model.keys().next_back()));
            prop_assert_eq!(log.added(), added);
        }
        let all: Vec<_> = model.clone().into_iter().collect();
        prop_assert_eq!(held(&log, StreamId::MIN, StreamId::MAX), all);
        let (start, end) = (nth(&model, ends.0), nth(&model, ends.1));
        let inside = model.iter().filter(|(id, _)| (start..=end).contains(*id));
        let inside: Vec<_> = inside.map(|(id, words)| (*id, words.clone())).collect();
        prop_assert_eq!(held(&log, start, end), inside);
    }

    /// Whatever is done, an entry is pending for exactly one consumer, in whose own list it stands.
    #[test]
    fn what_is_pending_is_pending_for_one(steps in prop::collection::vec((0..6u8, 0..3usize, 0..20u64), 0..120)) {
        const NAMES: [&[u8]; 3] = [b"a", b"b", b"c"];
        let mut stream = Stream::default();
        stream.groups.add(b"g", StreamId::MIN, Some(0));
        let mut model: BTreeMap<StreamId, (usize, u64)> = BTreeMap::new();
        for (kind, who, seq) in steps {
            let Stream { log, groups } = &mut stream;
            let group = groups.get_mut(b"g").unwrap();
            let (name, id) = (NAMES[who], StreamId { ms: 1, seq });
            match kind {
                0 => {
                    let id = StreamId { ms: 1, seq: log.last_id().seq + 1 };
                    append(log, id, &vec![b"f".to_vec(), b"v".to_vec()]);
                }
                1 => {
                    let consumer = group.see_consumer(name, 5);
                    let given = group.deliver(log, consumer, 2, true, 5);
                    model.extend(given.iter().map(|(id, _)| (id, (who, 1))));
                }
                2 => prop_assert_eq!(group.release(id), model.remove(&id).is_some()),
                3 => {
                    let consumer = group.see_consumer(name, 5);
                    let pending = group.assign(id, consumer);
                    pending.deliveries += 1;
                    model.entry(id).or_insert((who, 0)).0 = who;
                    model.get_mut(&id).unwrap().1 += 1;
                }
                4 => {
                    let before = model.len();
                    model.retain(|_, (owner, _)| *owner != who);
                    prop_assert_eq!(group.remove_consumer(name).unwrap_or(0), before - model.len());
                    prop_assert!(group.consumer(name).is_none());
                }
                _ => {
                    let consumer = group.see_consumer(name, 5);
                    let given = group.deliver_again(log, consumer, StreamId::MIN, 100, 5);
                    let own: Vec<_> = model.iter_mut().filter(|(_, p)| p.0 == who).collect();
                    prop_assert_eq!(given.len(), own.len());
                    for ((id, pending), (given, words)) in own.into_iter().zip(given.iter()) {
                        prop_assert_eq!(*id, given);
                        prop_assert_eq!(words.is_some(), log.contains(*id));
                        pending.1 += u64::from(words.is_some());
                    }
                }
            }
            let pending = group.pending(StreamId::MIN..=StreamId::MAX);
            let owners = pending.map(|(id, p)| (id, (group.name(p), p.deliveries)));
            let expected = model.iter().map(|(id, (who, count))| (*id, (NAMES[*who], *count)));
            prop_assert!(owners.eq(expected));
            for (who, name) in NAMES.iter().enumerate() {
                let own = group.consumer(name).map(|c| c.pending.iter().copied().collect::<Vec<_>>());
                let expected = model.iter().filter(|(_, p)| p.0 == who).map(|(id, _)| *id);
                prop_assert_eq!(own.unwrap_or_default(), expected.collect::<Vec<_>>());
            }
        }
    }
}

#[test]
fn a_node_ends_by_entries_or_by_bytes() {
    let mut log = Log::default();
    for seq in 1..=15 {
        append(&mut log, StreamId { ms: 1, seq }, &vec![b"f".to_vec(), b"v".to_vec()]);
    }
    assert_eq!(log.node_count(), 3);
    append(&mut log, StreamId { ms: 2, seq: 0 }, &vec![b"f".to_vec(), vec![b'x'; 290]]);
    assert_eq!(log.node_count(), 4);
    append(&mut log, StreamId { ms: 2, seq: 1 }, &vec![b"f".to_vec(), vec![b'x'; 290]]);
    assert_eq!(log.node_count(), 5);
}

#[test]
fn ids_run_out() {
    let mut log = Log::default();
    let id = |ms, seq| StreamId { ms, seq };
    assert_eq!(log.next_id(NewId::Auto, 7), Ok(id(7, 0)));
    assert_eq!(log.next_id(NewId::Within(0), 7), Ok(id(0, 1)));
    append(&mut log, id(9, u64::MAX), &vec![]);
    assert_eq!(log.next_id(NewId::Auto, 7), Ok(id(10, 0)));
    assert!(log.next_id(NewId::Within(9), 7).is_err());
    assert!(log.next_id(NewId::Exactly(id(9, 1)), 7).is_err());
    append(&mut log, StreamId::MAX, &vec![]);
    assert!(log.next_id(NewId::Auto, 7).is_err());
}

#[test]
fn entries_with_the_same_fields_take_little_more_than_their_values() {
    let mut log = Log::default();
    for seq in 0..10_000 {
        let words = [&b"a-field-of-some-length"[..], b"value-of-20-letters-"];
        let bounds = NodeBounds { entries: 100, bytes: 4096 };
        log.append(StreamId { ms: 1_700_000_000_000 + seq, seq: 0 }, words.into_iter(), bounds);
    }
    let bytes = log.memory() as f64 / 10_000.0;
    assert!((25.0..27.5).contains(&bytes), "{bytes} bytes for each entry");
}
