//! The command line `clawlink` as people drive it, against a real broker.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use clawlink_compat_tests::binary;
use clawlink_compat_tests::server::{Server, free_port};
use clawlink_compat_tests::wait::until;

/// Somebody at a machine: a home of their own, and a broker to talk to.
struct Person {
    home: tempfile::TempDir,
    relay: String,
}

/// What a command printed and how it ended.
struct Outcome {
    code: i32,
    out: String,
    err: String,
}

impl Outcome {
    /// The JSON that was printed; the command must have gone well.
    fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }

    /// The command must have ended with this code and have named all of these in its error.
    fn refused(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        for word in words {
            assert!(
                self.err.contains(word),
                "`{word}` is missing in: {}",
                self.err
            );
        }
    }
}

impl Person {
    fn at(server: &Server) -> Self {
        let relay = format!("127.0.0.1:{}", server.port());
        Self {
            home: tempfile::tempdir().unwrap(),
            relay,
        }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary::clawlink().unwrap());
        command
            .args(args)
            .env_clear()
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path().join("config"))
            .env("CLAWLINK_RELAY", &self.relay)
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn types(&self, args: &[&str]) -> Outcome {
        finish(self.command(args).spawn().unwrap())
    }

    /// Types a command that reads standard input.
    fn pipes(&self, input: &[u8], args: &[&str]) -> Outcome {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        finish(child)
    }

    /// Types a command with `--json`, which has to go well.
    fn asks(&self, args: &[&str]) -> Value {
        self.types(&[args, &["--json"]].concat()).json()
    }

    fn registers(&self, name: &str) {
        assert_eq!(self.asks(&["register", "--name", name])["agent_id"], name);
    }
}

fn finish(child: Child) -> Outcome {
    let output = child.wait_with_output().unwrap();
    Outcome {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Two agents that know each other.
fn alice_and_bob(server: &Server) -> (Person, Person) {
    let (alice, bob) = (Person::at(server), Person::at(server));
    alice.registers("alice");
    bob.asks(&[
        "register",
        "--name",
        "bob",
        "--caps",
        "rust,review",
        "--description",
        "reviews",
    ]);
    // What was published while they came is no news for the tests.
    alice.asks(&["poll"]);
    (alice, bob)
}

/// The first message of a kind that a poll brings.
fn message(polled: &Value, kind: &str) -> Value {
    let messages = polled["messages"].as_array().unwrap();
    let found = messages.iter().find(|message| message["type"] == kind);
    found
        .unwrap_or_else(|| panic!("no {kind} in {polled}"))
        .clone()
}

#[test]
fn a_task_goes_and_its_result_comes_back() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);

    let found = alice.types(&["discover", "--cap", "rust"]);
    assert_eq!(found.code, 0, "{}", found.err);
    assert!(
        found.out.contains("bob") && !found.out.contains("alice"),
        "{}",
        found.out
    );

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
        assert!(
            read.out.contains(part),
            "{part} is missing in:\n{}",
            read.out
        );
    }
    assert!(
        !read.out.contains('\u{1b}'),
        "colours in a pipe:\n{}",
        read.out
    );
    let answered = bob.types(&[
        "respond", "--to", "alice", "--msg-id", id, "--result", "fine",
    ]);
    assert_eq!(answered.code, 0, "{}", answered.err);

    let response = message(&alice.asks(&["poll"]), "task_response");
    assert_eq!(response["message_id"], id);
    assert_eq!(response["result"], "fine");
    assert_eq!(response["status"], "completed");
    assert_eq!(response["from_agent"], "bob");
    bob.types(&["respond", "--msg-id", id, "--result", "again"])
        .refused(1, &["answered already"]);
}

