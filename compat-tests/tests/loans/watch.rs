//! WATCH sees what happens to keys of every owner.

use std::thread;

use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::server::Server;

use crate::{WRITERS, on_both, transaction};

#[test]
fn watch_guards_keys_of_every_owner() {
    const INCREMENTS: usize = 60;
    on_both(|server| {
        for key in ["count", "file:watched"] {
            thread::scope(|scope| {
                for _ in 0..WRITERS {
                    scope.spawn(|| {
                        let mut client = server.connect().unwrap();
                        (0..INCREMENTS).for_each(|_| increment_watched(&mut client, key));
                    });
                }
            });
            let value = server.connect().unwrap().ask(&["GET", key]).unwrap().text();
            assert_eq!(value, (WRITERS * INCREMENTS).to_string(), "{key}");
        }
    });
}

/// Adds one as clients do without INCR: again whenever somebody else was faster.
fn increment_watched(client: &mut Client, key: &str) {
    loop {
        client.call(&["WATCH", key]).unwrap();
        let value: usize = client.ask(&["GET", key]).unwrap().text().parse().unwrap_or(0);
        let next = (value + 1).to_string();
        if !transaction(client, &[&["SET", key, &next]]).is_null() {
            return;
        }
    }
}

#[test]
fn a_watched_inbox_aborts_when_mail_comes() {
    on_both(|server| {
        let (mut client, mut other) = (server.connect().unwrap(), server.connect().unwrap());
        client.call(&["WATCH", "inbox:watched"]).unwrap();
        other.call(&["LPUSH", "inbox:watched", "x"]).unwrap();
        assert!(transaction(&mut client, &[&["SET", "k", "v"]]).is_null());
        client.call(&["WATCH", "inbox:watched"]).unwrap();
        other.call(&["LLEN", "inbox:watched"]).unwrap();
        assert_eq!(transaction(&mut client, &[&["SET", "k", "v"]]).items().len(), 1);
    });
}

/// What the broker's own commands change is seen by who watches it. Not run on Redis, which has none of them.
#[test]
fn a_watch_sees_what_agents_do() {
    let server = Server::clawlink().unwrap();
    let (mut watcher, mut agent) = (server.connect().unwrap(), server.connect().unwrap());
    agent.call(&["CLAW.REGISTER", "bob", "CAPS", "rust"]).unwrap();
    agent.call(&["CLAW.REGISTER", "zoe"]).unwrap();
    let mut changes = |key: &str, command: &[&str]| {
        watcher.call(&["WATCH", key]).unwrap();
        let reply = agent.call(command).unwrap();
        assert_ne!(reply[0], b'-', "{command:?}: {}", reply.escape_ascii());
        transaction(&mut watcher, &[&["PING"]]).is_null()
    };
    for (key, command) in [
        ("inbox:bob", &["CLAW.DELEGATE", "bob", "task", "FROM", "zoe"][..]),
        ("inbox:bob", &["CLAW.POLL", "bob"]),
        ("inbox:@rust", &["CLAW.DELEGATE", "@rust", "task", "FROM", "zoe"]),
        ("inbox:@rust", &["CLAW.POLL", "bob"]),
        ("file:f", &["CLAW.FILE", "PUT", "f", "x"]),
        ("file:f", &["CLAW.FILE", "APPEND", "f", "y"]),
        ("file:f", &["CLAW.FILE", "RESTORE", "f", "1"]),
        ("file:g", &["CLAW.FILE", "MOVE", "f", "g"]),
        ("file:g", &["CLAW.FILE", "DEL", "g"]),
        ("topic:news", &["CLAW.BROADCAST", "news", "x", "FROM", "bob"]),
        ("topic:news", &["PUBLISH", "topic:news", "x"]),
        ("agent:eve", &["CLAW.REGISTER", "eve"]),
        ("agent:eve", &["CLAW.UNREGISTER", "eve"]),
        ("inbox:zoe", &["CLAW.FLUSH"]),
    ] {
        assert!(changes(key, command), "{command:?} changes {key}");
    }
    for (key, command) in [
        ("inbox:ann", &["CLAW.REGISTER", "bob"][..]),
        ("inbox:bob", &["CLAW.PEEK", "bob"]),
        ("file:f", &["CLAW.FILE", "LIST"]),
        ("topic:other", &["CLAW.BROADCAST", "news", "x", "FROM", "bob"]),
        ("agent:zoe", &["CLAW.DISCOVER"]),
    ] {
        assert!(!changes(key, command), "{command:?} leaves {key}");
    }
}
