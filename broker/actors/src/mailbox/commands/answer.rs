//! `CLAW.ANSWER`

use super::{no_task, options, speaker};
use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::mailbox::Mailbox;
use crate::{Command, Outcome, Reply};

pub(super) static ANSWER: Command = Command {
    name: "claw.answer",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    group: "agents",
    since: "0.2.0",
    summary: "Answers the question of the agent that works on a task.",
    syntax: "message-id text [FROM id]",
    route: Route::Message(1),
    run: Runs { mailbox: Some(answer), topics: Some(no_task), ..Runs::NONE },
    ..Command::BASE
};

fn answer(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    call.seek(3);
    let from = if call.accept("FROM") { Some(call.next_value()?) } else { None };
    call.finish()?;
    let by = speaker(call, from)?;
    let (id, text) = (options::task_id(call, 1), call.word(2));
    let answer_id = mailbox
        .make(call.now, call.env, |mailbox, change| mailbox.answer(&id, text, &by, change))?;
    mailbox.settle(&call.env.directory, call.now);
    Ok(Reply::from(answer_id))
}
