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
