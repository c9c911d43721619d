//! Shared files.

use serde_json::json;

use crate::support::{Broker, Home, Reply, bulk, error, int, list, map, null};

fn file(content: &[u8]) -> Reply {
    map([
        ("file_key", bulk("docs/report.md")),
        ("content", bulk(content)),
        ("file_type", bulk("text")),
        ("last_editor", bulk("alice")),
        ("version", int(3)),
        ("updated_at", bulk("2026-01-31T10:20:30.000Z")),
    ])
}

fn entry() -> Reply {
    map([
        ("file_key", bulk("docs/report.md")),
        ("file_type", bulk("text")),
        ("last_editor", bulk("alice")),
        ("version", int(3)),
        ("updated_at", bulk("2026-01-31T10:20:30.000Z")),
        ("size", int(20_480)),
    ])
}

#[test]
fn a_file_is_put_from_a_path_or_from_standard_input() {
    let home = Home::new();
    let broker = Broker::with([int(1), int(4)]);
    let relay = broker.relay();
    home.store(&relay, "bob", "k");
    std::fs::write(home.path("in.txt"), "content").expect("written");
    let text = home.run(&relay, &["file-put", "--key", "a/b", "--file", "in.txt"]).text();
    assert_eq!(text, "saved a/b version 1, 7 B\n");
    let args = "file-put --key a/b --file - --type markdown --base 3 --json";
    let args: Vec<&str> = args.split(' ').collect();
    let run = home.run_with_input(&relay, &args, b"12\0");
    assert_eq!(run.json(0), json!({"file_key": "a/b", "version": 4, "size": 3}));
    let heard = broker.heard();
    assert_eq!(heard[0].join(" "), "CLAW.FILE PUT a/b content BY bob");
    assert_eq!(heard[1].join(" "), "CLAW.FILE PUT a/b 12\0 BY bob TYPE markdown BASE 3");
}

#[test]
fn a_conflict_says_how_to_resolve_it() {
    let home = Home::new();
    let broker = Broker::with([error("CONFLICT file 'a' is at version 4 by 'alice', not 3")]);
    let args = ["file-put", "--as", "bob", "--key", "a", "--file", "-", "--base", "3"];
    let said = home.run_with_input(&broker.relay(), &args, b"x").error(1);
    assert!(said.starts_with(
        "error: file 'a' is at version 4 by 'alice', not 3: add --merge, or get the newest"
    ));
    broker.heard();
}

#[test]
fn content_goes_out_byte_for_byte() {
    let home = Home::new();
    let content = b"line\r\n\x1b[31m\xff\0";
    let broker = Broker::with([1, 2, 3].map(|_| file(content)));
    let relay = broker.relay();
    let get = ["file-get", "--key", "docs/report.md"];
    assert_eq!(home.run(&relay, &get).stdout, content);
    let run = home.run(&relay, &[&get[..], &["--output", "-", "--version", "3"]].concat());
    assert_eq!(run.stdout, content);
    let text = home.run(&relay, &[&get[..], &["--output", "out"]].concat()).text();
    assert_eq!(
        text,
        "docs/report.md version 3 by alice, 2026-01-31 10:20:30Z, 13 B: saved as out\n"
    );
    assert_eq!(std::fs::read(home.path("out")).expect("saved"), content);
    let heard = broker.heard();
    assert_eq!(heard[0].join(" "), "CLAW.FILE GET docs/report.md");
    assert_eq!(heard[1].join(" "), "CLAW.FILE GET docs/report.md VERSION 3");
}

#[test]
fn as_json_content_is_text_or_base64() {
    let home = Home::new();
    let broker = Broker::with([file("Zoë".as_bytes()), file(b"\xff"), file(b"x")]);
    let get = ["file-get", "--json", "--key", "docs/report.md"];
    let json = home.run(&broker.relay(), &get).json(0);
    assert_eq!(
        json,
        json!({"file_key": "docs/report.md", "content": "Zoë", "file_type": "text", "size": 4,
               "last_editor": "alice", "version": 3, "updated_at": "2026-01-31T10:20:30.000Z"})
    );
    let json = home.run(&broker.relay(), &get).json(0);
    assert_eq!((&json["content_base64"], json.get("content")), (&json!("/w=="), None));
    let json = home.run(&broker.relay(), &[&get[..], &["--output", "out"]].concat()).json(0);
    assert_eq!((&json["output"], json.get("content")), (&json!("out"), None));
    broker.heard();
}

