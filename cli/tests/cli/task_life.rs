//! What can happen to a task between its sending and its end: the verbs for it, and what they print.

use serde_json::json;

use crate::support::{Broker, Home, Reply, bulk, int, list, map, null, ok};

fn response(to: &str, status: &str) -> Reply {
    bulk(format!(
        r#"{{"type":"task_response","message_id":"bob.t.1","response_id":"{to}.t.2","from_agent":"bob","to_agent":"{to}","result":"42","status":"{status}","timestamp":"2026-01-31T10:20:31.000Z"}}"#
    ))
}

fn report(seq: u64) -> Reply {
    bulk(format!(
        r#"{{"type":"task_progress","message_id":"bob.t.1","seq":{seq},"from_agent":"bob","note":"step {seq}","percent":50,"timestamp":"2026-01-31T10:20:31.000Z"}}"#
    ))
}

fn gathered(pending: i64, results: impl IntoIterator<Item = Reply>) -> Reply {
    map([
        ("group", bulk("g")),
        ("total", int(2)),
        ("pending", int(pending)),
        ("results", list(results)),
    ])
}

/// Runs one command as bob against one reply; answers what was sent, and what was printed.
fn ask(reply: Reply, typed: &str) -> (String, String) {
    let home = Home::new();
    let broker = Broker::with([reply]);
    let args: Vec<&str> = typed.split(' ').chain(["--as", "bob"]).collect();
    let text = home.run(&broker.relay(), &args).text();
    (broker.heard().remove(0).join(" "), text)
}

#[test]
fn every_term_reaches_the_broker() {
    let (sent, _) = ask(
        bulk("a.t.1"),
        "delegate --to a --task T --delay 0.5 --deadline 60 --lease 30 --attempts 5 --backoff 1.5 \
         --idempotency-key k --reply-to eve --group g --parent x.t.1 --receipts --queue",
    );
    assert_eq!(
        sent,
        "CLAW.DELEGATE a T FROM bob DELAY 0.5 DEADLINE 60 LEASE 30 ATTEMPTS 5 BACKOFF 1.5 ID k \
         REPLY-TO eve GROUP g PARENT x.t.1 RECEIPTS QUEUE"
    );
    let (sent, _) = ask(list([]), "poll --max-bytes 4096");
    assert_eq!(sent, "CLAW.POLL bob MAXBYTES 4096");
    let (sent, _) =
        ask(bulk("x.t.2"), "respond --msg-id b.t.1#2 --result R --status failed --fatal");
    assert_eq!(sent, "CLAW.RESPOND b.t.1#2 R FROM bob STATUS failed FATAL");
}

#[test]
fn each_verb_asks_one_thing_and_says_what_was_done() {
    for (reply, typed, words, printed) in [
        (
            int(600),
            "touch b.t.1#1",
            "CLAW.TOUCH b.t.1#1 FROM bob",
            "touched b.t.1#1: leased for another 10 min\n",
        ),
        (
            ok(),
            "release --msg-id b.t.1 --delay 2 --reason busy",
            "CLAW.RELEASE b.t.1 FROM bob DELAY 2 REASON busy",
            "released b.t.1\n",
        ),
        (
            ok(),
            "cancel b.t.1 --reason late",
            "CLAW.CANCEL b.t.1 FROM bob REASON late",
            "canceled b.t.1\n",
        ),
        (
            int(1),
            "progress b.t.1 --note half --percent 50",
            "CLAW.PROGRESS b.t.1 half FROM bob PERCENT 50",
            "reported b.t.1\n",
        ),
        (
            bulk("b.t.3"),
            "answer b.t.1 --text blue",
            "CLAW.ANSWER b.t.1 blue FROM bob",
            "answered b.t.1\n",
        ),
        (
            bulk("b.t.1#1"),
            "respond b.t.1 --result no --status failed",
            "CLAW.RESPOND b.t.1 no FROM bob STATUS failed",
            "b.t.1#1 failed: the task is tried again\n",
        ),
        (ok(), "requeue b.t.1", "CLAW.REQUEUE b.t.1", "requeued b.t.1\n"),
        (ok(), "bury b.t.1", "CLAW.BURY b.t.1", "buried b.t.1\n"),
        (list([]), "peek --count 2", "CLAW.PEEK bob COUNT 2", "no messages\n"),
        (list([]), "dead", "CLAW.DEAD bob", "no such tasks\n"),
        (list([]), "dead @rust --limit 5", "CLAW.DEAD @rust LIMIT 5", "no such tasks\n"),
        (
            list([]),
            "tasks --to eve --from alice --state in_progress --limit 3",
            "CLAW.TASKS TO eve FROM alice STATE in_progress LIMIT 3",
            "no such tasks\n",
        ),
    ] {
        assert_eq!(ask(reply, typed), (words.to_owned(), printed.to_owned()), "{typed}");
    }
}

