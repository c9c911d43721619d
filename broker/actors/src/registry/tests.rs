//! The registry's rules, one by one, and its counting of capabilities against a model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use proptest::prelude::*;

use super::{Registered, Registration, Registry};
use crate::Refusal;
use crate::directory::Gauge;

const STALE_MS: u64 = 100;

fn registration(id: &str) -> Registration {
    Registration { id: id.into(), name: id.into(), ..Registration::default() }
}

fn capable(id: &str, capabilities: &[&str]) -> Registration {
    let capabilities = capabilities.iter().map(|name| Arc::from(*name)).collect();
    Registration { capabilities: Some(capabilities), ..registration(id) }
}

fn with_key(id: &str, key: &str) -> Registration {
    Registration { key: Some(key.into()), ..registration(id) }
}

/// Registers if that is allowed.
fn join(
    registry: &mut Registry,
    registration: Registration,
    key: &str,
    gauge: &Arc<Gauge>,
    now: u64,
) -> Result<Registered, Refusal> {
    registry.check(&registration, now, STALE_MS, false)?;
    Ok(registry.register(registration, key.into(), gauge, now, STALE_MS))
}

fn key_of(registry: &Registry, id: &str) -> String {
    registry.agent(id.as_bytes()).map(|agent| agent.key.clone()).expect("registered")
}

#[test]
fn an_online_agent_is_resumed_with_its_key_alone() {
    let (mut registry, gauge) = (Registry::default(), Arc::default());
    let first = join(&mut registry, registration("bob"), "one", &gauge, 0);
    assert!(!first.expect("a new agent").resumed);
    let again = join(&mut registry, registration("bob"), "two", &gauge, 1);
    assert_eq!(again, Err(Refusal::AgentInUse("bob".into())));
    for wrong in ["", "two", "one "] {
        let wrong = join(&mut registry, with_key("bob", wrong), "two", &gauge, 1);
        assert_eq!(wrong, Err(Refusal::BadKey("bob".into())));
    }
    let resumed = join(&mut registry, with_key("bob", "one"), "two", &gauge, 1);
    assert!(resumed.expect("the right key").resumed);
    assert_eq!(key_of(&registry, "bob"), "one");
}

#[test]
fn a_stale_agent_is_taken_over_and_its_old_key_is_void() {
    let (mut registry, gauge) = (Registry::default(), Arc::default());
    join(&mut registry, registration("bob"), "one", &gauge, 0).expect("a new agent");
    let wrong = join(&mut registry, with_key("bob", "no"), "two", &gauge, STALE_MS);
    assert_eq!(wrong, Err(Refusal::BadKey("bob".into())));
    let taken = join(&mut registry, registration("bob"), "two", &gauge, STALE_MS);
    assert!(taken.expect("nobody is there").resumed);
    let old = join(&mut registry, with_key("bob", "one"), "three", &gauge, STALE_MS);
    assert_eq!(old, Err(Refusal::BadKey("bob".into())));
    assert_eq!(key_of(&registry, "bob"), "two");
}

#[test]
fn where_keys_are_required_a_stale_agent_is_not_taken_over() {
    let (mut registry, gauge) = (Registry::default(), Arc::default());
    join(&mut registry, registration("bob"), "one", &gauge, 0).expect("a new agent");
    let check = |registration, now| registry.check(&registration, now, STALE_MS, true);
    assert_eq!(check(registration("bob"), 1), Err(Refusal::AgentInUse("bob".into())));
    assert_eq!(check(registration("bob"), STALE_MS), Err(Refusal::AgentTaken("bob".into())));
    assert_eq!(check(with_key("bob", "one"), STALE_MS), Ok(()));
    assert_eq!(check(registration("zoe"), STALE_MS), Ok(()));
}

#[test]
fn who_is_identified_registers_again_without_the_key_and_keeps_it() {
    let (mut registry, gauge) = (Registry::default(), Arc::<Gauge>::default());
    join(&mut registry, registration("bob"), "one", &gauge, 0).expect("a new agent");
    let own = Registration { identified: true, ..registration("bob") };
    assert!(join(&mut registry, own, "two", &gauge, 1).expect("it is bob").resumed);
    assert_eq!((&*key_of(&registry, "bob"), void_keys(&gauge)), ("one", 0));
}

#[test]
fn a_key_is_shown_for_one_agent_alone() {
    let (mut registry, gauge) = (Registry::default(), Arc::default());
    join(&mut registry, registration("bob"), "one", &gauge, 0).expect("a new agent");
    let identify = |id: &str, key: &str| {
        registry.identify(id.as_bytes(), key.as_bytes()).map(|agent| agent.id.to_string())
    };
    assert_eq!(identify("bob", "one"), Ok("bob".to_owned()));
    assert_eq!(identify("bob", "on"), Err(Refusal::BadKey("bob".into())));
    assert_eq!(identify("zoe", "one"), Err(Refusal::NoAgent("zoe".into())));
    assert_eq!(identify("", "one"), Err(Refusal::InvalidName("agent id", "".into())));
}

