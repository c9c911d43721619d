//! What transactions and scripts cost the owners.

use clawlink_compat_tests::client::{Client, encode};
use clawlink_compat_tests::server::Server;

use crate::transaction;

/// What some requests cost the owners: the messages that they take, and the loans.
fn cost(server: &Server, requests: impl FnOnce(&mut Client)) -> (u64, u64) {
    let count = |field| server.info("clawlink", field).unwrap().parse::<u64>().unwrap();
    let mut client = server.connect().unwrap();
    let counts = || (count("owner_messages"), count("loans"));
    let before = counts();
    // Asking what was counted may cost something itself.
    let (asked, _) = counts();
    requests(&mut client);
    let after = counts();
    (after.0 - asked - (asked - before.0), after.1 - before.1)
}

#[test]
fn what_has_one_owner_costs_one_message_and_no_loan() {
    let server = Server::clawlink().unwrap();
    server.connect().unwrap().call(&["LPUSH", "inbox:bob", "x"]).unwrap();
    let set: &[&str] = &["SET", "k", "v"];
    let five: [&[&str]; 5] =
        [set, &["INCR", "n"], &["RPUSH", "l", "a"], &["MGET", "k", "n"], &["DEL", "k", "n", "l"]];
    let of_plain_keys = |client: &mut Client| {
        assert_eq!(transaction(client, &five).items().len(), 5);
    };
    assert_eq!(cost(&server, of_plain_keys), (1, 0));
    let of_an_inbox = |client: &mut Client| {
        let commands: [&[&str]; 2] = [&["LPUSH", "inbox:bob", "x"], &["LLEN", "inbox:bob"]];
        assert_eq!(transaction(client, &commands).items().len(), 2);
    };
    assert_eq!(cost(&server, of_an_inbox), (1, 0));
    let watched = |client: &mut Client| {
        client.call(&["WATCH", "k", "n"]).unwrap();
        assert_eq!(transaction(client, &five).items().len(), 5);
    };
    assert_eq!(cost(&server, watched), (1, 0), "to watch is no request");
    let script = "redis.call('set', KEYS[1], 'v') return redis.call('get', KEYS[1])";
    let scripted = |client: &mut Client| {
        assert_eq!(client.ask(&["EVAL", script, "1", "k"]).unwrap().text(), "v");
    };
    assert_eq!(cost(&server, scripted), (1, 0));
    let pipelined = |client: &mut Client| {
        let eval = encode(&["EVAL", script, "1", "k"]);
        client.send_raw(&eval.repeat(10)).unwrap();
        (0..10).for_each(|_| assert_eq!(client.read().unwrap().text(), "v"));
    };
    let (messages, loans) = cost(&server, pipelined);
    assert!((1..=10).contains(&messages) && loans == 0, "{messages} messages");
    let spanning = |client: &mut Client| {
        let commands: [&[&str]; 2] = [set, &["LLEN", "inbox:bob"]];
        assert_eq!(transaction(client, &commands).items().len(), 2);
    };
    assert_eq!(cost(&server, spanning), (2, 2), "two owners: a loan and a message for each");
}
