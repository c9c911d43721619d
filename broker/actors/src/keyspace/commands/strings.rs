//! Strings.

use crate::call::Call;
use crate::command::{Flags, Keys, Runs};
use crate::keyspace::{Keyspace, Str, Value};
use crate::{Command, Outcome, Reply};

/// The family.
pub const COMMANDS: &[&Command] = &[&GET, &SET];

static GET: Command = Command {
    name: "get",
    arity: 2,
    flags: Flags::READONLY.with(Flags::FAST),
    keys: Keys::ONE,
    group: "string",
    summary: "Answers the string at a key.",
    syntax: "key",
    run: Runs { keyspace: Some(get), ..Runs::NONE },
    ..Command::BASE
};

fn get(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let entry = state.db(call).get(call.key(), call.now);
    entry.map_or(Ok(Reply::Nil), |entry| Ok(Reply::Bulk(entry.value.as_str()?.bytes())))
}

static SET: Command = Command {
    name: "set",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    keys: Keys::ONE,
    group: "string",
    summary: "Sets a key to a string.",
    syntax: "key value",
    run: Runs { keyspace: Some(set), ..Runs::NONE },
    ..Command::BASE
};

fn set(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let value = Value::Str(Str::new(call.value(2)));
    state.db(call).set(call.key(), value);
    call.modified(call.key());
    Ok(Reply::Ok)
}
