//! Values of all types there and back, and payloads that lie.

use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;

use super::kind::Kind;
use super::writer::Writer;
use super::{Damage, Sizes, dump, envelope, restore};
use crate::collections::stream::{NewId, NodeBounds, Stream, StreamId};
use crate::collections::{List, Set, SortedSet, Text};
use crate::keyspace::{Hash, Str, Value};
use crate::limits::Limits;

fn sizes() -> Sizes {
    Sizes::of(&Limits::default())
}

fn word() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => "[a-c]{0,3}".prop_map(String::into_bytes),
        2 => (any::<i64>(), 0..64u32).prop_map(|(int, by)| (int >> by).to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..90),
        1 => ("[a-c]{1,4}", 0..40usize).prop_map(|(part, times)| part.repeat(times).into_bytes()),
    ]
}

fn words(most: usize) -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(word(), 1..most)
}

fn score() -> impl Strategy<Value = f64> {
    prop_oneof![
        (-300..300i32).prop_map(f64::from),
        any::<f64>().prop_filter("a number", |score| !score.is_nan()),
    ]
}

/// Entries with few sets of fields, some of them removed, and a group of two consumers.
fn stream() -> impl Strategy<Value = Stream> {
    let entry = (0..3u64, 0..4u64, prop::sample::select(vec![1, 1, 2, 3]), words(4), any::<bool>());
    (prop::collection::vec(entry, 0..40), 0..20usize).prop_map(|(entries, given)| {
        let mut stream = Stream::default();
        for (ms, seq, fields, values, is_removed) in entries {
            let last = stream.log.last_id();
            let wanted =
                StreamId { ms: last.ms + ms, seq: if ms > 0 { seq } else { last.seq + 1 } };
            let Ok(id) = stream.log.next_id(NewId::Exactly(wanted), 0) else { continue };
            let names = [&b"a"[..], b"b", b"c"];
            let value = |at: usize| &values[at % values.len()][..];
            let words: Vec<&[u8]> = (0..fields).flat_map(|at| [names[at], value(at)]).collect();
            stream.log.append(id, words.into_iter(), NodeBounds { entries: 7, bytes: 4096 });
            if is_removed {
                stream.log.remove(id);
            }
        }
        stream.groups.add(b"g", StreamId::MIN, None);
        stream.groups.add(b"", stream.log.last_id(), Some(3));
        let Stream { log, groups } = &mut stream;
        if let Some(group) = groups.get_mut(b"g") {
            for (name, now) in [(b"a", 1), (b"b", 1_700_000_000_000)] {
                let consumer = group.see_consumer(name, now);
                group.deliver(log, consumer, given, true, now);
            }
        }
        stream
    })
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        word().prop_map(|word| Value::Str(Str::new(word.into()))),
        words(300).prop_map(|words| {
            let mut list = List::new();
            words.iter().for_each(|word| list.push_back(word));
            Value::List(Box::new(list))
        }),
        prop::collection::vec((word(), word()), 1..40).prop_map(|fields| {
            let mut hash = Hash::default();
            fields.iter().for_each(|(field, value)| {
                hash.insert(field, Text::from(&value[..]));
            });
            Value::Hash(hash)
        }),
        words(40).prop_map(|words| set(words.iter().map(Vec::as_slice))),
        prop::collection::vec((any::<i64>(), 0..64u32), 1..600).prop_map(|ints| {
            let ints: Vec<_> = ints.iter().map(|(int, by)| (int >> by).to_string()).collect();
            set(ints.iter().map(String::as_bytes))
        }),
        prop::collection::vec((word(), score()), 1..200).prop_map(|members| {
            let mut sorted = SortedSet::default();
            for (name, score) in &members {
                sorted.update(name, sizes().sorted, |_| Some(*score));
            }
            Value::SortedSet(sorted)
        }),
        stream().prop_map(|stream| Value::Stream(Box::new(stream))),
    ]
}

fn set<'a>(members: impl Iterator<Item = &'a [u8]>) -> Value {
    let mut set = Set::default();
    members.for_each(|member| {
        set.insert(member, sizes().set_ints_max);
    });
    Value::Set(Box::new(set))
}

/// All that a client could see of a value.
fn shown(value: &Value) -> String {
    let limits = sizes();
    match value {
        Value::Str(string) => format!("{} {:?}", string.encoding(), string.bytes()),
        Value::List(list) => format!("{:?}", list.iter().collect::<Vec<_>>()),
        Value::Hash(hash) => {
            let encoding = hash.encoding(limits.hash_fields_max, limits.hash_bytes_max);
            let fields: BTreeMap<_, _> =
                hash.iter().map(|(field, value)| (field, value.bytes())).collect();
            format!("{encoding} {fields:?}")
        }
        Value::Set(set) => {
            let member = |member: crate::collections::set::Member<'_>| {
                member.with_bytes(Bytes::copy_from_slice)
            };
            format!("{} {:?}", set.encoding(), set.iter().map(member).collect::<Vec<_>>())
        }
        Value::SortedSet(sorted) => {
            let mut members = Vec::new();
            sorted.visit_all(|name, score| members.push((name.to_vec(), score)));
            format!("{} {members:?}", sorted.encoding())
        }
        Value::Stream(stream) => shown_stream(stream),
    }
}

