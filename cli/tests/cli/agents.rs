//! Joining, leaving, and whom a command acts as.

use serde_json::json;

use crate::support::{Broker, Home, bulk, error, int, list, map, ok};

fn registration(id: &str, key: &str, status: &str) -> crate::support::Reply {
    map([("agent_id", bulk(id)), ("key", bulk(key)), ("status", bulk(status)), ("queued", int(2))])
}

#[test]
fn a_registration_is_stored_and_its_key_resumes_it() {
    let home = Home::new();
    let broker = Broker::with([
        registration("bob", "k1", "registered"),
        registration("bob", "k2", "resumed"),
    ]);
    let relay = broker.relay();
    let joined = home.run(&relay, &["register", "--name", "Bob", "--machine", "m"]).text();
    assert!(joined.starts_with("registered bob at 127.0.0.1:"), "{joined}");
    assert!(joined.contains("2 messages waiting"), "{joined}");

    let args = ["register", "--name", "Bob", "--caps", "rust,go", "--description", "- tests"];
    home.run(&relay, &[&args[..], &["--machine", "m"]].concat()).text();
    assert_eq!(
        broker.heard(),
        [
            vec!["CLAW.REGISTER", "Bob", "MACHINE", "m"],
            [
                &["CLAW.REGISTER", "Bob", "CAPS", "rust,go", "MACHINE", "m"][..],
                &["DESC", "- tests", "KEY", "k1"]
            ]
            .concat(),
        ]
    );
    let stored = std::fs::read(home.identity(&relay, "bob")).expect("the identity");
    let stored: serde_json::Value = serde_json::from_slice(&stored).expect("JSON");
    assert_eq!(stored, json!({"relay": relay, "agent_id": "bob", "name": "Bob", "key": "k2"}));
}

#[test]
fn an_agent_that_was_registered_elsewhere_is_identified_by_its_key() {
    let home = Home::new();
    let nothing: [crate::support::Reply; 0] = [];
    let broker = Broker::judging(error("BADKEY wrong key for agent 'bob'"), nothing.clone());
    let said = home.run(&broker.relay(), &["identify", "--id", "bob", "--key", "k0"]).error(1);
    assert!(said.contains("give the `key` that CLAW.REGISTER answered"), "{said}");
    assert!(!home.identity(&broker.relay(), "bob").exists());

    let broker = Broker::with(nothing);
    let relay = broker.relay();
    let json = home.run(&relay, &["identify", "--id", "bob", "--key", "k1", "--json"]).json(0);
    let identity = home.identity(&relay, "bob");
    let expected = json!({"agent_id": "bob", "status": "identified", "queued": 0, "relay": relay, "identity": identity});
    assert_eq!(json, expected);
    let stored = std::fs::read(identity).expect("the identity");
    let stored: serde_json::Value = serde_json::from_slice(&stored).expect("JSON");
    assert_eq!(stored, json!({"relay": relay, "agent_id": "bob", "name": "bob", "key": "k1"}));
}

#[cfg(unix)]
#[test]
fn an_identity_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let broker = Broker::with([registration("bob", "k1", "registered")]);
    home.run(&broker.relay(), &["register", "--name", "Bob"]).text();
    let path = home.identity(&broker.relay(), "bob");
    let mode = std::fs::metadata(&path).expect("the identity").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    broker.heard();
}

#[test]
fn the_id_comes_from_its_flag_or_from_as() {
    let home = Home::new();
    let broker = Broker::with([1, 2].map(|_| registration("b2", "k", "registered")));
    let args = ["register", "--name", "Bob", "--machine", "m"];
    home.run(&broker.relay(), &[&args[..], &["--id", "b2"]].concat()).text();
    home.run(&broker.relay(), &[&args[..], &["--as", "b2", "--json"]].concat()).json(0);
    let heard = broker.heard();
    assert_eq!(heard[0][2..4], ["ID", "b2"]);
    assert_eq!(heard[1][2..4], ["ID", "b2"]);
    assert_eq!(heard[1][6..], ["KEY", "k"]);
}

