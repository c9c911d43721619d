//! `CLAW.RESPOND`

use bytes::Bytes;
use clawlink_protocol::TaskStatus;

use super::{no_task, speaker, text};
use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::mailbox::{Answer, Mailbox, Voice};
use crate::request::Args;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static RESPOND: Command = Command {
    name: "claw.respond",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    group: "agents",
    since: "0.1.0",
    summary: "Answers a task, asks its sender something, or says that work on it goes on.",
    syntax: "message-id result [FROM id] \
             [STATUS (in_progress | input_required | completed | failed)] [FATAL]",
    route: Route::Message(1),
    run: Runs { mailbox: Some(respond), topics: Some(no_task), ..Runs::NONE },
    ..Command::BASE
};

struct Options {
    from: Option<Bytes>,
    status: TaskStatus,
    fatal: bool,
}

fn options(args: &mut Args<'_>) -> Result<Options, Refusal> {
    let mut options = Options { from: None, status: TaskStatus::Completed, fatal: false };
    args.seek(3);
    while !args.at_end() {
        if args.accept("FROM") {
            options.from = Some(args.next_value()?);
        } else if args.accept("STATUS") {
            let known = TaskStatus::from_word(args.next_word()?);
            let known = known.filter(|status| TaskStatus::OF_RESPONSES.contains(status));
            options.status = known.ok_or(Refusal::Fixed(
                "ERR",
                "the status is one of in_progress, input_required, completed, failed",
            ))?;
        } else if args.accept("FATAL") {
            options.fatal = true;
        } else {
            return Err(Refusal::Syntax);
        }
    }
    if options.fatal && options.status != TaskStatus::Failed {
        return Err(Refusal::Fixed("ERR", "FATAL is for STATUS failed alone"));
    }
    Ok(options)
}

fn respond(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let Options { from, status, fatal } = options(&mut call.args)?;
    let speaker = speaker(call, from)?;
    let word = text(call.word(1));
    let voice = Voice::new(&word, &speaker);
    if matches!(status, TaskStatus::InProgress | TaskStatus::InputRequired) {
        // There may be any number of these, so they must fit into the requester's inbox. Final answers are one for each
        // task, and their room was looked after when the task was delegated.
        let requester = mailbox.task(voice.id)?.reply_to();
        call.env.directory.check_room(requester, call.word(2).len())?;
    }
    let answer = Answer { voice, text: call.word(2), status, fatal };
    let id =
        mailbox.make(call.now, call.env, |mailbox, change| mailbox.respond(&answer, change))?;
    mailbox.changed(call.now, call.env);
    Ok(Reply::from(id))
}
