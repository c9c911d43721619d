//! Pops from the first of several lists that has an element, waiting for one if none has.
//!
//! A blocking pop is a pop that says what it would wait for. When a key it waits for changes it
//! runs again, on that key alone.

use bytes::Bytes;

use super::ends::{LPUSH, RPUSH, take, take_many};
use super::timeout;
use crate::call::Call;
use crate::collections::number;
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
    from_first(state, call, |state, key, call| Ok(take(state, key, end, call)?.map(Reply::Bulk)))
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
    let (end, count) = multi_pop(call, 1)?;
    from_first(state, call, |state, key, call| {
        Ok(take_many(state, key, end, count, call)?.map(Reply::Array))
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
    undo: Some(|args, reply| match multi_pop(args, 2).ok()? {
        (End::Left, _) => put_back(&LPUSH, reply),
        (End::Right, _) => put_back(&RPUSH, reply),
    }),
    run: Runs { keyspace: Some(blmpop), mailbox: Some(blmpop), ..Runs::NONE },
    ..Command::BASE
};

fn blmpop<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    let (end, count) = multi_pop(call, 2)?;
    timeout::first(call)?;
    from_first(state, call, |state, key, call| {
        Ok(take_many(state, key, end, count, call)?.map(Reply::Array))
    })
}

/// What is wrong with the other words is said before what is wrong with the timeout.
fn multi_patience(args: &Args<'_>) -> Result<Patience, Refusal> {
    multi_pop(args, 2)?;
    timeout::first(args)
}

/// Reads `numkeys key [key …] LEFT|RIGHT [COUNT count]` from the word at `numkeys` on: the end, and
/// how many.
fn multi_pop(args: &Args<'_>, numkeys: usize) -> Result<(End, usize), Refusal> {
    let mut args = *args;
    let keys = positive(args.word(numkeys)).ok_or(Refusal::NumkeysNotPositive)?;
    args.seek(numkeys.saturating_add(1).saturating_add(keys).min(args.len()));
    let end = End::from_word(args.next_word()?).ok_or(Refusal::Syntax)?;
    let mut count = 1;
    if args.left() >= 2 && args.accept("COUNT") {
        count = positive(args.next_word()?).ok_or(Refusal::CountNotPositive)?;
    }
    args.finish()?;
    Ok((end, count))
}

fn positive(word: &[u8]) -> Option<usize> {
    number::parse_i64(word).and_then(|value| usize::try_from(value).ok()).filter(|value| *value > 0)
}

/// Runs `take` on this owner's keys in order until one gives something, and answers with that key
/// and what it gave.
fn from_first<S: ListOwner>(
    state: &mut S,
    call: &mut Call<'_>,
    take: impl Fn(&mut S, &[u8], &mut Call<'_>) -> Result<Option<Reply>, Refusal>,
) -> Outcome {
    let ready = call.ready;
    for index in call.keys() {
        let key = call.word(index);
        if ready.is_some_and(|ready| ready != key) {
            continue;
        }
        match take(state, key, call) {
            Ok(Some(taken)) => return Ok(Reply::Array(vec![Reply::copy(key), taken])),
            // A key that has become another type is not what was waited for.
            Err(Refusal::WrongType) if ready.is_some() => {}
            Ok(None) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    for index in call.keys() {
        let key = call.word(index);
        call.wait_on(key);
    }
    Ok(Reply::NilArray)
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