#[test]
fn registering_as_json_names_the_file_and_not_the_key() {
    let home = Home::new();
    let broker = Broker::with([registration("bob", "sesame", "registered")]);
    let json = home.run(&broker.relay(), &["register", "--name", "Bob", "--json"]).json(0);
    let identity = home.identity(&broker.relay(), "bob");
    assert_eq!(
        json,
        json!({"agent_id": "bob", "status": "registered", "queued": 2,
               "relay": broker.relay(), "identity": identity})
    );
    broker.heard();
}

#[test]
fn one_stored_agent_is_used_and_several_have_to_be_chosen_from() {
    let home = Home::new();
    let broker = Broker::with([ok(), ok(), ok()]);
    let relay = broker.relay();
    let none = home.run(&relay, &["heartbeat"]).error(5);
    assert!(none.contains("no agent is registered from here") && none.contains("register --name"));

    home.store(&relay, "bob", "k");
    assert_eq!(home.run(&relay, &["heartbeat"]).text(), "bob is alive\n");

    home.store(&relay, "alice", "k");
    let several = home.run(&relay, &["heartbeat"]).error(5);
    assert!(several.contains("alice, bob") && several.contains("--as"), "{several}");

    home.run(&relay, &["--as", "alice", "heartbeat"]).text();
    let mut command = home.command(&relay, &["heartbeat", "--json"]);
    let output = command.env("CLAWLINK_AGENT", "bob").output().expect("a run");
    let run = crate::support::Run::from(output);
    assert_eq!(run.json(0), json!({"agent_id": "bob", "status": "ok"}));
    let heard: Vec<String> = broker.heard().into_iter().map(|words| words.join(" ")).collect();
    assert_eq!(heard, ["CLAW.HEARTBEAT bob", "CLAW.HEARTBEAT alice", "CLAW.HEARTBEAT bob"]);
}

#[test]
fn an_agent_shows_its_key_and_is_told_when_it_is_void() {
    let home = Home::new();
    let taken = || error("BADKEY wrong key for agent 'bob'");
    let broker = Broker::judging(taken(), [ok()]);
    let relay = broker.relay();
    home.store(&relay, "bob", "k");
    let said = home.run(&relay, &["heartbeat"]).error(1);
    assert!(said.contains("wrong key for agent 'bob'") && said.contains("took"), "{said}");
    // Another program's agent has no key here.
    assert_eq!(home.run(&relay, &["heartbeat", "--as", "zoe"]).text(), "zoe is alive\n");
    assert_eq!(broker.heard(), [["CLAW.HEARTBEAT", "zoe"]]);
}

#[test]
fn a_key_is_shown_where_only_agents_may_ask() {
    let home = Home::new();
    let nobody = || error("NOIDENTITY identify yourself first: CLAW.IDENTIFY id key, or …");
    let broker = Broker::with([nobody(), list([]), nobody(), nobody()]);
    let relay = broker.relay();
    home.store(&relay, "bob", "k");
    home.run(&relay, &["file-list"]).text();
    let stranger = home.run(&relay, &["file-list", "--as", "zoe"]).error(1);
    assert!(stranger.contains("lets only agents") && stranger.contains("--id zoe"), "{stranger}");
    home.store(&relay, "ann", "k");
    let ambiguous = home.run(&relay, &["file-list"]).error(1);
    assert!(ambiguous.contains("--as"), "{ambiguous}");
    assert_eq!(broker.heard().len(), 4);
}

