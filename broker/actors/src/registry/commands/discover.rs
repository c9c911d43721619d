//! `CLAW.DISCOVER`

use std::sync::Arc;

use crate::call::Call;
use crate::collections::glob;
use crate::command::{Flags, Route, Runs};
use crate::registry::{Agent, Registry};
use crate::request::Args;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static DISCOVER: Command = Command {
    name: "claw.discover",
    arity: -1,
    flags: Flags::READONLY,
    group: "agents",
    since: "0.1.0",
    complexity: "O(n log n) for n agents",
    summary: "Lists agents: all that are online, those with some capabilities, those with some name.",
    syntax: "[CAP capability] … [NAME pattern] [ALL]",
    route: Route::Registry,
    run: Runs { registry: Some(discover), ..Runs::NONE },
    ..Command::BASE
};

#[derive(Default)]
struct Wanted<'a> {
    capabilities: Vec<&'a [u8]>,
    pattern: Option<&'a [u8]>,
    stale_too: bool,
}

impl<'a> Wanted<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let mut wanted = Self::default();
        while !args.at_end() {
            if args.accept("CAP") {
                wanted.capabilities.push(args.next_word()?);
            } else if args.accept("NAME") {
                wanted.pattern = Some(args.next_word()?);
            } else if args.accept("ALL") {
                wanted.stale_too = true;
            } else {
                return Err(Refusal::Syntax);
            }
        }
        Ok(wanted)
    }

    fn matches(&self, agent: &Agent) -> bool {
        let has = |wanted: &&[u8]| agent.capabilities.iter().any(|c| c.as_bytes() == *wanted);
        let named = |pattern: &[u8]| {
            glob::matches(pattern, agent.name.as_bytes())
                || glob::matches(pattern, agent.id.as_bytes())
        };
        self.capabilities.iter().all(has) && self.pattern.is_none_or(named)
    }
}

fn discover(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    let wanted = Wanted::parse(&mut call.args)?;
    let (now, stale_ms) = (call.now, call.env.directory.limits.agent_stale_ms.get());
    let mut found: Vec<(&Arc<str>, &Agent, bool)> = registry
        .agents()
        .iter()
        .map(|(_, agent)| (&agent.id, agent, agent.is_stale(now, stale_ms)))
        .filter(|(_, agent, stale)| (wanted.stale_too || !stale) && wanted.matches(agent))
        .collect();
    found.sort_unstable_by_key(|(id, ..)| *id);
    Ok(Reply::Array(found.into_iter().map(|(_, agent, stale)| show(agent, stale)).collect()))
}

fn show(agent: &Agent, stale: bool) -> Reply {
    let record = agent.record(stale);
    let capabilities = record.capabilities.into_iter().map(Reply::from).collect();
    Reply::Map(vec![
        (Reply::text("agent_id"), Reply::from(record.agent_id)),
        (Reply::text("name"), Reply::from(record.name)),
        (Reply::text("capabilities"), Reply::Array(capabilities)),
        (Reply::text("machine"), Reply::from(record.machine)),
        (Reply::text("description"), Reply::from(record.description)),
        (Reply::text("registered_at"), Reply::from(record.registered_at)),
        (Reply::text("last_heartbeat"), Reply::Int(record.last_heartbeat as i64)),
        (Reply::text("status"), Reply::text(record.status.word())),
        (Reply::text("queued"), Reply::len(agent.queued())),
    ])
}
