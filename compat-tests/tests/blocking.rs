//! A client that dies at each point of a blocking pop: nothing is lost, nobody is served twice.
//!
//! Nearly every test runs on the real Redis too, which shows that what it demands can be had.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::reply::Reply;
use clawlink_compat_tests::server::Server;
use clawlink_compat_tests::wait::until;

/// A plain list and a mailbox keep the same promise.
const QUEUES: [&str; 2] = ["queue", "inbox:queue"];

fn on_both(test: impl Fn(&Server)) {
    test(&Server::redis().unwrap());
    test(&Server::clawlink().unwrap());
}

fn parked(server: &Server, command: &[&str]) -> Client {
    let mut client = server.connect().unwrap();
    client.send(command).unwrap();
    server.wait_for_blocked(1);
    client
}

#[test]
fn a_client_that_died_before_the_push_gets_nothing() {
    on_both(|server| {
        let mut other = server.connect().unwrap();
        for queue in QUEUES {
            drop(parked(server, &["BLPOP", queue, "0"]));
            server.wait_for_blocked(0);
            other.call(&["RPUSH", queue, "kept"]).unwrap();
            assert_eq!(other.ask(&["LPOP", queue]).unwrap().text(), "kept", "{queue}");
        }
    });
}

#[test]
fn a_client_that_died_after_its_pop_is_not_served_again() {
    on_both(|server| {
        let mut other = server.connect().unwrap();
        for queue in QUEUES {
            let mut client = parked(server, &["BRPOP", queue, "0"]);
            other.call(&["RPUSH", queue, "taken"]).unwrap();
            assert_eq!(client.read().unwrap().items()[1].text(), "taken");
            drop(client);
            assert_eq!(other.ask(&["LLEN", queue]).unwrap(), Reply::Integer(0), "{queue}");
        }
    });
}

#[test]
fn the_next_in_line_is_served_when_the_first_has_died() {
    on_both(|server| {
        let mut other = server.connect().unwrap();
        for queue in QUEUES {
            let first = parked(server, &["BLPOP", queue, "0"]);
            let mut second = server.connect().unwrap();
            second.send(&["BLPOP", queue, "0"]).unwrap();
            server.wait_for_blocked(2);
            drop(first);
            server.wait_for_blocked(1);
            other.call(&["RPUSH", queue, "x"]).unwrap();
            assert_eq!(second.read().unwrap().items()[1].text(), "x", "{queue}");
        }
    });
}

/// The waiting client ends its side in the same moment as the push. It reads on until the server
/// has closed, so that whatever was handed to it is seen: each item is there, or in the list.
/// Not run on Redis, which drops a reply that it has not written when the end is read.
#[test]
fn dying_while_the_push_comes_loses_nothing() {
    let server = Server::clawlink().unwrap();
    let mut other = server.connect().unwrap();
    for queue in QUEUES {
        for round in 0..100 {
            let item = format!("item-{round}");
            let mut client = parked(&server, &["BLPOP", queue, "0"]);
            thread::scope(|scope| {
                scope.spawn(|| client.finish_sending().unwrap());
                other.call(&["RPUSH", queue, &item]).unwrap();
            });
            let delivered = client.replies_to_end().unwrap();
            server.wait_for_blocked(0);
            let left = other.ask(&["LPOP", queue]).unwrap();
            let seen = delivered.len() + usize::from(!left.is_null());
            assert_eq!(seen, 1, "{queue} round {round}: {delivered:?} and {left:?}");
        }
    }
}

/// As above, for an agent's mail: a task, and what is published, which is taken from nobody but counts as read.
#[test]
fn dying_while_mail_comes_loses_none_of_it() {
    let server = Server::clawlink().unwrap();
    server.connect().unwrap().call(&["CLAW.REGISTER", "bob"]).unwrap();
    let mut other = server.connect().unwrap();
    for send in [["CLAW.DELEGATE", "bob"], ["CLAW.BROADCAST", "news"]] {
        for round in 0..100 {
            let item = format!("item-{round}");
            let mut client = parked(&server, &["CLAW.POLL", "bob", "BLOCK", "0"]);
            thread::scope(|scope| {
                scope.spawn(|| client.finish_sending().unwrap());
                other.ask(&[send[0], send[1], &item]).unwrap();
            });
            let delivered = client.replies_to_end().unwrap();
            server.wait_for_blocked(0);
            let left = other.ask(&["CLAW.POLL", "bob"]).unwrap();
            let seen = delivered.len() + left.items().len();
            assert_eq!(seen, 1, "{send:?} round {round}: {delivered:?} and {left:?}");
        }
    }
}

