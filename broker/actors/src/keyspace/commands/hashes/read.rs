//! Hashes: reading fields.

use crate::call::Call;
use crate::command::{Flags, Keys, Runs};
use crate::keyspace::{Content, Hash, Keyspace};
use crate::{Command, Outcome, Reply, mailbox, registry};

/// What the commands that read a whole hash share.
const READ_ALL: Command = Command {
    arity: 2,
    flags: Flags::READONLY,
    keys: Keys::ONE,
    group: "hash",
    since: "2.0.0",
    complexity: "O(N) for N fields",
    syntax: "key",
    ..Command::BASE
};

/// What the commands that look at one thing share.
const READ_ONE: Command = Command {
    arity: 3,
    flags: Flags::READONLY.with(Flags::FAST),
    complexity: "O(1)",
    syntax: "key field",
    ..READ_ALL
};

pub(super) static HGET: Command = Command {
    name: "hget",
    summary: "Answers the value of a field.",
    run: Runs {
        keyspace: Some(hget),
        mailbox: Some(mailbox::plain::hget),
        registry: Some(registry::plain::hget),
        ..Runs::NONE
    },
    ..READ_ONE
};

fn hget(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let value = state.find::<Hash>(call, call.key())?.and_then(|hash| hash.get(call.word(2)));
    Ok(value.map_or(Reply::Nil, Content::reply))
}

pub(super) static HMGET: Command = Command {
    name: "hmget",
    arity: -3,
    complexity: "O(N) for N fields asked for",
    summary: "Answers the values of several fields, null for those that are not there.",
    syntax: "key field [field …]",
    run: Runs {
        keyspace: Some(hmget),
        mailbox: Some(mailbox::plain::hmget),
        registry: Some(registry::plain::hmget),
        ..Runs::NONE
    },
    ..READ_ONE
};

fn hmget(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let hash = state.find::<Hash>(call, call.key())?;
    let value = |field| hash.and_then(|hash| hash.get(field)).map_or(Reply::Nil, Content::reply);
    Ok(Reply::Array(call.words().skip(2).map(value).collect()))
}

pub(super) static HGETALL: Command = Command {
    name: "hgetall",
    tips: &["nondeterministic_output_order"],
    summary: "Answers all fields with their values.",
    run: Runs {
        keyspace: Some(hgetall),
        mailbox: Some(mailbox::plain::hgetall),
        registry: Some(registry::plain::hgetall),
        ..Runs::NONE
    },
    ..READ_ALL
};

fn hgetall(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let Some(hash) = state.find::<Hash>(call, call.key())? else {
        return Ok(Reply::Map(Vec::new()));
    };
    let large = || Reply::Map(hash.iter().map(pair).collect());
    Ok(hash.list().map_or_else(large, Reply::Fields))
}

pub(super) static HKEYS: Command = Command {
    name: "hkeys",
    tips: &["nondeterministic_output_order"],
    summary: "Answers the names of all fields.",
    run: Runs {
        keyspace: Some(hkeys),
        mailbox: Some(mailbox::plain::hkeys),
        registry: Some(registry::plain::hkeys),
        ..Runs::NONE
    },
    ..READ_ALL
};

fn hkeys(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::Array(all(state, call, |(field, _)| Reply::brief(field))?))
}

pub(super) static HVALS: Command = Command {
    name: "hvals",
    tips: &["nondeterministic_output_order"],
    summary: "Answers the values of all fields.",
    run: Runs {
        keyspace: Some(hvals),
        mailbox: Some(mailbox::plain::hvals),
        registry: Some(registry::plain::hvals),
        ..Runs::NONE
    },
    ..READ_ALL
};

fn hvals(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::Array(all(state, call, |(_, value)| value.reply())?))
}

/// A field and its value as a pair of replies.
pub(super) fn pair((field, value): (&[u8], Content<'_>)) -> (Reply, Reply) {
    (Reply::brief(field), value.reply())
}

/// What `show` makes of each field, in order of insertion.
fn all<R>(
    state: &mut Keyspace,
    call: &Call<'_>,
    show: impl FnMut((&[u8], Content<'_>)) -> R,
) -> Result<Vec<R>, crate::Refusal> {
    let Some(hash) = state.find::<Hash>(call, call.key())? else { return Ok(Vec::new()) };
    let mut shown = Vec::with_capacity(hash.len());
    shown.extend(hash.iter().map(show));
    Ok(shown)
}

pub(super) static HLEN: Command = Command {
    name: "hlen",
    arity: 2,
    access: &["RO"],
    summary: "Answers the number of fields.",
    syntax: "key",
    run: Runs {
        keyspace: Some(hlen),
        mailbox: Some(mailbox::plain::hlen),
        registry: Some(registry::plain::hlen),
        ..Runs::NONE
    },
    ..READ_ONE
};

fn hlen(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::len(state.find::<Hash>(call, call.key())?.map_or(0, |hash| hash.len())))
}

pub(super) static HEXISTS: Command = Command {
    name: "hexists",
    access: &["RO"],
    summary: "Answers whether a field is there.",
    run: Runs {
        keyspace: Some(hexists),
        mailbox: Some(mailbox::plain::hexists),
        registry: Some(registry::plain::hexists),
        ..Runs::NONE
    },
    ..READ_ONE
};

fn hexists(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::flag(
        state.find::<Hash>(call, call.key())?.is_some_and(|hash| hash.contains(call.word(2))),
    ))
}

pub(super) static HSTRLEN: Command = Command {
    name: "hstrlen",
    access: &["RO"],
    since: "3.2.0",
    summary: "Answers the length of a field's value in bytes.",
    run: Runs { keyspace: Some(hstrlen), ..Runs::NONE },
    ..READ_ONE
};

fn hstrlen(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let value = state.find::<Hash>(call, call.key())?.and_then(|hash| hash.get(call.word(2)));
    Ok(Reply::len(value.map_or(0, |value| value.len())))
}