#[test]
fn a_key_is_void_when_another_takes_its_place_or_the_agent_leaves() {
    let (mut registry, gauge) = (Registry::default(), Arc::<Gauge>::default());
    join(&mut registry, registration("bob"), "one", &gauge, 0).expect("a new agent");
    join(&mut registry, with_key("bob", "one"), "two", &gauge, 1).expect("its own key");
    assert_eq!(void_keys(&gauge), 0);
    join(&mut registry, registration("bob"), "two", &gauge, 1 + STALE_MS).expect("it is stale");
    assert_eq!(void_keys(&gauge), 1);
    registry.unregister(b"bob");
    assert_eq!(void_keys(&gauge), 2);
    join(&mut registry, registration("bob"), "three", &gauge, 0).expect("a new agent");
    assert_eq!((registry.flush().len(), void_keys(&gauge)), (1, 3));
}

fn void_keys(gauge: &Gauge) -> u64 {
    gauge.void_keys.load(Ordering::Relaxed)
}

#[test]
fn what_a_resumption_leaves_out_keeps_its_value() {
    let (mut registry, gauge) = (Registry::default(), Arc::default());
    let full = Registration {
        machine: Some("m".into()),
        description: Some("d".into()),
        ..capable("bob", &["rust"])
    };
    join(&mut registry, full, "key", &gauge, 5).expect("a new agent");
    join(&mut registry, with_key("bob", "key"), "other", &gauge, 7).expect("the right key");
    let agent = registry.agent(b"bob").expect("registered");
    assert_eq!((&*agent.machine, &*agent.description), ("m", "d"));
    assert_eq!((agent.capabilities.len(), agent.registered_at), (1, 5));
}

#[test]
fn an_agent_is_found_stale_once_and_its_next_sign_of_life_is_news_once() {
    let (mut registry, gauge) = (Registry::default(), Arc::<Gauge>::default());
    join(&mut registry, registration("bob"), "key", &gauge, 0).expect("a new agent");
    assert_eq!(registry.next_check(), Some(STALE_MS));
    gauge.last_seen.store(60, Ordering::Relaxed);
    assert!(registry.find_stale(STALE_MS, STALE_MS).is_empty());
    assert_eq!(registry.next_check(), Some(160));
    assert_eq!(registry.find_stale(160, STALE_MS), ["bob".into()]);
    assert!(gauge.stale.load(Ordering::Relaxed));
    assert_eq!((registry.next_check(), registry.find_stale(500, STALE_MS).len()), (None, 0));

    gauge.last_seen.store(500, Ordering::Relaxed);
    assert!(registry.awake("bob", 500, STALE_MS));
    assert!(!registry.awake("bob", 500, STALE_MS));
    assert_eq!(registry.next_check(), Some(500 + STALE_MS));
}

#[test]
fn who_has_left_is_not_looked_at_any_more() {
    let (mut registry, gauge) = (Registry::default(), Arc::default());
    join(&mut registry, registration("bob"), "key", &gauge, 0).expect("a new agent");
    assert!(registry.unregister(b"bob").is_some());
    assert!(registry.unregister(b"bob").is_none());
    assert_eq!(registry.next_check(), None);
    assert!(!registry.awake("bob", 1, STALE_MS));
}

const IDS: [&str; 3] = ["ann", "ben", "cid"];
const CAPABILITIES: [&str; 3] = ["go", "java", "rust"];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A capability is open exactly while somebody has it.
    #[test]
    fn capabilities_open_with_the_first_and_close_with_the_last(
        steps in prop::collection::vec(
            (0..3_usize, prop::option::of(prop::sample::subsequence(CAPABILITIES.to_vec(), 0..=3))),
            0..40,
        )
    ) {
        let (mut registry, mut open) = (Registry::default(), BTreeSet::new());
        let mut model: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (who, capabilities) in steps {
            let id = IDS[who];
            let (opened, closed) = match capabilities {
                Some(capabilities) => {
                    model.insert(id, capabilities.clone());
                    let mut registration = capable(id, &capabilities);
                    registration.key = registry.agent(id.as_bytes()).map(|a| a.key.clone().into());
                    let joined = join(&mut registry, registration, "key", &Arc::default(), 0).expect("its own key");
                    (joined.opened, joined.closed)
                }
                None => {
                    model.remove(id);
                    (vec![], registry.unregister(id.as_bytes()).map_or(vec![], |left| left.closed))
                }
            };
            opened.into_iter().for_each(|name| assert!(open.insert(name.to_string())));
            closed.iter().for_each(|name| assert!(open.remove(&**name)));
            let expected: BTreeSet<String> =
                model.values().flatten().map(|name| name.to_string()).collect();
            prop_assert_eq!(&open, &expected);
        }
    }
}
