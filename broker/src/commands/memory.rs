//! `MEMORY`: what the whole broker uses. `MEMORY USAGE`, which is about a key, is its owner's.

use clawlink_actors::command::Command;
use clawlink_actors::{Args, Outcome, Reply};

use super::info::{self, Shares, excess};
use super::{EdgeCommand, EdgeRun, Later};
use crate::memory::Usage;
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
        summary: "Answers the allocator's own report.",
        ..BASE
    },
    run: EdgeRun::Now(|session, _| {
        let none = || "Stats not supported for the current allocator".into();
        Ok(Reply::Verbatim(session.shared.memory.report().unwrap_or_else(none)))
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
    let databases = info::databases(session).await;
    let shares = Shares::measure(&session.shared, &databases);
    let keys: i64 = databases.iter().map(|db| db.keys).sum();
    let count = |value: u64| Reply::Int(i64::try_from(value).unwrap_or(i64::MAX));
    let mut map = Vec::new();
    let mut add = |name: &str, value| map.push((Reply::copy(name.as_bytes()), value));
    add("peak.allocated", count(shares.peak));
    add("total.allocated", count(shares.used));
    add("startup.allocated", count(shares.startup));
    add("replication.backlog", Reply::Int(0));
    add("clients.slaves", Reply::Int(0));
    add("clients.normal", count(shares.clients));
    add("cluster.links", Reply::Int(0));
    add("aof.buffer", Reply::Int(0));
    add("lua.caches", count(shares.scripts));
    add("functions.caches", Reply::Int(0));
    for (number, db) in databases.iter().enumerate().filter(|(_, db)| db.keys > 0) {
        let tables = vec![
            (Reply::text("overhead.hashtable.main"), Reply::Int(db.table_bytes)),
            (Reply::text("overhead.hashtable.expires"), Reply::Int(db.expiries_bytes)),
            (Reply::text("overhead.hashtable.slot-to-keys"), Reply::Int(0)),
        ];
        add(&format!("db.{number}"), Reply::Map(tables));
    }
    let beyond_startup = shares.used.saturating_sub(shares.startup);
    let each = beyond_startup.checked_div(keys.unsigned_abs()).unwrap_or(0);
    add("overhead.total", count(shares.overhead));
    add("keys.count", Reply::Int(keys));
    add("keys.bytes-per-key", count(each));
    add("dataset.bytes", count(shares.dataset()));
    add("dataset.percentage", Reply::Double(shares.dataset_percent()));
    add("peak.percentage", Reply::Double(shares.peak_percent()));
    let Usage { allocated, active, resident } = shares.allocator;
    add("allocator.allocated", count(allocated));
    add("allocator.active", count(active));
    add("allocator.resident", count(resident));
    let pairs = [
        ("allocator-fragmentation", excess(active, allocated)),
        ("allocator-rss", excess(resident, active)),
        ("rss-overhead", excess(shares.resident, resident)),
    ];
    for (name, (ratio, bytes)) in pairs {
        add(&format!("{name}.ratio"), Reply::Double(ratio));
        add(&format!("{name}.bytes"), Reply::Int(bytes));
    }
    let (ratio, bytes) = excess(shares.resident, shares.used);
    add("fragmentation", Reply::Double(ratio));
    add("fragmentation.bytes", Reply::Int(bytes));
    Ok(Reply::Map(map))
}
