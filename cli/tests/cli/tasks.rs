//! Tasks, answers, broadcasts and the inbox.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::json;

use crate::support::{Act, Broker, Home, Reply, bulk, int, list, map, null, ok};

const TASK: &str = r#"{"type":"task_delegation","message_id":"bob.t.1","from_agent":"alice","to_agent":"bob","task":"sum","context":{"n":123456789012345678901},"priority":"high","timestamp":"2026-01-31T10:20:30.000Z"}"#;

fn response(status: &str) -> Reply {
    bulk(format!(
        r#"{{"type":"task_response","message_id":"bob.t.1","response_id":"alice.t.2","from_agent":"bob","to_agent":"alice","result":"42","status":"{status}","timestamp":"2026-01-31T10:20:31.000Z"}}"#
    ))
}

/// Runs one command as bob (or whom `--as` says) against one reply; answers what was sent.
fn sent(reply: Reply, args: &[&str], input: &[u8]) -> Vec<String> {
    let home = Home::new();
    let broker = Broker::with([reply]);
    home.store(&broker.relay(), "bob", "k");
    let run = home.run_with_input(&broker.relay(), args, input);
    assert_eq!(run.code, 0, "{run:?}");
    broker.heard().remove(0)
}

#[test]
fn every_flag_reaches_the_broker() {
    let id = || bulk("x.t.1");
    let told = map([("message_id", id()), ("receivers", int(1)), ("followers", int(2))]);
    for (reply, typed, words) in [
        (id(), "delegate --to @rust --task T", "CLAW.DELEGATE @rust T FROM bob"),
        (
            id(),
            "delegate --to a --task T --context {} --priority urgent",
            "CLAW.DELEGATE a T FROM bob CONTEXT {} PRIORITY urgent",
        ),
        (id(), "delegate --to a --task -", "CLAW.DELEGATE a stdin FROM bob"),
        (list([]), "poll", "CLAW.POLL bob"),
        (list([]), "poll --count 3 --lease 60", "CLAW.POLL bob COUNT 3 LEASE 60"),
        (id(), "respond --msg-id x --result R", "CLAW.RESPOND x R FROM bob STATUS completed"),
        (
            id(),
            "respond --to alice --msg-id x --result - --status in_progress",
            "CLAW.RESPOND x stdin FROM bob STATUS in_progress",
        ),
        (int(2), "ack x y", "CLAW.ACK x y FROM bob"),
        (told.clone(), "broadcast --content C", "CLAW.BROADCAST general C FROM bob"),
        (
            told,
            "broadcast --content - --topic t --tags a,b",
            "CLAW.BROADCAST t stdin FROM bob TAGS a,b",
        ),
    ] {
        let args: Vec<&str> = typed.split(' ').collect();
        let input = if args.contains(&"-") { "stdin" } else { "" };
        assert_eq!(sent(reply, &args, input.as_bytes()).join(" "), words, "{typed}");
    }
}

#[test]
fn text_that_begins_with_a_dash_is_text() {
    let words = sent(bulk("x.t.1"), &["delegate", "--to", "a", "--task", "- one\n- two"], b"");
    assert_eq!(words[2], "- one\n- two");
}

#[test]
fn ids_are_always_printed() {
    let home = Home::new();
    let told = map([("message_id", bulk("#t.t.3")), ("receivers", int(1)), ("followers", int(2))]);
    let broker = Broker::with([bulk("bob.t.1"), bulk("alice.t.2"), told, int(1)]);
    let relay = broker.relay();
    home.store(&relay, "me", "k");
    let run = |args: &str| home.run(&relay, &args.split(' ').collect::<Vec<_>>()).text();
    assert_eq!(run("delegate --to bob --task T"), "delegated bob.t.1 to bob\n");
    assert_eq!(
        run("respond --msg-id bob.t.1 --result R --status failed"),
        "responded alice.t.2 to bob.t.1: failed\n"
    );
    assert_eq!(
        run("broadcast --content C --topic t"),
        "broadcast #t.t.3 on t to 2 agents and 1 subscriber\n"
    );
    assert_eq!(run("ack alice.t.2"), "acknowledged 1 message\n");
    broker.heard();
}

