//! Who is told what.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;

use super::{Counts, Mode, Readers, Redirection, Tracker, Tracking};
use crate::outbox::{Moment, Outbox, Reason};

const UNBOUNDED: u64 = u64::MAX;

fn tracker(client: u64, mode: Mode) -> Tracker {
    let (outbox, is_broken) = (Arc::default(), false.into());
    Tracker { client, outbox, mode, ignores_own: false, redirection: None, is_broken }
}

fn prefixes(names: &[&'static str]) -> Mode {
    Mode::Prefixes(names.iter().map(|name| Bytes::from(*name)).collect::<BTreeSet<_>>())
}

/// What an outbox was told, as text.
fn told(outbox: &Outbox) -> Vec<String> {
    let mut taken = Vec::new();
    outbox.take(&mut taken);
    let text = |reason: &Reason| match reason {
        Reason::Invalidated { keys: Some(keys), .. } => {
            keys.iter().map(|key| String::from_utf8_lossy(key)).collect::<Vec<_>>().join(" ")
        }
        Reason::Invalidated { keys: None, .. } => "all".to_owned(),
        Reason::RedirectionBroken(client) => format!("{client} is gone"),
        other => format!("{other:?}"),
    };
    taken.iter().map(|publication| text(&publication.reason)).collect()
}

#[test]
fn readers_are_told_once() {
    let tracking = Arc::new(Tracking::default());
    let bob = Arc::new(tracker(1, Mode::Reads));
    tracking.start(bob.clone());
    let mut readers = Readers::new(tracking.clone());
    readers.remember(b"k", 1);
    readers.remember(b"k", 1);
    readers.remember(b"k", 2);
    assert_eq!(tracking.counts(), Counts { clients: 1, keys: 1, items: 2, prefixes: 0 });
    let clients = readers.take(b"k").expect("two readers");
    tracking.changed(&clients, (b"k", 7), Moment::AtEnd, UNBOUNDED);
    assert_eq!(told(&bob.outbox), ["k"]);
    assert!(readers.take(b"k").is_none());
    assert_eq!(tracking.counts(), Counts { clients: 1, keys: 0, items: 0, prefixes: 0 });
}

#[test]
fn who_ignores_its_own_changes_is_told_of_others() {
    let tracking = Tracking::default();
    let bob = Arc::new(Tracker { ignores_own: true, ..tracker(1, Mode::Reads) });
    tracking.start(bob.clone());
    tracking.changed(&[1], (b"k", 1), Moment::AtEnd, UNBOUNDED);
    assert!(told(&bob.outbox).is_empty());
    tracking.changed(&[1], (b"k", 2), Moment::AtEnd, UNBOUNDED);
    assert_eq!(told(&bob.outbox), ["k"]);
}

#[test]
fn changes_are_gathered_for_each_prefix() {
    let tracking = Tracking::default();
    let bob = Arc::new(tracker(1, prefixes(&["a", "c"])));
    let eve = Arc::new(Tracker { ignores_own: true, ..tracker(2, prefixes(&[""])) });
    tracking.start(bob.clone());
    tracking.start(eve.clone());
    assert_eq!(tracking.counts().prefixes, 3);
    let changed = [("az", 1), ("aa", 2), ("b", 1), ("az", 2)].map(|(key, by)| (key.into(), by));
    tracking.broadcast(&changed, UNBOUNDED);
    assert_eq!(told(&bob.outbox), ["aa az"]);
    // She was the last to change `az`.
    assert_eq!(told(&eve.outbox), ["b"]);
    tracking.all_changed(UNBOUNDED);
    assert_eq!(told(&bob.outbox), ["all"]);
    tracking.stop(1);
    tracking.stop(2);
    assert!(!tracking.has_prefixes());
}

#[test]
fn a_redirection_that_is_gone_is_told_to_the_client_itself() {
    let tracking = Tracking::default();
    let other: Arc<Outbox> = Arc::default();
    let redirection = Some(Redirection { client: 9, outbox: other.clone() });
    let bob = Arc::new(Tracker { redirection, ..tracker(1, Mode::Reads) });
    tracking.start(bob.clone());
    tracking.changed(&[1], (b"k", 7), Moment::AtEnd, UNBOUNDED);
    assert_eq!(told(&other), ["k"]);
    other.close();
    tracking.changed(&[1], (b"k", 7), Moment::AtEnd, UNBOUNDED);
    assert!(told(&other).is_empty());
    assert_eq!(told(&bob.outbox), ["9 is gone"]);
}

#[test]
fn the_number_of_keys_is_bounded() {
    let tracking = Arc::new(Tracking::default());
    let mut readers = Readers::new(tracking.clone());
    for key in [b"a", b"b", b"c"] {
        readers.remember(key, 1);
    }
    let (gone, clients) = readers.make_room(2).expect("one too many");
    assert_ne!(*gone, *b"c", "what was read last stays");
    assert_eq!(clients, [1]);
    assert!(readers.make_room(2).is_none());
    let (last, _) = readers.make_room(0).and_then(|_| readers.make_room(0)).expect("all must go");
    assert_eq!(*last, *b"c");
    drop(readers);
    assert_eq!(tracking.counts().keys, 0);
}
