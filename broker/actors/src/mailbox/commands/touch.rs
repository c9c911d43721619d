//! `CLAW.TOUCH`

use super::{no_task, options, speaker, text};
use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::mailbox::{Mailbox, Voice};
use crate::{Command, Outcome, Reply};

pub(super) static TOUCH: Command = Command {
    name: "claw.touch",
    arity: -2,
    flags: Flags::WRITE.with(Flags::FAST),
    group: "agents",
    since: "0.2.0",
    summary: "Renews the lease of a task, and with it all leases of the agent that has it.",
    syntax: "message-id [FROM id]",
    route: Route::Message(1),
    run: Runs { mailbox: Some(touch), topics: Some(no_task), ..Runs::NONE },
    ..Command::BASE
};

fn touch(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    call.seek(2);
    let from = if call.accept("FROM") { Some(call.next_value()?) } else { None };
    call.finish()?;
    let speaker = speaker(call, from)?;
    let word = text(call.word(1));
    let lease_ms = mailbox.touch(Voice::new(&word, &speaker), call.now)?;
    let holder = mailbox.task(&options::task_id(call, 1))?.handed_out().map(|out| &out.holder);
    if let Some(holder) = holder {
        call.env.directory.seen(holder.as_bytes(), call.now);
    }
    Ok(Reply::Int(i64::try_from(lease_ms / 1_000).unwrap_or(i64::MAX)))
}
