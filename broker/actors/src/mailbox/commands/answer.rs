//! `CLAW.AWAIT`

use super::{no_task, task_key, text};
use crate::call::Call;
use crate::command::{Flags, Nothing, Patience, Route, Runs};
use crate::mailbox::{Mailbox, Stage};
use crate::request::Args;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static AWAIT: Command = Command {
    name: "claw.await",
    arity: -2,
    flags: Flags::READONLY.with(Flags::NOSCRIPT).with(Flags::BLOCKING),
    group: "agents",
    since: "0.1.0",
    summary: "Waits until a task is completed or failed, and answers the response.",
    syntax: "message-id [TIMEOUT seconds]",
    route: Route::Message(1),
    patience: Some(patience),
    nothing: Nothing::Nil,
    run: Runs { mailbox: Some(await_answer), topics: Some(no_task), ..Runs::NONE },
    ..Command::BASE
};

fn patience(args: &Args<'_>) -> Result<Patience, Refusal> {
    let mut args = *args;
    args.seek(2);
    if !args.accept("TIMEOUT") {
        args.finish()?;
        return Ok(Patience::Forever);
    }
    let patience = Patience::seconds(args.next_word()?)?;
    args.finish()?;
    Ok(patience)
}

fn await_answer(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    patience(&call.args)?;
    let id = text(call.word(1));
    if let Stage::Finished(_, response) = &mailbox.task(&id)?.stage {
        return Ok(Reply::Bulk(response.clone()));
    }
    call.wait_on(&task_key(&id));
    Ok(Reply::Nil)
}
