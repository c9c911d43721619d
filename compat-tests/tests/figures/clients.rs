//! `CLIENT LIST`: sizes of buffers, and the same letters and names as Redis's.

use std::collections::BTreeMap;

use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::server::Server;

fn servers() -> [Server; 2] {
    [Server::redis().unwrap(), Server::clawlink().unwrap()]
}

fn fields(line: &str) -> BTreeMap<String, String> {
    let pairs = line.trim_end().split(' ').filter_map(|field| field.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What the server says of the connection with this name.
fn named(client: &mut Client, name: &str) -> BTreeMap<String, String> {
    let list = client.ask(&["CLIENT", "LIST"]).unwrap().text();
    let all = list.lines().map(fields);
    all.into_iter().find(|fields| fields["name"] == name).unwrap()
}

#[test]
fn a_connection_is_described_as_by_redis() {
    let [redis, ours] = servers().map(|server| {
        let (mut observer, mut client) = (server.connect().unwrap(), server.connect().unwrap());
        client.call(&["CLIENT", "SETNAME", "me"]).unwrap();
        let mut lines = Vec::new();
        let mut look = |client: &mut Client, words: &[&str]| {
            client.call(words).unwrap();
            let found = named(&mut observer, "me");
            let shown = [
                "idle", "flags", "db", "sub", "psub", "multi", "cmd", "user", "resp", "oll",
                "omem", "obl", "events", "qbuf", "argv-mem", "redir",
            ];
            lines.push(shown.map(|field| format!("{field}={}", found[field])).join(" "));
        };
        look(&mut client, &["GET", "a"]);
        look(&mut client, &["SELECT", "3"]);
        look(&mut client, &["MULTI"]);
        look(&mut client, &["SET", "a", "1"]);
        look(&mut client, &["EXEC"]);
        look(&mut client, &["NOSUCH"]);
        look(&mut client, &["GET"]);
        look(&mut client, &["CONFIG", "GET", "save"]);
        look(&mut client, &["EVAL", "return redis.call('ping')", "0"]);
        look(&mut client, &["SUBSCRIBE", "c"]);
        lines
    });
    assert_eq!(ours, redis);
}

#[test]
fn ones_own_request_fills_the_buffer() {
    for server in servers() {
        let mut client = server.connect().unwrap();
        let own = fields(&client.ask(&["CLIENT", "INFO"]).unwrap().text());
        assert_eq!((&own["qbuf"][..], &own["argv-mem"][..]), ("26", "10"), "{}", server.name());
        let number = |field: &str| own[field].parse::<u64>().unwrap();
        assert!(number("qbuf-free") > 1_000 && number("tot-mem") > number("qbuf-free"), "{own:?}");
    }
}

#[test]
fn what_waits_for_exec_takes_memory() {
    for server in servers() {
        let (mut observer, mut client) = (server.connect().unwrap(), server.connect().unwrap());
        client.call(&["CLIENT", "SETNAME", "me"]).unwrap();
        client.call(&["MULTI"]).unwrap();
        client.call(&["SET", "k", &"x".repeat(100_000)]).unwrap();
        let queued: u64 = named(&mut observer, "me")["multi-mem"].parse().unwrap();
        assert!((100_000..300_000).contains(&queued), "{}: {queued}", server.name());
        client.call(&["DISCARD"]).unwrap();
        assert_eq!(named(&mut observer, "me")["multi-mem"], "0", "{}", server.name());
    }
}
