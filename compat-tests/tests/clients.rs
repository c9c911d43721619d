//! CLIENT and MONITOR where ids and addresses differ: the rest is equal to Redis's.

use std::time::{Duration, Instant};

use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::reply::Reply;
use clawlink_compat_tests::server::Server;
use clawlink_compat_tests::wait::until;

/// Plays the same scene on both servers and demands the same outcome.
fn same<T: PartialEq + std::fmt::Debug>(scene: impl Fn(&Server) -> T) {
    let expected = scene(&Server::redis().unwrap());
    let got = scene(&Server::clawlink().unwrap());
    assert_eq!(got, expected, "left is the broker's outcome, right is Redis's");
}

fn id(client: &mut Client) -> String {
    client.ask(&["CLIENT", "ID"]).unwrap().integer().unwrap().to_string()
}

#[test]
fn a_blocked_client_is_unblocked() {
    same(|server| {
        let mut outcome = Vec::new();
        let mut other = server.connect().unwrap();
        for how in [&[] as &[&str], &["TIMEOUT"], &["ERROR"]] {
            for command in [
                &["BLPOP", "q", "0"] as &[&str],
                &["BLMOVE", "q", "r", "LEFT", "LEFT", "0"],
                &["BLMPOP", "0", "1", "q", "LEFT"],
                &["WAIT", "1", "0"],
            ] {
                let mut client = server.connect().unwrap();
                let id = id(&mut client);
                client.send(command).unwrap();
                server.wait_for_blocked(1);
                let mut unblock = vec!["CLIENT", "UNBLOCK", &id];
                unblock.extend(how);
                outcome.push(other.ask(&unblock).unwrap());
                outcome.push(client.read().unwrap());
                outcome.push(client.ask(&["PING"]).unwrap());
            }
        }
        outcome
    });
}

#[test]
fn clients_are_killed_by_id_address_and_themselves() {
    same(|server| {
        let mut outcome = Vec::new();
        let mut other = server.connect().unwrap();

        let mut victim = server.connect().unwrap();
        let number = id(&mut victim);
        outcome.push(other.ask(&["CLIENT", "KILL", "ID", &number]).unwrap());
        assert_eq!(victim.read_to_end().unwrap(), b"");

        let mut victim = server.connect().unwrap();
        let info = victim.ask(&["CLIENT", "INFO"]).unwrap().text();
        let address = info.split(' ').find_map(|field| field.strip_prefix("addr=")).unwrap();
        outcome.push(other.ask(&["CLIENT", "KILL", address]).unwrap());
        assert_eq!(victim.read_to_end().unwrap(), b"");

        let mut blocked = server.connect().unwrap();
        let number = id(&mut blocked);
        blocked.send(&["BLPOP", "q", "0"]).unwrap();
        server.wait_for_blocked(1);
        outcome.push(other.ask(&["CLIENT", "KILL", "ID", &number]).unwrap());
        assert_eq!(blocked.read_to_end().unwrap(), b"");
        server.wait_for_blocked(0);

        let number = id(&mut other);
        outcome.push(other.ask(&["CLIENT", "KILL", "ID", &number]).unwrap());
        outcome.push(other.ask(&["CLIENT", "KILL", "ID", &number, "SKIPME", "no"]).unwrap());
        assert_eq!(other.read_to_end().unwrap(), b"");
        outcome
    });
}

/// A client that is told of it afterwards, or asks the list, finds it done: pools rely on it.
#[test]
fn who_reads_the_reply_of_a_kill_finds_the_connections_closed() {
    same(|server| {
        let idle = server.connect().unwrap();
        let mut subscriber = server.connect().unwrap();
        subscriber.call(&["SUBSCRIBE", "c"]).unwrap();
        let mut blocked = server.connect().unwrap();
        blocked.send(&["BLPOP", "q", "0"]).unwrap();
        server.wait_for_blocked(1);

        let mut other = server.connect().unwrap();
        other.call(&["CLIENT", "KILL", "TYPE", "pubsub"]).unwrap();
        other.call(&["CLIENT", "KILL", "TYPE", "normal"]).unwrap();
        let closed = [&idle, &subscriber, &blocked].map(|client| client.is_closed().unwrap());
        let list = other.ask(&["CLIENT", "LIST"]).unwrap().text();
        (closed, list.lines().count(), other.ask(&["PUBSUB", "NUMSUB", "c"]).unwrap())
    });
}