fn shown_stream(Stream { log, groups }: &Stream) -> String {
    let entries = log.range(StreamId::MIN, StreamId::MAX);
    let entries: Vec<_> =
        entries.map(|entry| (entry.id, entry.fields.collect::<Vec<_>>())).collect();
    let ids = [log.first_id(), log.newest(), log.last_id(), log.removed_max()];
    let counts = (log.len(), log.added(), log.node_count());
    let groups: Vec<_> = groups
        .iter()
        .map(|(name, group)| {
            let pending = group.pending(StreamId::MIN..=StreamId::MAX);
            let pending: Vec<_> = pending
                .map(|(id, at)| (id, group.name(at), at.delivered_ms, at.deliveries))
                .collect();
            let consumers: Vec<_> = group.consumers().collect();
            format!("{name:?} {:?} {:?} {pending:?} {consumers:?}", group.last_id, group.read_count)
        })
        .collect();
    format!("{entries:?} {ids:?} {counts:?} {groups:?}")
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn what_is_dumped_is_restored(value in value()) {
        let payload = dump(&value, &sizes());
        let restored = restore(&payload, &sizes()).expect("it was dumped here");
        // A table that has become small is packed again, as in Redis.
        let again = restore(&dump(&restored, &sizes()), &sizes()).expect("it was dumped here");
        if !matches!(value, Value::Hash(_)) {
            prop_assert_eq!(shown(&restored), shown(&value));
            prop_assert_eq!(dump(&restored, &sizes()), payload);
        }
        prop_assert_eq!(shown(&again), shown(&restored));
    }

    /// Whatever a payload says, it is refused or is a value like any other.
    #[test]
    fn what_was_tampered_with_is_harmless(
        value in value(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), change()), 1..4),
    ) {
        let mut payload = dump(&value, &sizes());
        payload.truncate(payload.len() - 10);
        for (at, change) in changes {
            let at = at.index(payload.len());
            match change {
                Change::Flip(bit) => payload[at] ^= 1 << bit,
                Change::Set(byte) => payload[at] = byte,
                Change::Cut(len) => drop(payload.drain(at..payload.len().min(at + len))),
                Change::Insert(bytes) => drop(payload.splice(at..at, bytes)),
                Change::End => payload.truncate(at),
            }
            if payload.is_empty() {
                payload.push(0);
            }
        }
        if let Ok(restored) = restore(&envelope::seal(payload), &sizes()) {
            let again = restore(&dump(&restored, &sizes()), &sizes()).expect("it was dumped here");
            prop_assert!(restored.memory() < 1 << 20);
            if !matches!(restored, Value::Hash(_) | Value::SortedSet(_)) {
                prop_assert_eq!(shown(&again), shown(&restored));
            }
        }
    }
}

#[derive(Debug, Clone)]
enum Change {
    Flip(u8),
    Set(u8),
    Cut(usize),
    Insert(Vec<u8>),
    End,
}

fn change() -> impl Strategy<Value = Change> {
    let greatest = [&[0x81, 0x80][..], &[0; 7]].concat();
    prop_oneof![
        (0..8u8).prop_map(Change::Flip),
        prop::sample::select(vec![0, 1, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xfe, 0xff])
            .prop_map(Change::Set),
        (1..9usize).prop_map(Change::Cut),
        prop::collection::vec(any::<u8>(), 1..9).prop_map(Change::Insert),
        Just(Change::Insert(greatest)),
        Just(Change::Insert(vec![0x81; 9])),
        Just(Change::End),
    ]
}

/// A payload of this kind.
fn payload(kind: Kind, write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Writer::default();
    out.kind(kind);
    write(&mut out);
    envelope::seal(out.finish())
}

fn packed(words: &[&str]) -> Vec<u8> {
    let mut listpack = super::listpack::Builder::new();
    words.iter().for_each(|word| listpack.push(word.as_bytes()));
    listpack.finish()
}

#[track_caller]
fn assert_refused(payload: &[u8]) {
    assert_eq!(restore(payload, &sizes()).err(), Some(Damage::Content));
}

