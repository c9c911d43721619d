//! The rules of versions, tombstones, locks and uploads.

use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;

const BOUNDS: Bounds = Bounds { versions: 4, bytes: 100 };

fn draft(content: &str) -> Draft {
    let content = Bytes::copy_from_slice(content.as_bytes());
    Draft { content, editor: "alice".into(), ..Draft::default() }
}

const GRAVES: GraveBounds = GraveBounds { files: 3, bytes: 150 };

fn deleted(at: u64) -> End {
    End { by: "bob".into(), at, moved_to: None }
}

#[test]
fn a_base_that_was_passed_is_a_conflict() {
    let mut files = Files::default();
    let based = |base| Draft { base: Some(base), ..draft("x") };
    assert_eq!(files.put(b"f", based(3), 1, &BOUNDS), Err(Conflict::Missing));
    assert_eq!(files.put(b"f", based(0), 1, &BOUNDS), Ok(1));
    assert_eq!(files.put(b"f", based(0), 1, &BOUNDS), Err(Conflict::Moved(1, "alice".into())));
    assert_eq!(files.put(b"f", based(1), 1, &BOUNDS), Ok(2));
}

#[test]
fn a_type_lasts_until_another_is_named() {
    let mut files = Files::default();
    let mut types = Vec::new();
    for file_type in [None, Some("markdown"), None] {
        let typed = Draft { file_type: file_type.map(Arc::from), ..draft("x") };
        assert!(files.put(b"f", typed, 1, &BOUNDS).is_ok());
        types.push(files.get(b"f").map(|newest| newest.file_type.to_string()));
    }
    assert_eq!(types.iter().flatten().collect::<Vec<_>>(), ["text", "markdown", "markdown"]);
}

#[test]
fn the_newest_version_is_kept_whatever_its_size() {
    let mut files = Files::default();
    assert!(files.put(b"f", draft("small"), 1, &BOUNDS).is_ok());
    assert!(files.put(b"f", draft(&"x".repeat(500)), 1, &BOUNDS).is_ok());
    let file = files.file(b"f").expect("it was saved");
    assert_eq!((file.oldest_number(), file.bytes()), (2, 500));
    assert!(file.version(1).is_none() && file.version(2).is_some());
}

#[test]
fn a_file_that_is_written_anew_goes_on_where_it_ended() {
    let mut files = Files::default();
    let typed = Draft { file_type: Some("markdown".into()), ..draft("one") };
    assert_eq!(files.put(b"f", typed, 1, &BOUNDS), Ok(1));
    assert!(files.end(b"f", deleted(2), &GRAVES).is_some());
    assert!(files.get(b"f").is_none() && files.list(None).is_empty());
    let past = files.past(b"f").expect("it is remembered");
    assert_eq!(past.newest().end.as_deref(), Some(&deleted(2)));
    assert_eq!(files.put(b"f", Draft { base: Some(0), ..draft("two") }, 3, &BOUNDS), Ok(2));
    let file = files.file(b"f").expect("it is back");
    let log: Vec<_> = file.versions().map(|v| (v.number, v.end.is_some())).collect();
    assert_eq!(log, [(2, false), (1, true)]);
    assert_eq!(&*file.newest().file_type, DEFAULT_TYPE);
    assert!(files.graves().is_empty());
}

#[test]
fn the_first_to_go_are_forgotten_first() {
    let mut files = Files::default();
    for key in [b"a", b"b", b"c", b"d"] {
        assert_eq!(files.put(key, draft("x"), 1, &BOUNDS), Ok(1));
        assert!(files.end(key, deleted(1), &GRAVES).is_some());
    }
    assert!(files.past(b"a").is_none() && files.past(b"b").is_some());
    // One that is too large for the bounds loses its oldest versions before others are forgotten.
    for content in ["x".repeat(90), "y".repeat(90)] {
        let bounds = Bounds { versions: 9, bytes: 999 };
        assert!(files.put(b"e", draft(&content), 1, &bounds).is_ok());
    }
    assert!(files.end(b"e", deleted(1), &GRAVES).is_some());
    assert_eq!(files.past(b"e").map(|file| (file.oldest_number(), file.bytes())), Some((2, 90)));
    assert!(files.past(b"b").is_none() && files.past(b"c").is_some());
    assert_eq!(files.bytes(), 92);
}