#[test]
fn the_same_as_json() {
    let home = Home::new();
    let told = map([("message_id", bulk("#t.t.3")), ("receivers", int(1)), ("followers", int(2))]);
    let broker = Broker::with([bulk("bob.t.1"), bulk("alice.t.2"), told, int(1)]);
    let relay = broker.relay();
    home.store(&relay, "me", "k");
    let run = |args: &str| home.run(&relay, &args.split(' ').collect::<Vec<_>>()).json(0);
    assert_eq!(
        run("delegate --to bob --task T --json"),
        json!({"message_id": "bob.t.1", "from_agent": "me", "to_agent": "bob"})
    );
    assert_eq!(
        run("respond --msg-id bob.t.1 --result R --json"),
        json!({"response_id": "alice.t.2", "message_id": "bob.t.1", "status": "completed"})
    );
    assert_eq!(
        run("broadcast --content C --topic t --json"),
        json!({"topic": "t", "message_id": "#t.t.3", "receivers": 1, "followers": 2})
    );
    assert_eq!(run("ack alice.t.2 --json"), json!({"acknowledged": 1}));
    broker.heard();
}

#[test]
fn polling_prints_messages_and_how_to_answer() {
    let home = Home::new();
    let mail = || list([bulk(TASK), response("completed")]);
    let broker = Broker::with([mail(), mail(), list([])]);
    let relay = broker.relay();
    let text = home.run(&relay, &["poll", "--as", "bob"]).text();
    assert_eq!(
        text.lines().collect::<Vec<_>>(),
        [
            "task bob.t.1 from alice high 2026-01-31 10:20:30Z",
            "    sum",
            "    context {\"n\":123456789012345678901}",
            "response alice.t.2 from bob to bob.t.1 completed 2026-01-31 10:20:31Z",
            "    42",
            "answer a task with: clawlink respond --msg-id ID --result TEXT",
        ]
    );
    let json = home.run(&relay, &["poll", "--as", "bob", "--json"]);
    let json = String::from_utf8(json.stdout).expect("text");
    assert!(json.starts_with(&format!("{{\"messages\":[{TASK},")), "unchanged: {json}");
    assert!(json.ends_with("],\"count\":2}\n"), "{json}");
    assert_eq!(home.run(&relay, &["poll", "--as", "bob"]).text(), "no messages\n");
    broker.heard();
}

#[test]
fn poll_wait_blocks_and_times_out_with_4() {
    let home = Home::new();
    let broker = Broker::with([list([bulk(TASK)])]);
    let text = home.run(&broker.relay(), &["poll", "--as", "bob", "--wait", "5"]).text();
    assert!(text.contains("bob.t.1"), "{text}");
    let heard = broker.heard().remove(0);
    assert_eq!(heard[..3], ["CLAW.POLL", "bob", "BLOCK"]);
    let block_ms: u64 = heard[3].parse().expect("milliseconds");
    assert!((4_000..=5_000).contains(&block_ms), "{block_ms}");

    // This broker answers "nothing" at once and as often as asked, as none would.
    let broker = Broker::with(std::iter::repeat_n(list([]), 100_000));
    let run = home.run(&broker.relay(), &["poll", "--as", "bob", "--wait", "1", "--json"]);
    assert_eq!(run.json(4), json!({"messages": [], "count": 0}));
}

#[test]
fn watching_prints_each_message_before_it_asks_again() {
    let home = Home::new();
    let mail =
        [list([bulk(TASK), response("in_progress")]), list([]), list([response("completed")])];
    let broker = Broker::with(mail.map(Act::from).into_iter().chain([Act::HangUp]));
    let run = home.run(&broker.relay(), &["watch", "--as", "bob", "--json", "--count", "5"]);
    assert_eq!(run.code, 3, "the broker hung up: {run:?}");
    let lines: Vec<serde_json::Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(&line.expect("text")).expect("JSON"))
        .collect();
    let ids: Vec<_> = lines.iter().map(|line| [&line["message_id"], &line["status"]]).collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(ids[2], [&json!("bob.t.1"), &json!("completed")]);
    for words in broker.heard() {
        assert_eq!(words.join(" "), "CLAW.POLL bob COUNT 5 BLOCK 30000");
    }
}

