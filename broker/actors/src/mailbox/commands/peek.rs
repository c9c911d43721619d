//! `CLAW.PEEK`

use super::{poll, text};
use crate::call::Call;
use crate::command::{Flags, Route, Runs, Span};
use crate::mailbox::Mailbox;
use crate::registry::no_agent;
use crate::topics::Topics;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static PEEK: Command = Command {
    name: "claw.peek",
    arity: -2,
    flags: Flags::READONLY,
    group: "agents",
    since: "0.2.0",
    complexity: "O(n) for n messages",
    summary: "Shows the tasks, responses and notices that wait for an agent, and takes none.",
    syntax: "id [COUNT n]",
    route: Route::Reader(1),
    span: Span::Gather,
    run: Runs { mailbox: Some(peek), topics: Some(nothing), ..Runs::NONE },
    ..Command::BASE
};

/// Runs on the agent's own mailbox, and on those of its capabilities.
fn peek(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    call.seek(2);
    let count = if call.accept("COUNT") { poll::count(&mut call.args)? } else { usize::MAX };
    call.finish()?;
    if !mailbox.is_shared() {
        if !mailbox.is_open() {
            return Err(no_agent(call.word(1)));
        }
        call.env.directory.seen(text(call.word(1)).as_bytes(), call.now);
    }
    let records = mailbox.peek(count, call.now);
    Ok(Reply::Array(records.into_iter().map(Reply::Bulk).collect()))
}

/// What was published is no mail: nobody takes it from anybody.
fn nothing(_: &mut Topics, _: &mut Call<'_>) -> Result<Reply, Refusal> {
    Ok(Reply::Array(Vec::new()))
}