#[test]
fn killing_a_waiting_client_while_the_push_comes_loses_nothing() {
    on_both(|server| {
        let mut other = server.connect().unwrap();
        let mut killer = server.connect().unwrap();
        for queue in QUEUES {
            for round in 0..50 {
                let mut client = server.connect().unwrap();
                let id = client.ask(&["CLIENT", "ID"]).unwrap().integer().unwrap().to_string();
                client.send(&["BLPOP", queue, "0"]).unwrap();
                server.wait_for_blocked(1);
                thread::scope(|scope| {
                    scope.spawn(|| killer.call(&["CLIENT", "UNBLOCK", &id, "ERROR"]).unwrap());
                    other.call(&["RPUSH", queue, "item"]).unwrap();
                });
                let reply = client.read().unwrap();
                let was_served = !reply.items().is_empty();
                let left = other.ask(&["LLEN", queue]).unwrap();
                assert_eq!(left, Reply::Integer(i64::from(!was_served)), "{queue} {round}");
                other.call(&["DEL", queue]).unwrap();
            }
        }
    });
}

const ITEMS: usize = 1_000;
const CONSUMERS: usize = 4;

/// Consumers whose timeouts end all the time, so that many end just when an item comes.
fn conserve(server: &Server, queues: &[&str], take: &[&str], timeout: &str) {
    let done = AtomicBool::new(false);
    let taken = AtomicUsize::new(0);
    let mut counts: HashMap<String, usize> = HashMap::new();
    thread::scope(|scope| {
        let consume = || {
            let mut client = server.connect().unwrap();
            let mut items = Vec::new();
            let command = [take, &[timeout]].concat();
            while !done.load(Ordering::Relaxed) {
                let reply = client.ask(&command).unwrap();
                if let Some(item) = reply.items().last() {
                    items.push(item.text());
                    taken.fetch_add(1, Ordering::Relaxed);
                } else {
                    assert!(reply.is_null(), "{reply:?}");
                }
            }
            items
        };
        let consumers: Vec<_> = (0..CONSUMERS).map(|_| scope.spawn(consume)).collect();
        produce(server, queues, &taken);
        until_all_taken(&taken);
        done.store(true, Ordering::Relaxed);
        for consumer in consumers {
            for item in consumer.join().unwrap() {
                *counts.entry(item).or_default() += 1;
            }
        }
    });
    assert!(counts.values().all(|&count| count == 1), "somebody was served twice");
    assert_eq!(counts.len(), ITEMS, "items are lost");
}

/// Pushes one by one, each about when the consumers' timeouts end.
fn produce(server: &Server, queues: &[&str], taken: &AtomicUsize) {
    let mut client = server.connect().unwrap();
    for index in 0..ITEMS {
        let queue = queues[index % queues.len()];
        client.call(&["RPUSH", queue, &format!("item-{index}")]).unwrap();
        // Empty queues are where the races are: do not run ahead of the consumers.
        let deadline = Instant::now() + Duration::from_millis(50);
        while taken.load(Ordering::Relaxed) + CONSUMERS < index && Instant::now() < deadline {
            thread::yield_now();
        }
    }
}

fn until_all_taken(taken: &AtomicUsize) {
    until("all items are taken", || taken.load(Ordering::Relaxed) >= ITEMS);
}

#[test]
fn timeouts_that_end_when_the_push_comes_lose_nothing() {
    on_both(|server| {
        conserve(server, &["queue"], &["BLPOP", "queue"], "0.001");
        conserve(server, &["inbox:queue"], &["BRPOP", "inbox:queue"], "0.001");
    });
}

#[test]
fn waiting_at_several_owners_takes_each_item_once() {
    on_both(|server| {
        let queues = ["queue", "inbox:one", "inbox:two", "inbox:three"];
        let take = ["BRPOP", "queue", "inbox:one", "inbox:two", "inbox:three"];
        conserve(server, &queues, &take, "0.002");
    });
}

#[test]
fn moving_while_timeouts_end_loses_nothing() {
    on_both(|server| {
        for (from, to) in [("src", "dst"), ("inbox:src", "dst2"), ("src3", "inbox:dst")] {
            let done = AtomicBool::new(false);
            thread::scope(|scope| {
                for _ in 0..CONSUMERS {
                    scope.spawn(|| {
                        let mut client = server.connect().unwrap();
                        let command = ["BLMOVE", from, to, "LEFT", "RIGHT", "0.001"];
                        while !done.load(Ordering::Relaxed) {
                            client.call(&command).unwrap();
                        }
                    });
                }
                let mut client = server.connect().unwrap();
                for index in 0..ITEMS {
                    client.call(&["RPUSH", from, &format!("item-{index}")]).unwrap();
                }
                until("the source is empty", || {
                    client.ask(&["LLEN", from]).unwrap() == Reply::Integer(0)
                });
                done.store(true, Ordering::Relaxed);
            });
            let mut client = server.connect().unwrap();
            let moved = client.ask(&["LRANGE", to, "0", "-1"]).unwrap();
            let mut items: Vec<String> = moved.items().iter().map(Reply::text).collect();
            items.sort();
            items.dedup();
            assert_eq!((items.len(), moved.items().len()), (ITEMS, ITEMS), "{from} to {to}");
        }
    });
}

