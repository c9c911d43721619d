//! A database against a map.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use proptest::prelude::*;

use super::{Database, Entry, Expiry};
use crate::keyspace::{Str, Value};

#[derive(Debug, Clone)]
enum Step {
    Put(u8, Option<u64>),
    Expire(u8, Option<u64>),
    Remove(u8),
    Wait(u64),
    Tick,
}

fn step() -> impl Strategy<Value = Step> {
    let after = || prop::option::of(0..50u64);
    prop_oneof![
        4 => (0..8u8, after()).prop_map(|(key, after)| Step::Put(key, after)),
        4 => (0..8u8, after()).prop_map(|(key, after)| Step::Expire(key, after)),
        1 => (0..8u8).prop_map(Step::Remove),
        2 => (0..20u64).prop_map(Step::Wait),
        2 => Just(Step::Tick),
    ]
}

fn value(number: usize) -> Value {
    Value::Str(Str::Int(number as i64))
}

/// Which value a key of the model holds, and when it expires.
type Model = BTreeMap<u8, (usize, Expiry)>;

fn is_expired(expiry: Expiry, now: u64) -> bool {
    expiry.is_some_and(|at| at.get() < now)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn behaves_as_a_map_with_expiries(steps in prop::collection::vec(step(), 1..400)) {
        let (mut database, mut model, mut now) = (Database::default(), Model::new(), 1_000u64);
        for (number, step) in steps.into_iter().enumerate() {
            let at = |after: Option<u64>| after.and_then(|after| NonZeroU64::new(now + after));
            match step {
                Step::Put(key, after) => {
                    database.put(&[key], Entry::new(value(number), at(after), now));
                    model.insert(key, (number, at(after)));
                }
                Step::Expire(key, after) => {
                    database.expire(&[key], at(after));
                    model.entry(key).and_modify(|entry| entry.1 = at(after));
                }
                Step::Remove(key) => {
                    let ours = database.take(&[key], now).is_some();
                    let live = model.get(&key).is_some_and(|entry| !is_expired(entry.1, now));
                    prop_assert_eq!(ours, live);
                    if live {
                        model.remove(&key);
                    }
                }
                Step::Wait(time) => now += time,
                Step::Tick => {
                    let mut gone = Vec::new();
                    database.expire_due(now, usize::MAX, |key| gone.push(key[0]));
                    gone.sort_unstable();
                    let due: Vec<u8> =
                        model.iter().filter(|(_, e)| is_expired(e.1, now)).map(|(k, _)| *k).collect();
                    prop_assert_eq!(&gone, &due, "each expired key is shown once");
                    model.retain(|_, entry| !is_expired(entry.1, now));
                    prop_assert!(database.deadline().is_none_or(|deadline| deadline > now));
                }
            }
            check(&database, &model, now)?;
        }
    }
}

fn check(database: &Database, model: &Model, now: u64) -> Result<(), TestCaseError> {
    for key in 0..8 {
        let ours = database.peek(&[key], now).and_then(|e| e.value.as_str().ok()?.as_int());
        let theirs = model.get(&key).filter(|entry| !is_expired(entry.1, now));
        prop_assert_eq!(ours, theirs.map(|entry| entry.0 as i64));
    }
    prop_assert_eq!(database.len(), model.len());
    let expiring = model.values().filter_map(|entry| entry.1);
    prop_assert_eq!(database.expiring(), expiring.clone().count());
    // The alarm never comes after the first expiry.
    if let Some(first) = expiring.min() {
        prop_assert!(database.deadline().is_some_and(|deadline| deadline <= first.get() + 1));
    }
    Ok(())
}

#[test]
fn expiries_that_are_set_again_and_again_take_no_memory() {
    let mut database = Database::default();
    for time in 1..10_000u64 {
        database.put(b"key", Entry::new(value(1), NonZeroU64::new(1_000_000 + time), 1));
        database.remove(b"gone");
        database.put(b"gone", Entry::new(value(1), NonZeroU64::new(1_000_000), 1));
    }
    assert_eq!(database.expiring(), 2);
    assert!(database.deadlines.notes() <= 100, "{}", database.deadlines.notes());
}
