//! Exit codes, and errors that say what to do next.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::Value as Json;

use crate::support::{Act, Broker, Home, error, int};

/// An address where nothing listens: the port was free a moment ago.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").to_string()
}

#[test]
fn no_broker_is_3_and_names_the_address() {
    let (home, relay) = (Home::new(), nobody());
    let said = home.run(&relay, &["discover"]).error(3);
    assert_eq!(said, format!("error: no broker at {relay}: start one with `clawlinkd`\n"));
    for form in [format!("redis://:secret@{relay}"), format!("http://{relay}")] {
        assert_eq!(home.run(&form, &["discover"]).error(3), said);
    }
    let said = home.run("unix:///no/such/socket", &["discover"]).error(3);
    assert!(said.contains("no broker at /no/such/socket"), "{said}");
}

#[test]
fn with_json_errors_are_json_too() {
    let (home, relay) = (Home::new(), nobody());
    let said = home.run(&relay, &["discover", "--json"]).error(3);
    let said: Json = serde_json::from_str(&said).expect("JSON");
    assert_eq!(said["error"]["exit"], 3);
    assert_eq!(said["error"]["code"], Json::Null);
    assert_eq!(said["error"]["next"], "start one with `clawlinkd`");

    let broker = Broker::with([error("NOTASK no task 'x' is open here")]);
    let args = ["respond", "--as", "bob", "--msg-id", "x", "--result", "y", "--json"];
    let said: Json =
        serde_json::from_str(&home.run(&broker.relay(), &args).error(1)).expect("JSON");
    assert_eq!(said["error"]["code"], "NOTASK");
    assert_eq!(said["error"]["message"], "no task 'x' is open here");
    broker.heard();
}

#[test]
fn refusals_are_1_and_say_what_to_do() {
    let home = Home::new();
    for (refusal, next) in [
        ("NOAGENT no agent 'bob' is registered", "register --name NAME --id bob"),
        ("NOAGENT no agent 'eve' is registered", "discover --all"),
        ("OOM command not allowed when used memory > 'maxmemory'.", "--max-memory"),
        ("ERR unknown command 'CLAW.POLL', with args beginning with: 'bob' ", "no ClawLink broker"),
        (
            "INBOXFULL inbox 'bob' holds 10000 messages, its limit: try again later",
            "try again later",
        ),
    ] {
        let broker = Broker::with([error(refusal)]);
        let said = home.run(&broker.relay(), &["poll", "--as", "bob"]).error(1);
        let (_, text) = refusal.split_once(' ').expect("a code");
        assert!(said.starts_with(&format!("error: {}", text.trim_end())), "{said}");
        assert!(said.contains(next), "{said}");
        broker.heard();
    }
}

#[test]
fn a_broker_that_stops_while_a_command_waits_is_3() {
    let home = Home::new();
    let broker = Broker::with([error("UNBLOCKED the broker is shutting down")]);
    let said = home.run(&broker.relay(), &["poll", "--as", "bob", "--wait", "9"]).error(3);
    assert!(said.contains("is shutting down: start it again"), "{said}");
    broker.heard();
}

#[test]
fn a_token_is_asked_for_in_plain_words() {
    let home = Home::new();
    for (refusal, said) in [
        ("NOAUTH HELLO must be called with the client already authenticated", "asks for a token"),
        (
            "WRONGPASS invalid username-password pair or user is disabled.",
            "does not accept this token",
        ),
    ] {
        let broker = Broker::refusing(refusal);
        let told = home.run(&broker.relay(), &["discover"]).error(1);
        assert!(told.contains(said) && told.contains("--token or CLAWLINK_TOKEN"), "{told}");
        broker.heard();
    }
}

#[test]
fn an_id_that_is_taken_is_explained() {
    let home = Home::new();
    let broker = Broker::with([error(
        "AGENTINUSE agent 'bob' is online: give the KEY of its registration to resume it, or another name or ID",
    )]);
    let said = home.run(&broker.relay(), &["register", "--name", "bob"]).error(1);
    assert!(said.contains("agent 'bob' is online") && said.contains("--id"), "{said}");
    assert!(!home.identity(&broker.relay(), "bob").exists());
    broker.heard();

    let broker = Broker::with([error("BADKEY wrong key for agent 'bob'")]);
    home.store(&broker.relay(), "bob", "old");
    let said = home.run(&broker.relay(), &["register", "--name", "bob"]).error(1);
    assert!(said.contains("another session took it over"), "{said}");
    assert!(home.identity(&broker.relay(), "bob").exists(), "nothing is lost by trying");
    broker.heard();
}

#[test]
fn wrong_usage_is_2() {
    let home = Home::new();
    for args in [
        &["poll", "--wait", "soon"][..],
        &["delegate", "--to", "bob"],
        &["delegate", "--to", "bob", "--task", "t", "--priority", "asap"],
        &["respond", "--msg-id", "x", "--result", "y", "--status", "done"],
        &["--relay", "ftp://host", "info"],
        &["dance"],
        &[],
    ] {
        let run = home.run("127.0.0.1:1", args);
        assert_eq!((run.code, run.stdout.as_slice()), (2, &b""[..]), "{args:?}: {run:?}");
    }
}

#[test]
fn a_broker_that_hangs_up_is_3() {
    let home = Home::new();
    let broker = Broker::with([Act::HangUp]);
    let said = home.run(&broker.relay(), &["heartbeat", "--as", "bob"]).error(3);
    assert!(said.contains("lost the broker at 127.0.0.1:"), "{said}");
    broker.heard();
}

#[test]
fn what_is_no_broker_is_3() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let relay = listener.local_addr().expect("an address").to_string();
    let web = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let _ = stream.read(&mut [0; 512]).expect("a request");
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").expect("answered");
    });
    let said = Home::new().run(&relay, &["discover"]).error(3);
    assert!(said.contains(&format!("what answers at {relay} is no ClawLink broker")), "{said}");
    web.join().expect("no panic");
}

#[test]
fn replies_of_another_version_are_3_and_no_panic() {
    let home = Home::new();
    for args in
        [&["discover"][..], &["poll"], &["register", "--name", "x"], &["file-get", "--key", "x"]]
    {
        let broker = Broker::with([int(7)]);
        let said = home.run(&broker.relay(), &[args, &["--as", "bob"]].concat()).error(3);
        assert!(said.contains("the broker's reply is not understood"), "{args:?}: {said}");
        broker.heard();
    }
}

#[test]
fn a_broken_identity_is_5() {
    let home = Home::new();
    let relay = nobody();
    home.store(&relay, "bob", "k");
    let path = home.identity(&relay, "bob");
    std::fs::write(&path, "{").expect("written");
    let said = home.run(&relay, &["heartbeat"]).error(5);
    assert!(
        said.contains(path.to_str().expect("text")) && said.contains("register again"),
        "{said}"
    );
}
