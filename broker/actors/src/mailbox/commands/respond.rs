//! `CLAW.RESPOND`

use std::sync::atomic::Ordering;

use bytes::Bytes;
use clawlink_protocol::TaskStatus;

use super::{no_task, speaker, task_key, text};
use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::mailbox::{Answer, Mailbox, Notice, refuse_full};
use crate::request::Args;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static RESPOND: Command = Command {
    name: "claw.respond",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    group: "agents",
    since: "0.1.0",
    summary: "Answers a task, or says that work on it goes on.",
    syntax: "message-id result [FROM id] [STATUS (in_progress | completed | failed)]",
    route: Route::Message(1),
    run: Runs { mailbox: Some(respond), topics: Some(no_task), ..Runs::NONE },
    ..Command::BASE
};

fn options(args: &mut Args<'_>) -> Result<(Option<Bytes>, TaskStatus), Refusal> {
    let (mut from, mut status) = (None, TaskStatus::Completed);
    args.seek(3);
    while !args.at_end() {
        if args.accept("FROM") {
            from = Some(args.next_value()?);
        } else if args.accept("STATUS") {
            let other =
                Refusal::Fixed("ERR", "the status is one of in_progress, completed, failed");
            let known = TaskStatus::from_word(args.next_word()?);
            let known = known.filter(|status| TaskStatus::OF_RESPONSES.contains(status));
            // Nobody can answer a question yet.
            let known = known.filter(|status| *status != TaskStatus::InputRequired);
            status = known.ok_or(other)?;
        } else {
            return Err(Refusal::Syntax);
        }
    }
    Ok((from, status))
}

fn respond(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let (from, status) = options(&mut call.args)?;
    let speaker = speaker(call, from)?;
    let id = text(call.word(1));
    let directory = call.env.directory.clone();
    let done = status != TaskStatus::InProgress;
    if !done {
        check_requester(mailbox, call, &id)?;
    }
    let lease_ms = directory.limits.lease_s.get() * 1_000;
    let answer = Answer { id: &id, speaker: &speaker, text: call.word(2), status, lease_ms };
    let sent = mailbox.respond(&answer, call.now, |place| directory.message_id(place))?;
    if let Some(to) = &sent.to {
        let notice = Notice::Deliver { id: sent.id.clone(), record: sent.record };
        directory.tell_mailbox(to.as_bytes(), notice);
    }
    if done {
        call.modified(&task_key(&id));
    }
    mailbox.changed(call.env);
    Ok(Reply::from(sent.id))
}

/// There may be any number of reports of progress, so they must fit into the requester's inbox. Final answers are one
/// for each task, and their room was looked after when the task was delegated.
fn check_requester(mailbox: &Mailbox, call: &Call<'_>, id: &str) -> Result<(), Refusal> {
    let to = &mailbox.task(id)?.from;
    let directory = &call.env.directory;
    let Some(requester) = directory.mailbox(to.as_bytes()) else {
        return Ok(());
    };
    let gauge = requester.gauge;
    let waiting = gauge.queued.load(Ordering::Relaxed) + gauge.handed_out.load(Ordering::Relaxed);
    let bytes = gauge.bytes.load(Ordering::Relaxed) + call.word(2).len();
    refuse_full(to.as_bytes(), waiting, bytes, &directory.limits)
}