#[test]
fn the_list_shows_names_databases_and_subscriptions() {
    same(|server| {
        let mut named = server.connect().unwrap();
        named.call(&["CLIENT", "SETNAME", "worker"]).unwrap();
        named.call(&["SELECT", "2"]).unwrap();
        let mut subscriber = server.connect().unwrap();
        subscriber.call(&["SUBSCRIBE", "c"]).unwrap();
        subscriber.call(&["PSUBSCRIBE", "p*"]).unwrap();
        let mut inside = server.connect().unwrap();
        inside.call(&["MULTI"]).unwrap();
        inside.call(&["SET", "k", "v"]).unwrap();
        let mut blocked = server.connect().unwrap();
        blocked.send(&["BLPOP", "q", "0"]).unwrap();
        server.wait_for_blocked(1);

        let mut other = server.connect().unwrap();
        let shown = ["name", "flags", "db", "sub", "psub", "ssub", "multi", "cmd", "user", "resp"];
        let mut lines = Vec::new();
        until("only the connections of this test are left", || {
            let list = other.ask(&["CLIENT", "LIST"]).unwrap().text();
            lines = list.lines().map(|line| fields(line, &shown)).collect();
            lines.len() == 5
        });
        lines.sort();
        lines
    });
}

fn fields(line: &str, names: &[&str]) -> String {
    let kept = line
        .split(' ')
        .filter(|field| field.split_once('=').is_some_and(|(name, _)| names.contains(&name)));
    kept.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_pause_holds_writes_back_and_lets_reads_pass() {
    same(|server| {
        let mut other = server.connect().unwrap();
        let mut writer = server.connect().unwrap();
        let mut outcome = vec![other.ask(&["CLIENT", "PAUSE", "60000", "WRITE"]).unwrap()];
        writer.send(&["SET", "k", "v"]).unwrap();
        // Asked twice, so that the write had its chance.
        outcome.push(other.ask(&["GET", "k"]).unwrap());
        outcome.push(other.ask(&["GET", "k"]).unwrap());
        outcome.push(other.ask(&["CLIENT", "UNPAUSE"]).unwrap());
        outcome.push(writer.read().unwrap());
        outcome.push(other.ask(&["GET", "k"]).unwrap());
        outcome
    });
}

#[test]
fn a_pause_holds_back_whatever_may_write() {
    let may_write: [&[&[&str]]; 5] = [
        &[&["PUBLISH", "c", "x"]],
        &[&["SPUBLISH", "c", "x"]],
        &[&["EVAL", "return redis.call('INCR', 'n')", "0"]],
        &[&["MULTI"], &["GET", "n"], &["INCR", "n"], &["EXEC"]],
        &[&["BLPOP", "l", "0.001"]],
    ];
    let reads: [&[&[&str]]; 4] = [
        &[&["EVAL_RO", "return 1", "0"]],
        &[&["EVAL", "#!lua flags=no-writes\nreturn 1", "0"]],
        &[&["MULTI"], &["GET", "n"], &["EXEC"]],
        &[&["SUBSCRIBE", "c"]],
    ];
    same(|server| {
        let mut other = server.connect().unwrap();
        let mut outcome = vec![other.ask(&["CLIENT", "PAUSE", "60000", "WRITE"]).unwrap()];
        let mut writers = may_write.map(|commands| (server.connect().unwrap(), commands));
        for (writer, commands) in &mut writers {
            commands.iter().for_each(|command| writer.send(command).unwrap());
        }
        for commands in reads {
            let mut reader = server.connect().unwrap();
            outcome.extend(commands.iter().map(|command| reader.ask(command).unwrap()));
        }
        outcome.push(other.ask(&["GET", "n"]).unwrap());
        outcome.push(other.ask(&["CLIENT", "UNPAUSE"]).unwrap());
        for (writer, commands) in &mut writers {
            // Which of two writers is first after the pause is left open.
            let last = commands.iter().map(|_| writer.read().unwrap()).last().unwrap();
            outcome.push(Reply::Integer(last.items().len() as i64));
        }
        outcome.push(other.ask(&["GET", "n"]).unwrap());
        outcome
    });
}

#[test]
fn a_pause_of_all_holds_back_its_own_end() {
    same(|server| {
        let mut other = server.connect().unwrap();
        let paused = Instant::now();
        let mut outcome = vec![other.ask(&["CLIENT", "PAUSE", "100", "ALL"]).unwrap()];
        outcome.push(other.ask(&["CLIENT", "UNPAUSE"]).unwrap());
        assert!(paused.elapsed() >= Duration::from_millis(99), "{:?}", paused.elapsed());
        outcome.push(other.ask(&["PING"]).unwrap());
        outcome
    });
}

#[test]
fn what_a_pause_holds_back_ends_with_its_client() {
    same(|server| {
        let (mut other, mut writer) = (server.connect().unwrap(), server.connect().unwrap());
        let id = id(&mut writer);
        let mut outcome = vec![other.ask(&["CLIENT", "PAUSE", "60000", "WRITE"]).unwrap()];
        writer.send(&["SET", "k", "v"]).unwrap();
        outcome.push(other.ask(&["PING"]).unwrap());
        outcome.push(other.ask(&["CLIENT", "KILL", "ID", &id]).unwrap());
        assert!(writer.read().is_err());
        outcome.push(other.ask(&["CLIENT", "UNPAUSE"]).unwrap());
        outcome.push(other.ask(&["GET", "k"]).unwrap());
        outcome
    });
}

/// `1700000000.123456 [0 127.0.0.1:50000] "SET" …` without the time and the port.
fn monitored(line: &Reply) -> String {
    let text = line.text();
    let (time, rest) = text.split_once(' ').unwrap();
    assert!(time.parse::<f64>().is_ok_and(|time| time > 1e9), "{text}");
    let (source, command) = rest.split_once("] ").unwrap();
    let database = source.split(' ').next().unwrap();
    format!("{database}] {command}")
}

#[test]
fn monitor_shows_every_command() {
    same(|server| {
        let mut monitor = server.connect().unwrap();
        assert_eq!(monitor.ask(&["MONITOR"]).unwrap().text(), "OK");
        let mut client = server.connect().unwrap();
        let commands: [&[&[u8]]; 8] = [
            &[b"SET", b"k", b"a \"quoted\"\r\n\x00\xff"],
            &[b"get", b"k"],
            &[b"SELECT", b"3"],
            &[b"LPUSH", b"l", b""],
            &[b"BOGUS"],
            &[b"MULTI"],
            &[b"INCR", b"n"],
            &[b"EXEC"],
        ];
        for command in commands {
            client.call(command).unwrap();
        }
        client.call(&["ECHO", "the end"]).unwrap();
        let mut lines = Vec::new();
        while !lines.last().is_some_and(|line: &String| line.contains("the end")) {
            lines.push(monitored(&monitor.read().unwrap()));
        }
        lines
    });
}

/// Redis shows the digest of a password, which is all that a guesser needs.
#[test]
fn nobody_is_shown_the_digest_of_the_token() {
    let server = Server::clawlink_with(&["--token", "sesame"]).unwrap();
    let mut client = server.connect().unwrap();
    client.call(&["AUTH", "sesame"]).unwrap();
    let list = client.ask(&["ACL", "LIST"]).unwrap();
    assert_eq!(list.items()[0].text(), "user default on ~* &* +@all");
    let user = client.call(&["ACL", "GETUSER", "default"]).unwrap();
    let start = "*12\r\n$5\r\nflags\r\n*1\r\n$2\r\non\r\n$9\r\npasswords\r\n*0\r\n";
    assert!(user.starts_with(start.as_bytes()), "{}", String::from_utf8_lossy(&user));
}

/// The broker's own: keys are secrets, wherever they stand.
#[test]
fn nobody_is_shown_an_agents_key() {
    let server = Server::clawlink().unwrap();
    let mut client = server.connect().unwrap();
    client.call(&["CONFIG", "SET", "slowlog-log-slower-than", "0"]).unwrap();
    let registered = client.ask(&["CLAW.REGISTER", "bob"]).unwrap();
    let key = registered.items()[3].text();
    let mut monitor = server.connect().unwrap();
    assert_eq!(monitor.ask(&["MONITOR"]).unwrap().text(), "OK");
    let commands: [&[&str]; 9] = [
        &["CLAW.IDENTIFY", "bob", &key],
        &["CLAW.REGISTER", "bob", "KEY", &key],
        &["AUTH", "agent:bob", &key],
        &["HELLO", "2", "AUTH", "agent:bob", &key],
        &["MULTI"],
        &["CLAW.IDENTIFY", "bob", &key],
        &["CLAW.REGISTER", "bob", "KEY", &key],
        &["AUTH", "agent:bob", &key],
        &["EXEC"],
    ];
    for command in commands {
        let reply = client.call(command).unwrap();
        assert!(!reply.starts_with(b"-"), "{command:?}: {}", reply.escape_ascii());
    }
    client.call(&["ECHO", "the end"]).unwrap();
    let mut shown = String::new();
    while !shown.contains("the end") {
        shown += &monitored(&monitor.read().unwrap());
    }
    assert!(shown.contains("(redacted)"), "{shown}");
    assert!(!shown.contains(&key), "{shown}");
    let slow = client.ask(&["SLOWLOG", "GET", "-1"]).unwrap().lines().join("\n");
    assert!(slow.contains("the end") && !slow.contains(&key), "{slow}");
    assert!(!server.log().contains(&key), "{}", server.log());
}

#[test]
fn the_list_shows_which_agent_a_connection_is() {
    let server = Server::clawlink().unwrap();
    let mut client = server.connect().unwrap();
    let key = client.ask(&["CLAW.REGISTER", "bob"]).unwrap().items()[3].text();
    let agent = |client: &mut Client| {
        fields(client.ask(&["CLIENT", "INFO"]).unwrap().text().trim_end(), &["agent"])
    };
    let mut other = server.connect().unwrap();
    assert_eq!(agent(&mut other), "agent=");
    other.call(&["AUTH", "agent:bob", &key]).unwrap();
    assert_eq!(agent(&mut other), "agent=bob");
    other.call(&["RESET"]).unwrap();
    assert_eq!(agent(&mut other), "agent=");
}

#[test]
fn an_agents_key_opens_a_broker_with_a_token() {
    let server = Server::clawlink_with(&["--token", "secret"]).unwrap();
    let mut first = server.connect().unwrap();
    first.call(&["AUTH", "secret"]).unwrap();
    let key = first.ask(&["CLAW.REGISTER", "bob"]).unwrap().items()[3].text();
    let mut other = server.connect().unwrap();
    let refused = other.ask(&["CLAW.IDENTIFY", "bob", &key]).unwrap();
    assert_eq!(refused.text(), "NOAUTH Authentication required.");
    assert!(other.call(&["AUTH", "agent:bob", "wrong"]).unwrap().starts_with(b"-WRONGPASS"));
    assert!(other.call(&["PING"]).unwrap().starts_with(b"-NOAUTH"));
    assert_eq!(other.ask(&["AUTH", "agent:bob", &key]).unwrap().text(), "OK");
    assert_eq!(other.ask(&["CLAW.HEARTBEAT", "bob"]).unwrap().text(), "OK");
    let mut third = server.connect().unwrap();
    let greeted = third.call(&["HELLO", "3", "AUTH", "agent:bob", &key]).unwrap();
    assert!(greeted.starts_with(b"%"), "{}", greeted.escape_ascii());
}
