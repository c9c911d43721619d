//! What can happen to a task between its sending and its end, as people see it who type commands.

use clawlink_compat_tests::server::Server;
use serde_json::{Value, json};

use crate::person::{Person, alice_and_bob, finish, message};

/// Waits for the next task. What else comes, who joined for one, is no news for these tests.
fn task(person: &Person) -> Value {
    loop {
        let polled = person.asks(&["poll", "--wait", "20"]);
        let mut messages = polled["messages"].as_array().unwrap().iter();
        if let Some(task) = messages.find(|message| message["type"] == "task_delegation") {
            return task.clone();
        }
    }
}

fn text<'a>(record: &'a Value, field: &str) -> &'a str {
    record[field].as_str().unwrap_or_else(|| panic!("no {field} in {record}"))
}

#[test]
fn a_task_that_fails_is_tried_again_and_dies_at_last() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    let sent = alice.asks(&["delegate", "--to", "bob", "--task", "sum", "--attempts", "2"]);
    let id = text(&sent, "message_id");
    for attempt in [1, 2] {
        let task = task(&bob);
        assert_eq!(task["attempt"], attempt);
        let receipt = text(&task, "receipt");
        assert_eq!(receipt, format!("{id}#{attempt}"));
        bob.asks(&["respond", receipt, "--result", "no disk", "--status", "failed"]);
    }
    let awaited = alice.types(&["await", id, "--json"]);
    assert_eq!(awaited.code, 6, "{}", awaited.err);
    let response: Value = serde_json::from_str(&awaited.out).unwrap();
    assert_eq!(response["response"]["status"], "dead");
    assert_eq!(bob.asks(&["dead"])["tasks"][0]["message_id"], id);

    let told = alice.types(&["task", id]).out;
    for part in ["dead", "attempt 1 by bob", "attempt 2 by bob", "failed", "no disk"] {
        assert!(told.contains(part), "{part} is missing in:\n{told}");
    }
    alice.asks(&["requeue", id]);
    assert_eq!(bob.asks(&["dead"])["count"], 0);
    let again = task(&bob);
    bob.asks(&["respond", text(&again, "receipt"), "--result", "42"]);
    assert_eq!(alice.asks(&["await", id])["response"]["status"], "completed");
}

#[test]
fn a_task_that_is_called_off_is_not_answered() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    let sent = alice.asks(&["delegate", "--to", "bob", "--task", "sum"]);
    let id = text(&sent, "message_id");
    assert_eq!(bob.asks(&["peek"])["messages"][0]["message_id"], id);
    task(&bob);
    alice.asks(&["cancel", id, "--reason", "too late"]);
    let notice = message(&bob.asks(&["poll", "--wait", "20"]), "task_canceled");
    assert_eq!((&notice["message_id"], &notice["reason"]), (&json!(id), &json!("too late")));
    bob.types(&["respond", id, "--result", "42"]).refused(1, &["canceled", "too late"]);
    let listed = alice.asks(&["tasks", "--to", "bob", "--state", "canceled"]);
    assert_eq!((&listed["count"], &listed["tasks"][0]["message_id"]), (&json!(1), &json!(id)));
    assert_eq!(alice.asks(&["tasks", "--state", "queued"])["count"], 0);
    assert!(alice.types(&["tasks", "--from", "alice"]).out.contains(id));
}