#[test]
fn a_content_is_hashed_once_whenever_that_is() {
    let mut files = Files::default();
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert!(files.put(b"small", draft("abc"), 1, &BOUNDS).is_ok());
    let small = files.get(b"small").expect("it was saved");
    assert_eq!(small.known_digest(), None);
    assert_eq!(hex(small.digest()), abc);
    assert!(small.known_digest().is_some());
    let large = "x".repeat(100_000);
    assert!(files.put(b"large", draft(&large), 1, &BOUNDS).is_ok());
    let known = files.get(b"large").and_then(Version::known_digest).expect("at once");

    let mut upload = Upload::new(b"large", draft(""), false, false);
    assert!(upload.is_empty());
    let mut uploads = Uploads::default();
    for (index, part) in large.as_bytes().chunks(7_777).enumerate() {
        let part = Bytes::copy_from_slice(part);
        if index == 0 {
            let begun = std::mem::replace(&mut upload, Upload::new(b"", draft(""), false, false));
            assert_eq!(uploads.begin(b"u", begun, part, 1), Ok(()));
        } else {
            assert!(uploads.add(b"u", part, 1).is_ok());
        }
    }
    let mut upload = uploads.take(b"u").expect("it is open");
    assert_eq!(upload.finish(), (Bytes::from(large), known));
    assert_eq!(uploads.bytes(), 0);
}

#[test]
fn an_upload_is_its_senders_and_does_not_wait_for_ever() {
    let mut uploads = Uploads::default();
    let upload = || Upload::new(b"f", draft(""), false, false);
    let part = || Bytes::from_static(b"12345");
    assert_eq!(uploads.begin(b"u", upload(), part(), 1_000), Ok(()));
    assert!(uploads.get(b"u", b"f", "alice").is_ok());
    for (id, key, agent) in
        [(&b"v"[..], &b"f"[..], "alice"), (b"u", b"g", "alice"), (b"u", b"f", "")]
    {
        assert_eq!(uploads.get(id, key, agent).map(Upload::len), Err(Untaken::Unknown));
    }
    assert_eq!(uploads.add(b"u", part(), 5_000), Ok(10));
    assert_eq!(uploads.deadline(), Some(5_000 + UPLOAD_IDLE_MS));
    uploads.give_up(5_000 + UPLOAD_IDLE_MS - 1);
    assert_eq!(uploads.bytes(), 10);
    uploads.give_up(5_000 + UPLOAD_IDLE_MS);
    assert_eq!((uploads.bytes(), uploads.deadline()), (0, None));
    assert_eq!(uploads.add(b"u", part(), 5_000), Err(Untaken::Unknown));
}

#[test]
fn uploads_have_bounds() {
    let mut uploads = Uploads::default();
    let upload = || Upload::new(b"f", draft(""), false, false);
    for number in 0..UPLOADS_MAX {
        let id = number.to_string();
        assert_eq!(uploads.begin(id.as_bytes(), upload(), Bytes::from_static(b"x"), 1), Ok(()));
    }
    assert_eq!(uploads.begin(b"more", upload(), Bytes::new(), 1), Err(Untaken::TooMany));
    for _ in 1..UPLOAD_PARTS_MAX {
        assert!(uploads.add(b"0", Bytes::new(), 1).is_ok());
    }
    assert_eq!(uploads.add(b"0", Bytes::new(), 1), Err(Untaken::TooManyParts));
    let large = Bytes::from(vec![0; UPLOAD_BYTES_MAX / 8]);
    for _ in 0..7 {
        assert!(uploads.add(b"1", large.clone(), 1).is_ok());
    }
    assert_eq!(uploads.add(b"1", large, 1), Err(Untaken::TooManyBytes));
}

