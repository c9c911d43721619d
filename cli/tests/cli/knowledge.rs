//! Topics, what is followed, and searching, against a scripted broker.

use serde_json::json;

use crate::support::{Broker, Home, Reply, bulk, int, list as array, map};

fn record(id: &str) -> Reply {
    let json = json!({
        "type": "knowledge_broadcast", "message_id": id, "from_agent": "bob", "content": "it is green",
        "topic": "build", "tags": ["ci"], "key": "main", "timestamp": "2026-01-31T10:20:31.000Z",
    });
    bulk(json.to_string())
}

#[test]
fn a_history_shows_what_is_missing_first() {
    let home = Home::new();
    let said = || {
        let messages = array([record("#build.t.9")]);
        map([("messages", messages), ("omitted", int(2)), ("missed", int(5))])
    };
    let broker = Broker::with([said(), said()]);
    let args = [
        "history",
        "build",
        "--since",
        "#build.t.1",
        "--tag",
        "ci",
        "--from",
        "bob",
        "--count",
        "1",
    ];
    let text = home.run(&broker.relay(), &args).text();
    assert_eq!(
        text.lines().collect::<Vec<_>>(),
        [
            "missed 5 messages, no longer kept",
            "2 older messages left out; --count N shows more",
            "broadcast #build.t.9 on build from bob key main #ci 2026-01-31 10:20:31Z",
            "    it is green",
        ]
    );
    let json = home.run(&broker.relay(), &["history", "b*", "--json"]).json(0);
    assert_eq!(
        (&json["omitted"], &json["missed"], &json["count"]),
        (&json!(2), &json!(5), &json!(1))
    );
    assert_eq!(json["messages"][0]["key"], "main");
    let heard = broker.heard();
    assert_eq!(heard[0].join(" "), "CLAW.HISTORY build SINCE #build.t.1 TAG ci FROM bob COUNT 1");
    assert_eq!(heard[1].join(" "), "CLAW.HISTORY b*");
}

#[test]
fn a_fact_says_what_it_takes_the_place_of() {
    let home = Home::new();
    let told = map([
        ("message_id", bulk("#build.t.2")),
        ("receivers", int(0)),
        ("followers", int(1)),
        ("supersedes", bulk("#build.t.1")),
    ]);
    let broker = Broker::with([told]);
    let args =
        ["broadcast", "--as", "bob", "--topic", "build", "--content", "green", "--key", "main"];
    let text = home.run(&broker.relay(), &args).text();
    assert!(text.ends_with("it takes the place of #build.t.1\n"), "{text}");
    assert_eq!(broker.heard()[0].join(" "), "CLAW.BROADCAST build green FROM bob KEY main");
}

#[test]
fn what_is_followed_is_shown_and_changed() {
    let home = Home::new();
    let rules = || array([bulk("-*"), bulk("+build")]);
    let broker = Broker::with([rules(), rules(), rules()]);
    let run = |args: &[&str]| home.run(&broker.relay(), &[&["--as", "bob"], args].concat());
    assert_eq!(run(&["unfollow", "*"]).text(), "bob follows -* +build: the last match decides\n");
    let json = run(&["follow", "build", "ci*", "--json"]).json(0);
    assert_eq!(json, json!({"agent_id": "bob", "rules": ["-*", "+build"]}));
    run(&["follow"]).text();
    let heard: Vec<_> = broker.heard().iter().map(|words| words.join(" ")).collect();
    let asked = ["CLAW.UNFOLLOW bob *", "CLAW.FOLLOW bob build ci*", "CLAW.FOLLOWING bob"];
    assert_eq!(heard, asked);
}

#[test]
fn topics_are_a_table() {
    let home = Home::new();
    let topic = map([
        ("topic", bulk("build")),
        ("messages", int(3)),
        ("bytes", int(700)),
        ("keys", int(1)),
        ("first_id", bulk("#build.t.1")),
        ("last_id", bulk("#build.t.3")),
        ("last_timestamp", bulk("2026-01-31T10:20:31.000Z")),
        ("subscribers", int(0)),
        ("followers", int(2)),
    ]);
    let broker = Broker::with([array([topic]), array([])]);
    let text = home.run(&broker.relay(), &["topics", "b*"]).text();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["TOPIC", "MESSAGES", "KEYS", "SIZE", "FOLLOWERS", "SUBSCRIBERS", "LAST"]);
    assert_eq!(rows[1], ["build", "3", "1", "700", "B", "2", "0", "2026-01-31", "10:20:31Z"]);
    let json = home.run(&broker.relay(), &["topics", "--json"]).json(0);
    assert_eq!(json, json!({"topics": [], "count": 0}));
    assert_eq!(broker.heard()[0].join(" "), "CLAW.TOPICS b*");
}

#[test]
fn what_is_found_shows_where_it_stands() {
    let home = Home::new();
    let hits = || {
        let file = map([
            ("kind", bulk("file")),
            ("file_key", bulk("docs/plan.md")),
            ("version", int(3)),
            ("last_editor", bulk("")),
            ("updated_at", bulk("2026-01-31T10:20:31.000Z")),
            ("score", bulk("1.5")),
            ("snippet", bulk("the parser\u{1b} of headers")),
        ]);
        let message = map([
            ("kind", bulk("topic")),
            ("topic", bulk("build")),
            ("message_id", bulk("#build.t.3")),
            ("from_agent", bulk("bob")),
            ("timestamp", bulk("2026-01-31T10:20:32.000Z")),
            ("score", bulk("1.25")),
            ("snippet", bulk("parsers")),
        ]);
        array([file, message])
    };
    let broker = Broker::with([hits(), hits(), array([])]);
    let args = ["search", "parser", "header", "--in", "files", "--count", "2"];
    let text = home.run(&broker.relay(), &args).text();
    assert_eq!(
        text.lines().collect::<Vec<_>>(),
        [
            "file docs/plan.md version 3 by nobody 2026-01-31 10:20:31Z",
            r"    the parser\u{1b} of headers",
            "message #build.t.3 on build from bob 2026-01-31 10:20:32Z",
            "    parsers",
        ]
    );
    let json = home.run(&broker.relay(), &["search", "parser", "--json"]).json(0);
    assert_eq!((&json["count"], &json["hits"][0]["file_key"]), (&json!(2), &json!("docs/plan.md")));
    assert_eq!(home.run(&broker.relay(), &["search", "x"]).text(), "nothing found\n");
    let heard = broker.heard();
    assert_eq!(heard[0].join(" "), "CLAW.SEARCH parser header IN files COUNT 2");
    assert_eq!(heard[1].join(" "), "CLAW.SEARCH parser");
}
