//! SCAN, HSCAN, SSCAN and ZSCAN: every key that is there all the time comes, whatever else comes and goes.

use std::collections::BTreeSet;

use clawlink_compat_tests::client::{Client, encode};
use clawlink_compat_tests::reply::Reply;
use clawlink_compat_tests::server::Server;

const KEYS: usize = 3_000;

/// A SCAN that never ends would be a defect of its own.
const ROUNDS_MAX: usize = 20_000;

fn on_both(test: impl Fn(&Server)) {
    test(&Server::redis().unwrap());
    test(&Server::clawlink().unwrap());
}

fn fill(client: &mut Client) {
    let sets: Vec<u8> =
        (0..KEYS).flat_map(|index| encode(&["SET", &format!("key:{index}"), "v"])).collect();
    client.send_raw(&sets).unwrap();
    (0..KEYS).for_each(|_| assert_eq!(client.read_reply().unwrap(), b"+OK\r\n"));
}

/// Iterates to the end and returns all that came; `between` is called after each step.
fn scan_all(
    client: &mut Client,
    command: &[&str],
    cursor_at: usize,
    mut between: impl FnMut(&mut Client, usize),
) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), "0".to_owned());
    for round in 0..ROUNDS_MAX {
        let mut words: Vec<&str> = command.to_vec();
        words.insert(cursor_at, &cursor);
        let reply = client.ask(&words).unwrap();
        found.extend(reply.items()[1].items().iter().map(Reply::text));
        cursor = reply.items()[0].text();
        if cursor == "0" {
            return found;
        }
        between(client, round);
    }
    panic!("{command:?} does not end");
}

#[test]
fn every_key_comes_once_when_nothing_changes() {
    on_both(|server| {
        let mut client = server.connect().unwrap();
        fill(&mut client);
        let found = scan_all(&mut client, &["SCAN", "COUNT", "7"], 1, |_, _| ());
        let unique: BTreeSet<&String> = found.iter().collect();
        assert_eq!((unique.len(), found.len()), (KEYS, KEYS), "{}", server.name());
        let some = scan_all(&mut client, &["SCAN", "MATCH", "key:1?"], 1, |_, _| ());
        assert_eq!(some.len(), 10, "{some:?}");
    });
}

#[test]
fn keys_that_stay_come_while_others_come_and_go() {
    on_both(|server| {
        let mut client = server.connect().unwrap();
        fill(&mut client);
        let found = scan_all(&mut client, &["SCAN", "COUNT", "20"], 1, |client, round| {
            // Even keys go, new ones come, and the table grows under the iteration.
            client.call(&["DEL", &format!("key:{}", (round * 2) % KEYS)]).unwrap();
            for index in 0..20 {
                client.call(&["SET", &format!("new:{round}:{index}"), "v"]).unwrap();
            }
        });
        let found: BTreeSet<String> = found.into_iter().collect();
        for index in (1..KEYS).step_by(2) {
            assert!(found.contains(&format!("key:{index}")), "key:{index} on {}", server.name());
        }
    });
}

/// Fills a key with what `add` says, and scans it while what has an even number is removed.
fn every_item_comes_while_others_go(scan: &str, add: &[&str], remove: &str) {
    on_both(|server| {
        let mut client = server.connect().unwrap();
        for index in 0..KEYS {
            let item = format!("item:{index}");
            let words: Vec<&str> =
                add.iter().map(|word| if *word == "ITEM" { &item } else { *word }).collect();
            client.call(&words).unwrap();
        }
        let found = scan_all(&mut client, &[scan, "key", "COUNT", "10"], 2, |client, round| {
            client.call(&[remove, "key", &format!("item:{}", (round * 2) % KEYS)]).unwrap();
        });
        let found: BTreeSet<String> = found.into_iter().collect();
        for index in (1..KEYS).step_by(2) {
            assert!(found.contains(&format!("item:{index}")), "{index} on {}", server.name());
        }
    });
}

#[test]
fn every_field_comes_while_others_go() {
    every_item_comes_while_others_go("HSCAN", &["HSET", "key", "ITEM", "v"], "HDEL");
}

#[test]
fn every_member_comes_while_others_go() {
    every_item_comes_while_others_go("SSCAN", &["SADD", "key", "ITEM"], "SREM");
}

#[test]
fn every_scored_member_comes_while_others_go() {
    every_item_comes_while_others_go("ZSCAN", &["ZADD", "key", "1.5", "ITEM"], "ZREM");
}

#[test]
fn the_agents_world_is_listed_in_database_zero_alone() {
    let server = Server::clawlink().unwrap();
    let mut client = server.connect().unwrap();
    let mut expected: BTreeSet<String> = BTreeSet::new();
    for index in 0..50 {
        client.call(&["SET", &format!("plain:{index}"), "v"]).unwrap();
        client.call(&["SET", &format!("file:{index}"), "v"]).unwrap();
        client.call(&["LPUSH", &format!("inbox:agent-{index}"), "v"]).unwrap();
        client.call(&["PUBLISH", &format!("topic:{index}"), "v"]).unwrap();
        let kinds = ["plain:", "file:", "inbox:agent-", "topic:"];
        expected.extend(kinds.map(|kind| format!("{kind}{index}")));
    }
    client.call(&["CLAW.REGISTER", "bob"]).unwrap();
    expected.insert("agent:bob".to_owned());
    let listed = |client: &mut Client| -> BTreeSet<String> {
        let found = scan_all(client, &["SCAN", "COUNT", "10"], 1, |_, _| ());
        // The broker's own notice of the registration makes a topic of its own.
        found.into_iter().filter(|key| key != "topic:agents" && key != "topic:files").collect()
    };
    assert_eq!(listed(&mut client), expected);
    client.call(&["SELECT", "1"]).unwrap();
    assert_eq!(listed(&mut client), BTreeSet::new());
}