#[test]
fn the_same_as_json() {
    for (reply, typed, record) in [
        (int(600), "touch b.t.1", json!({"message_id": "b.t.1", "lease": 600})),
        (ok(), "release b.t.1", json!({"message_id": "b.t.1", "status": "released"})),
        (ok(), "cancel b.t.1", json!({"message_id": "b.t.1", "status": "canceled"})),
        (int(1), "progress b.t.1 --note x", json!({"message_id": "b.t.1", "status": "reported"})),
        (list([]), "peek", json!({"messages": [], "count": 0})),
        (
            list([map([("message_id", bulk("b.t.1")), ("attempts", int(2))])]),
            "tasks",
            json!({"tasks": [{"message_id": "b.t.1", "attempts": 2}], "count": 1}),
        ),
    ] {
        let (_, printed) = ask(reply, &format!("{typed} --json"));
        let printed: serde_json::Value = serde_json::from_str(&printed).expect("JSON");
        assert_eq!(printed, record, "{typed}");
    }
}

#[test]
fn what_is_wrong_is_refused_before_anybody_is_asked() {
    let home = Home::new();
    for typed in [
        "touch",
        "touch a.t.1 --msg-id b.t.1",
        "progress a.t.1 --note x --percent 101",
        "release a.t.1 --delay -1",
        "tasks --state half",
        "delegate --task T",
    ] {
        let args: Vec<&str> = typed.split(' ').collect();
        let error = home.run("127.0.0.1:1", &args).error(2);
        assert!(error.contains("Usage") || error.contains("error"), "{typed}: {error}");
    }
}

#[test]
fn a_list_of_tasks_is_a_table() {
    let task = map([
        ("message_id", bulk("b.t.1")),
        ("status", bulk("delivered")),
        ("from_agent", bulk("alice")),
        ("to_agent", bulk("b")),
        ("leased_to", bulk("b")),
        ("attempts", int(2)),
        ("lease_ends", bulk("2026-01-31T10:20:30.000Z")),
    ]);
    let (_, text) = ask(list([task]), "tasks");
    let rows: Vec<Vec<&str>> = text.lines().map(|l| l.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["TASK", "STATE", "FROM", "TO", "HOLDER", "TRIED", "WHEN", "WHY"]);
    assert_eq!(rows[1][..6], ["b.t.1", "delivered", "alice", "b", "b", "2"]);
    assert_eq!(rows[1][6..], ["leased", "until", "2026-01-31", "10:20:30Z"]);
}

#[test]
fn one_task_is_told_with_its_attempts() {
    let attempt = |number: i64, end: &str, reason: &str| {
        map([
            ("attempt", int(number)),
            ("agent", bulk("b")),
            ("delivered_at", bulk("2026-01-31T10:20:30.000Z")),
            ("ended_at", bulk(if end.is_empty() { "" } else { "2026-01-31T10:30:30.000Z" })),
            ("end", bulk(end)),
            ("reason", bulk(reason)),
        ])
    };
    let task = map([
        ("message_id", bulk("b.t.1")),
        ("from_agent", bulk("alice")),
        ("to_agent", bulk("b")),
        ("status", bulk("delivered")),
        ("task", bulk("sum")),
        ("context", bulk("{}")),
        ("group", bulk("g")),
        ("lease_ends", bulk("2026-01-31T10:40:30.000Z")),
        ("attempts", list([attempt(1, "lease_lost", "no disk"), attempt(2, "", "")])),
        ("progress", list([report(1)])),
        (
            "questions",
            list([map([("question", response("alice", "input_required")), ("answer", null())])]),
        ),
    ]);
    let (sent, text) = ask(task, "task b.t.1");
    assert_eq!(sent, "CLAW.TASK b.t.1");
    assert_eq!(
        text.lines().collect::<Vec<_>>(),
        [
            "task b.t.1 from alice to b delivered",
            "    sum",
            "    group g",
            "    lease ends 2026-01-31 10:40:30Z",
            "    attempt 1 by b 2026-01-31 10:20:30Z lease lost 2026-01-31 10:30:30Z: no disk",
            "    attempt 2 by b 2026-01-31 10:20:30Z goes on",
            "    progress 50 % 2026-01-31 10:20:31Z step 1",
            "    question 42",
            "    not answered yet: clawlink answer",
        ]
    );
}

