//! Work that spans several owners: others see all of it or nothing.
//!
//! Every test runs on the real Redis too, for which all keys are plain ones.

mod cost;
mod watch;

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

/// A list of each owner that has one, a counter and a file, all as long as each other.
const OWNED: [&str; 5] = ["count", "plain", "file:count", "inbox:count", "inbox:other"];

fn grow_all(client: &mut Client) {
    let commands: [&[&str]; 5] = [
        &["INCR", "count"],
        &["RPUSH", "plain", "x"],
        &["APPEND", "file:count", "x"],
        &["LPUSH", "inbox:count", "x"],
        &["LPUSH", "inbox:other", "x"],
    ];
    let reply = transaction(client, &commands);
    assert!(reply.items().iter().all(|item| *item == reply.items()[0]), "{reply:?}");
}

/// Looks by a script, by a command with keys of several owners, and by a script inside a transaction.
fn look_at_all(client: &mut Client) {
    const LENGTHS: &str = "return {tonumber(redis.call('get', KEYS[1]) or 0), \
        redis.call('llen', KEYS[2]), redis.call('strlen', KEYS[3]), redis.call('llen', KEYS[4]), \
        redis.call('llen', KEYS[5])}";
    let eval = [&["EVAL", LENGTHS, "5"][..], &OWNED].concat();
    let lengths = client.ask(&eval).unwrap();
    assert!(lengths.items().iter().all(|item| *item == lengths.items()[0]), "{lengths:?}");
    let both = client.ask(&["MGET", "count", "file:count"]).unwrap();
    let (count, file) = (both.items()[0].text(), both.items()[1].text());
    assert_eq!(count.parse().unwrap_or(0), file.len(), "{both:?}");
    let within = transaction(client, &[&eval, &["LLEN", "inbox:other"]]);
    let (lengths, last) = (&within.items()[0], &within.items()[1]);
    assert!(lengths.items().iter().all(|item| item == last), "{within:?}");
}

#[test]
fn scripts_and_commands_over_several_owners_see_no_half_of_a_transaction() {
    on_both(|server| with_reader(server, |client, _| grow_all(client), look_at_all));
}

#[test]
fn what_a_transaction_publishes_comes_in_order_and_whole() {
    on_both(|server| {
        let mut subscriber = server.connect().unwrap();
        subscriber.call(&["SUBSCRIBE", "c", "topic:t"]).unwrap();
        subscriber.read().unwrap();
        thread::scope(|scope| {
            for writer in 0..WRITERS {
                scope.spawn(move || {
                    let mut client = server.connect().unwrap();
                    for round in 0..ROUNDS / 10 {
                        let name = format!("{writer}-{round}");
                        let commands: [&[&str]; 4] = [
                            &["PUBLISH", "c", &name],
                            &["SET", "k", &name],
                            &["PUBLISH", "topic:t", &name],
                            &["PUBLISH", "c", &name],
                        ];
                        assert_eq!(transaction(&mut client, &commands).items().len(), 4);
                    }
                });
            }
            for _ in 0..WRITERS * (ROUNDS / 10) {
                let three: [Reply; 3] = std::array::from_fn(|_| subscriber.read().unwrap());
                let part = |nth: usize, at: usize| three[nth].items()[at].text();
                assert_eq!([part(0, 1), part(1, 1), part(2, 1)], ["c", "topic:t", "c"]);
                assert!(part(0, 2) == part(1, 2) && part(1, 2) == part(2, 2), "{three:?}");
            }
        });
    });
}

#[test]
fn blocked_clients_are_served_when_all_of_a_transaction_is_there() {
    on_both(|server| {
        for keys in [["q", "r"], ["inbox:q", "inbox:r"], ["q", "inbox:r"]] {
            let (mut waiter, mut writer) = (server.connect().unwrap(), server.connect().unwrap());
            waiter.send(&["BLPOP", keys[0], keys[1], "0"]).unwrap();
            server.wait_for_blocked(1);
            let commands: [&[&str]; 6] = [
                &["RPUSH", keys[0], "first"],
                &["LLEN", keys[0]],
                &["RPUSH", keys[1], "other"],
                &["LPOP", keys[0]],
                &["RPUSH", keys[0], "second"],
                &["LLEN", keys[0]],
            ];
            let reply = transaction(&mut writer, &commands);
            let lengths: Vec<_> = reply.items().iter().filter_map(Reply::integer).collect();
            assert_eq!(
                (lengths, reply.items()[3].text()),
                (vec![1; 5], "first".into()),
                "{keys:?}"
            );
            assert_eq!(waiter.read().unwrap().items()[1].text(), "second", "{keys:?}");
            let left = transaction(&mut writer, &[&["LLEN", keys[0]], &["LPOP", keys[1]]]);
            assert_eq!(left.items()[0].integer(), Some(0), "{keys:?}");
            assert_eq!(left.items()[1].text(), "other", "{keys:?}");
        }
    });
}
