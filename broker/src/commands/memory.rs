//! `MEMORY`: what the whole broker uses. `MEMORY USAGE`, which is about a key, is its owner's.

use clawlink_actors::command::Command;
use clawlink_actors::{Args, Outcome, Reply};

use super::{EdgeCommand, EdgeRun, Later, info};
use crate::session::Session;

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] = &[&DOCTOR, &MALLOC_STATS, &PURGE, &STATS];

const BASE: Command = Command {
    arity: 2,
    tips: &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
    group: "server",
    since: "4.0.0",
    ..Command::BASE
};

static DOCTOR: EdgeCommand = EdgeCommand {
    command: Command {
        name: "memory|doctor",
        summary: "Says in words how the memory is used.",
        ..BASE
    },
    run: EdgeRun::Now(|session, _| {
        let memory = &session.shared.memory;
        memory.sample();
        let used = info::human(memory.used());
        let text = match memory.max() {
            0 => format!("{used} are used. There is no limit: CONFIG SET maxmemory sets one.\n"),
            max if memory.is_full() => {
                format!("{used} are used, the limit is {}: writes are refused.\n", info::human(max))
            }
            max => format!("{used} are used, the limit is {}.\n", info::human(max)),
        };
        Ok(Reply::Verbatim(text))
    }),
};

static MALLOC_STATS: EdgeCommand = EdgeCommand {
    command: Command {
        name: "memory|malloc-stats",
        summary: "Would answer the allocator's statistics; it keeps none.",
        ..BASE
    },
    run: EdgeRun::Now(|_, _| {
        Ok(Reply::Verbatim("Stats not supported for the current allocator".into()))
    }),
};

static PURGE: EdgeCommand = EdgeCommand {
    command: Command {
        name: "memory|purge",
        tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
        summary: "Asks for free memory to be given back; the allocator does so by itself.",
        ..BASE
    },
    run: EdgeRun::Now(|_, _| Ok(Reply::Ok)),
};

static STATS: EdgeCommand = EdgeCommand {
    command: Command {
        name: "memory|stats",
        summary: "Answers how much memory is used for what, as far as it is measured.",
        ..BASE
    },
    run: EdgeRun::Later(stats),
};

fn stats<'a>(session: &'a mut Session, _args: Args<'a>) -> Later<'a> {
    Box::pin(async move { measured(session).await })
}

async fn measured(session: &mut Session) -> Outcome {
    session.shared.memory.sample();
    let keys: i64 = info::databases(session).await.iter().map(|db| db.keys).sum();
    let (used, peak) = (session.shared.memory.used(), session.shared.memory.peak().max(1));
    let count = |value: u64| Reply::Int(i64::try_from(value).unwrap_or(i64::MAX));
    Ok(Reply::Map(vec![
        (Reply::text("peak.allocated"), count(peak)),
        (Reply::text("total.allocated"), count(used)),
        (Reply::text("replication.backlog"), Reply::Int(0)),
        (Reply::text("clients.slaves"), Reply::Int(0)),
        (Reply::text("cluster.links"), Reply::Int(0)),
        (Reply::text("aof.buffer"), Reply::Int(0)),
        (Reply::text("keys.count"), Reply::Int(keys)),
        (Reply::text("dataset.bytes"), count(used)),
        (Reply::text("peak.percentage"), Reply::Double(used as f64 * 100.0 / peak as f64)),
    ]))
}