#[test]
fn files_and_versions_are_listed() {
    let home = Home::new();
    let broker = Broker::with([list([entry()]), list([entry()]), list([entry()]), list([])]);
    let relay = broker.relay();
    let text = home.run(&relay, &["file-list", "docs/*"]).text();
    let rows: Vec<Vec<&str>> = text.lines().map(|l| l.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["FILE", "VERSION", "SIZE", "TYPE", "BY", "SAVED"]);
    assert_eq!(
        rows[1],
        ["docs/report.md", "3", "20", "KiB", "text", "alice", "2026-01-31", "10:20:30Z"]
    );
    let json = home.run(&relay, &["file-log", "--key", "docs/report.md", "--json"]).json(0);
    assert_eq!((&json["count"], &json["versions"][0]["size"]), (&json!(1), &json!(20_480)));
    let json = home.run(&relay, &["file-list", "--json"]).json(0);
    assert_eq!((&json["count"], &json["files"][0]["version"]), (&json!(1), &json!(3)));
    assert_eq!(home.run(&relay, &["file-list"]).text(), "no files\n");
    let heard: Vec<String> = broker.heard().into_iter().map(|words| words.join(" ")).collect();
    assert_eq!(heard[..2], ["CLAW.FILE LIST docs/*", "CLAW.FILE LOG docs/report.md"]);
}

#[test]
fn a_file_that_is_not_there_is_1() {
    let home = Home::new();
    let broker = Broker::with([null(), null(), int(0), int(1)]);
    for verb in ["file-get", "file-log", "file-del"] {
        let said = home.run(&broker.relay(), &[verb, "--as", "bob", "--key", "x"]).error(1);
        assert_eq!(
            said,
            "error: there is no file 'x': see which there are with `clawlink file-list`\n"
        );
    }
    let json =
        home.run(&broker.relay(), &["file-del", "--as", "bob", "--key", "x", "--json"]).json(0);
    assert_eq!(json, json!({"file_key": "x", "deleted": true}));
    assert_eq!(broker.heard()[3].join(" "), "CLAW.FILE DEL x BY bob");
}

#[test]
fn a_local_file_that_cannot_be_read_or_written_is_5() {
    let home = Home::new();
    let broker = Broker::with([file(b"x")]);
    let relay = broker.relay();
    let put = ["file-put", "--as", "bob", "--key", "x", "--file", "missing"];
    assert!(home.run(&relay, &put).error(5).contains("cannot read missing"));
    let get = ["file-get", "--key", "x", "--output", "no/such/folder/x"];
    assert!(home.run(&relay, &get).error(5).contains("cannot save no/such/folder/x"));
    broker.heard();
}

fn merge(status: &str, conflicts: i64, content: &str) -> Reply {
    map([
        ("status", bulk(status)),
        ("version", int(5)),
        ("base", int(3)),
        ("with_version", int(4)),
        ("with_editor", bulk("alice")),
        ("conflicts", int(conflicts)),
        ("content", bulk(content)),
    ])
}

#[test]
fn a_merge_says_what_was_merged() {
    let home = Home::new();
    let merged = || merge("merged", 0, "12\n3\n");
    let broker = Broker::with([merged(), merged()]);
    let relay = broker.relay();
    let args = "file-put --as bob --key a --file - --base 3 --merge --force";
    let args: Vec<&str> = args.split(' ').collect();
    let text = home.run_with_input(&relay, &args, b"12\n").text();
    assert_eq!(text, "saved a version 5, 5 B, merged with version 4 by alice\n");
    let json = home.run_with_input(&relay, &[&args[..], &["--json"]].concat(), b"12\n").json(0);
    assert_eq!(
        json,
        json!({"file_key": "a", "version": 5, "size": 5, "status": "merged", "base": 3, "conflicts": 0,
               "with_version": 4, "with_editor": "alice", "content": "12\n3\n"})
    );
    let said = "CLAW.FILE PUT a 12\n BY bob BASE 3 MERGE FORCE";
    assert_eq!(broker.heard()[0].join(" "), said);
}