#[test]
fn packed_collections_that_contradict_themselves_are_refused() {
    for (kind, words) in [
        (Kind::HashListpack, &["a", "1", "a", "2"][..]),
        (Kind::HashListpack, &["a", "1", "b"]),
        (Kind::HashListpack, &[]),
        (Kind::SortedListpack, &["a", "2", "b", "1"]),
        (Kind::SortedListpack, &["b", "1", "a", "1"]),
        (Kind::SortedListpack, &["a", "1", "b", "2", "a", "3"]),
        (Kind::SortedListpack, &["a", "x"]),
        (Kind::SortedListpack, &["a", "nan"]),
        (Kind::SortedListpack, &["a"]),
        (Kind::SortedListpack, &[]),
    ] {
        assert_refused(&payload(kind, |out| out.string(&packed(words))));
    }
    let node = |words: &[&str]| {
        payload(Kind::Quicklist2, |out| {
            out.count(1);
            out.length(2);
            out.string(&packed(words));
        })
    };
    assert_refused(&node(&[]));
    assert!(restore(&node(&["a"]), &sizes()).is_ok());
}

#[test]
fn members_that_are_there_twice_are_refused() {
    let twice = |kind, more: &[u8]| {
        payload(kind, |out| {
            out.count(2);
            (0..2).for_each(|_| {
                out.string(b"member");
                out.raw(more);
            });
        })
    };
    assert_refused(&twice(Kind::Set, b""));
    assert_refused(&twice(Kind::Hash, b"\x01v"));
    assert_refused(&twice(Kind::SortedBinary, &1f64.to_le_bytes()));
    assert_refused(&twice(Kind::SortedText, b"\x011"));
    assert!(restore(&twice(Kind::List, b""), &sizes()).is_ok());
}

#[test]
fn counts_beyond_what_is_there_cost_nothing() {
    let kinds = [Kind::List, Kind::Set, Kind::SortedText, Kind::Hash, Kind::SortedBinary];
    let nested = [Kind::Quicklist, Kind::Quicklist2, Kind::Stream, Kind::Stream2];
    for kind in kinds.into_iter().chain(nested) {
        for count in [u64::MAX, 1 << 63, 1 << 32, 1 << 29, 30] {
            assert_refused(&payload(kind, |out| {
                out.length(count);
                out.string(b"a");
            }));
        }
    }
}

#[test]
fn times_before_1970_are_refused() {
    let group = |seen_ms: i64| {
        payload(Kind::Stream2, |out| {
            // Nothing is in the stream or was, and a group of one consumer has read nothing of it.
            (0..9).for_each(|_| out.length(0));
            out.length(1);
            out.string(b"group");
            (0..4).for_each(|_| out.length(0));
            out.length(1);
            out.string(b"consumer");
            out.raw(&seen_ms.to_le_bytes());
            out.length(0);
        })
    };
    assert!(restore(&group(i64::MAX), &sizes()).is_ok());
    assert_refused(&group(-1));
    assert_refused(&group(i64::MIN));
}

#[test]
fn what_is_of_no_kind_is_refused() {
    for kind in [6, 7, 8, 20, 0xff] {
        assert_refused(&envelope::seal(vec![kind, 1, b'a']));
    }
    assert_refused(&envelope::seal(vec![]));
    assert_eq!(restore(b"", &sizes()).err(), Some(Damage::Envelope));
}

/// The forms that Redis wrote before 7.0.
#[test]
fn older_forms_are_read() {
    let read = |bytes: &[u8]| {
        restore(&envelope::seal(bytes.to_vec()), &sizes()).map(|value| shown(&value))
    };
    let list = read(b"\x01\x02\x01a\xc0\x05").unwrap();
    assert_eq!(read(b"\x0a\x10\x10\0\0\0\x0d\0\0\0\x02\0\0\x01a\x03\xf6\xff"), Ok(list.clone()));
    assert_eq!(read(b"\x0e\x01\x10\x10\0\0\0\x0d\0\0\0\x02\0\0\x01a\x03\xf6\xff"), Ok(list));
    let hash = read(b"\x04\x01\x01a\xc0\x05").unwrap();
    assert_eq!(read(b"\x0d\x10\x10\0\0\0\x0d\0\0\0\x02\0\0\x01a\x03\xf6\xff"), Ok(hash.clone()));
    assert_eq!(read(b"\x09\x07\x01\x01a\x01\x005\xff"), Ok(hash));
    let sorted = read(b"\x03\x01\x01a\x015").unwrap();
    assert_eq!(read(b"\x0c\x10\x10\0\0\0\x0d\0\0\0\x02\0\0\x01a\x03\xf6\xff"), Ok(sorted.clone()));
    assert_eq!(read(b"\x05\x01\x01a\0\0\0\0\0\0\x14\x40"), Ok(sorted));
    let infinite = read(b"\x03\x02\x01a\xff\x01b\xfe").unwrap();
    assert_eq!(infinite, "listpack [([97], -inf), ([98], inf)]");
    assert_eq!(read(b"\x03\x01\x01a\xfd"), Err(Damage::Content));
}
