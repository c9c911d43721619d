//! `CLAW.CANCEL`

use super::{no_task, options, speaker};
use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::mailbox::Mailbox;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static CANCEL: Command = Command {
    name: "claw.cancel",
    arity: -2,
    flags: Flags::WRITE,
    group: "agents",
    since: "0.2.0",
    complexity: "O(1); a task that is still queued is looked for in its inbox",
    summary: "Calls a task off, and tells the agent that has it.",
    syntax: "message-id [REASON reason] [FROM id]",
    route: Route::Message(1),
    run: Runs { mailbox: Some(cancel), topics: Some(no_task), ..Runs::NONE },
    ..Command::BASE
};

fn cancel(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let (mut reason, mut from) = (String::new(), None);
    call.seek(2);
    while !call.at_end() {
        if call.accept("REASON") {
            reason = options::reason(&mut call.args)?;
        } else if call.accept("FROM") {
            from = Some(call.next_value()?);
        } else {
            return Err(Refusal::Syntax);
        }
    }
    let by = speaker(call, from)?;
    let id = options::task_id(call, 1);
    mailbox
        .make(call.now, call.env, |mailbox, change| mailbox.cancel(&id, &reason, &by, change))?;
    mailbox.changed(call.now, call.env);
    Ok(Reply::Ok)
}
