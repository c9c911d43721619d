//! What is there to test the broker itself with. Whether `DEBUG` is allowed is the edge's business:
//! `Flags::PROTECTED` makes it ask.

use super::object::{encoding_of, references};
use crate::call::Call;
use crate::command::{Flags, Keys, Runs};
use crate::keyspace::Keyspace;
use crate::{Command, Outcome, Refusal, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&DEBUG];

static DEBUG: Command = Command {
    name: "debug",
    arity: -2,
    flags: FLAGS,
    group: "server",
    summary: "Looks into the broker and provokes faults, for tests.",
    syntax: "subcommand [argument …]",
    subcommands: &[&OBJECT, &PANIC],
    ..Command::BASE
};

const FLAGS: Flags = Flags::ADMIN
    .with(Flags::NOSCRIPT)
    .with(Flags::LOADING)
    .with(Flags::STALE)
    .with(Flags::PROTECTED);

/// What the subcommands about one key share.
const ONE_KEY: Command = Command {
    arity: 3,
    flags: FLAGS,
    keys: Keys::Range { first: 2, last: 2, step: 1 },
    group: "server",
    syntax: "key",
    ..Command::BASE
};

static OBJECT: Command = Command {
    name: "debug|object",
    summary: "Answers what is known of a key.",
    run: Runs { keyspace: Some(object), ..Runs::NONE },
    ..ONE_KEY
};

fn object(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let Some(entry) = state.db(call).peek(call.word(2), call.now) else {
        return Err(Refusal::NoSuchKey);
    };
    let text = format!(
        "Value at:{:p} refcount:{} encoding:{} serializedlength:{} lru:{} lru_seconds_idle:{}",
        entry,
        references(entry),
        encoding_of(&entry.value, call),
        entry.value.memory(),
        call.now / 1000 - u64::from(entry.idle_s(call.now)),
        entry.idle_s(call.now),
    );
    Ok(Reply::Text(text.into_bytes()))
}

static PANIC: Command = Command {
    name: "debug|panic",
    summary: "Panics in the owner of a key: this request is refused, everything else goes on.",
    run: Runs {
        keyspace: Some(panic),
        mailbox: Some(panic),
        registry: Some(panic),
        topics: Some(panic),
        files: Some(panic),
    },
    ..ONE_KEY
};

fn panic<S>(_: &mut S, call: &mut Call<'_>) -> Outcome {
    panic!("asked for by client {}", call.caller.client)
}
