//! Scripts that run for long, and that others must not see a half of.
//!
//! Every test runs on the real Redis too.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::server::Server;
use clawlink_compat_tests::wait;

fn on_both(test: impl Fn(&Server)) {
    test(&Server::redis().unwrap());
    test(&Server::clawlink().unwrap());
    test(&Server::clawlink_with(&["--io-threads", "2"]).unwrap());
}

fn text(client: &mut Client, words: &[&str]) -> String {
    String::from_utf8_lossy(&client.call(words).unwrap()).trim_end().to_owned()
}

/// Sends a script that does not end, and waits until others are told so.
fn run_for_long(server: &Server, script: &str) -> (Client, Client) {
    let (mut runner, mut other) = (server.connect().unwrap(), server.connect().unwrap());
    assert_eq!(text(&mut other, &["CONFIG", "SET", "busy-reply-threshold", "50"]), "+OK");
    runner.send(&["EVAL", script, "0"]).unwrap();
    let busy = "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN \
                NOSAVE.";
    wait::until("others are told that a script is busy", || text(&mut other, &["PING"]) == busy);
    assert_eq!(text(&mut other, &["GET", "k"]), busy);
    (runner, other)
}

#[test]
fn a_script_that_runs_for_long_can_be_ended() {
    on_both(|server| {
        for script in [
            "while true do end",
            "while true do pcall(function() while true do end end) end",
            "while true do redis.call('get', 'k') end",
            "coroutine.wrap(function() while true do end end)()",
            "table.sort({1, 2, 3, 4}, function() while true do end end)",
        ] {
            let (mut runner, mut other) = run_for_long(server, script);
            assert_eq!(text(&mut other, &["SCRIPT", "KILL"]), "+OK", "{script}");
            let end = String::from_utf8(runner.read_reply().unwrap()).unwrap();
            let killed = "-ERR Script killed by user with SCRIPT KILL... script: ";
            assert!(end.starts_with(killed), "{script}: {end}");
            assert_eq!(text(&mut other, &["PING"]), "+PONG");
            assert_eq!(
                text(&mut other, &["SCRIPT", "KILL"]),
                "-NOTBUSY No scripts in execution right now."
            );
        }
    });
}

/// What is sent while nobody knows yet that the script before it will run for long.
#[test]
fn requests_behind_a_long_script_are_told_that_it_is_busy() {
    const READERS: usize = 60;
    on_both(|server| {
        let (mut runner, mut killer) = (server.connect().unwrap(), server.connect().unwrap());
        text(&mut killer, &["CONFIG", "SET", "busy-reply-threshold", "50"]);
        let mut readers: Vec<Client> = (0..READERS).map(|_| server.connect().unwrap()).collect();
        // The server finds all of it at once when it goes on.
        server.signal("STOP").unwrap();
        runner.send(&["EVAL", "while true do end", "0"]).unwrap();
        readers.iter_mut().for_each(|reader| reader.send(&["GET", "k"]).unwrap());
        server.signal("CONT").unwrap();
        for reader in &mut readers {
            let told = reader.read_reply().unwrap();
            // Who came before the script found nothing. Who came behind it would wait for ever.
            assert!(told.starts_with(b"-BUSY ") || told == b"$-1\r\n", "{}", told.escape_ascii());
        }
        assert_eq!(text(&mut killer, &["SCRIPT", "KILL"]), "+OK");
        assert!(runner.read_reply().unwrap().starts_with(b"-ERR Script killed"));
        assert!(readers[0].ask(&["GET", "k"]).unwrap().is_null());
    });
}

/// So is whatever else needs the keyspace: it does nothing, and keeps nobody else from anything.
#[test]
fn scripts_transactions_and_blocking_requests_behind_a_long_script_are_told_too() {
    const BEHIND: [&[&[&str]]; 7] = [
        &[&["EVAL", "return redis.call('INCR', 'n')", "0"]],
        &[&["EVAL", "return redis.call('INCR', KEYS[1])", "1", "n"], &["EVAL", "return 1", "0"]],
        &[&["BLPOP", "list", "0"]],
        &[&["BLMOVE", "list", "other", "LEFT", "LEFT", "0"]],
        &[&["WAIT", "1", "0"]],
        &[&["XREAD", "BLOCK", "0", "STREAMS", "stream", "$"]],
        &[&["EVALSHA", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "0"]],
    ];
    // On one thread what was sent first is read first.
    for server in [Server::redis().unwrap(), Server::clawlink().unwrap()] {
        let (mut runner, mut killer) = (server.connect().unwrap(), server.connect().unwrap());
        text(&mut killer, &["CONFIG", "SET", "busy-reply-threshold", "50"]);
        text(&mut killer, &["EVAL", "return 1", "0"]);
        let mut behind = BEHIND.map(|commands| (server.connect().unwrap(), commands));
        let transactions = [&["INCR", "n"][..], &["ECHO", "n"]];
        let mut transactions = transactions.map(|queued| {
            let mut client = server.connect().unwrap();
            assert_eq!(text(&mut client, &["MULTI"]), "+OK");
            assert_eq!(text(&mut client, queued), "+QUEUED");
            client
        });
        server.signal("STOP").unwrap();
        runner.send(&["EVAL", "while true do end", "0"]).unwrap();
        for (client, commands) in &mut behind {
            commands.iter().for_each(|command| client.send(command).unwrap());
        }
        transactions.iter_mut().for_each(|client| client.send(&["EXEC"]).unwrap());
        server.signal("CONT").unwrap();
        for (client, commands) in &mut behind {
            for command in *commands {
                let told = client.read_reply().unwrap();
                assert!(told.starts_with(b"-BUSY "), "{command:?}: {}", told.escape_ascii());
            }
        }
        for client in &mut transactions {
            let told = client.read_reply().unwrap();
            let aborted = b"-EXECABORT Transaction discarded because of: BUSY Redis is busy";
            assert!(told.starts_with(aborted), "{}", told.escape_ascii());
        }
        assert_eq!(text(&mut killer, &["SCRIPT", "KILL"]), "+OK");
        assert!(runner.read_reply().unwrap().starts_with(b"-ERR Script killed"));
        assert_eq!(text(&mut killer, &["GET", "n"]), "$-1");
        assert_eq!(text(&mut killer, &["RPUSH", "list", "a"]), ":1");
        assert_eq!(text(&mut behind[0].0, &["LLEN", "list"]), ":1");
    }
}