#[test]
fn leaving_forgets_the_identity() {
    let home = Home::new();
    let gone = || error("NOAGENT no agent 'bob' is registered");
    let broker = Broker::with([ok(), gone(), gone()]);
    let relay = broker.relay();
    home.store(&relay, "bob", "k");
    assert_eq!(home.run(&relay, &["unregister"]).text(), "unregistered bob\n");
    assert!(!home.identity(&relay, "bob").exists());

    home.store(&relay, "bob", "k");
    let json = home.run(&relay, &["unregister", "--json"]).json(0);
    assert_eq!(json, json!({"agent_id": "bob", "status": "unknown"}));
    assert!(!home.identity(&relay, "bob").exists());

    home.run(&relay, &["unregister", "--as", "bob"]).error(1);
    assert_eq!(broker.heard().len(), 3);

    let restarted = Broker::judging(gone(), [ok()]);
    let relay = restarted.relay();
    home.store(&relay, "bob", "k");
    let json = home.run(&relay, &["unregister", "--json"]).json(0);
    assert_eq!(json["status"], "unknown");
    home.store(&relay, "bob", "k");
    let said = home.run(&relay, &["heartbeat"]).error(1);
    assert!(said.contains("register --name NAME --id bob"), "{said}");
    home.run(&relay, &["heartbeat", "--as", "zoe"]).text();
    restarted.heard();
}

#[test]
fn discovery_lists_agents_with_their_mail() {
    let home = Home::new();
    let bob = map([
        ("agent_id", bulk("bob")),
        ("name", bulk("Bob")),
        ("capabilities", list([bulk("rust"), bulk("go")])),
        ("machine", bulk("m")),
        ("description", bulk("evil \x1b[2J")),
        ("registered_at", bulk("2026-01-31T10:20:30.000Z")),
        ("last_heartbeat", int(0)),
        ("status", bulk("stale")),
        ("queued", int(3)),
        ("load", int(7)),
    ]);
    let broker = Broker::with([list([bob.clone()]), list([bob]), list([])]);
    let args = ["discover", "--cap", "rust", "--cap", "go", "--name", "b*", "--all"];
    let text = home.run(&broker.relay(), &args).text();
    let rows: Vec<Vec<&str>> = text.lines().map(|l| l.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["AGENT", "STATUS", "MAIL", "CAPABILITIES", "ABOUT"]);
    assert_eq!((rows[1][..2].join(" "), rows[1][3]), ("bob stale".to_owned(), "d"));
    assert_eq!(rows[1][4..].join(" "), "3 rust, go Bob on m: evil \\u{1b}[2J");

    let json = home.run(&broker.relay(), &["discover", "--json"]).json(0);
    assert_eq!(json["count"], 1);
    assert_eq!(json["agents"][0]["capabilities"], json!(["rust", "go"]));
    assert_eq!(json["agents"][0]["queued"], 3);
    assert_eq!(json["agents"][0]["load"], 7, "unknown fields are passed on");
    assert!(home.run(&broker.relay(), &["discover"]).text().contains("--all"));
    let heard = broker.heard();
    assert_eq!(heard[0].join(" "), "CLAW.DISCOVER CAP rust CAP go NAME b* ALL");
    assert_eq!(heard[1], ["CLAW.DISCOVER"]);
}

#[test]
fn info_shows_the_broker_and_the_identities() {
    let home = Home::new();
    let info = "# Server\r\nredis_version:7.0.15\r\n\r\n# Clawlink\r\nagents:2\r\n";
    let broker = Broker::with([bulk(info), bulk(info)]);
    let relay = broker.relay();
    home.store(&relay, "bob", "k");
    let text = home.run(&relay, &["info"]).text();
    assert!(text.contains("agents") && text.contains("registered from here: bob"), "{text}");
    let json = home.run(&relay, &["info", "--json"]).json(0);
    assert_eq!(json["broker"], json!({"redis_version": "7.0.15", "agents": 2}));
    assert_eq!((&json["relay"], &json["identities"]), (&json!(relay), &json!(["bob"])));
    assert_eq!(broker.heard()[0].join(" "), "INFO server clawlink");
}

#[test]
fn the_agents_world_is_not_flushed_by_mistake() {
    let home = Home::new();
    let broker = Broker::with([ok()]);
    let relay = broker.relay();
    assert!(home.run(&relay, &["flush"]).error(2).contains("--yes"));
    let json = home.run(&relay, &["flush", "--yes", "--json"]).json(0);
    assert_eq!(json, json!({"status": "flushed"}));
    assert_eq!(broker.heard(), [["CLAW.FLUSH"]]);
}