#[test]
fn waiting_for_the_answer_prints_it() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    for (status, code) in [("completed", 0), ("failed", 6)] {
        let waiting = alice
            .command(&["delegate", "--to", "bob", "--task", "sum", "--wait", "20"])
            .spawn()
            .unwrap();
        let task = message(&bob.asks(&["poll", "--wait", "20"]), "task_delegation");
        let id = task["message_id"].as_str().unwrap();
        bob.asks(&[
            "respond",
            "--msg-id",
            id,
            "--result",
            "forty-two",
            "--status",
            status,
        ]);
        let outcome = finish(waiting);
        assert_eq!(outcome.code, code, "{}{}", outcome.out, outcome.err);
        assert!(outcome.out.contains("forty-two"), "{}", outcome.out);
    }
    alice
        .types(&["delegate", "--to", "bob", "--task", "x", "--wait", "1"])
        .refused(4, &[]);
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
    alice.asks(&[
        "broadcast",
        "--content",
        "news",
        "--topic",
        "findings",
        "--tags",
        "a,b",
    ]);
    assert_eq!(next("knowledge_broadcast")["content"], "news");
    Command::new("kill")
        .args(["-s", "INT", &watching.id().to_string()])
        .status()
        .unwrap();
    until("watch ends when interrupted", || {
        watching.try_wait().unwrap().is_some()
    });
}

#[test]
fn a_broadcast_reaches_the_others_and_not_oneself() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    let mut subscriber = server.connect().unwrap();
    subscriber.call(&["SUBSCRIBE", "topic:findings"]).unwrap();
    let told = alice.asks(&[
        "broadcast",
        "--content",
        "it is green",
        "--topic",
        "findings",
    ]);
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
    let got = bob.types(&[
        "file-get",
        "--key",
        "docs/plan.bin",
        "--output",
        path.to_str().unwrap(),
    ]);
    assert_eq!(got.code, 0, "{}", got.err);
    assert_eq!(std::fs::read(&path).unwrap(), content);

    std::fs::write(&path, "second").unwrap();
    let based = |base: &str| {
        let file = path.to_str().unwrap();
        bob.types(&[
            "file-put",
            "--key",
            "docs/plan.bin",
            "--file",
            file,
            "--base",
            base,
        ])
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
    bob.types(&["file-get", "--key", "missing"])
        .refused(1, &["missing"]);
}

#[test]
fn several_agents_live_on_one_machine() {
    let server = Server::clawlink().unwrap();
    let person = Person::at(&server);
    person.types(&["poll"]).refused(5, &["register"]);
    person.registers("first");
    assert_eq!(person.types(&["poll"]).code, 0);
    person.registers("second");
    person
        .types(&["poll"])
        .refused(5, &["first", "second", "--as"]);
    person.asks(&["delegate", "--to", "second", "--task", "x", "--as", "first"]);
    let polled = person.asks(&["poll", "--as", "second"]);
    assert_eq!(message(&polled, "task_delegation")["from_agent"], "first");
    let mut by_environment = person.command(&["heartbeat"]);
    by_environment.env("CLAWLINK_AGENT", "first");
    assert_eq!(finish(by_environment.spawn().unwrap()).code, 0);
    assert!(
        stored_identities(&person)
            .iter()
            .all(|(_, mode)| mode & 0o777 == 0o600)
    );
    assert_eq!(stored_identities(&person).len(), 2);
}

/// The files that hold identities, and their modes.
fn stored_identities(person: &Person) -> Vec<(PathBuf, u32)> {
    use std::os::unix::fs::PermissionsExt;
    let folder = person.home.path().join("config/clawlink/identities");
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| (entry.path(), entry.metadata().unwrap().permissions().mode()))
        .collect()
}

#[test]
fn an_identity_is_resumed_by_its_owner_alone() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    bob.types(&["register", "--name", "alice"])
        .refused(1, &["alice", "online"]);
    bob.asks(&["delegate", "--to", "alice", "--task", "kept"]);
    let again = alice.asks(&["register", "--name", "alice"]);
    assert_eq!(again["status"], "resumed");
    assert_eq!(
        message(&alice.asks(&["poll"]), "task_delegation")["task"],
        "kept"
    );
    assert_eq!(alice.asks(&["unregister"])["status"], "unregistered");
    bob.types(&["delegate", "--to", "alice", "--task", "x"])
        .refused(1, &["no agent 'alice'"]);
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