fn change(path: &str, version: u64) -> Arc<crate::topics::FileChange> {
    Arc::new(crate::topics::FileChange {
        event: crate::topics::FileEvent::Updated,
        path: path.as_bytes().into(),
        version,
        editor: Arc::default(),
        moved_to: None,
        at: 1,
        number: crate::message_number::MessageNumber::new("t8k2m1".into(), version),
    })
}

#[test]
fn the_next_change_is_found_and_what_was_missed_is_counted() {
    let mut changes = Changes::default();
    let found = |changes: &Changes, pattern: &[u8], after| {
        changes.next(pattern, after).map(|next| (next.number, next.change.version, next.missed))
    };
    assert_eq!(found(&changes, b"*", 0), None);
    for version in 1..=CHANGES_MAX as u64 + 5 {
        changes.push(change(if version % 2 == 0 { "even" } else { "odd" }, version));
    }
    let newest = changes.newest();
    assert_eq!(newest, CHANGES_MAX as u64 + 5);
    assert_eq!(found(&changes, b"*", newest), None);
    assert_eq!(found(&changes, b"*", newest - 1), Some((newest, newest, 0)));
    assert_eq!(found(&changes, b"ev*", newest - 3), Some((newest - 1, newest - 1, 0)));
    assert_eq!(found(&changes, b"odd", 5), Some((7, 7, 0)));
    assert_eq!(found(&changes, b"*", 2), Some((6, 6, 3)));
    assert_eq!(found(&changes, b"none", 0), None);
}

#[test]
fn changes_that_all_have_seen_are_not_looked_at_again() {
    let mut changes = Changes::default();
    let fresh = |changes: &mut Changes, pattern: &[u8], after| {
        changes.next_fresh(pattern, after).map(|next| next.number)
    };
    // Two changes by one transaction are looked at together, by each who waits.
    changes.push(change("a", 1));
    changes.push(change("b", 1));
    assert_eq!(fresh(&mut changes, b"a", 0), Some(1));
    assert_eq!(fresh(&mut changes, b"b", 0), Some(2));
    assert_eq!(fresh(&mut changes, b"c", 0), None);
    changes.push(change("c", 1));
    assert_eq!(fresh(&mut changes, b"c", 0), Some(3));
    assert_eq!(fresh(&mut changes, b"a", 0), None);
}

/// Whether a file is there, and the number and length of each kept version.
type Modelled = (bool, Vec<(u64, usize)>);

