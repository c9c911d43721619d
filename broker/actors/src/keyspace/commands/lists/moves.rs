//! Moves of an element from one end of a list to an end of another, or of the same one.
//!
//! On inboxes a move is a rotation: from one inbox to another, or between an inbox and a plain
//! list, two owners take part, and the edge runs the pop and the push on each.

use super::super::timeout;
use super::ends::{take_silently, tell_taken};
use crate::call::Call;
use crate::collections::List;
use crate::command::{Deprecated, Flags, Keys, Patience, Runs, Span};
use crate::keyspace::Keyspace;
use crate::mailbox::Mailbox;
use crate::sequence::{End, ListOwner, Sequence};
use crate::{Args, Command, Outcome, Place, Refusal, Reply};

/// What all moves share.
const MOVE: Command = Command {
    flags: Flags::WRITE.with(Flags::DENYOOM),
    keys: Keys::TWO,
    access: &["RW access delete", "RW insert"],
    group: "list",
    complexity: "O(1)",
    span: Span::Move,
    run: Runs { keyspace: Some(move_element), mailbox: Some(rotate), ..Runs::NONE },
    ..Command::BASE
};

/// What those that wait share.
const BLOCKING_MOVE: Command = Command {
    flags: MOVE.flags.with(Flags::NOSCRIPT).with(Flags::BLOCKING),
    patience: Some(patience),
    ..MOVE
};

pub(super) static LMOVE: Command = Command {
    name: "lmove",
    arity: 5,
    since: "6.2.0",
    summary: "Takes an element from an end of a list and adds it at an end of another.",
    syntax: "source destination (LEFT | RIGHT) (LEFT | RIGHT)",
    ..MOVE
};

pub(super) static RPOPLPUSH: Command = Command {
    name: "rpoplpush",
    arity: 3,
    since: "1.2.0",

    deprecated: Some(Deprecated {
        since: "6.2.0",
        replaced_by: "`LMOVE` with the `RIGHT` and `LEFT` arguments",
    }),
    summary: "Takes the rightmost element of a list and adds it at the left of another.",
    syntax: "source destination",
    ..MOVE
};

pub(super) static BLMOVE: Command = Command {
    name: "blmove",
    arity: 6,
    since: "6.2.0",
    summary: "Moves an element as LMOVE does, or waits for one.",
    syntax: "source destination (LEFT | RIGHT) (LEFT | RIGHT) timeout",
    ..BLOCKING_MOVE
};

pub(super) static BRPOPLPUSH: Command = Command {
    name: "brpoplpush",
    arity: 4,
    since: "2.2.0",

    deprecated: Some(Deprecated {
        since: "6.2.0",
        replaced_by: "`BLMOVE` with the `RIGHT` and `LEFT` arguments",
    }),
    summary: "Moves an element as RPOPLPUSH does, or waits for one.",
    syntax: "source destination timeout",
    ..BLOCKING_MOVE
};

/// Not in the command table: the edge's own question. It is answered, or else waits, when a list has an element, and leaves it
/// there.
pub static AWAITED: Command = Command {
    name: "awaited",
    keys: Keys::ONE,
    summary: "Waits until a list has an element.",
    run: Runs { keyspace: Some(awaited), mailbox: Some(awaited), ..Runs::NONE },
    ..Command::BASE
};

fn awaited<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    match state.list(call.key(), call) {
        Ok(Some(_)) => return Ok(Reply::Ok),
        // A source that has become another type is not what was waited for.
        Err(refusal) if call.ready.is_none() => return Err(refusal),
        Ok(None) | Err(_) => {}
    }
    call.wait_on(call.key());
    Ok(Reply::Nil)
}

/// The end that a move takes from and the end that it adds to. Those that name them do so in words
/// 3 and 4.
///
/// # Errors
/// [`Refusal::Syntax`] if a word names no end.
pub fn move_ends(args: &Args<'_>) -> Result<(End, End), Refusal> {
    const WORDS_WITH_ENDS_MIN: usize = 5;
    if args.len() < WORDS_WITH_ENDS_MIN {
        return Ok((End::Right, End::Left));
    }
    let end = |index| End::from_word(args.word(index)).ok_or(Refusal::Syntax);
    Ok((end(3)?, end(4)?))
}

/// What is wrong with the ends is said before what is wrong with the timeout.
fn patience(args: &Args<'_>) -> Result<Patience, Refusal> {
    move_ends(args)?;
    timeout::last(args)
}

/// A move, as its words say it.
struct Move<'a> {
    source: &'a [u8],
    destination: &'a [u8],
    ends: (End, End),
}

impl<'a> Move<'a> {
    fn parse(call: &Call<'a>) -> Result<Self, Refusal> {
        let ends = move_ends(call)?;
        if call.command.patience.is_some() {
            timeout::last(call)?;
        }
        let (source, destination) = (call.word(1), call.word(2));
        Ok(Self { source, destination, ends })
    }
}

fn move_element(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let Move { source, destination, ends } = Move::parse(call)?;
    if [source, destination].iter().any(|key| Place::of_key(key) != call.place) {
        return Err(Refusal::CannotSpan(call.command.name));
    }
    match state.list_mut(source, call) {
        Ok(None) => return Ok(nothing(call, source)),
        // A source that has become another type is not what was waited for.
        Err(_) if call.ready.is_some() => return Ok(Reply::Nil),
        found => found?,
    };
    if source == destination {
        return turn(state, call, ends);
    }
    state.list_mut(destination, call)?;
    let Some((element, emptied)) = take_silently(state, source, ends.0, call)? else {
        return Ok(Reply::Nil);
    };
    state.open::<List>(call, destination)?.push_bytes(ends.1, element.clone());
    call.changed(ends.1.pushed(), destination);
    tell_taken(source, ends.0, emptied, call);
    Ok(Reply::Bulk(element))
}

fn rotate(state: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let Move { source, destination, ends } = Move::parse(call)?;
    if source != destination {
        return Err(Refusal::CannotSpan(call.command.name));
    }
    match state.list(source, call)? {
        Some(_) => turn(state, call, ends),
        None => Ok(nothing(call, source)),
    }
}

/// Takes an element from one end of a list and adds it at the other end, or at the same one.
fn turn<S: ListOwner>(state: &mut S, call: &mut Call<'_>, (from, to): (End, End)) -> Outcome {
    let key = call.word(1);
    let Some(list) = state.list_mut(key, call)? else {
        return Ok(Reply::Nil);
    };
    let Some(element) = list.pop(from) else {
        return Ok(Reply::Nil);
    };
    list.push_bytes(to, element.clone());
    call.changed(to.pushed(), key);
    call.happened(from.popped().after_reply(), key);
    Ok(Reply::Bulk(element))
}

/// There is nothing to move: whoever can wait waits for the source.
fn nothing(call: &mut Call<'_>, source: &[u8]) -> Reply {
    if call.command.patience.is_some() {
        call.wait_on(source);
    }
    Reply::Nil
}
