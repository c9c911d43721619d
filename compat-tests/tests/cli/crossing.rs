//! The command line on one side, plain Redis clients on the other.

use std::process::{Command, Stdio};

use clawlink_compat_tests::binary;
use clawlink_compat_tests::server::Server;
use serde_json::Value;

use crate::person::{Person, alice_and_bob, message};

#[test]
fn plain_redis_clients_and_the_command_line_meet() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    let mut plain = server.connect().unwrap();

    plain.call(&["LPUSH", "inbox:bob", "by hand"]).unwrap();
    let task = message(&bob.asks(&["poll"]), "task_delegation");
    assert_eq!(task["task"], "by hand");

    alice.asks(&["delegate", "--to", "bob", "--task", "by clawlink"]);
    let popped = plain.ask(&["BRPOP", "inbox:bob", "5"]).unwrap();
    let record: Value = serde_json::from_slice(popped.items()[1].bytes().unwrap()).unwrap();
    assert_eq!(record["task"], "by clawlink");

    plain.call(&["SET", "file:shared.txt", "by SET"]).unwrap();
    assert_eq!(alice.types(&["file-get", "--key", "shared.txt"]).out, "by SET");
    let put = ["file-put", "--key", "shared.txt", "--file", "-"];
    assert_eq!(alice.pipes(b"by file-put", &put).code, 0);
    assert_eq!(plain.ask(&["GET", "file:shared.txt"]).unwrap().text(), "by file-put");

    plain.call(&["PUBLISH", "topic:findings", "by PUBLISH"]).unwrap();
    assert_eq!(message(&alice.asks(&["poll"]), "message")["content"], "by PUBLISH");
}

#[test]
fn a_python_worker_serves_the_command_line() {
    let server = Server::clawlink().unwrap();
    let (requester, worker) = (Person::at(&server), Person::at(&server));
    requester.registers("requester");
    worker.registers("worker");
    assert_eq!(
        requester.pipes(b"1 2 3 4", &["file-put", "--key", "numbers.txt", "--file", "-"]).code,
        0
    );
    requester.asks(&["delegate", "--to", "worker", "--task", "sum numbers.txt"]);

    let python = binary::workspace().join("target/clients/python/bin/python");
    assert!(python.exists(), "{} is missing: run scripts/test", python.display());
    let ran = Command::new(python)
        .arg(binary::workspace().join("compat-tests/programs/python/worker.py"))
        .env("CLAWLINK_PORT", server.port().to_string())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert_eq!(printed, "task from requester: sum numbers.txt\n");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));

    assert_eq!(requester.types(&["file-get", "--key", "sum.txt"]).out, "10");
    let polled = requester.asks(&["poll", "--wait", "5"]);
    assert_eq!(message(&polled, "task_response")["result"], "10");
    assert_eq!(message(&polled, "message")["content"], "the sum is 10");
}