#[test]
fn what_has_written_is_not_ended() {
    on_both(|server| {
        let script =
            "redis.call('set', 'k', 1) local n = 0 while n < 20000000 do n = n + 1 end return n";
        let (mut runner, mut other) = run_for_long(server, script);
        let refused = text(&mut other, &["SCRIPT", "KILL"]);
        assert!(refused.starts_with("-UNKILLABLE Sorry the script already executed"), "{refused}");
        assert_eq!(text(&mut other, &["MULTI"]), "+OK");
        let end = String::from_utf8(runner.read_reply().unwrap()).unwrap();
        assert_eq!(end, ":20000000\r\n");
    });
}

/// Redis cannot be stopped in the middle of a pattern.
#[test]
fn a_pattern_that_has_no_end_can_be_ended() {
    let server = Server::clawlink().unwrap();
    for script in [
        "return string.find(('a'):rep(60), ('a-'):rep(30) .. 'b')",
        "return string.match(('a'):rep(60), ('a?'):rep(60) .. 'b')",
        "return string.gsub(('a'):rep(60), ('a*'):rep(30) .. 'b', '')",
        "for part in string.gmatch(('a'):rep(60), ('a+'):rep(30) .. 'b') do end",
        "while true do pcall(string.find, ('a'):rep(60), ('a-'):rep(30) .. 'b') end",
    ] {
        let (mut runner, mut other) = run_for_long(&server, script);
        assert_eq!(text(&mut other, &["SCRIPT", "KILL"]), "+OK", "{script}");
        let end = String::from_utf8(runner.read_reply().unwrap()).unwrap();
        assert!(end.starts_with("-ERR Script killed by user"), "{script}: {end}");
    }
}

/// One string that stands in a reply, or in what a library makes, many times over takes no more than its bound.
#[test]
fn what_a_script_makes_of_one_string_has_a_bound() {
    let server = Server::clawlink().unwrap();
    let mut client = server.connect().unwrap();
    let string = "local s = ('x'):rep(1000000) local t = {} for i = 1, 1000 do t[i] = s end ";
    for (made, why) in [
        ("return t", "-ERR the reply of the script is too large"),
        ("return cmsgpack.pack(t)", "-ERR not enough memory"),
    ] {
        let end = text(&mut client, &["EVAL", &format!("{string} {made}"), "0"]);
        assert!(end.starts_with(why), "{made}: {}", &end[..end.len().min(200)]);
    }
    assert_eq!(text(&mut client, &["EVAL", "return 1", "0"]), ":1");
    let deep = "local t = {} for i = 1, 100000 do t = {t} end return t";
    assert!(text(&mut client, &["EVAL", deep, "0"]).contains("reached lua stack limit"));
}

#[test]
fn memory_has_a_bound() {
    let server = Server::clawlink().unwrap();
    let mut client = server.connect().unwrap();
    let endless = "local t = {('x'):rep(1000000)} while true do t[#t + 1] = t[#t] .. t[#t] end";
    let end = text(&mut client, &["EVAL", endless, "0"]);
    assert!(end.contains("not enough memory"), "{end}");
    assert_eq!(text(&mut client, &["EVAL", "return 1", "0"]), ":1");
}

#[test]
fn nobody_sees_a_half_of_a_script() {
    on_both(|server| {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut reader = server.connect().unwrap();
                while !over.load(Ordering::Relaxed) {
                    let seen = reader.ask(&["MGET", "a", "b"]).unwrap();
                    assert_eq!(seen.items()[0].text(), seen.items()[1].text());
                }
            });
            let mut writer = server.connect().unwrap();
            let script = "redis.call('incr', 'a') for i = 1, 1000 do end redis.call('incr', 'b')";
            for _ in 0..500 {
                writer.ask(&["EVAL", script, "0"]).unwrap();
            }
            over.store(true, Ordering::Relaxed);
        });
    });
}

#[test]
fn a_blocked_client_is_served_when_the_script_has_ended() {
    on_both(|server| {
        let (mut waiter, mut runner) = (server.connect().unwrap(), server.connect().unwrap());
        waiter.send(&["BLPOP", "q", "0"]).unwrap();
        server.wait_for_blocked(1);
        let script = "redis.call('rpush', 'q', 'x') redis.call('lset', 'q', 0, 'y') \
                      return redis.call('llen', 'q')";
        assert_eq!(text(&mut runner, &["EVAL", script, "0"]), ":1");
        let got = waiter.read().unwrap();
        assert_eq!(got.items()[1].text(), "y");
    });
}

#[test]
fn a_watch_sees_what_a_script_writes() {
    on_both(|server| {
        let (mut watcher, mut runner) = (server.connect().unwrap(), server.connect().unwrap());
        watcher.ask(&["WATCH", "k"]).unwrap();
        runner.ask(&["EVAL", "return redis.call('set', 'k', 'v')", "0"]).unwrap();
        watcher.ask(&["MULTI"]).unwrap();
        watcher.ask(&["PING"]).unwrap();
        assert!(watcher.ask(&["EXEC"]).unwrap().is_null());
    });
}