#[test]
fn what_cannot_be_merged_is_printed_with_markers_and_is_8() {
    let home = Home::new();
    let marked = "<<<<<<< version 5 by 'alice'\nx\n=======\ny\n>>>>>>> your edit\n";
    let broker = Broker::with([merge("conflict", 1, marked), merge("conflict", 1, marked)]);
    let relay = broker.relay();
    let args = "file-put --as bob --key a --file - --base 3 --merge";
    let args: Vec<&str> = args.split(' ').collect();
    let run = home.run_with_input(&relay, &args, b"y\n");
    assert_eq!((run.code, run.stdout.as_slice()), (8, marked.as_bytes()));
    assert!(run.stderr.contains("1 conflict of a with version 5 by alice"), "{}", run.stderr);
    assert!(run.stderr.contains("--base 5 --merge"), "{}", run.stderr);
    let json = home.run_with_input(&relay, &[&args[..], &["--json"]].concat(), b"y\n").json(8);
    assert_eq!((&json["status"], &json["content"]), (&json!("conflict"), &json!(marked)));
    broker.heard();
    let alone = ["file-put", "--as", "bob", "--key", "a", "--file", "-", "--merge"];
    assert!(home.run("127.0.0.1:1", &alone).error(2).contains("--base"));
}

#[test]
fn a_large_file_goes_in_parts() {
    let home = Home::new();
    let broker = Broker::with([bulk("upload.t.1"), int(2 << 20), int(7)]);
    let content = vec![b'x'; (2 << 20) + 5];
    std::fs::write(home.path("big"), &content).expect("written");
    let put = ["file-put", "--as", "bob", "--key", "a", "--file", "big", "--type", "log"];
    let text = home.run(&broker.relay(), &put).text();
    assert_eq!(text, "saved a version 7, 2048 KiB\n");
    let mut heard = broker.heard();
    let parts: Vec<usize> = heard.iter_mut().map(|words| words.remove(3).len()).collect();
    assert_eq!(parts, [1 << 20, 1 << 20, 5]);
    let heard: Vec<String> = heard.into_iter().map(|words| words.join(" ")).collect();
    assert_eq!(
        heard,
        [
            "CLAW.FILE PUT a BY bob TYPE log MORE",
            "CLAW.FILE APPEND a BY bob UPLOAD upload.t.1 MORE",
            "CLAW.FILE APPEND a BY bob UPLOAD upload.t.1",
        ]
    );
}

fn lock() -> Reply {
    map([
        ("file_key", bulk("a")),
        ("holder", bulk("bob")),
        ("locked_at", bulk("2026-01-31T10:20:30.000Z")),
        ("lock_ends", bulk("2026-01-31T10:25:30.000Z")),
        ("seconds_left", int(300)),
    ])
}

#[test]
fn locks_are_taken_listed_and_given_back() {
    let home = Home::new();
    let locked = error("LOCKED file 'a' is locked by 'alice' for another 42 s");
    let acts = [lock(), lock(), locked, list([lock()]), list([]), int(1), int(0)];
    let broker = Broker::with(acts);
    let relay = broker.relay();
    let run = |line: &str| home.run(&relay, &line.split(' ').collect::<Vec<_>>());
    assert_eq!(run("file-lock --as bob --key a").text(), "locked a for bob, 5 min\n");
    let json = run("file-lock --as bob --key a --ttl 0.5 --json").json(0);
    assert_eq!((&json["holder"], &json["seconds_left"]), (&json!("bob"), &json!(300)));
    let said = run("file-lock --as bob --key a").error(1);
    assert!(said.contains("locked by 'alice' for another 42 s: wait until it is free"), "{said}");
    let text = run("file-locks docs/*").text();
    assert_eq!(text.lines().next(), Some("FILE  HOLDER   LEFT  SINCE"));
    assert_eq!(run("file-locks").text(), "no locks\n");
    assert_eq!(run("file-unlock --as bob --key a").text(), "unlocked a\n");
    let json = run("file-unlock --as bob --key a --json").json(0);
    assert_eq!(json, json!({"file_key": "a", "unlocked": false}));
    let heard: Vec<String> = broker.heard().into_iter().map(|words| words.join(" ")).collect();
    assert_eq!(heard[1], "CLAW.FILE LOCK a BY bob TTL 0.5");
    assert_eq!(heard[3], "CLAW.FILE LOCKS docs/*");
    assert_eq!(heard[5], "CLAW.FILE UNLOCK a BY bob");
}

