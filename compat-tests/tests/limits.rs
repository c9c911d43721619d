//! Limits, and what happens at them.

use std::process::{Command, Stdio};
use std::time::Duration;

use clawlink_compat_tests::binary;
use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::reply::Reply;
use clawlink_compat_tests::server::{Server, free_port};
use clawlink_compat_tests::transcript::{Protocol, Transcript, compare_servers};
use clawlink_compat_tests::wait::until;

const OOM: &str = "OOM command not allowed when used memory > 'maxmemory'.";

/// Writes until it is refused; returns the refusal and how many writes went well.
fn fill(
    client: &mut Client,
    value_bytes: usize,
    write: impl Fn(&str, &str) -> Vec<String>,
) -> (String, usize) {
    let value = "v".repeat(value_bytes);
    for index in 0..10_000 {
        let reply = client.ask(&write(&index.to_string(), &value)).unwrap();
        if let Reply::Error(_) = reply {
            return (reply.text(), index);
        }
    }
    panic!("10000 values of {value_bytes} bytes were accepted");
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

#[test]
fn memory_at_its_limit_refuses_writes_and_serves_reads() {
    let redis = Server::redis_with(&["--maxmemory", "64mb"]).unwrap();
    let ours = Server::clawlink_with(&["--max-memory", "64mb"]).unwrap();
    for server in [&redis, &ours] {
        let mut client = server.connect().unwrap();
        client.call(&["RPUSH", "l", &"v".repeat(1_000)]).unwrap();
        let set = |index: &str, value: &str| words(&["SET", &format!("k{index}"), value]);
        let (refusal, count) = fill(&mut client, 100_000, set);
        assert_eq!(refusal, OOM, "{}", server.name());
        assert!((100..700).contains(&count), "{}: {count} of 100 kB fitted", server.name());
        // The room that is left is smaller than the value that was refused.
        let push = |_: &str, value: &str| words(&["RPUSH", "l", value]);
        assert_eq!(fill(&mut client, 1_000, push).0, OOM, "{}", server.name());

        assert_eq!(client.ask(&["STRLEN", "k0"]).unwrap(), Reply::Integer(100_000));
        assert_eq!(client.ask(&["SET", "k0", &"v".repeat(1_000)]).unwrap().text(), OOM);
        assert_eq!(client.ask(&["LPOP", "l"]).unwrap().text().len(), 1_000);
        assert_eq!(client.ask(&["PUBLISH", "c", "x"]).unwrap(), Reply::Integer(0));
        for index in 0..count {
            client.call(&["DEL", &format!("k{index}")]).unwrap();
        }
        until("writes are accepted again", || {
            client.ask(&["SET", "k", "v"]).unwrap().text() == "OK"
        });
    }
}

#[test]
fn the_agents_world_counts_as_memory() {
    let ours = Server::clawlink_with(&["--max-memory", "64mb"]).unwrap();
    let mut client = ours.connect().unwrap();
    client.call(&["CLAW.REGISTER", "bob"]).unwrap();
    let put = |index: &str, value: &str| words(&["CLAW.FILE", "PUT", &format!("f{index}"), value]);
    let (refusal, count) = fill(&mut client, 100_000, put);
    assert_eq!(refusal, OOM);
    assert!((100..700).contains(&count), "{count} of 100 kB fitted");
    for command in [
        &["CLAW.DELEGATE", "bob", "task"] as &[&str],
        &["LPUSH", "inbox:bob", "task"],
        &["SET", "file:x", "y"],
        &["CLAW.BROADCAST", "news", "x"],
        &["CLAW.REGISTER", "carol"],
    ] {
        assert_eq!(client.ask(command).unwrap().text(), OOM, "{command:?}");
    }
    let read = client.ask(&["GET", "file:f0"]).unwrap();
    assert_eq!(read.bytes().map(<[u8]>::len), Some(100_000));
    client.call(&["CLAW.FLUSH"]).unwrap();
    until("files are accepted again", || {
        client.ask(&["SET", "file:x", "y"]).unwrap().text() == "OK"
    });
}

/// Fills an inbox with few large tasks.
#[test]
fn an_inbox_is_limited_in_bytes() {
    let ours = Server::clawlink().unwrap();
    let mut client = ours.connect().unwrap();
    client.call(&["CLAW.REGISTER", "bob"]).unwrap();
    let task = "t".repeat(1024 * 1024);
    let mut accepted = 0;
    let refusal = loop {
        let reply = client.ask(&["CLAW.DELEGATE", "bob", &task]).unwrap();
        if let Reply::Error(_) = reply {
            break reply.text();
        }
        accepted += 1;
        assert!(accepted < 100, "100 MB were accepted");
    };
    assert!(
        refusal.starts_with("INBOXFULL inbox 'bob' holds 67108864 bytes, its limit"),
        "{refusal}"
    );
    assert!((50..=64).contains(&accepted), "{accepted} tasks of 1 MiB");
}

#[test]
fn a_file_is_limited_in_bytes() {
    let ours = Server::clawlink().unwrap();
    let mut client = ours.connect().unwrap();
    let content = vec![b'x'; 67_108_865];
    let put = [b"CLAW.FILE".as_slice(), b"PUT", b"big", &content];
    let reply = client.ask(&put).unwrap();
    assert_eq!(reply.text(), "ERR file 'big' is larger than 67108864 bytes, the limit");
    let set = client.ask(&[b"SET".as_slice(), b"file:big", &content]).unwrap();
    assert!(matches!(set, Reply::Error(_)), "{set:?}");
    assert_eq!(client.ask(&["EXISTS", "file:big"]).unwrap(), Reply::Integer(0));
    let put = [b"CLAW.FILE".as_slice(), b"PUT", b"big", &content[1..]];
    assert_eq!(client.ask(&put).unwrap(), Reply::Integer(1));
}

#[test]
fn a_subscriber_that_does_not_read_is_closed() {
    const MESSAGE_BYTES: usize = 100_000;
    let ours = Server::clawlink().unwrap();
    let mut slow = ours.connect().unwrap();
    slow.call(&["SUBSCRIBE", "topic:news"]).unwrap();
    let mut swift = ours.connect().unwrap();
    swift.call(&["SUBSCRIBE", "topic:news"]).unwrap();
    let mut publisher = ours.connect().unwrap();
    let message = "m".repeat(MESSAGE_BYTES);
    let mut published = 0;
    while publisher.ask(&["PUBLISH", "topic:news", &message]).unwrap() == Reply::Integer(2) {
        assert_eq!(swift.read().unwrap().items()[2].bytes().map(<[u8]>::len), Some(MESSAGE_BYTES));
        published += 1;
        assert!(published < 2_000, "200 MB wait for one who does not read");
    }
    // It was closed, not skipped: what it did receive is without a gap, and then comes the end.
    slow.set_patience(Duration::from_secs(8)).unwrap();
    let received = slow.read_to_end().unwrap().len();
    assert!(received < published * (MESSAGE_BYTES + 100), "nothing was cut off");
    assert!(ours.resident_bytes().unwrap() < 300 * 1024 * 1024);
}

#[test]
fn connections_over_the_limit_are_refused() {
    let redis = Server::redis_with(&["--maxclients", "5"]).unwrap();
    let ours = Server::clawlink_with(&["--maxclients", "5"]).unwrap();
    for server in [&redis, &ours] {
        let mut clients = Vec::new();
        // Earlier connections of this test may still be on their way out.
        until("five clients fit", || {
            let mut client = server.connect().unwrap();
            if client.call(&["PING"]).is_ok_and(|reply| reply == b"+PONG\r\n") {
                clients.push(client);
            }
            clients.len() == 5
        });
        let mut sixth = server.connect().unwrap();
        let replies = sixth.replies_to_end().unwrap();
        assert_eq!(replies.len(), 1, "{}", server.name());
        assert_eq!(replies[0].text(), "ERR max number of clients reached", "{}", server.name());
        clients.pop();
        until("a place is free", || {
            let mut client = server.connect().unwrap();
            client.call(&["PING"]).is_ok_and(|reply| reply == b"+PONG\r\n")
        });
    }
}

#[test]
fn with_a_token_it_answers_as_redis_with_a_password() {
    let transcripts =
        ["auth", "acl"].map(|name| Transcript::read("transcripts/token", name).unwrap());
    let protocols = [Protocol::Resp2, Protocol::Resp3];
    for (transcript, protocol) in transcripts.iter().flat_map(|t| protocols.map(|p| (t, p))) {
        let redis = Server::redis_with(&["--requirepass", "secret"]).unwrap();
        let ours = Server::clawlink_with(&["--token", "secret"]).unwrap();
        compare_servers(transcript, &redis, &ours, protocol).unwrap().assert_clean();
        let again = Server::redis_with(&["--requirepass", "secret"]).unwrap();
        compare_servers(transcript, &redis, &again, protocol).unwrap().assert_clean();
    }
}

#[test]
fn the_token_guards_the_agents_commands() {
    let ours = Server::clawlink_with(&["--token", "secret"]).unwrap();
    let mut client = ours.connect().unwrap();
    for command in [
        &["CLAW.DISCOVER"] as &[&str],
        &["CLAW.REGISTER", "bob"],
        &["CLAW.FILE", "LIST"],
        &["CLAW.FLUSH"],
        &["INFO"],
        &["DEBUG", "PANIC", "x"],
    ] {
        let reply = client.ask(command).unwrap();
        assert_eq!(reply.text(), "NOAUTH Authentication required.", "{command:?}");
    }
    assert!(!ours.log().contains("secret"), "the token is in the log:\n{}", ours.log());
}

/// Runs `clawlinkd` until it has ended, and returns whether it went well and what it printed.
fn run_to_its_end(options: &[&str]) -> (bool, String) {
    let output = Command::new("timeout")
        .arg("10")
        .arg(binary::clawlinkd().unwrap())
        .args(["--port", &free_port().unwrap().to_string()])
        .args(options)
        .env_remove("CLAWLINK_TOKEN")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_ne!(output.status.code(), Some(124), "{options:?}: it runs");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_public_address_needs_a_token() {
    for host in ["0.0.0.0", "::"] {
        let (went_well, printed) = run_to_its_end(&["--host", host]);
        assert!(!went_well, "{host} was bound without a token");
        assert!(printed.contains("token"), "{host}: {printed}");
    }
    let guarded = Server::clawlink_with(&["--host", "0.0.0.0", "--token", "secret"]).unwrap();
    let reply = guarded.connect().unwrap().call(&["PING"]).unwrap();
    assert!(reply.starts_with(b"-NOAUTH"), "{}", reply.escape_ascii());
}

#[test]
fn wrong_options_are_explained() {
    for options in [&["--bogus"] as &[&str], &["--max-memory", "lots"], &["--maxclients", "lots"]] {
        let (went_well, printed) = run_to_its_end(options);
        assert!(!went_well, "{options:?}");
        assert!(printed.contains(options[0]), "{options:?}: {printed}");
    }
}
