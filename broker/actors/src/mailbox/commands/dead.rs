//! `CLAW.DEAD`, `CLAW.REQUEUE`, `CLAW.BURY`

use super::{no_task, options, show};
use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::mailbox::Mailbox;
use crate::{Command, Outcome, Reply};

pub(super) static DEAD: Command = Command {
    name: "claw.dead",
    arity: -2,
    flags: Flags::READONLY,
    group: "agents",
    since: "0.2.0",
    complexity: "O(n) for n tasks",
    summary: "Lists the tasks of an inbox that have used up their attempts, the last first.",
    syntax: "name [LIMIT n]",
    route: Route::Mailbox(1),
    run: Runs { mailbox: Some(dead), ..Runs::NONE },
    ..Command::BASE
};

fn dead(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    call.seek(2);
    let limit =
        if call.accept("LIMIT") { options::limit(&mut call.args)? } else { options::LIMIT_DEFAULT };
    call.finish()?;
    let dead = mailbox.ledger().into_iter().flat_map(|ledger| ledger.dead()).take(limit);
    let last_seen = |agent: &str| call.env.directory.last_seen(agent.as_bytes());
    Ok(Reply::Array(dead.map(|task| show::summary(mailbox, task, &last_seen)).collect()))
}

pub(super) static REQUEUE: Command = Command {
    name: "claw.requeue",
    arity: 2,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    group: "agents",
    since: "0.2.0",
    summary: "Puts a dead task back into its lane, with all its attempts before it.",
    syntax: "message-id",
    route: Route::Message(1),
    run: Runs { mailbox: Some(requeue), topics: Some(no_task), ..Runs::NONE },
    ..Command::BASE
};

fn requeue(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let id = options::task_id(call, 1);
    mailbox.task(&id)?;
    mailbox.admit(mailbox.record(&id).unwrap_or_default(), call)?;
    mailbox.make(call.now, call.env, |mailbox, change| mailbox.requeue(&id, change))?;
    mailbox.changed(call.now, call.env);
    Ok(Reply::Ok)
}

pub(super) static BURY: Command = Command {
    name: "claw.bury",
    arity: 2,
    flags: Flags::WRITE.with(Flags::FAST),
    group: "agents",
    since: "0.2.0",
    summary: "Takes a dead task off the list of the dead for good.",
    syntax: "message-id",
    route: Route::Message(1),
    run: Runs { mailbox: Some(bury), topics: Some(no_task), ..Runs::NONE },
    ..Command::BASE
};

fn bury(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let id = options::task_id(call, 1);
    mailbox.make(call.now, call.env, |mailbox, change| mailbox.bury(&id, change))?;
    mailbox.settle(&call.env.directory, call.now);
    Ok(Reply::Ok)
}