proptest! {
    /// The model: all versions of each file in a vector, of which the last few are kept, whether it is deleted or not.
    #[test]
    fn behaves_as_the_last_versions_of_each_file(
        steps in prop::collection::vec((0..4u8, 0..60usize, 0..9u8), 0..80),
    ) {
        let graves = GraveBounds { files: 9, bytes: 999 };
        let mut files = Files::default();
        let mut model: BTreeMap<Vec<u8>, Modelled> = BTreeMap::new();
        for (key, len, kind) in steps {
            let key = vec![b'a' + key];
            if kind == 0 {
                let newest = files.end(&key, deleted(1), &graves).map(|version| version.number);
                let there = model.get_mut(&key).filter(|(there, _)| *there);
                let expected = there.and_then(|(there, kept)| {
                    *there = false;
                    kept.last().map(|kept| kept.0)
                });
                prop_assert_eq!(newest, expected);
                continue;
            }
            let (there, kept) = model.entry(key.clone()).or_default();
            *there = true;
            let number = kept.last().map_or(1, |(number, _)| number + 1);
            prop_assert_eq!(files.put(&key, draft(&"x".repeat(len)), 1, &BOUNDS), Ok(number));
            kept.push((number, len));
            let bytes = |kept: &[(u64, usize)]| kept.iter().map(|(_, len)| len).sum::<usize>();
            while kept.len() > 4 || kept.len() > 1 && bytes(kept) > 100 {
                kept.remove(0);
            }
        }
        for (key, (there, kept)) in &model {
            prop_assert_eq!(files.contains(key), *there);
            let file = files.past(key).expect("it is in the model");
            prop_assert_eq!(file.newest().end.is_none(), *there);
            let ours: Vec<_> = file.versions().map(|v| (v.number, v.content.len())).collect();
            let theirs: Vec<_> = kept.iter().rev().copied().collect();
            prop_assert_eq!(ours, theirs);
            for number in 0..kept.last().map_or(0, |k| k.0) + 2 {
                let expected = kept.iter().find(|k| k.0 == number).map(|k| k.1);
                prop_assert_eq!(file.version(number).map(|v| v.content.len()), expected);
            }
        }
        let listed: Vec<_> = files.list(None).into_iter().map(|(key, _)| key.to_vec()).collect();
        let there = model.iter().filter(|(_, (there, _))| *there);
        prop_assert_eq!(listed, there.map(|(key, _)| key.clone()).collect::<Vec<_>>());
        let bytes: usize = model.values().flat_map(|(_, kept)| kept).map(|k| k.1).sum();
        prop_assert_eq!(files.bytes(), bytes);
    }

    /// The model: who holds each key and until when, and a clock that jumps.
    #[test]
    fn a_lock_is_held_by_one_agent_until_it_lapses(
        steps in prop::collection::vec((0..3u8, 0..3usize, 0..5u8, 1..200u64), 0..80),
    ) {
        let mut locks = Locks::default();
        let mut model: BTreeMap<Vec<u8>, (&str, u64)> = BTreeMap::new();
        let mut now = 1_000;
        for (key, agent, kind, ms) in steps {
            let (key, agent) = (vec![b'a' + key], ["alice", "bob", "zoe"][agent]);
            let held = model.get(&key).copied().filter(|(_, until)| now < *until);
            let other = held.filter(|(holder, _)| *holder != agent);
            match kind {
                0 => now += ms,
                1 => {
                    let freed = locks.unlock(&key, agent, now);
                    prop_assert_eq!(freed.is_err(), other.is_some());
                    if let Ok(freed) = freed {
                        prop_assert_eq!(freed.is_some(), held.is_some());
                        model.remove(&key);
                    }
                }
                2 => {
                    let over = model.iter().filter(|(_, (_, until))| *until <= now).count();
                    let lapsed = std::iter::from_fn(|| locks.lapse(now)).count();
                    prop_assert_eq!(lapsed, over);
                    model.retain(|_, (_, until)| now < *until);
                }
                _ => {
                    let locked = locks.lock(&key, agent.into(), ms, now);
                    prop_assert_eq!(locked.is_err(), other.is_some());
                    if let Ok(lock) = locked {
                        prop_assert_eq!((&*lock.holder, lock.until), (agent, now + ms));
                        model.insert(key.clone(), (agent, now + ms));
                    }
                }
            }
            let held = model.get(&key).copied().filter(|(_, until)| now < *until);
            let ours = locks.get(&key, now).map(|lock| (&*lock.holder, lock.until));
            prop_assert_eq!(ours, held);
            let others = ["alice", "bob", "zoe"].into_iter();
            let kept_out = others.filter(|agent| locks.against(&key, agent, now).is_some()).count();
            prop_assert_eq!(kept_out, if held.is_some() { 2 } else { 0 });
            let next = model.values().map(|(_, until)| *until).min();
            prop_assert_eq!(locks.deadline(), next);
            let listed = locks.list(None, now).len();
            prop_assert_eq!(listed, model.values().filter(|(_, until)| now < *until).count());
        }
    }
}

#[test]
fn a_renewed_lock_keeps_its_beginning_and_locks_have_a_bound() {
    let mut locks = Locks::default();
    assert!(locks.lock(b"f", "alice".into(), 500, 1_000).is_ok());
    let renewed = locks.lock(b"f", "alice".into(), 2_500, 1_400).expect("it is hers");
    assert_eq!((renewed.since, renewed.until, renewed.seconds_left(1_401)), (1_000, 3_900, 3));
    for number in 1..LOCKS_MAX {
        let key = number.to_string();
        assert!(locks.lock(key.as_bytes(), "bob".into(), 500, 1_000).is_ok());
    }
    assert_eq!(locks.lock(b"g", "bob".into(), 500, 1_000), Err(NotLocked::TooMany));
    assert!(locks.lock(b"f", "alice".into(), 500, 1_500).is_ok(), "a renewal is no new lock");
}
