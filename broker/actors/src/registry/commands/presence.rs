//! `CLAW.HEARTBEAT` and `CLAW.UNREGISTER`

use std::sync::atomic::Ordering;

use super::no_agent;
use super::register::open_shared;
use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::mailbox;
use crate::registry::{Event, Left, Registry, publish};
use crate::topics::{self, ReaderEvent};
use crate::{Command, Outcome, Reply};

pub(super) static HEARTBEAT: Command = Command {
    name: "claw.heartbeat",
    arity: 2,
    flags: Flags::WRITE.with(Flags::FAST),
    group: "agents",
    since: "0.1.0",
    summary: "A sign of life.",
    syntax: "id",
    route: Route::Registry,
    acts_as: Some(1),
    run: Runs { registry: Some(heartbeat), ..Runs::NONE },
    ..Command::BASE
};

fn heartbeat(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    let id = call.word(1);
    registry.agent(id).ok_or_else(|| no_agent(id))?;
    call.env.directory.seen(id, call.now);
    Ok(Reply::Ok)
}

pub(super) static UNREGISTER: Command = Command {
    name: "claw.unregister",
    arity: 2,
    flags: Flags::WRITE.with(Flags::FAST),
    group: "agents",
    since: "0.1.0",
    complexity: "O(log n) for n agents",
    summary: "Leaves the mesh. Mail that waits stays for the next registration of the id.",
    syntax: "id",
    route: Route::Registry,
    acts_as: Some(1),
    run: Runs { registry: Some(unregister), ..Runs::NONE },
    ..Command::BASE
};

fn unregister(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    let id = call.word(1);
    let Left { agent, closed } = registry.unregister(id).ok_or_else(|| no_agent(id))?;
    let directory = call.env.directory.clone();
    directory.counters.agents.store(registry.agents().len(), Ordering::Relaxed);
    agent.gauge.open.store(false, Ordering::Relaxed);
    agent.gauge.stale.store(false, Ordering::Relaxed);
    *agent.gauge.capabilities.write() = [].into();
    open_shared(&closed, false, call.env);
    // What it had goes back, and whoever polls for it is told that it is gone.
    let release = |name: &str| {
        let notice = mailbox::Notice::Released { agent: agent.id.clone(), left: true };
        directory.tell_mailbox(name.as_bytes(), notice);
    };
    release(&agent.id);
    agent.capabilities.iter().for_each(|capability| release(&format!("@{capability}")));
    let event = ReaderEvent::Left;
    directory.tell_topics(topics::Notice::Reader { agent: agent.id.to_string(), event });
    publish(&agent, Event::Left, call.now, call.env);
    Ok(Reply::Ok)
}