#[test]
fn several_recipients_are_one_request_and_one_group() {
    let tasks =
        || map([("group", bulk("g")), ("message_ids", list([bulk("a.t.1"), bulk("b.t.2")]))]);
    let (sent, text) = ask(tasks(), "delegate --to a,b --task T");
    assert_eq!(sent, "CLAW.DELEGATE a,b T FROM bob");
    assert_eq!(
        text,
        "delegated a.t.1 to a\ndelegated b.t.2 to b\ngather the results with: clawlink gather g\n"
    );

    let home = Home::new();
    let results = [response("alice", "completed"), response("eve", "completed")];
    let broker = Broker::with([tasks(), gathered(1, []), gathered(0, results), int(1)]);
    let args = ["delegate", "--as", "alice", "--to", "a", "--to", "b", "--task", "T", "--wait"];
    let json = home.run(&broker.relay(), &[&args[..], &["0", "--json"]].concat()).json(0);
    assert_eq!(json["message_ids"], json!(["a.t.1", "b.t.2"]));
    assert_eq!((&json["pending"], &json["results"][0]["result"]), (&json!(0), &json!("42")));
    let heard = broker.heard();
    assert_eq!(heard[1].join(" "), "CLAW.GATHER g FROM alice TIMEOUT 30");
    assert_eq!(heard[3].join(" "), "CLAW.ACK alice.t.2 FROM alice", "not the one for eve");
}

#[test]
fn gathering_ends_as_the_tasks_did() {
    let home = Home::new();
    let run = |reply: Reply, acks: bool, more: &[&str]| {
        let acts = [reply].into_iter().chain(acks.then(|| int(1)));
        let broker = Broker::with(acts);
        let args = [&["gather", "g", "--as", "alice", "--json"], more].concat();
        let run = home.run(&broker.relay(), &args);
        broker.heard();
        run
    };
    let one = |status| [response("alice", status)];
    assert_eq!(run(gathered(0, one("completed")), true, &[]).json(0)["total"], 2);
    assert_eq!(run(gathered(0, one("dead")), true, &[]).json(6)["results"][0]["status"], "dead");
    assert_eq!(run(gathered(1, one("completed")), true, &["--min", "1"]).json(0)["pending"], 1);

    let broker = Broker::with(std::iter::repeat_n(gathered(2, []), 100_000));
    let run = home.run(&broker.relay(), &["gather", "g", "--as", "alice", "--wait", "1"]);
    assert_eq!((run.code, run.stdout.as_slice()), (4, &b"0 of 2 tasks ended\n"[..]));
    assert!(run.stderr.contains("clawlink gather g"), "{}", run.stderr);
}

#[test]
fn the_end_of_a_task_is_the_exit_code_of_who_awaits_it() {
    let home = Home::new();
    for (status, code) in [
        ("completed", 0),
        ("failed", 6),
        ("canceled", 6),
        ("expired", 6),
        ("dead", 6),
        ("input_required", 7),
    ] {
        let broker = Broker::with([response("alice", status)]);
        let run = home.run(&broker.relay(), &["await", "bob.t.1", "--json"]);
        assert_eq!(run.json(code)["response"]["status"], status);
        broker.heard();
    }
}

#[test]
fn reports_of_progress_are_printed_beside_the_output() {
    let home = Home::new();
    // Between two waits comes a sign of life of the agent.
    let sign = ok;
    let broker = Broker::with([
        report(1),
        sign(),
        null(),
        sign(),
        report(3),
        sign(),
        response("alice", "completed"),
    ]);
    let run =
        home.run(&broker.relay(), &["await", "bob.t.1", "--progress", "--as", "eve", "--json"]);
    assert_eq!(run.stderr.lines().count(), 2, "{}", run.stderr);
    let first: serde_json::Value =
        serde_json::from_str(run.stderr.lines().next().expect("a line")).expect("JSON");
    assert_eq!((&first["seq"], &first["note"]), (&json!(1), &json!("step 1")));
    assert_eq!(run.json(0)["response"]["result"], "42");
    let since: Vec<String> =
        broker.heard().iter().step_by(2).map(|words| words.join(" ")).collect();
    let expected =
        [0, 1, 1, 3].map(|number| format!("CLAW.AWAIT bob.t.1 TIMEOUT 30 PROGRESS SINCE {number}"));
    assert_eq!(since, expected);
}
