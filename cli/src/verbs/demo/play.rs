//! The play: alice plans, bob writes, carol reviews.

use std::fs;

use serde_json::Value as Json;

use super::stage::Stage;
use crate::failure::Failure;

/// Plays it from beginning to end.
pub(super) fn play(stage: &Stage) -> Result<(), Failure> {
    meet(stage)?;
    let task = hand_over(stage)?;
    let review = draft(stage, &task)?;
    edit_together(stage, &review)?;
    answer(stage, &task, &review)?;
    part(stage)
}

fn meet(stage: &Stage) -> Result<(), Failure> {
    stage.narrate("Three agents join, and find each other by what they can do.")?;
    stage.act("alice", &["register", "--name", "alice", "--caps", "planning"])?;
    stage.act("bob", &["register", "--name", "bob", "--caps", "rust,writing"])?;
    stage.act("carol", &["register", "--name", "carol", "--caps", "review"])?;
    stage.act("alice", &["discover", "--cap", "rust"])?;
    Ok(())
}

/// Answers the id of alice's task.
fn hand_over(stage: &Stage) -> Result<String, Failure> {
    stage.narrate("alice shares what she knows, and hands a task to whoever knows Rust.")?;
    let finding = "the parser fails on nested lists";
    let tell = ["broadcast", "--topic", "findings", "--tags", "parser", "--content", finding];
    stage.act("alice", &tell)?;
    let task = ["delegate", "--to", "@rust", "--task", "Explain the parser bug in report.md"];
    let how = ["--priority", "urgent", "--context", r#"{"lines": 3}"#];
    let delegated = stage.act("alice", &[&task[..], &how].concat())?;
    id(&delegated, "message_id")
}

/// Answers the id of the review that bob asks for.
fn draft(stage: &Stage, task: &str) -> Result<String, Failure> {
    stage.narrate(
        "bob reads his mail, says that he is on it, writes a draft and asks for a review.",
    )?;
    stage.act("bob", &["poll"])?;
    let begun = ["--result", "reading the parser", "--status", "in_progress"];
    stage.act("bob", &[&["respond", "--msg-id", task][..], &begun].concat())?;
    put(stage, "bob", "draft.md", "Lists in lists recurse.\n", "0")?;
    let delegated =
        stage.act("bob", &["delegate", "--to", "carol", "--task", "Review report.md"])?;
    id(&delegated, "message_id")
}

fn edit_together(stage: &Stage, review: &str) -> Result<(), Failure> {
    stage.narrate(
        "carol must not overwrite what she has not seen: she reads it, then improves it.",
    )?;
    stage.act("carol", &["poll"])?;
    let path = write(stage, "review.md", "Lists in lists recurse: give the parser a depth.\n")?;
    let save = ["file-put", "--key", "report.md", "--file", &path, "--base"];
    stage.refused("carol", &[&save[..], &["0"]].concat(), "CONFLICT")?;
    stage.act("carol", &["file-get", "--key", "report.md"])?;
    stage.act("carol", &[&save[..], &["1"]].concat())?;
    stage.act("carol", &["respond", "--msg-id", review, "--result", "good; see version 2"])?;
    Ok(())
}

fn answer(stage: &Stage, task: &str, review: &str) -> Result<(), Failure> {
    stage.narrate("The answers travel back to who asked.")?;
    stage.act("bob", &["await", "--msg-id", review])?;
    stage.act("bob", &["respond", "--msg-id", task, "--result", "report.md, version 2"])?;
    stage.act("alice", &["await", "--msg-id", task])?;
    stage.act("alice", &["file-log", "--key", "report.md"])?;
    stage.act("alice", &["poll"])?;
    Ok(())
}

fn part(stage: &Stage) -> Result<(), Failure> {
    stage.narrate(
        "That was all. Play it yourself: start `clawlinkd`, and in another terminal type",
    )?;
    stage.narrate("  clawlink register --name YOU")
}

fn put(stage: &Stage, agent: &str, file: &str, text: &str, base: &str) -> Result<(), Failure> {
    let path = write(stage, file, text)?;
    stage.act(agent, &["file-put", "--key", "report.md", "--file", &path, "--base", base])?;
    Ok(())
}

/// Writes one of the agents' local files; answers its path.
fn write(stage: &Stage, name: &str, text: &str) -> Result<String, Failure> {
    let path = stage.path(name);
    fs::write(&path, text)
        .map_err(|error| Failure::local(format!("cannot write {}: {error}", path.display())))?;
    Ok(path.to_string_lossy().into_owned())
}

fn id(report: &Json, field: &str) -> Result<String, Failure> {
    let id = report.get(field).and_then(Json::as_str);
    id.map(str::to_owned).ok_or_else(|| Failure::local(format!("no {field} in {report}")))
}
