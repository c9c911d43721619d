//! Both forms against a vector of pairs.

use std::collections::BTreeSet;

use bytes::Bytes;
use proptest::prelude::*;

use super::{Hash, Text};

fn text(bytes: &[u8]) -> Text {
    Bytes::copy_from_slice(bytes).into()
}

fn field(number: u8) -> Vec<u8> {
    match number % 16 {
        0 => vec![b'f'; usize::from(number) / 2],
        _ => format!("field:{number}").into_bytes(),
    }
}

fn pairs(hash: &Hash) -> Vec<(Vec<u8>, Vec<u8>)> {
    hash.iter().map(|(field, value)| (field.to_vec(), value.to_vec())).collect()
}

/// Lengths of values: few are too long for the packed form.
fn length() -> impl Strategy<Value = usize> {
    prop_oneof![80 => 0..64usize, 1 => 64..70usize]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_forms_behave_as_pairs_in_order(
        span in prop_oneof![Just(12u8), Just(200u8)],
        steps in prop::collection::vec((any::<u8>(), length(), 0..4u8), 0..400),
    ) {
        let (mut hash, mut model) = (Hash::default(), Vec::<(Vec<u8>, Vec<u8>)>::new());
        for (number, length, kind) in steps {
            let (field, value) = (field(number % span), vec![number; length]);
            let place = model.iter().position(|(name, _)| *name == field);
            prop_assert_eq!(hash.get(&field).map(|v| v.to_vec()), place.map(|p| model[p].1.clone()));
            match (kind, place) {
                (0, place) => {
                    prop_assert_eq!(hash.remove(&field), place.is_some());
                    place.map(|place| model.remove(place));
                }
                (_, Some(place)) => {
                    prop_assert!(!hash.insert(&field, text(&value)));
                    model[place].1 = value;
                }
                (_, None) => {
                    prop_assert!(hash.insert(&field, text(&value)));
                    model.push((field, value));
                }
            }
            prop_assert_eq!(hash.len(), model.len());
        }
        prop_assert_eq!(&pairs(&hash), &model);
        let nth = |place| hash.nth(place).map(|(field, value)| (field.to_vec(), value.to_vec()));
        prop_assert_eq!((0..model.len()).map_while(nth).collect::<Vec<_>>(), model);
    }

    #[test]
    fn a_scan_returns_what_stays(
        start in 0..160u8,
        steps in prop::collection::vec((0..200u8, any::<bool>(), 1..40usize), 1..120),
    ) {
        let mut hash = Hash::default();
        (0..start).for_each(|number| { hash.insert(&field(number), text(b"x")); });
        let names = |hash: &Hash| hash.iter().map(|(f, _)| f.to_vec()).collect::<BTreeSet<_>>();
        let (mut staying, mut visited, mut cursor) = (names(&hash), BTreeSet::new(), 0);
        for (number, adds, count) in steps {
            cursor = hash.scan(cursor, count, |field, _| { visited.insert(field.to_vec()); });
            if cursor == 0 {
                prop_assert_eq!(staying.difference(&visited).count(), 0);
                staying = names(&hash);
                visited.clear();
            }
            if adds {
                hash.insert(&field(number), text(b"y"));
            } else {
                hash.remove(&field(number));
                staying.remove(&field(number));
            }
        }
    }
}

#[test]
fn a_hash_that_was_large_stays_a_table() {
    let mut hash = Hash::default();
    hash.insert(b"a", text(b"1"));
    assert_eq!(hash.encoding(2, 3), "listpack");
    hash.insert(b"b", text(b"1234"));
    assert_eq!(hash.encoding(2, 3), "hashtable");
    assert!(hash.remove(b"b"));
    assert_eq!(hash.encoding(2, 3), "hashtable");
    assert_eq!(hash.encoding(2, 4), "listpack");
    assert_eq!(hash.encoding(1, 4), "hashtable");
    hash.insert(b"c", text(&[b'x'; 65]));
    assert!(hash.remove(b"c"));
    assert_eq!((hash.encoding(2, 64), hash.encoding(2, 65)), ("hashtable", "listpack"));
}

#[test]
fn a_small_hash_is_one_small_buffer() {
    let mut hash = Hash::default();
    for (field, value) in [("name", "user 123456"), ("visits", "456"), ("city", "Berlin")] {
        hash.insert(field.as_bytes(), text(value.as_bytes()));
    }
    assert!(hash.memory() <= 48, "{} bytes", hash.memory());
}