#[test]
fn a_question_is_answered_and_progress_is_seen() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    let sent = alice.asks(&["delegate", "--to", "bob", "--task", "paint it"]);
    let id = text(&sent, "message_id");
    let task = task(&bob);
    let receipt = text(&task, "receipt");
    bob.asks(&["respond", receipt, "--result", "which colour?", "--status", "input_required"]);
    let awaited = alice.types(&["await", id]);
    assert_eq!(awaited.code, 7, "{}", awaited.err);
    assert!(awaited.out.contains("which colour?"), "{}", awaited.out);
    alice.asks(&["answer", id, "--text", "blue"]);
    let answer = message(&bob.asks(&["poll", "--wait", "20"]), "task_answer");
    assert_eq!(answer["answer"], "blue");

    let waiting = alice.command(&["await", id, "--progress"]).spawn().unwrap();
    server.wait_for_blocked(1);
    bob.asks(&["progress", receipt, "--note", "half way", "--percent", "50"]);
    server.wait_for_blocked(1);
    assert!(bob.asks(&["touch", receipt])["lease"].as_u64().is_some_and(|lease| lease > 0));
    bob.asks(&["respond", receipt, "--result", "done"]);
    let waited = finish(waiting);
    assert_eq!(waited.code, 0, "{}", waited.err);
    assert!(waited.err.contains("50 %") && waited.err.contains("half way"), "{}", waited.err);
    assert!(waited.out.contains("completed") && waited.out.contains("done"), "{}", waited.out);
    let told = alice.types(&["task", id]).out;
    for part in ["question which colour?", "answer blue", "progress 50 %", "half way"] {
        assert!(told.contains(part), "{part} is missing in:\n{told}");
    }
}

#[test]
fn whoever_lost_a_task_is_told_who_has_it() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    let zoe = Person::at(&server);
    zoe.asks(&["register", "--name", "zoe", "--caps", "rust"]);
    alice.asks(&["delegate", "--to", "@rust", "--task", "review", "--receipts"]);
    let first = task(&bob);
    bob.asks(&["release", text(&first, "receipt"), "--reason", "no time"]);
    let second = task(&zoe);
    assert_eq!(second["message_id"], first["message_id"]);
    bob.types(&["respond", text(&first, "receipt"), "--result", "late"])
        .refused(1, &["held by 'zoe'"]);
    zoe.asks(&["respond", text(&second, "receipt"), "--result", "fine"]);

    let told = alice.asks(&["poll", "--count", "20"]);
    let events: Vec<&str> = told["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["type"] == "task_receipt")
        .map(|receipt| text(receipt, "event"))
        .collect();
    assert_eq!(events, ["queued", "delivered", "released", "delivered"]);
    assert_eq!(message(&told, "task_response")["result"], "fine");
}

#[test]
fn the_results_of_several_are_gathered() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    let zoe = Person::at(&server);
    zoe.registers("zoe");
    let nobody = ["delegate", "--to", "bob,carol", "--task", "search"];
    alice.types(&nobody).refused(1, &["no agent 'carol'"]);

    let args = ["delegate", "--to", "bob,zoe", "--task", "search", "--wait", "20", "--json"];
    let waiting = alice.command(&args).spawn().unwrap();
    for (person, found) in [(&bob, "here"), (&zoe, "there")] {
        person.asks(&["respond", text(&task(person), "receipt"), "--result", found]);
    }
    let gathered = finish(waiting).json();
    assert_eq!((&gathered["total"], &gathered["pending"]), (&json!(2), &json!(0)));
    let results = gathered["results"].as_array().unwrap();
    let results: Vec<&str> = results.iter().map(|result| text(result, "result")).collect();
    assert_eq!(results, ["here", "there"]);
    // They have been printed, so they are not mail any more; the group is still there to be read.
    assert!(!alice.types(&["poll"]).out.contains("response"));
    assert_eq!(alice.asks(&["gather", text(&gathered, "group")])["total"], 2);
}

#[test]
fn the_same_key_is_the_same_task_and_a_large_one_is_given_by_reference() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    let large = "x".repeat(5_000);
    let args = ["delegate", "--to", "bob", "--task", &large, "--idempotency-key", "once"];
    let (first, second) = (alice.asks(&args), alice.asks(&args));
    assert_eq!(first["message_id"], second["message_id"]);
    let polled = bob.asks(&["poll", "--max-bytes", "1000"]);
    let task = message(&polled, "task_delegation");
    assert_eq!((&task["task_ref"], &task["task"]), (&first["message_id"], &Value::Null));
    let id = text(&task, "task_ref");
    assert_eq!(bob.asks(&["task", id])["task"], large);
}