#[test]
fn a_watcher_whose_reader_leaves_ends_well() {
    let home = Home::new();
    let broker = Broker::with(std::iter::repeat_n(list([bulk(TASK)]), 100_000));
    let mut command = home.command(&broker.relay(), &["watch", "--as", "bob"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a run");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    assert!(line.contains("bob.t.1"));
    // The reader was dropped with the statement above, as `head -1` would.
    let output = child.wait_with_output().expect("a run");
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(!said.contains("error") && !said.contains("panic"), "{said}");
}

#[test]
fn delegate_wait_prints_the_answer_and_takes_it_out_of_the_inbox() {
    let home = Home::new();
    let acts = || [bulk("bob.t.1"), response("completed"), int(1)];
    let broker = Broker::with(acts().into_iter().chain(acts()));
    let args = ["delegate", "--as", "alice", "--to", "bob", "--task", "T", "--wait", "5"];
    let text = home.run(&broker.relay(), &args).text();
    assert_eq!(
        text.lines().collect::<Vec<_>>(),
        [
            "delegated bob.t.1 to bob",
            "response alice.t.2 from bob to bob.t.1 completed 2026-01-31 10:20:31Z",
            "    42",
        ]
    );
    let json = home.run(&broker.relay(), &[&args[..], &["--json"]].concat()).json(0);
    assert_eq!(
        (&json["message_id"], &json["response"]["result"]),
        (&json!("bob.t.1"), &json!("42"))
    );
    let heard = broker.heard();
    assert_eq!(heard[1].join(" "), "CLAW.AWAIT bob.t.1 TIMEOUT 5");
    assert_eq!(heard[2].join(" "), "CLAW.ACK alice.t.2 FROM alice");
}

#[test]
fn an_answer_that_does_not_come_is_4_and_one_that_failed_is_6() {
    let home = Home::new();
    let broker = Broker::with([bulk("bob.t.1"), response("failed"), int(1)]);
    let args = ["delegate", "--as", "alice", "--to", "bob", "--task", "T", "--wait"];
    let run = home.run(&broker.relay(), &[&args[..], &["9", "--json"]].concat());
    assert_eq!(run.json(6)["response"]["status"], "failed");
    broker.heard();

    let nothing = std::iter::repeat_n(null(), 100_000);
    let broker = Broker::with([bulk("bob.t.1")].into_iter().chain(nothing.clone()));
    // After the first wait each round is a sign of life and a wait; nulls serve for both.
    let run = home.run(&broker.relay(), &[&args[..], &["1"]].concat());
    assert_eq!((run.code, run.stdout.as_slice()), (4, &b"delegated bob.t.1 to bob\n"[..]));
    assert!(run.stderr.contains("clawlink await --msg-id bob.t.1"), "{}", run.stderr);

    let broker = Broker::with(nothing);
    let run = home.run(&broker.relay(), &["await", "--msg-id", "bob.t.1", "--wait", "1", "--json"]);
    assert_eq!(run.json(4), json!({"message_id": "bob.t.1", "response": null}));
}

#[test]
fn anyone_may_await_and_only_the_asker_acknowledges() {
    let home = Home::new();
    for (agent, acknowledges) in [(None, false), (Some("eve"), false), (Some("alice"), true)] {
        let acts = [response("completed"), ok(), int(1)];
        let acts = if acknowledges {
            [acts[0].clone(), acts[2].clone()].to_vec()
        } else {
            vec![acts[0].clone()]
        };
        let broker = Broker::with(acts);
        let mut args = vec!["await", "--msg-id", "bob.t.1"];
        args.extend(agent.map(|agent| ["--as", agent]).into_iter().flatten());
        let text = home.run(&broker.relay(), &args).text();
        assert!(text.contains("alice.t.2"), "{text}");
        let heard = broker.heard();
        assert_eq!(heard[0].join(" "), "CLAW.AWAIT bob.t.1 TIMEOUT 30");
        assert_eq!(heard.len(), 1 + usize::from(acknowledges));
    }
}
