//! Pops from the first of several lists that has an element, waiting for one if none has.

use bytes::Bytes;

use super::super::first::{from_first, multi_pop};
use super::super::timeout;
use super::ends::{LPUSH, RPUSH, take, take_many};
use crate::call::Call;
use crate::command::{Flags, Keys, Patience, Runs, Span};
use crate::sequence::{End, ListOwner};
use crate::{Args, Command, Outcome, Pipeline, Refusal, Reply};

pub(super) static BLPOP: Command = Command {
    name: "blpop",
    summary: "Takes the leftmost element of the first list that has one, or waits for one.",
    undo: Some(|_, reply| put_back(&LPUSH, reply)),
    run: Runs { keyspace: Some(blpop), mailbox: Some(blpop), ..Runs::NONE },
    ..BLOCKING_POP
};

/// What the two blocking pops share.
const BLOCKING_POP: Command = Command {
    arity: -3,
    flags: Flags::WRITE.with(Flags::NOSCRIPT).with(Flags::BLOCKING),
    keys: Keys::ALL_BUT_LAST,
    access: &["RW access delete"],
    group: "list",
    since: "2.0.0",
    complexity: "O(N) for N keys",
    syntax: "key [key …] timeout",
    span: Span::First,
    patience: Some(timeout::last),
    ..Command::BASE
};

fn blpop<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    blocking_pop(state, call, End::Left)
}

pub(super) static BRPOP: Command = Command {
    name: "brpop",
    summary: "Takes the rightmost element of the first list that has one, or waits for one.",
    undo: Some(|_, reply| put_back(&RPUSH, reply)),
    run: Runs { keyspace: Some(brpop), mailbox: Some(brpop), ..Runs::NONE },
    ..BLOCKING_POP
};

fn brpop<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    blocking_pop(state, call, End::Right)
}

fn blocking_pop<S: ListOwner>(state: &mut S, call: &mut Call<'_>, end: End) -> Outcome {
    timeout::last(call)?;
    from_first(state, call, |state, key, call| {
        Ok(take(state, key, end, call)?.map(|element| vec![Reply::Bulk(element)]))
    })
}

pub(super) static LMPOP: Command = Command {
    name: "lmpop",
    arity: -4,
    flags: Flags::WRITE.with(Flags::MOVABLEKEYS),
    keys: Keys::Counted { at: 1 },
    access: &["RW access delete"],
    group: "list",
    since: "7.0.0",
    complexity: "O(N+M) for N keys and M elements",
    summary: "Takes elements from the first list that has some.",
    syntax: "numkeys key [key …] (LEFT | RIGHT) [COUNT count]",
    span: Span::First,
    run: Runs { keyspace: Some(lmpop), mailbox: Some(lmpop), ..Runs::NONE },
    ..Command::BASE
};

fn lmpop<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    let (end, count) = multi_pop(call, 1, End::from_word)?;
    from_first(state, call, |state, key, call| {
        Ok(take_many(state, key, end, count, call)?.map(|taken| vec![Reply::Array(taken)]))
    })
}

pub(super) static BLMPOP: Command = Command {
    name: "blmpop",
    arity: -5,
    flags: Flags::WRITE.with(Flags::BLOCKING).with(Flags::MOVABLEKEYS),
    keys: Keys::Counted { at: 2 },
    access: &["RW access delete"],
    group: "list",
    since: "7.0.0",
    complexity: "O(N+M) for N keys and M elements",
    summary: "Takes elements from the first list that has some, or waits for one.",
    syntax: "timeout numkeys key [key …] (LEFT | RIGHT) [COUNT count]",
    span: Span::First,
    patience: Some(multi_patience),
    undo: Some(|args, reply| match multi_pop(args, 2, End::from_word).ok()? {
        (End::Left, _) => put_back(&LPUSH, reply),
        (End::Right, _) => put_back(&RPUSH, reply),
    }),
    run: Runs { keyspace: Some(blmpop), mailbox: Some(blmpop), ..Runs::NONE },
    ..Command::BASE
};

fn blmpop<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    let (end, count) = multi_pop(call, 2, End::from_word)?;
    timeout::first(call)?;
    from_first(state, call, |state, key, call| {
        Ok(take_many(state, key, end, count, call)?.map(|taken| vec![Reply::Array(taken)]))
    })
}

/// What is wrong with the other words is said before what is wrong with the timeout.
fn multi_patience(args: &Args<'_>) -> Result<Patience, Refusal> {
    multi_pop(args, 2, End::from_word)?;
    timeout::first(args)
}

/// The push that undoes a pop: the element that was taken last goes back first.
fn put_back(push: &'static Command, reply: &Reply) -> Option<Pipeline> {
    let Reply::Array(parts) = reply else {
        return None;
    };
    let [Reply::Bulk(key), taken] = parts.as_slice() else {
        return None;
    };
    let taken = if let Reply::Array(many) = taken { many.as_slice() } else { &parts[1..] };
    let element = |reply: &Reply| {
        if let Reply::Bulk(bytes) = reply { bytes.clone() } else { Bytes::new() }
    };
    let elements: Vec<Bytes> = taken.iter().rev().map(element).collect();
    let mut words: Vec<&[u8]> = vec![push.name.as_bytes(), key];
    words.extend(elements.iter().map(|element| &element[..]));
    Some(Pipeline::of(Some(push), &words))
}
