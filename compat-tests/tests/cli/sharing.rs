//! Broadcasts and files.

use clawlink_compat_tests::server::Server;
use serde_json::Value;

use crate::person::{alice_and_bob, message};

#[test]
fn a_broadcast_reaches_the_others_and_not_oneself() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    let mut subscriber = server.connect().unwrap();
    subscriber.call(&["SUBSCRIBE", "topic:findings"]).unwrap();
    let told = alice.asks(&["broadcast", "--content", "it is green", "--topic", "findings"]);
    assert_eq!(told["receivers"], 1);
    assert_eq!(told["followers"], 1);
    let heard = message(&bob.asks(&["poll"]), "knowledge_broadcast");
    assert_eq!(heard["content"], "it is green");
    assert_eq!(heard["message_id"], told["message_id"]);
    let plain = subscriber.read().unwrap();
    let plain: Value = serde_json::from_slice(plain.items()[2].bytes().unwrap()).unwrap();
    assert_eq!(plain, heard);
    assert_eq!(alice.asks(&["poll"])["count"], 0);
}

#[test]
fn files_are_shared_versioned_and_guarded() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    let content = b"\x00\xffbinary\r\n".as_slice();
    let put = ["file-put", "--key", "docs/plan.bin", "--file", "-"];
    assert_eq!(alice.pipes(content, &put).code, 0);

    let path = bob.home.path().join("plan.bin");
    let got =
        bob.types(&["file-get", "--key", "docs/plan.bin", "--output", path.to_str().unwrap()]);
    assert_eq!(got.code, 0, "{}", got.err);
    assert_eq!(std::fs::read(&path).unwrap(), content);

    std::fs::write(&path, "second").unwrap();
    let based = |base: &str| {
        let file = path.to_str().unwrap();
        bob.types(&["file-put", "--key", "docs/plan.bin", "--file", file, "--base", base])
    };
    assert_eq!(based("1").code, 0);
    based("1").refused(1, &["docs/plan.bin", "version 2", "bob"]);

    let listed = alice.asks(&["file-list"]);
    assert_eq!(listed["files"][0]["file_key"], "docs/plan.bin");
    assert_eq!(listed["files"][0]["version"], 2);
    let log = alice.asks(&["file-log", "--key", "docs/plan.bin"]);
    assert_eq!(log["versions"][0]["last_editor"], "bob");
    assert_eq!(log["versions"][1]["last_editor"], "alice");
    let printed = alice.types(&["file-get", "--key", "docs/plan.bin"]);
    assert_eq!(printed.out, "second");
    bob.types(&["file-get", "--key", "missing"]).refused(1, &["missing"]);
}

#[test]
fn edits_of_two_agents_are_merged_or_shown() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    let put = ["file-put", "--key", "plan.md", "--file", "-"];
    assert_eq!(alice.pipes(b"one\ntwo\nthree\n", &put).code, 0);
    let based = [&put[..], &["--base", "1", "--merge", "--json"]].concat();
    let saved = alice.pipes(b"ONE\ntwo\nthree\n", &based).json();
    assert_eq!((&saved["status"], &saved["version"]), (&"saved".into(), &2.into()));
    let merged = bob.pipes(b"one\ntwo\nTHREE\n", &based).json();
    assert_eq!(merged["content"], "ONE\ntwo\nTHREE\n");
    assert_eq!((&merged["with_version"], &merged["with_editor"]), (&2.into(), &"alice".into()));
    let conflict = bob.pipes(b"uno\ntwo\nthree\n", &based[..based.len() - 1]);
    assert_eq!(conflict.code, 8, "{}{}", conflict.out, conflict.err);
    assert!(conflict.out.starts_with("<<<<<<< version 3 by 'bob'\nONE\n"), "{}", conflict.out);
    let diff = alice.types(&["file-diff", "--key", "plan.md", "--from", "1"]);
    assert!(diff.out.contains("-one\n+ONE\n two\n-three\n+THREE\n"), "{}", diff.out);
}

#[test]
fn a_locked_file_is_its_holders_until_it_is_free() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    assert_eq!(alice.asks(&["file-lock", "--key", "plan.md"])["holder"], "alice");
    let put = ["file-put", "--key", "plan.md", "--file", "-"];
    bob.pipes(b"x", &put).refused(1, &["plan.md", "locked by 'alice'", "--force"]);
    assert_eq!(alice.pipes(b"hers", &put).code, 0);
    assert_eq!(bob.pipes(b"his", &[&put[..], &["--force"]].concat()).code, 0);
    assert_eq!(bob.asks(&["file-locks"])["locks"][0]["holder"], "alice");
    bob.types(&["file-unlock", "--key", "plan.md"]).refused(1, &["alice"]);
    assert_eq!(alice.asks(&["file-unlock", "--key", "plan.md"])["unlocked"], true);
    assert_eq!(bob.asks(&["file-locks"])["count"], 0);
}

#[test]
fn a_file_goes_comes_back_and_is_watched() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    let put = ["file-put", "--key", "plan.md", "--file", "-"];
    assert_eq!(alice.pipes(b"first", &put).code, 0);
    bob.asks(&["file-move", "--key", "plan.md", "--to", "old.md"]);
    alice.types(&["file-get", "--key", "plan.md"]).refused(1, &["plan.md"]);
    let log = alice.asks(&["file-log", "--key", "plan.md"]);
    assert_eq!(log["versions"][0]["moved_to"], "old.md");
    let restored = alice.asks(&["file-restore", "--key", "plan.md", "--version", "1"]);
    assert_eq!(restored["version"], 2);
    let watched = bob.asks(&["file-watch", "--key", "plan.md", "--since", "1", "--count", "1"]);
    assert_eq!((&watched["version"], &watched["last_editor"]), (&2.into(), &"alice".into()));
    let over = ["file-watch", "--key", "plan.*", "--count", "1", "--wait", "1"];
    bob.types(&over).refused(4, &["plan.*"]);
}

#[test]
fn a_file_of_64_mib_goes_there_and_back() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    let content: Vec<u8> = (0..64 << 20).map(|i: u32| (i >> 3) as u8 ^ i as u8).collect();
    let there = alice.home.path().join("big");
    std::fs::write(&there, &content).unwrap();
    let put = ["file-put", "--key", "big", "--file", "big"];
    assert_eq!(alice.asks(&put)["version"], 1);
    let back = bob.home.path().join("big");
    let get = ["file-get", "--key", "big", "--output", "big"];
    assert_eq!(bob.asks(&get)["size"], 64 << 20);
    assert!(std::fs::read(&back).unwrap() == content, "it came back changed");
    assert_eq!(bob.asks(&["file-log", "--key", "big"])["count"], 1, "parts are no versions");
}
