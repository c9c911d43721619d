//! `SLOWLOG` with real entries.

use std::time::{Duration, Instant};

use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::reply::Reply;
use clawlink_compat_tests::server::Server;

fn servers() -> [Server; 2] {
    [Server::redis().unwrap(), Server::clawlink().unwrap()]
}

/// The entries of the log, oldest first: their words with spaces between, whose they are (`me`, or the address that is
/// none), and the client's name.
fn entries(client: &mut Client) -> Vec<String> {
    let own = client.ask(&["CLIENT", "INFO"]).unwrap().text();
    let own = own.split(' ').find_map(|field| field.strip_prefix("addr=")).unwrap().to_owned();
    let log = client.ask(&["SLOWLOG", "GET", "-1"]).unwrap();
    let entry = |entry: &Reply| {
        let parts = entry.items();
        assert_eq!(parts.len(), 6, "{parts:?}");
        let words: Vec<String> = parts[3].items().iter().map(Reply::text).collect();
        let whose = parts[4].text().replace(&own, "me");
        format!("{} | {whose} | {}", words.join(" "), parts[5].text())
    };
    log.items().iter().rev().map(entry).collect()
}

#[test]
fn the_log_has_the_entries_of_redis() {
    let long = "x".repeat(200);
    let many = format!("RPUSH l{}", " x".repeat(40));
    let lines = [
        "SET a 1",
        "GET a",
        "MULTI",
        "INCR a",
        "LPUSH a 1",
        "EXEC",
        "EVAL return{redis.call('set','b',1),redis.pcall('lpush','b',1)} 0",
        "EVAL return(redis.call('config','get','save')) 0",
        "BLPOP q 0.01",
        "RPUSH q 1",
        "BLPOP q 1",
        "CLIENT SETNAME somebody",
        "GET",
        "NOSUCH",
        "AUTH default secret",
        "HELLO 2",
        "DEBUG SLEEP 0",
        &many,
        "LPOP nothing",
        "WATCH a",
        "UNWATCH",
        "SLOWLOG LEN",
    ];
    let [redis, ours] = servers().map(|server| {
        let mut client = server.connect().unwrap();
        client.call(&["CONFIG", "SET", "slowlog-log-slower-than", "0"]).unwrap();
        client.call(&["SLOWLOG", "RESET"]).unwrap();
        for line in &lines {
            client.call(&line.split(' ').collect::<Vec<_>>()).unwrap();
        }
        client.call(&["SET", "long", &long]).unwrap();
        entries(&mut client)
    });
    assert_eq!(ours, redis);
}

#[test]
fn the_log_is_as_long_as_was_asked_for() {
    for server in servers() {
        let mut client = server.connect().unwrap();
        client
            .call(&["CONFIG", "SET", "slowlog-log-slower-than", "0", "slowlog-max-len", "3"])
            .unwrap();
        (0..9).for_each(|_| drop(client.call(&["PING"]).unwrap()));
        assert_eq!(client.call(&["SLOWLOG", "LEN"]).unwrap(), b":3\r\n");
        client.call(&["CONFIG", "SET", "slowlog-log-slower-than", "-1"]).unwrap();
        client.call(&["SLOWLOG", "RESET"]).unwrap();
        client.call(&["PING"]).unwrap();
        assert_eq!(client.call(&["SLOWLOG", "LEN"]).unwrap(), b":0\r\n");
    }
}

/// What a command waits for, its turn behind another client's work included, is not its own time.
#[test]
fn waiting_for_ones_turn_is_not_slow() {
    for server in servers() {
        let (mut busy, mut quick) = (server.connect().unwrap(), server.connect().unwrap());
        quick.call(&["CONFIG", "SET", "slowlog-log-slower-than", "100000"]).unwrap();
        let started = Instant::now();
        let work = "local t = redis.call('time') local from = t[1] * 1000000 + t[2] repeat local n = redis.call('time') \
                    until n[1] * 1000000 + n[2] > from + 300000 return 1";
        busy.send(&["EVAL", work, "0"]).unwrap();
        // Until the script has the server, others may be faster than it is.
        while started.elapsed() < Duration::from_millis(250) {
            quick.call(&["GET", "a"]).unwrap();
        }
        busy.read_reply().unwrap();
        let slow = entries(&mut quick);
        assert_eq!(slow.len(), 1, "{}: {slow:?}", server.name());
        assert!(slow[0].starts_with("EVAL "), "{}: {slow:?}", server.name());
    }
}
