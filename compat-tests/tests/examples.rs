//! The stories of `examples/`, each against a fresh broker that lets only agents act.

use std::process::Command;

use clawlink_compat_tests::binary;
use clawlink_compat_tests::program::{Program, python, script};
use clawlink_compat_tests::server::Server;

/// Plays a story and demands that it tells all of these.
fn play(name: &'static str, command: Command, told: &[&str]) {
    let server = Server::clawlink_with(&["--require-identity"]).unwrap();
    let story = Program::start(name, command, &server).finish();
    for told in told {
        assert!(story.contains(told), "`{told}` is missing in:\n{story}");
    }
    // Everybody has left, and nobody has lost anything.
    let agents = server.info("clawlink", "agents").unwrap();
    assert_eq!((&*agents, &*server.info("clawlink", "tasks_leased").unwrap()), ("0", "0"));
    assert_eq!(server.connect().unwrap().ask(&["KEYS", "inbox:*"]).unwrap().items().len(), 0);
}

/// A shell that finds `clawlink`.
fn shell(story: &str) -> Command {
    let clawlink = binary::clawlink().unwrap();
    let folder = clawlink.parent().unwrap().to_str().unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut command = script("sh".into(), &format!("examples/shell/{story}.sh"));
    command.env("PATH", format!("{folder}:{path}"));
    command
}

fn python_story(story: &str) -> Command {
    script(python(), &format!("examples/python/{story}.py"))
}

/// What both tellers of a story tell.
const PIPELINE: [&str; 7] = [
    "analyst | fails",
    "coordinator | is told that its task is delivered",
    "coordinator | hears analyst: 4 towers, built from 1698 to 1854",
    "coordinator | is asked by writer: how long, and for whom?",
    "writer | writes one paragraph, for sailors",
    "coordinator | gets the answer of writer",
    "We know 4 towers, built from 1698 to 1854",
];
const REVIEW: [&str; 4] = ["asks for 4 reviews", "# Review", "a TODO", "cannot be read"];
const RESEARCH: [&str; 4] = [
    "asks ann, ben",
    "ben | tells all: Scotland: Skerryvore, 1844",
    "dora | was not there, and reads 3 facts in the history",
    "- Scotland: Bell Rock, 1810",
];

#[test]
fn research_pipeline_in_the_shell() {
    play("story", shell("research-pipeline"), &PIPELINE);
}

#[test]
fn research_pipeline_in_python() {
    play("story", python_story("research_pipeline"), &PIPELINE);
}

#[test]
fn code_review_in_the_shell() {
    play("story", shell("code-review"), &REVIEW);
}

#[test]
fn code_review_in_python() {
    play("story", python_story("code_review"), &REVIEW);
}

#[test]
fn parallel_research_in_the_shell() {
    play("story", shell("parallel-research"), &RESEARCH);
}

#[test]
fn parallel_research_in_python() {
    play("story", python_story("parallel_research"), &RESEARCH);
}
