//! `CLAW.IDENTIFY`

use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::registry::Registry;
use crate::{Command, Outcome, Reply};

/// `AUTH agent:<id> key` and `HELLO … AUTH agent:<id> key` run it too.
pub(super) static IDENTIFY: Command = Command {
    name: "claw.identify",
    arity: 3,
    // The key is a secret: it is neither shown to monitors nor kept in the slow log.
    flags: Flags::READONLY
        .with(Flags::FAST)
        .with(Flags::SKIP_MONITOR)
        .with(Flags::SKIP_SLOWLOG)
        .with(Flags::ADOPTS_AGENT)
        .with(Flags::IDENTIFIES),
    group: "agents",
    since: "0.2.0",
    summary: "Shows an agent's key; the connection is that agent from then on, and can act as no other.",
    syntax: "id key",
    route: Route::Registry,
    run: Runs { registry: Some(identify), ..Runs::NONE },
    ..Command::BASE
};

fn identify(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    let agent = registry.identify(call.word(1), call.word(2))?;
    call.env.directory.seen(agent.id.as_bytes(), call.now);
    Ok(Reply::Map(vec![
        (Reply::text("agent_id"), Reply::copy(agent.id.as_bytes())),
        (Reply::text("queued"), Reply::len(agent.queued())),
    ]))
}
