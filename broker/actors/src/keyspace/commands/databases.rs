//! Whole databases.

use crate::call::Call;
use crate::collections::number;
use crate::command::{Flags, Route, Runs, Span};
use crate::keyspace::{DATABASES, Keyspace};
use crate::{Command, Outcome, Refusal, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&DBSIZE, &FLUSHDB, &FLUSHALL, &SWAPDB];

static DBSIZE: Command = Command {
    name: "dbsize",
    arity: 1,
    flags: Flags::READONLY.with(Flags::FAST),
    tips: &["request_policy:all_shards", "response_policy:agg_sum"],
    categories: &["keyspace"],
    group: "server",
    summary: "Answers the number of keys in the database.",
    route: Route::Everywhere,
    span: Span::Sum,
    run: on_all_keys!(dbsize, dbsize),
    ..Command::BASE
};

fn dbsize(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    // As in Redis, keys that expired a moment ago and were not removed yet count.
    Ok(Reply::len(state.db(call).len()))
}

static FLUSHDB: Command = Command {
    name: "flushdb",
    arity: -1,
    flags: Flags::WRITE,
    tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
    categories: &["keyspace", "dangerous"],
    group: "server",
    complexity: "O(N) for N keys in the database",
    summary: "Removes all plain keys of the database; the agents' world stays.",
    syntax: "[ASYNC | SYNC]",
    run: Runs { keyspace: Some(flushdb), ..Runs::NONE },
    ..Command::BASE
};

fn flushdb(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    check_mode(call)?;
    flush(state, call, call.db());
    call.env.signals.invalidate_all();
    Ok(Reply::Ok)
}

static FLUSHALL: Command = Command {
    name: "flushall",
    arity: -1,
    flags: Flags::WRITE,
    tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
    categories: &["keyspace", "dangerous"],
    group: "server",
    complexity: "O(N) for N keys in all databases",
    summary: "Removes all plain keys of all databases; the agents' world stays.",
    syntax: "[ASYNC | SYNC]",
    run: Runs { keyspace: Some(flushall), ..Runs::NONE },
    ..Command::BASE
};

fn flushall(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    check_mode(call)?;
    (0..DATABASES as u8).for_each(|db| flush(state, call, db));
    call.env.signals.invalidate_all();
    Ok(Reply::Ok)
}

/// `ASYNC` and `SYNC` are the same here.
fn check_mode(call: &mut Call<'_>) -> Result<(), Refusal> {
    let known = call.accept("SYNC") || call.accept("ASYNC") || call.at_end();
    if known { call.finish() } else { Err(Refusal::Syntax) }
}

fn flush(state: &mut Keyspace, call: &mut Call<'_>, db: u8) {
    let database = state.database(db);
    call.env.signals.modified_where(db, |key| database.entries().contains(key));
    database.clear();
}

static SWAPDB: Command = Command {
    name: "swapdb",
    arity: 3,
    flags: Flags::WRITE.with(Flags::FAST),
    categories: &["keyspace", "dangerous"],
    group: "server",
    since: "4.0.0",
    complexity: "O(N) for N clients that wait for or watch keys",
    summary: "Swaps the contents of two databases.",
    syntax: "index1 index2",
    run: Runs { keyspace: Some(swapdb), ..Runs::NONE },
    ..Command::BASE
};

fn swapdb(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let index = |word: usize, which| {
        let index = number::parse_i64(call.word(word)).and_then(|index| i32::try_from(index).ok());
        index.ok_or(Refusal::InvalidSwapIndex(which))
    };
    let (one, other) = (index(1, "first")?, index(2, "second")?);
    let inside = |index: i32| u8::try_from(index).ok().filter(|db| usize::from(*db) < DATABASES);
    let (one, other) = inside(one).zip(inside(other)).ok_or(Refusal::DbOutOfRange)?;
    if one != other {
        state.databases().swap(usize::from(one), usize::from(other));
        let databases = state.databases();
        let there = |key: &[u8]| {
            [one, other].iter().any(|db| databases[usize::from(*db)].entries().contains(key))
        };
        call.env.signals.modified_where(one, there);
        call.env.signals.modified_where(other, there);
    }
    Ok(Reply::Ok)
}

/// Not in the command table: the broker's own question behind `INFO`.
///
/// It answers an array with an array for each database: its number of keys, how many of them expire, and the mean time
/// until they do, in milliseconds, and the bytes that its tables take without the values: those of the keys, and
/// those of the expiries.
pub static CENSUS: Command = Command {
    name: "census",
    flags: Flags::READONLY,
    summary: "Answers the figures of all databases for INFO.",
    run: Runs { keyspace: Some(census), ..Runs::NONE },
    ..Command::BASE
};

fn census(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let figures = state.databases().iter().map(|database| {
        let (keys, expiring) = (database.len(), database.expiring());
        let (table, deadlines) = database.tables_memory();
        let ttl = Reply::Int(database.mean_ttl_ms(call.now));
        let counts = [keys, expiring].map(Reply::len);
        let bytes = [table, deadlines].map(Reply::len);
        Reply::Array(counts.into_iter().chain([ttl]).chain(bytes).collect())
    });
    Ok(Reply::Array(figures.collect()))
}
