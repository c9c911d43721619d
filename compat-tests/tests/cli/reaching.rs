//! Reaching the broker, and what is said when that fails.

use clawlink_compat_tests::server::{Server, free_port};

use crate::person::{Person, alice_and_bob, finish};

#[test]
fn the_token_is_asked_for_and_never_shown() {
    let server = Server::clawlink_with(&["--token", "hush-hush"]).unwrap();
    let person = Person::at(&server);
    person.types(&["discover"]).refused(1, &["token"]);
    person.types(&["discover", "--token", "wrong"]).refused(1, &["token"]);
    let outcome = person.types(&["discover", "--token", "hush-hush"]);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let mut by_environment = person.command(&["info"]);
    let outcome = finish(by_environment.env("CLAWLINK_TOKEN", "hush-hush").spawn().unwrap());
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(!outcome.out.contains("hush-hush"), "{}", outcome.out);
    assert!(!server.log().contains("hush-hush"), "{}", server.log());
}

#[test]
fn mistakes_are_explained() {
    let server = Server::clawlink().unwrap();
    let (alice, _bob) = alice_and_bob(&server);
    alice.types(&["delegate", "--to", "nobody", "--task", "x"]).refused(1, &["nobody"]);
    alice.types(&["delegate", "--to", "@cobol", "--task", "x"]).refused(1, &["cobol"]);
    alice.types(&["delegate", "--to", "bob"]).refused(2, &["--task"]);
    alice.types(&["bogus"]).refused(2, &["bogus"]);
    alice.types(&["respond", "--msg-id", "bob.x.1", "--result", "r"]).refused(1, &["bob.x.1"]);
    let alone = Person {
        home: tempfile::tempdir().unwrap(),
        relay: format!("127.0.0.1:{}", free_port().unwrap()),
    };
    alone.types(&["discover"]).refused(3, &["no broker at", "clawlinkd"]);
}

#[test]
fn the_relay_is_named_in_every_accepted_form() {
    let server = Server::clawlink().unwrap();
    let port = server.port();
    let person = Person::at(&server);
    for relay in ["127.0.0.1:", "redis://127.0.0.1:", "http://127.0.0.1:", "localhost:"] {
        let outcome = person.types(&["discover", "--relay", &format!("{relay}{port}")]);
        assert_eq!(outcome.code, 0, "{relay}: {}", outcome.err);
    }
}

#[test]
fn the_demo_plays_to_its_end() {
    let person = Person { home: tempfile::tempdir().unwrap(), relay: String::new() };
    let outcome = person.types(&["demo"]);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(outcome.out.lines().count() > 10, "{}", outcome.out);
}
