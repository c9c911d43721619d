//! Tasks, from the delegating side and the answering one.

use std::io::{BufRead, BufReader};
use std::process::Command;

use clawlink_compat_tests::server::Server;
use clawlink_compat_tests::wait::until;
use serde_json::Value;

use crate::person::{alice_and_bob, finish, message};

#[test]
fn a_task_goes_and_its_result_comes_back() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);

    let found = alice.types(&["discover", "--cap", "rust"]);
    assert_eq!(found.code, 0, "{}", found.err);
    assert!(found.out.contains("bob") && !found.out.contains("alice"), "{}", found.out);

    let sent = alice.asks(&[
        "delegate",
        "--to",
        "bob",
        "--task",
        "review it",
        "--context",
        r#"{"pr":7}"#,
        "--priority",
        "high",
    ]);
    let id = sent["message_id"].as_str().unwrap();

    let read = bob.types(&["poll"]);
    assert_eq!(read.code, 0, "{}", read.err);
    for part in [id, "review it", "alice", "high"] {
        assert!(read.out.contains(part), "{part} is missing in:\n{}", read.out);
    }
    assert!(!read.out.contains('\u{1b}'), "colours in a pipe:\n{}", read.out);
    let answered = bob.types(&["respond", "--to", "alice", "--msg-id", id, "--result", "fine"]);
    assert_eq!(answered.code, 0, "{}", answered.err);

    let response = message(&alice.asks(&["poll"]), "task_response");
    assert_eq!(response["message_id"], id);
    assert_eq!(response["result"], "fine");
    assert_eq!(response["status"], "completed");
    assert_eq!(response["from_agent"], "bob");
    bob.types(&["respond", "--msg-id", id, "--result", "again"]).refused(1, &["answered already"]);
}

#[test]
fn waiting_for_the_answer_prints_it() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    for (status, fatal, code) in [("completed", &[][..], 0), ("failed", &["--fatal"], 6)] {
        let waiting = alice
            .command(&["delegate", "--to", "bob", "--task", "sum", "--wait", "20"])
            .spawn()
            .unwrap();
        let task = message(&bob.asks(&["poll", "--wait", "20"]), "task_delegation");
        let id = task["message_id"].as_str().unwrap();
        bob.asks(
            &[&["respond", "--msg-id", id, "--result", "forty-two", "--status", status], fatal]
                .concat(),
        );
        let outcome = finish(waiting);
        assert_eq!(outcome.code, code, "{}{}", outcome.out, outcome.err);
        assert!(outcome.out.contains("forty-two"), "{}", outcome.out);
    }
    alice.types(&["delegate", "--to", "bob", "--task", "x", "--wait", "1"]).refused(4, &[]);
    bob.asks(&["poll"]);
    bob.types(&["poll", "--wait", "1"]).refused(4, &[]);
}

#[test]
fn watching_prints_messages_as_they_come() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    let mut watching = bob.command(&["watch", "--json"]).spawn().unwrap();
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let mut next = |kind: &str| loop {
        let line = lines.next().expect("watch has ended").unwrap();
        let record: Value = serde_json::from_str(&line).unwrap();
        if record["type"] == kind {
            return record;
        }
    };
    for task in ["first", "second"] {
        alice.asks(&["delegate", "--to", "bob", "--task", task]);
        assert_eq!(next("task_delegation")["task"], task);
    }
    alice.asks(&["broadcast", "--content", "news", "--topic", "findings", "--tags", "a,b"]);
    assert_eq!(next("knowledge_broadcast")["content"], "news");
    Command::new("kill").args(["-s", "INT", &watching.id().to_string()]).status().unwrap();
    until("watch ends when interrupted", || watching.try_wait().unwrap().is_some());
}

#[test]
fn a_task_that_was_not_answered_comes_again() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    alice.asks(&["delegate", "--to", "bob", "--task", "risky"]);
    let first = message(&bob.asks(&["poll", "--lease", "1"]), "task_delegation");
    // Bob crashes here; his next session finds the task again.
    let second = message(&bob.asks(&["poll", "--wait", "20"]), "task_delegation");
    assert_eq!(second["message_id"], first["message_id"]);
}
