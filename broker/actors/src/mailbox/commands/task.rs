//! `CLAW.TASK`

use super::{no_task, options, show};
use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::mailbox::Mailbox;
use crate::{Command, Outcome};

pub(super) static TASK: Command = Command {
    name: "claw.task",
    arity: 2,
    flags: Flags::READONLY,
    group: "agents",
    since: "0.2.0",
    complexity: "O(1); a task that is still queued is looked for in its inbox",
    summary: "Shows everything that is known of a task, every attempt included.",
    syntax: "message-id",
    route: Route::Message(1),
    run: Runs { mailbox: Some(task), topics: Some(no_task), ..Runs::NONE },
    ..Command::BASE
};

fn task(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let task = mailbox.task(&options::task_id(call, 1))?;
    let last_seen = |agent: &str| call.env.directory.last_seen(agent.as_bytes());
    Ok(show::everything(mailbox, task, &last_seen))
}
