//! Work that spans several owners: others see all of it or nothing.
//!
//! Every test runs on the real Redis too, for which all keys are plain ones.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use clawlink_compat_tests::client::{Client, encode};
use clawlink_compat_tests::reply::Reply;
use clawlink_compat_tests::server::Server;

const WRITERS: usize = 6;
const ROUNDS: usize = 150;

fn on_both(test: impl Fn(&Server)) {
    test(&Server::redis().unwrap());
    test(&Server::clawlink().unwrap());
}

/// Sends a transaction in one write and returns the items of EXEC's reply.
fn transaction(client: &mut Client, commands: &[&[&str]]) -> Reply {
    let mut bytes = encode(&["MULTI"]);
    commands.iter().for_each(|command| bytes.extend(encode(command)));
    bytes.extend(encode(&["EXEC"]));
    client.send_raw(&bytes).unwrap();
    assert_eq!(client.read().unwrap().text(), "OK");
    for command in commands {
        let queued = client.read().unwrap();
        assert_eq!(queued.text(), "QUEUED", "{command:?}");
    }
    client.read().unwrap()
}

/// Runs the writers, and beside them a reader that checks after each look.
fn with_reader(
    server: &Server,
    write: impl Fn(&mut Client, usize) + Sync,
    check: impl Fn(&mut Client) + Sync,
) {
    let running = AtomicUsize::new(WRITERS);
    let looks = AtomicUsize::new(0);
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (running, write) = (&running, &write);
            scope.spawn(move || {
                let mut client = server.connect().unwrap();
                (0..ROUNDS).for_each(|round| write(&mut client, writer * ROUNDS + round));
                running.fetch_sub(1, Ordering::SeqCst);
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                let mut client = server.connect().unwrap();
                while running.load(Ordering::SeqCst) > 0 {
                    check(&mut client);
                    looks.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert!(looks.load(Ordering::Relaxed) > 10, "the reader hardly looked");
}

#[test]
fn a_transaction_over_three_owners_is_seen_whole_or_not_at_all() {
    on_both(|server| {
        let write = |client: &mut Client, _: usize| {
            let commands: [&[&str]; 4] = [
                &["INCR", "count"],
                &["LPUSH", "inbox:count", "x"],
                &["APPEND", "file:count", "x"],
                &["LPUSH", "inbox:other", "y"],
            ];
            let reply = transaction(client, &commands);
            let first = reply.items()[0].clone();
            assert!(reply.items().iter().all(|item| *item == first), "{reply:?}");
        };
        let check = |client: &mut Client| {
            let commands: [&[&str]; 4] = [
                &["STRLEN", "file:count"],
                &["LLEN", "inbox:other"],
                &["INCRBY", "count", "0"],
                &["LLEN", "inbox:count"],
            ];
            let reply = transaction(client, &commands);
            let first = reply.items()[0].clone();
            assert!(reply.items().iter().all(|item| *item == first), "{reply:?}");
        };
        with_reader(server, write, check);
        let mut client = server.connect().unwrap();
        let total = (WRITERS * ROUNDS).to_string();
        assert_eq!(client.ask(&["GET", "count"]).unwrap().text(), total);
    });
}

#[test]
fn commands_with_keys_of_several_owners_are_whole() {
    on_both(|server| {
        server.connect().unwrap().call(&["MSET", "m", "0", "file:m", "0", "file:n", "0"]).unwrap();
        let write = |client: &mut Client, number: usize| {
            let value = number.to_string();
            let command = ["MSET", "file:n", &value, "m", &value, "file:m", &value];
            assert_eq!(client.call(&command).unwrap(), b"+OK\r\n");
        };
        let check = |client: &mut Client| {
            let reply = client.ask(&["MGET", "m", "file:m", "file:n"]).unwrap();
            let items = reply.items();
            assert!(items[0] == items[1] && items[1] == items[2], "{reply:?}");
        };
        with_reader(server, write, check);
    });
}

#[test]
fn moving_between_owners_keeps_the_number_of_items() {
    const ITEMS: usize = 50;
    on_both(|server| {
        let lists = ["stock", "inbox:one", "inbox:two"];
        let mut client = server.connect().unwrap();
        for index in 0..ITEMS {
            client.call(&["RPUSH", "stock", &format!("item-{index}")]).unwrap();
        }
        let write = |client: &mut Client, number: usize| {
            let (from, to) = (lists[number % 3], lists[(number + 1 + number / 3 % 2) % 3]);
            client.call(&["LMOVE", from, to, "LEFT", "RIGHT"]).unwrap();
        };
        let check = |client: &mut Client| {
            let lengths = lists.map(|list| ["LLEN", list]);
            let commands = lengths.each_ref().map(<[&str; 2]>::as_slice);
            let reply = transaction(client, &commands);
            let sum: i64 = reply.items().iter().filter_map(Reply::integer).sum();
            assert_eq!(sum, ITEMS as i64, "{reply:?}");
        };
        with_reader(server, write, check);
    });
}

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

/// Transactions that borrow the same owners in opposite orders must not wait for each other.
#[test]
fn opposite_orders_do_not_deadlock() {
    on_both(|server| {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            let run = |commands: [&[&str]; 3]| {
                let mut client = server.connect().unwrap();
                (0..ROUNDS).for_each(|_| {
                    assert_eq!(transaction(&mut client, &commands).items().len(), 3);
                });
            };
            let one: [&[&str]; 3] =
                [&["SET", "a", "1"], &["LLEN", "inbox:a"], &["SET", "file:a", "1"]];
            let two: [&[&str]; 3] =
                [&["SET", "file:a", "2"], &["LLEN", "inbox:a"], &["SET", "a", "2"]];
            let mut threads = Vec::new();
            for commands in [one, two, one, two] {
                threads.push(scope.spawn(move || run(commands)));
            }
            scope.spawn(|| {
                // A client that blocks at the same owners is in nobody's way.
                let mut client = server.connect().unwrap();
                while !stop.load(Ordering::Relaxed) {
                    client.call(&["BLPOP", "nothing", "inbox:a", "0.002"]).unwrap();
                }
            });
            threads.into_iter().for_each(|thread| thread.join().unwrap());
            stop.store(true, Ordering::Relaxed);
        });
    });
}

/// A poll inside a transaction needs owners that no key names. Not run on Redis, which knows no polls.
#[test]
fn polls_inside_transactions_wait_for_nobody_who_waits_for_them() {
    let server = Server::clawlink().unwrap();
    let mut client = server.connect().unwrap();
    client.call(&["CLAW.REGISTER", "bob", "CAPS", "rust"]).unwrap();
    let write = |client: &mut Client, number: usize| {
        let poll: [&[&str]; 2] =
            [&["LPUSH", "inbox:zed", "x"], &["CLAW.POLL", "bob", "COUNT", "1"]];
        let push: [&[&str]; 3] = [
            &["LPUSH", "inbox:bob", "x"],
            &["LPUSH", "inbox:zed", "x"],
            &["LPUSH", "inbox:@rust", "x"],
        ];
        let commands: &[&[&str]] = if number.is_multiple_of(2) { &poll } else { &push };
        let reply = transaction(client, commands);
        assert_eq!(reply.items().len(), commands.len(), "{reply:?}");
    };
    let check = |client: &mut Client| {
        let reply = transaction(client, &[&["LLEN", "inbox:zed"], &["CLAW.PEEK", "bob"]]);
        assert_eq!(reply.items().len(), 2, "{reply:?}");
    };
    with_reader(&server, write, check);
}
