//! Who a command acts as.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use clawlink_compat_tests::server::Server;
use clawlink_compat_tests::wait::until;

use crate::person::{Person, alice_and_bob, finish, message};

#[test]
fn several_agents_live_on_one_machine() {
    let server = Server::clawlink().unwrap();
    let person = Person::at(&server);
    person.types(&["poll"]).refused(5, &["register"]);
    person.registers("first");
    assert_eq!(person.types(&["poll"]).code, 0);
    person.registers("second");
    person.types(&["poll"]).refused(5, &["first", "second", "--as"]);
    person.asks(&["delegate", "--to", "second", "--task", "x", "--as", "first"]);
    let polled = person.asks(&["poll", "--as", "second"]);
    assert_eq!(message(&polled, "task_delegation")["from_agent"], "first");
    let mut by_environment = person.command(&["heartbeat"]);
    by_environment.env("CLAWLINK_AGENT", "first");
    assert_eq!(finish(by_environment.spawn().unwrap()).code, 0);
    assert!(stored_identities(&person).iter().all(|(_, mode)| mode & 0o777 == 0o600));
    assert_eq!(stored_identities(&person).len(), 2);
}

/// The files that hold identities, and their modes: a folder for each relay, a file for each
/// agent.
fn stored_identities(person: &Person) -> Vec<(PathBuf, u32)> {
    let folder = person.home.path().join("config/clawlink/identities");
    let relays = folder.read_dir().unwrap().map(|relay| relay.unwrap().path());
    let files = relays.flat_map(|relay| relay.read_dir().unwrap()).map(|file| file.unwrap());
    files.map(|file| (file.path(), file.metadata().unwrap().permissions().mode())).collect()
}

#[test]
fn the_stored_key_is_all_it_takes_where_identities_are_required() {
    let server = Server::clawlink_with(&["--require-identity"]).unwrap();
    let (alice, bob) = alice_and_bob(&server);
    assert_eq!(alice.asks(&["discover"])["count"], 2);
    let task = alice.asks(&["delegate", "--to", "bob", "--task", "read"])["message_id"].to_string();
    let task = task.trim_matches('"');
    assert_eq!(message(&bob.asks(&["poll"]), "task_delegation")["from_agent"], "alice");
    bob.asks(&["respond", "--msg-id", task, "--result", "done"]);
    assert_eq!(alice.asks(&["await", "--msg-id", task])["response"]["from_agent"], "bob");
    let stranger = Person::at(&server);
    stranger.types(&["discover"]).refused(1, &["lets only agents", "register"]);
    stranger.types(&["poll", "--as", "bob"]).refused(1, &["no key of bob", "register"]);
    bob.types(&["poll", "--as", "alice"]).refused(1, &["no key of alice"]);
}

#[test]
fn who_has_registered_needs_the_token_no_more() {
    let server = Server::clawlink_with(&["--token", "secret"]).unwrap();
    let bob = Person::at(&server);
    let register = ["register", "--name", "bob"];
    bob.types(&register).refused(1, &["asks for a token"]);
    bob.asks(&[&register[..], &["--token", "secret"]].concat());
    bob.asks(&["poll"]);
    bob.asks(&["file-list"]);
    bob.types(&["poll", "--token", "wrong"]).refused(1, &["does not accept this token"]);
    bob.types(&["poll", "--as", "zoe"]).refused(1, &["asks for a token"]);
}

#[test]
fn a_session_whose_agent_was_taken_over_is_told() {
    let server = Server::clawlink_with(&["--stale-seconds", "1"]).unwrap();
    let (first, second) = (Person::at(&server), Person::at(&server));
    first.registers("bob");
    until("bob is stale", || second.asks(&["discover"])["count"] == 0);
    second.registers("bob");
    first.types(&["poll"]).refused(1, &["wrong key for agent 'bob'", "took the agent over"]);
    assert_eq!(second.types(&["poll"]).code, 0);
}

#[test]
fn an_identity_is_resumed_by_its_owner_alone() {
    let server = Server::clawlink().unwrap();
    let (alice, bob) = alice_and_bob(&server);
    bob.types(&["register", "--name", "alice"]).refused(1, &["alice", "online"]);
    bob.asks(&["delegate", "--to", "alice", "--task", "kept"]);
    let again = alice.asks(&["register", "--name", "alice"]);
    assert_eq!(again["status"], "resumed");
    assert_eq!(message(&alice.asks(&["poll"]), "task_delegation")["task"], "kept");
    assert_eq!(alice.asks(&["unregister"])["status"], "unregistered");
    bob.types(&["delegate", "--to", "alice", "--task", "x"]).refused(1, &["no agent 'alice'"]);
}
