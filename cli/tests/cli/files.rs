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
    assert!(said.starts_with("error: file 'a' is at version 4 by 'alice', not 3: get the newest"));
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