#[test]
fn waiters_at_several_owners_are_served_in_their_order() {
    on_both(|server| {
        let mut other = server.connect().unwrap();
        let mut waiting = Vec::new();
        for index in 0..5 {
            let mut client = server.connect().unwrap();
            client.send(&["BLPOP", "queue", "inbox:queue", "0"]).unwrap();
            server.wait_for_blocked(index + 1);
            waiting.push(client);
        }
        for (index, client) in waiting.iter_mut().enumerate() {
            let queue = QUEUES[index % 2];
            other.call(&["RPUSH", queue, &format!("item-{index}")]).unwrap();
            let served = client.read().unwrap();
            assert_eq!(served.items()[0].text(), queue);
            assert_eq!(served.items()[1].text(), format!("item-{index}"));
        }
    });
}

/// `CLAW.DELEGATE … WAIT` has done its work when it begins to wait.
#[test]
fn a_client_that_died_waiting_for_its_task_takes_nothing_back() {
    let server = Server::clawlink().unwrap();
    let mut bob = server.connect().unwrap();
    for name in ["bob", "eve"] {
        bob.call(&["CLAW.REGISTER", name]).unwrap();
    }
    for to in ["bob", "bob,eve"] {
        drop(parked(&server, &["CLAW.DELEGATE", to, "work", "WAIT", "0"]));
        server.wait_for_blocked(0);
    }
    assert_eq!(bob.ask(&["LLEN", "inbox:bob"]).unwrap(), Reply::Integer(2));
    assert_eq!(bob.ask(&["LLEN", "inbox:eve"]).unwrap(), Reply::Integer(1));
}

/// Who is told to stop waiting gets what there is: the first reply, or the results so far.
#[test]
fn what_waits_beyond_a_reply_can_be_ended_by_others() {
    let server = Server::clawlink().unwrap();
    let mut other = server.connect().unwrap();
    other.call(&["CLAW.REGISTER", "bob"]).unwrap();
    let delegate = ["CLAW.DELEGATE", "bob", "work", "GROUP", "g", "WAIT", "0"];
    for (command, how) in
        [(&delegate[..], "TIMEOUT"), (&delegate, "ERROR"), (&["CLAW.GATHER", "g"], "TIMEOUT")]
    {
        let mut client = server.connect().unwrap();
        let id = client.ask(&["CLIENT", "ID"]).unwrap();
        client.send(command).unwrap();
        server.wait_for_blocked(1);
        let Reply::Integer(id) = id else { panic!("no id: {id:?}") };
        let unblocked = other.ask(&["CLIENT", "UNBLOCK", &id.to_string(), how]).unwrap();
        assert_eq!(unblocked, Reply::Integer(1));
        let reply = client.read().unwrap();
        match command.first() {
            Some(&"CLAW.GATHER") => assert_eq!(reply.items()[3], Reply::Integer(2), "{reply:?}"),
            _ => assert!(reply.text().starts_with("bob."), "{reply:?}"),
        }
        server.wait_for_blocked(0);
    }
}

/// What one of several cannot be sent, none is: not even when it is the sender's own inbox that fills up meanwhile.
#[test]
fn a_task_goes_to_all_recipients_or_to_none() {
    let server = Server::clawlink().unwrap();
    let mut alice = server.connect().unwrap();
    for name in ["alice", "bob", "eve"] {
        alice.call(&["CLAW.REGISTER", name, "ID", name]).unwrap();
    }
    alice.call(&["CONFIG", "SET", "inbox-messages-max", "3"]).unwrap();
    let room =
        |client: &mut Client, name: &str| client.ask(&["LLEN", &format!("inbox:{name}")]).unwrap();
    for _ in 0..2 {
        alice.call(&["CLAW.DELEGATE", "alice", "work", "FROM", "alice"]).unwrap();
    }
    // One more fits into the inbox of alice, and with it her inbox is full.
    alice.call(&["CLAW.DELEGATE", "alice,bob,eve", "work", "FROM", "alice"]).unwrap();
    for (name, count) in [("alice", 3), ("bob", 1), ("eve", 1)] {
        assert_eq!(room(&mut alice, name), Reply::Integer(count), "{name}");
    }
    for _ in 0..2 {
        alice.call(&["CLAW.DELEGATE", "eve", "work", "FROM", "bob"]).unwrap();
    }
    let refused = alice.ask(&["CLAW.DELEGATE", "bob,eve", "work", "FROM", "bob"]).unwrap();
    assert!(
        matches!(&refused, Reply::Error(text) if text.starts_with(b"INBOXFULL")),
        "{refused:?}"
    );
    assert_eq!(room(&mut alice, "bob"), Reply::Integer(1));
}