#[test]
fn files_are_moved_restored_and_compared() {
    let home = Home::new();
    let taken = error("CONFLICT file 'b' exists: give another key, or FORCE to save over it");
    let diff = "--- a version 1\n+++ a version 3\n";
    let acts = [int(1), taken, int(2), int(4), bulk(diff), entry(), bulk(diff)];
    let broker = Broker::with(acts);
    let relay = broker.relay();
    let run = |line: &str| home.run(&relay, &line.split(' ').collect::<Vec<_>>());
    assert_eq!(run("file-move --as bob --key a --to b").text(), "moved a to b version 1\n");
    let said = run("file-move --as bob --key a --to b").error(1);
    assert_eq!(said, "error: file 'b' exists: give another key, or FORCE to save over it\n");
    let json = run("file-move --as bob --key a --to b --force --json").json(0);
    assert_eq!(json, json!({"file_key": "a", "moved_to": "b", "version": 2}));
    let text = run("file-restore --as bob --key a --version 1 --force").text();
    assert_eq!(text, "restored a version 1 as version 4\n");
    assert_eq!(run("file-diff --key a --from 1 --to 3").text(), diff);
    let json = run("file-diff --key a --from 1 --json").json(0);
    assert_eq!(json, json!({"file_key": "a", "from": 1, "to": 3, "diff": diff}));
    let heard: Vec<String> = broker.heard().into_iter().map(|words| words.join(" ")).collect();
    assert_eq!(heard[2], "CLAW.FILE MOVE a b BY bob FORCE");
    assert_eq!(heard[3], "CLAW.FILE RESTORE a 1 BY bob FORCE");
    assert_eq!(heard[5..], ["CLAW.FILE GET a LENGTH 0", "CLAW.FILE DIFF a 1 3"]);
}

fn change(kind: &str, moved_to: Reply, number: i64) -> Reply {
    map([
        ("type", bulk(kind)),
        ("file_key", bulk("a")),
        ("version", int(2)),
        ("last_editor", bulk("alice")),
        ("timestamp", bulk("2026-01-31T10:20:30.000Z")),
        ("moved_to", moved_to),
        ("change", int(number)),
        ("missed", int(0)),
    ])
}

#[test]
fn changes_are_printed_as_they_come_and_none_twice() {
    let home = Home::new();
    let saved = change("file_updated", null(), 8);
    let acts = [saved, null(), change("file_deleted", bulk("b"), 9), null()];
    let broker = Broker::with(acts);
    let relay = broker.relay();
    let run = |line: &str| home.run(&relay, &line.split(' ').collect::<Vec<_>>());
    let text = run("file-watch --key a --since 1 --count 2").text();
    assert_eq!(
        text,
        "a saved, version 2 by alice 2026-01-31 10:20:30Z\n\
         a moved to b, version 2 by alice 2026-01-31 10:20:30Z\n"
    );
    let heard_until_now = ["a SINCE 1 TIMEOUT", "a AFTER 8 TIMEOUT", "a AFTER 8 TIMEOUT"];
    // A broker that has nothing to say any more.
    assert!(run("file-watch --key * --wait 1 --count 1").code != 0);
    let heard: Vec<String> = broker.heard().into_iter().map(|words| words.join(" ")).collect();
    for (heard, expected) in heard.iter().zip(heard_until_now) {
        assert!(heard.starts_with(&format!("CLAW.FILE WATCH {expected} ")), "{heard}");
    }
    assert!(heard[3].starts_with("CLAW.FILE WATCH * TIMEOUT "), "{}", heard[3]);
}

#[test]
fn a_log_shows_when_a_file_went() {
    let home = Home::new();
    let gone = |how: (&'static str, Reply)| {
        map([
            ("version", int(3)),
            how,
            ("last_editor", bulk("bob")),
            ("updated_at", bulk("2026-01-31T10:20:30.000Z")),
        ])
    };
    let log = list([gone(("deleted", int(1))), gone(("moved_to", bulk("b"))), entry()]);
    let broker = Broker::with([log.clone(), log]);
    let relay = broker.relay();
    let text = home.run(&relay, &["file-log", "--key", "a"]).text();
    assert!(text.contains("(deleted)") && text.contains("(moved to b)"), "{text}");
    let json = home.run(&relay, &["file-log", "--key", "a", "--json"]).json(0);
    assert_eq!(
        json["versions"][1],
        json!({"version": 3, "moved_to": "b", "last_editor": "bob",
               "updated_at": "2026-01-31T10:20:30.000Z"})
    );
    broker.heard();
}
