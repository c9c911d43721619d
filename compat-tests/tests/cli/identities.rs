//! Who a command acts as.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use clawlink_compat_tests::server::Server;

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
