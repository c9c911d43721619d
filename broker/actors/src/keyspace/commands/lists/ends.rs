//! Pushes and pops at the ends of one list.

use super::super::pop_count;
use crate::call::Call;
use crate::command::{Flags, Keys, Runs};
use crate::key_events::events;
use crate::sequence::{End, ListOwner, Sequence};
use crate::{Command, Outcome, Refusal, Reply};

/// What the four pushes share.
const PUSH: Command = Command {
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    keys: Keys::ONE,
    access: &["RW insert"],
    group: "list",
    complexity: "O(N) for N elements",
    syntax: "key element [element …]",
    ..Command::BASE
};

pub(super) static LPUSH: Command = Command {
    name: "lpush",
    summary: "Adds elements at the left of a list, which is made if it is not there.",
    run: Runs { keyspace: Some(lpush), mailbox: Some(lpush), ..Runs::NONE },
    ..PUSH
};

fn lpush<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    push(state, call, End::Left)
}

pub(super) static RPUSH: Command = Command {
    name: "rpush",
    summary: "Adds elements at the right of a list, which is made if it is not there.",
    run: Runs { keyspace: Some(rpush), mailbox: Some(rpush), ..Runs::NONE },
    ..PUSH
};

fn rpush<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    push(state, call, End::Right)
}

pub(super) static LPUSHX: Command = Command {
    name: "lpushx",
    since: "2.2.0",
    summary: "Adds elements at the left of a list if it is there.",
    run: Runs { keyspace: Some(lpushx), mailbox: Some(lpushx), ..Runs::NONE },
    ..PUSH
};

fn lpushx<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    push_if_there(state, call, End::Left)
}

pub(super) static RPUSHX: Command = Command {
    name: "rpushx",
    since: "2.2.0",
    summary: "Adds elements at the right of a list if it is there.",
    run: Runs { keyspace: Some(rpushx), mailbox: Some(rpushx), ..Runs::NONE },
    ..PUSH
};

fn rpushx<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    push_if_there(state, call, End::Right)
}

fn push<S: ListOwner>(state: &mut S, call: &mut Call<'_>, end: End) -> Outcome {
    let key = call.key();
    let len = state.push(key, end, call)?;
    call.changed(end.pushed().after_reply(), key);
    Ok(Reply::len(len))
}

fn push_if_there<S: ListOwner>(state: &mut S, call: &mut Call<'_>, end: End) -> Outcome {
    match state.list_mut(call.key(), call)? {
        Some(_) => push(state, call, end),
        None => Ok(Reply::Int(0)),
    }
}

/// What the two pops share.
const POP: Command = Command {
    arity: -2,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::ONE,
    access: &["RW access delete"],
    group: "list",
    complexity: "O(N) for N elements",
    syntax: "key [count]",
    ..Command::BASE
};

pub(super) static LPOP: Command = Command {
    name: "lpop",
    summary: "Takes elements from the left of a list.",
    run: Runs { keyspace: Some(lpop), mailbox: Some(lpop), ..Runs::NONE },
    ..POP
};

fn lpop<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    pop(state, call, End::Left)
}

pub(super) static RPOP: Command = Command {
    name: "rpop",
    summary: "Takes elements from the right of a list.",
    run: Runs { keyspace: Some(rpop), mailbox: Some(rpop), ..Runs::NONE },
    ..POP
};

fn rpop<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    pop(state, call, End::Right)
}

fn pop<S: ListOwner>(state: &mut S, call: &mut Call<'_>, end: End) -> Outcome {
    let key = call.key();
    if call.len() > 3 {
        return Err(Refusal::WrongArity(call.command.name.into()));
    }
    match pop_count::parse(&call.args)? {
        None => Ok(Reply::bulk_or_nil(take(state, key, end, call)?)),
        Some(count) => {
            let taken = take_many(state, key, end, count, call)?;
            Ok(taken.map_or(Reply::NilArray, Reply::Array))
        }
    }
}

/// Takes the element at an end. `None`: there is no list.
pub(super) fn take<S: ListOwner>(
    state: &mut S,
    key: &[u8],
    end: End,
    call: &mut Call<'_>,
) -> Result<Option<bytes::Bytes>, Refusal> {
    let Some((element, emptied)) = take_silently(state, key, end, call)? else {
        return Ok(None);
    };
    tell_taken(key, end, emptied, call);
    Ok(Some(element))
}

/// Tells that elements were taken from an end, and that none is left if so.
pub(super) fn tell_taken(key: &[u8], end: End, emptied: bool, call: &mut Call<'_>) {
    call.changed(end.popped().after_reply(), key);
    if emptied {
        call.happened(events::DEL.after_reply(), key);
    }
}

/// As [`take`], and leaves it to the caller to tell it. Answers too whether the list is empty now.
pub(super) fn take_silently<S: ListOwner>(
    state: &mut S,
    key: &[u8],
    end: End,
    call: &Call<'_>,
) -> Result<Option<(bytes::Bytes, bool)>, Refusal> {
    let Some(list) = state.list_mut(key, call)? else {
        return Ok(None);
    };
    let Some(element) = list.pop(end) else {
        return Ok(None);
    };
    let emptied = list.is_empty();
    if emptied {
        state.emptied(key, call);
    }
    state.left(&element, call);
    Ok(Some((element, emptied)))
}

/// Takes up to `count` elements from an end, the one at the end first. `None`: there is no list.
pub(super) fn take_many<S: ListOwner>(
    state: &mut S,
    key: &[u8],
    end: End,
    count: usize,
    call: &mut Call<'_>,
) -> Result<Option<Vec<Reply>>, Refusal> {
    let Some(list) = state.list_mut(key, call)? else {
        return Ok(None);
    };
    let mut taken = Vec::with_capacity(count.min(list.len()));
    while taken.len() < count
        && let Some(element) = list.pop(end)
    {
        taken.push(element);
    }
    let emptied = list.is_empty();
    if emptied {
        state.emptied(key, call);
    }
    taken.iter().for_each(|element| state.left(element, call));
    if count > 0 {
        tell_taken(key, end, emptied, call);
    }
    Ok(Some(taken.into_iter().map(Reply::Bulk).collect()))
}
