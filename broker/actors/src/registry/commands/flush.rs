//! `CLAW.FLUSH`

use std::sync::atomic::Ordering;

use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::registry::Registry;
use crate::{Command, Outcome, Reply, files, mailbox, topics};

pub(super) static FLUSH: Command = Command {
    name: "claw.flush",
    arity: 1,
    flags: Flags::WRITE,
    group: "agents",
    since: "0.1.0",
    complexity: "O(n) for all agents, messages and files",
    summary: "Clears the agents' world: agents, inboxes, topics' histories and files.",
    route: Route::Registry,
    run: Runs { registry: Some(flush), ..Runs::NONE },
    ..Command::BASE
};

/// The registry tells all others. They hear it before anything that is asked after the reply.
fn flush(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    let directory = call.env.directory.clone();
    for agent in registry.flush() {
        *agent.gauge.capabilities.write() = [].into();
    }
    directory.counters.agents.store(0, Ordering::Relaxed);
    let mut names = Vec::new();
    directory.each_mailbox(|name, gauge| {
        gauge.open.store(false, Ordering::Relaxed);
        gauge.stale.store(false, Ordering::Relaxed);
        names.push(name.clone());
    });
    names.iter().for_each(|name| directory.tell_mailbox(name, mailbox::Notice::Flush));
    directory.tell_topics(topics::Notice::Flush);
    directory.tell_files(files::Notice::Flush);
    call.env.signals.invalidate_all();
    call.env.signals.all_modified();
    Ok(Reply::Ok)
}
