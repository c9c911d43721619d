//! Keys, whatever they hold.

use crate::call::Call;
use crate::command::{Flags, Keys, Route, Runs, Span};
use crate::key_events::events;
use crate::keyspace::{Entry, Keyspace, Value};
use crate::listing::{self, ScanOptions};
use crate::{Command, Outcome, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] =
    &[&DEL, &UNLINK, &EXISTS, &TOUCH, &TYPE, &KEYS, &SCAN, &RANDOMKEY];

static DEL: Command = Command {
    name: "del",
    arity: -2,
    flags: Flags::WRITE,
    keys: Keys::ALL,
    access: &["RM delete"],
    tips: &["request_policy:multi_shard", "response_policy:agg_sum"],
    complexity: "O(N) for N keys and what they hold",
    summary: "Removes keys and answers how many were there.",
    syntax: "key [key …]",
    span: Span::Sum,
    run: on_every_key!(del, del),
    ..Command::BASE
};

static UNLINK: Command = Command {
    name: "unlink",
    arity: -2,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::ALL,
    access: &["RM delete"],
    tips: &["request_policy:multi_shard", "response_policy:agg_sum"],
    since: "4.0.0",
    complexity: "O(N) for N keys and what they hold",
    summary: "Removes keys, as DEL does.",
    syntax: "key [key …]",
    span: Span::Sum,
    run: on_every_key!(del, del),
    ..Command::BASE
};

fn del(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let mut gone = 0;
    for index in call.keys() {
        let key = call.word(index);
        if state.db(call).take(key, call.now).is_some() {
            call.changed(events::DEL, key);
            gone += 1;
        }
    }
    Ok(Reply::Int(gone))
}

static EXISTS: Command = Command {
    name: "exists",
    arity: -2,
    flags: Flags::READONLY.with(Flags::FAST),
    keys: Keys::ALL,
    access: &["RO"],
    tips: &["request_policy:multi_shard", "response_policy:agg_sum"],
    complexity: "O(N) for N keys",
    summary: "Answers how many of the keys are there; one named twice counts twice.",
    syntax: "key [key …]",
    span: Span::Sum,
    run: on_every_key!(exists, exists),
    ..Command::BASE
};

fn exists(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::len(call.keys().filter(|at| state.peek(call, call.word(*at)).is_some()).count()))
}

static TOUCH: Command = Command {
    name: "touch",
    arity: -2,
    flags: Flags::READONLY.with(Flags::FAST),
    keys: Keys::ALL,
    access: &["RO"],
    tips: &["request_policy:multi_shard", "response_policy:agg_sum"],
    since: "3.2.1",
    complexity: "O(N) for N keys",
    summary: "Notes that keys are used now and answers how many of them are there.",
    syntax: "key [key …]",
    span: Span::Sum,
    run: on_every_key!(touch, touch),
    ..Command::BASE
};

fn touch(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    // Also for a client whose reads leave no trace.
    let touch = |entry: &&Entry| entry.touch(call.now);
    let found = |at: &usize| state.read(call, call.word(*at)).inspect(touch).is_some();
    Ok(Reply::len(call.keys().filter(found).count()))
}

static TYPE: Command = Command {
    name: "type",
    arity: 2,
    flags: Flags::READONLY.with(Flags::FAST),
    keys: Keys::ONE,
    access: &["RO"],
    summary: "Answers the type of what a key holds, or none.",
    syntax: "key",
    run: on_every_key!(type_, type_),
    ..Command::BASE
};

fn type_(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let entry = state.peek(call, call.word(1));
    Ok(Reply::Status(entry.map_or("none", |entry| entry.value.type_name())))
}

static KEYS: Command = Command {
    name: "keys",
    arity: 2,
    flags: Flags::READONLY,
    tips: &["request_policy:all_shards", "nondeterministic_output_order"],
    categories: &["dangerous"],
    complexity: "O(N) for N keys in the database",
    summary: "Answers all keys that match a pattern.",
    syntax: "pattern",
    route: Route::Everywhere,
    span: Span::Concat,
    run: on_all_keys!(keys, keys),
    ..Command::BASE
};

fn keys(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let pattern = call.word(1);
    let live = state.db(call).live(call.now).map(|(key, _)| key);
    Ok(Reply::Array(live.filter(|key| listing::matches(pattern, key)).map(Reply::copy).collect()))
}

static SCAN: Command = Command {
    name: "scan",
    arity: -2,
    flags: Flags::READONLY,
    tips: &["nondeterministic_output", "request_policy:special"],
    since: "2.8.0",
    complexity: "O(N) for N keys visited by a call",
    summary: "Visits all keys, some with each call: whatever is there all the time is answered at least once.",
    syntax: "cursor [MATCH pattern] [COUNT count] [TYPE type]",
    route: Route::Everywhere,
    span: Span::Cursor,
    run: on_all_keys!(scan, scan),
    ..Command::BASE
};

fn scan(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let options = ScanOptions::parse(call, true)?;
    let (mut found, mut expired) = (Vec::new(), Vec::new());
    let visit = |key: &[u8], value: Option<&Value>| match value {
        _ if !options.takes(key) => {}
        Some(value) if options.takes_type(value.type_name()) => found.push(Reply::copy(key)),
        Some(_) => {}
        None => expired.push(key.to_vec()),
    };
    let next = state.db(call).scan(options.cursor, options.count, call.now, visit);
    expired.iter().for_each(|key| state.expire_met(key, call));
    Ok(listing::page(next, found))
}

static RANDOMKEY: Command = Command {
    name: "randomkey",
    arity: 1,
    flags: Flags::READONLY,
    tips: &["request_policy:all_shards", "nondeterministic_output"],
    summary: "Answers any key.",
    route: Route::Everywhere,
    span: Span::First,
    run: Runs { keyspace: Some(randomkey), ..Runs::NONE },
    ..Command::BASE
};

/// Picks that may hit an expired key before the first live one in order is answered.
const PICKS_MAX: usize = 100;

fn randomkey(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let now = call.now;
    state.expire_due(call.db(), now, call.env);
    for _ in 0..PICKS_MAX {
        let pick = state.random();
        let database = state.db(call);
        let place = pick.checked_rem(database.len() as u64).unwrap_or(0);
        let Some((key, _)) = database.entries().nth(place as usize) else {
            return Ok(Reply::Nil);
        };
        if database.contains(key, now) {
            return Ok(Reply::copy(key));
        }
    }
    Ok(state.db(call).live(now).next().map_or(Reply::Nil, |(key, _)| Reply::copy(key)))
}
