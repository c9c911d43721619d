//! Strings as numbers.

use bytes::Bytes;

use crate::call::Call;
use crate::collections::number::LongDouble;
use crate::command::{Flags, Keys, Runs};
use crate::key_events::events;
use crate::keyspace::{Keyspace, Str, Value};
use crate::{Command, Outcome, Refusal, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&INCR, &INCRBY, &INCRBYFLOAT, &DECR, &DECRBY];

/// What all commands here share.
const COUNTER: Command = Command {
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    keys: Keys::ONE,
    access: &["RW access update"],
    group: "string",
    ..Command::BASE
};

static INCR: Command = Command {
    name: "incr",
    arity: 2,
    summary: "Adds one to the integer at a key.",
    syntax: "key",
    run: Runs { keyspace: Some(|state, call| add(state, call, 1)), ..Runs::NONE },
    ..COUNTER
};

static DECR: Command = Command {
    name: "decr",
    arity: 2,
    summary: "Subtracts one from the integer at a key.",
    syntax: "key",
    run: Runs { keyspace: Some(|state, call| add(state, call, -1)), ..Runs::NONE },
    ..COUNTER
};

static INCRBY: Command = Command {
    name: "incrby",
    arity: 3,
    summary: "Adds to the integer at a key.",
    syntax: "key increment",
    run: Runs { keyspace: Some(incrby), ..Runs::NONE },
    ..COUNTER
};

fn incrby(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    call.seek(2);
    let increment = call.next_int()?;
    add(state, call, increment)
}

static DECRBY: Command = Command {
    name: "decrby",
    arity: 3,
    summary: "Subtracts from the integer at a key.",
    syntax: "key decrement",
    run: Runs { keyspace: Some(decrby), ..Runs::NONE },
    ..COUNTER
};

fn decrby(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    call.seek(2);
    let increment = call.next_int()?.checked_neg().ok_or(Refusal::DecrementOverflow)?;
    add(state, call, increment)
}

/// A key that is not there counts as zero. Its expiry stays.
fn add(state: &mut Keyspace, call: &mut Call<'_>, increment: i64) -> Outcome {
    let key = call.word(1);
    state.announce_new(call, key, events::NEW);
    let value = state.db(call).get_or_insert(key, call.now, || Value::Str(Str::Int(0)));
    let counter = value.as_str_mut()?;
    let old = counter.as_int().ok_or(Refusal::NotInteger)?;
    let new = old.checked_add(increment).ok_or(Refusal::Overflow)?;
    *counter = Str::Int(new);
    call.changed(events::INCRBY, key);
    Ok(Reply::Int(new))
}

static INCRBYFLOAT: Command = Command {
    name: "incrbyfloat",
    arity: 3,
    since: "2.6.0",
    summary: "Adds to the number at a key, which may have decimals.",
    syntax: "key number",
    run: Runs { keyspace: Some(incrbyfloat), ..Runs::NONE },
    ..COUNTER
};

fn incrbyfloat(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let (key, now) = (call.word(1), call.now);
    let old = match state.db(call).get_mut(key, now) {
        Some(value) => value.as_str_mut()?.with_bytes(LongDouble::parse),
        None => LongDouble::parse(b"0"),
    };
    let old = old.ok_or(Refusal::NotFloat)?;
    let increment = LongDouble::parse(call.word(2)).ok_or(Refusal::NotFloat)?;
    let new = old.plus(increment).ok_or(Refusal::NanOrInfinity)?;
    let new = Bytes::from(new.to_string());
    // Not `Str::new`: Redis leaves even a whole number as text here.
    let value = Value::Str(Str::text(new.clone()));
    state.announce_new(call, key, events::NEW);
    *state.db(call).get_or_insert(key, now, || Value::Str(Str::Int(0))) = value;
    call.changed(events::INCRBYFLOAT, key);
    Ok(Reply::Bulk(new))
}
