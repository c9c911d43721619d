//! Several strings at once.

use crate::call::Call;
use crate::command::{Flags, Keys, Runs, Span};
use crate::files::plain;
use crate::key_events::events;
use crate::keyspace::{Keyspace, Str, Value};
use crate::{Command, Outcome, Refusal, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&MGET, &MSET, &MSETNX];

static MGET: Command = Command {
    name: "mget",
    arity: -2,
    flags: Flags::READONLY.with(Flags::FAST),
    keys: Keys::ALL,
    tips: &["request_policy:multi_shard"],
    group: "string",
    complexity: "O(N) for N keys",
    summary: "Answers the strings at several keys, null where there is none.",
    syntax: "key [key …]",
    span: Span::Concat,
    run: Runs { keyspace: Some(mget), files: Some(plain::mget), ..Runs::NONE },
    ..Command::BASE
};

fn mget(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let string = |index: usize| {
        let entry = state.read(call, call.word(index))?;
        entry.value.as_str().ok().map(Str::reply)
    };
    Ok(Reply::Array(call.keys().map(string).map(|found| found.unwrap_or(Reply::Nil)).collect()))
}

static MSET: Command = Command {
    name: "mset",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    keys: Keys::PAIRS,
    access: &["OW update"],
    tips: &["request_policy:multi_shard", "response_policy:all_succeeded"],
    group: "string",
    since: "1.0.1",
    complexity: "O(N) for N keys",
    summary: "Sets several keys to strings.",
    syntax: "key value [key value …]",
    span: Span::All,
    run: Runs { keyspace: Some(mset), files: Some(plain::mset), ..Runs::NONE },
    ..Command::BASE
};

fn mset(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    check_pairs(call)?;
    for index in call.keys() {
        let value = Value::Str(Str::of_word(call, index + 1));
        let key = call.word(index);
        state.announce_new(call, key, events::NEW);
        state.db(call).set(key, value, call.now);
        call.changed(events::SET, key);
    }
    Ok(Reply::Ok)
}

static MSETNX: Command = Command {
    name: "msetnx",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    keys: Keys::PAIRS,
    access: &["OW insert"],
    tips: &["request_policy:multi_shard", "response_policy:agg_min"],
    group: "string",
    since: "1.0.1",
    complexity: "O(N) for N keys",
    summary: "Sets several keys to strings if none of them is there.",
    syntax: "key value [key value …]",
    run: Runs { keyspace: Some(msetnx), ..Runs::NONE },
    ..Command::BASE
};

fn msetnx(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    check_pairs(call)?;
    let database = state.db(call);
    if call.keys().any(|index| database.contains(call.word(index), call.now)) {
        return Ok(Reply::Int(0));
    }
    mset(state, call)?;
    Ok(Reply::Int(1))
}

/// Refuses a key without a value.
fn check_pairs(call: &Call<'_>) -> Result<(), Refusal> {
    let paired = call.len() % 2 == 1;
    paired.then_some(()).ok_or_else(|| Refusal::WrongArity(call.command.name.into()))
}
