//! The demo: the only test here with a real broker, which runs in the program itself.

use std::collections::HashMap;

use serde_json::Value as Json;

use crate::support::Home;

#[test]
fn the_demo_plays_to_its_end_and_leaves_no_trace() {
    let home = Home::new();
    let run = home.run("127.0.0.1:1", &["demo", "--json"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    let steps: Vec<Json> = run
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).expect("JSON"))
        .collect();

    let verbs = |step: &Json| step["args"][0].as_str().expect("a verb").to_owned();
    let last = |agent: &str, verb: &str| {
        let of = |step: &&Json| step["agent"] == agent && verbs(step) == verb;
        steps.iter().rev().find(of).unwrap_or_else(|| panic!("{agent} {verb}"))["output"].clone()
    };
    assert_eq!(last("alice", "discover")["agents"][0]["agent_id"], "bob");
    assert_eq!(last("alice", "await")["response"]["result"], "report.md, version 2");
    assert_eq!(last("alice", "file-log")["count"], 2);
    let mail = last("bob", "poll");
    let kinds: Vec<&Json> =
        mail["messages"].as_array().expect("mail").iter().map(|m| &m["type"]).collect();
    assert!(kinds.contains(&&Json::from("task_delegation")), "{mail}");
    assert!(kinds.contains(&&Json::from("knowledge_broadcast")), "{mail}");

    let mut exits: HashMap<u64, usize> = HashMap::new();
    for step in &steps {
        *exits.entry(step["exit"].as_u64().expect("an exit code")).or_default() += 1;
    }
    assert_eq!(exits.get(&1), Some(&1), "the conflict alone is refused");
    assert_eq!(exits.get(&0), Some(&(steps.len() - 1)));
    assert_eq!(std::fs::read_dir(home.path("")).expect("the home").count(), 0);
}