#[test]
fn the_token_is_asked_for_and_never_shown() {
    let server = Server::clawlink_with(&["--token", "hush-hush"]).unwrap();
    let person = Person::at(&server);
    person.types(&["discover"]).refused(1, &["token"]);
    person
        .types(&["discover", "--token", "wrong"])
        .refused(1, &["token"]);
    let outcome = person.types(&["discover", "--token", "hush-hush"]);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let mut by_environment = person.command(&["info"]);
    let outcome = finish(
        by_environment
            .env("CLAWLINK_TOKEN", "hush-hush")
            .spawn()
            .unwrap(),
    );
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(!outcome.out.contains("hush-hush"), "{}", outcome.out);
    assert!(!server.log().contains("hush-hush"), "{}", server.log());
}

#[test]
fn mistakes_are_explained() {
    let server = Server::clawlink().unwrap();
    let (alice, _bob) = alice_and_bob(&server);
    alice
        .types(&["delegate", "--to", "nobody", "--task", "x"])
        .refused(1, &["nobody"]);
    alice
        .types(&["delegate", "--to", "@cobol", "--task", "x"])
        .refused(1, &["cobol"]);
    alice
        .types(&["delegate", "--to", "bob"])
        .refused(2, &["--task"]);
    alice.types(&["bogus"]).refused(2, &["bogus"]);
    alice
        .types(&["respond", "--msg-id", "bob.x.1", "--result", "r"])
        .refused(1, &["bob.x.1"]);
    let alone = Person {
        home: tempfile::tempdir().unwrap(),
        relay: format!("127.0.0.1:{}", free_port().unwrap()),
    };
    alone
        .types(&["discover"])
        .refused(3, &["no broker at", "clawlinkd"]);
}

#[test]
fn the_relay_is_named_in_every_accepted_form() {
    let server = Server::clawlink().unwrap();
    let port = server.port();
    let person = Person::at(&server);
    for relay in [
        "127.0.0.1:",
        "redis://127.0.0.1:",
        "http://127.0.0.1:",
        "localhost:",
    ] {
        let outcome = person.types(&["discover", "--relay", &format!("{relay}{port}")]);
        assert_eq!(outcome.code, 0, "{relay}: {}", outcome.err);
    }
}

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
    assert_eq!(
        alice.types(&["file-get", "--key", "shared.txt"]).out,
        "by SET"
    );
    let put = ["file-put", "--key", "shared.txt", "--file", "-"];
    assert_eq!(alice.pipes(b"by file-put", &put).code, 0);
    assert_eq!(
        plain.ask(&["GET", "file:shared.txt"]).unwrap().text(),
        "by file-put"
    );

    plain
        .call(&["PUBLISH", "topic:findings", "by PUBLISH"])
        .unwrap();
    assert_eq!(
        message(&alice.asks(&["poll"]), "message")["content"],
        "by PUBLISH"
    );
}

#[test]
fn a_python_worker_serves_the_command_line() {
    let server = Server::clawlink().unwrap();
    let (requester, worker) = (Person::at(&server), Person::at(&server));
    requester.registers("requester");
    worker.registers("worker");
    assert_eq!(
        requester
            .pipes(
                b"1 2 3 4",
                &["file-put", "--key", "numbers.txt", "--file", "-"]
            )
            .code,
        0
    );
    requester.asks(&["delegate", "--to", "worker", "--task", "sum numbers.txt"]);

    let python = binary::workspace().join("target/clients/python/bin/python");
    assert!(
        python.exists(),
        "{} is missing: run scripts/test",
        python.display()
    );
    let ran = Command::new(python)
        .arg(binary::workspace().join("compat-tests/programs/python/worker.py"))
        .env("CLAWLINK_PORT", server.port().to_string())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert_eq!(printed, "task from requester: sum numbers.txt\n");
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );

    assert_eq!(requester.types(&["file-get", "--key", "sum.txt"]).out, "10");
    let polled = requester.asks(&["poll", "--wait", "5"]);
    assert_eq!(message(&polled, "task_response")["result"], "10");
    assert_eq!(message(&polled, "message")["content"], "the sum is 10");
}

#[test]
fn the_demo_plays_to_its_end() {
    let person = Person {
        home: tempfile::tempdir().unwrap(),
        relay: String::new(),
    };
    let outcome = person.types(&["demo"]);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(outcome.out.lines().count() > 10, "{}", outcome.out);
}
