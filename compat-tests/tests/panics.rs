//! A panic inside one command costs that command alone, in every owner.

use clawlink_compat_tests::reply::Reply;
use clawlink_compat_tests::server::Server;

/// A key of each owner, and a command that it answers before and after.
const OWNERS: [(&str, &[&str]); 6] = [
    ("plain", &["GET", "plain"]),
    ("inbox:bob", &["LRANGE", "inbox:bob", "0", "-1"]),
    ("inbox:@rust", &["LLEN", "inbox:@rust"]),
    ("topic:news", &["XLEN", "topic:news"]),
    ("file:report", &["GET", "file:report"]),
    ("agent:bob", &["HGET", "agent:bob", "name"]),
];

fn furnished() -> Server {
    let server = Server::clawlink().unwrap();
    let mut client = server.connect().unwrap();
    let commands: [&[&str]; 5] = [
        &["SET", "plain", "value"],
        &["CLAW.REGISTER", "Bob", "ID", "bob", "CAPS", "rust"],
        &["LPUSH", "inbox:bob", "task"],
        &["PUBLISH", "topic:news", "message"],
        &["SET", "file:report", "content"],
    ];
    for command in commands {
        let reply = client.ask(command).unwrap();
        assert!(!matches!(reply, Reply::Error(_)), "{command:?}: {reply:?}");
    }
    server
}

fn caught(server: &Server) -> usize {
    server.info("clawlink", "caught_panics").unwrap().parse().unwrap()
}

#[test]
fn each_owner_survives_its_panic() {
    let server = furnished();
    let mut client = server.connect().unwrap();
    let mut bystander = server.connect().unwrap();
    assert_eq!(caught(&server), 0);
    for (index, (key, command)) in OWNERS.iter().enumerate() {
        let before = client.call(command).unwrap();
        let reply = client.call(&["DEBUG", "PANIC", key]).unwrap();
        assert_eq!(reply.escape_ascii().to_string(), r"-ERR internal error\r\n", "{key}");
        assert_eq!(caught(&server), index + 1, "{key}");
        // The same connection, another one, and all the other owners go on.
        assert_eq!(client.call(command).unwrap(), before, "{key}");
        for (other, command) in OWNERS {
            let reply = bystander.ask(command).unwrap();
            assert!(!matches!(reply, Reply::Error(_)), "{other} after {key}: {reply:?}");
        }
    }
}

#[test]
fn a_panic_inside_a_pipeline_costs_one_reply() {
    let server = furnished();
    for (key, _) in OWNERS {
        let mut client = server.connect().unwrap();
        for command in [["PING", "1", ""], ["DEBUG", "PANIC", key], ["PING", "2", ""]] {
            let words: Vec<&str> = command.into_iter().filter(|word| !word.is_empty()).collect();
            client.send(&words).unwrap();
        }
        assert_eq!(client.read().unwrap().text(), "1");
        assert_eq!(client.read().unwrap().text(), "ERR internal error", "{key}");
        assert_eq!(client.read().unwrap().text(), "2");
    }
}

#[test]
fn a_panic_inside_a_transaction_leaves_the_owners_free() {
    let server = furnished();
    let mut client = server.connect().unwrap();
    for (key, command) in OWNERS {
        client.call(&["MULTI"]).unwrap();
        client.call(&["SET", "plain", "in"]).unwrap();
        client.call(&["LLEN", "inbox:bob"]).unwrap();
        client.call(&["DEBUG", "PANIC", key]).unwrap();
        client.call(&["SET", "file:report", "in"]).unwrap();
        let reply = client.ask(&["EXEC"]).unwrap();
        let texts: Vec<String> = reply.items().iter().map(Reply::text).collect();
        assert_eq!(
            texts.get(2).map(String::as_str),
            Some("ERR internal error"),
            "{key}: {reply:?}"
        );
        assert_eq!(texts[3], "OK", "{key}");
        let mut other = server.connect().unwrap();
        assert!(!matches!(other.ask(command).unwrap(), Reply::Error(_)), "{key}");
    }
}

#[test]
fn waiters_survive_the_panic_of_their_owner() {
    let server = furnished();
    for key in ["queue", "inbox:carol"] {
        let mut waiter = server.connect().unwrap();
        waiter.send(&["BLPOP", key, "0"]).unwrap();
        server.wait_for_blocked(1);
        let mut client = server.connect().unwrap();
        client.call(&["DEBUG", "PANIC", key]).unwrap();
        client.call(&["RPUSH", key, "x"]).unwrap();
        assert_eq!(waiter.read().unwrap().items()[1].text(), "x", "{key}");
    }
}

#[test]
fn the_command_is_refused_unless_enabled() {
    let server = Server::clawlink_with(&["--enable-debug-command", "no"]).unwrap();
    let reply = server.connect().unwrap().ask(&["DEBUG", "PANIC", "plain"]).unwrap();
    assert!(reply.text().starts_with("ERR DEBUG command not allowed"), "{reply:?}");
    assert_eq!(caught(&server), 0);
}
