//! Hashes: fields as numbers.

use bytes::Bytes;

use crate::call::Call;
use crate::collections::number::{self, LongDouble};
use crate::collections::{Short, Text};
use crate::command::{Flags, Keys, Runs};
use crate::key_events::events;
use crate::keyspace::{Hash, Keyspace};
use crate::{Command, Outcome, Refusal, Reply};

/// What the two share.
const COUNTER: Command = Command {
    arity: 4,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    keys: Keys::ONE,
    access: &["RW access update"],
    group: "hash",
    complexity: "O(1)",
    syntax: "key field increment",
    ..Command::BASE
};

pub(super) static HINCRBY: Command = Command {
    name: "hincrby",
    since: "2.0.0",
    summary: "Adds to the integer in a field, 0 if it is not there.",
    run: Runs { keyspace: Some(hincrby), ..Runs::NONE },
    ..COUNTER
};

fn hincrby(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let increment = number::parse_i64(call.word(3)).ok_or(Refusal::NotInteger)?;
    let old =
        match state.find_mut::<Hash>(call, call.key())?.and_then(|hash| hash.get(call.word(2))) {
            Some(value) => number::parse_i64(&value).ok_or(Refusal::HashNotInteger)?,
            None => 0,
        };
    let new = old.checked_add(increment).ok_or(Refusal::Overflow)?;
    state.open::<Hash>(call, call.key())?.insert(call.word(2), Text::Short(Short::decimal(new)));
    call.changed(events::HINCRBY.after_reply(), call.key());
    Ok(Reply::Int(new))
}

pub(super) static HINCRBYFLOAT: Command = Command {
    name: "hincrbyfloat",
    since: "2.6.0",
    summary: "Adds to the number in a field, 0 if it is not there.",
    syntax: "key field number",
    run: Runs { keyspace: Some(hincrbyfloat), ..Runs::NONE },
    ..COUNTER
};

fn hincrbyfloat(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let increment = LongDouble::parse(call.word(3)).ok_or(Refusal::NotFloat)?;
    if increment.is_infinite() {
        return Err(Refusal::Fixed("ERR", "value is NaN or Infinity"));
    }
    let old = state.find_mut::<Hash>(call, call.key())?.and_then(|hash| hash.get(call.word(2)));
    let old = LongDouble::parse(old.as_deref().unwrap_or(b"0")).ok_or(Refusal::HashNotFloat)?;
    let new = old.plus(increment).ok_or(Refusal::NanOrInfinity)?;
    let new = Text::from(Bytes::from(new.to_string()));
    state.open::<Hash>(call, call.key())?.insert(call.word(2), new.clone());
    call.changed(events::HINCRBYFLOAT.after_reply(), call.key());
    Ok(new.reply())
}
