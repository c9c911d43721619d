//! The commands of tasks and responses, a file for each.

mod ack;
mod answer;
mod await_end;
mod cancel;
mod dead;
mod delegate;
pub mod generic;
mod options;
mod peek;
pub mod plain;
mod poll;
mod progress;
mod release;
mod respond;
mod several;
mod show;
mod task;
mod tasks;
mod touch;

use std::sync::Arc;

use bytes::Bytes;

use crate::call::Call;
use crate::place::{INBOX, TASK};
use crate::{Command, Outcome, Refusal};

/// The family.
pub const COMMANDS: &[&Command] = &[
    &delegate::DELEGATE,
    &poll::POLL,
    &peek::PEEK,
    &touch::TOUCH,
    &release::RELEASE,
    &progress::PROGRESS,
    &respond::RESPOND,
    &answer::ANSWER,
    &ack::ACK,
    &await_end::AWAIT,
    &cancel::CANCEL,
    &task::TASK,
    &tasks::TASKS,
    &dead::DEAD,
    &dead::REQUEUE,
    &dead::BURY,
];

/// The key of an inbox: who waits for messages waits for a change of it.
fn inbox_key(name: &[u8]) -> Vec<u8> {
    [INBOX.as_bytes(), name].concat()
}

/// The key of a task: who waits for its answer waits for a change of it.
fn task_key(id: &str) -> Vec<u8> {
    [TASK.as_bytes(), id.as_bytes()].concat()
}

/// A word as text. Bytes that are not UTF-8 are replaced: no id has any.
fn text(word: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(word)
}

/// The agent that a request speaks for, which thereby gives a sign of life; empty if nobody said.
///
/// # Errors
/// [`Refusal::InvalidName`], [`Refusal::NotYou`]
fn speaker(call: &Call<'_>, named: Option<Bytes>) -> Result<Arc<str>, Refusal> {
    let speaker = call.speaker(named)?;
    if !speaker.is_empty() {
        if !clawlink_protocol::name::is_valid(speaker.as_bytes()) {
            return Err(Refusal::InvalidName("agent id", (*speaker).into()));
        }
        call.env.directory.seen(speaker.as_bytes(), call.now);
    }
    Ok(speaker)
}

/// What a command about tasks answers where there are none: the ids of topics' messages.
fn no_task<S>(_: &mut S, call: &mut Call<'_>) -> Outcome {
    Err(Refusal::NoTask(text(call.word(1)).into()))
}
