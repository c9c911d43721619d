//! Lists: changes anywhere in them.

use crate::call::Call;
use crate::collections::number;
use crate::command::{Flags, Keys, Runs};
use crate::key_events::events;
use crate::keyspace::Keyspace;
use crate::sequence::{End, ListOwner, Sequence, position, span};
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static LSET: Command = Command {
    name: "lset",
    arity: 4,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    keys: Keys::ONE,
    group: "list",
    complexity: "O(N) for an index N away from the nearer end",
    summary: "Replaces the element at an index.",
    syntax: "key index element",
    run: Runs { keyspace: Some(lset), mailbox: Some(lset), ..Runs::NONE },
    ..Command::BASE
};

fn lset<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    let key = call.key();
    let list = state.list_mut(key, call)?.ok_or(Refusal::NoSuchKey)?;
    let index = number::parse_i64(call.word(2)).ok_or(Refusal::NotInteger)?;
    let index = position(index, list.len()).ok_or(Refusal::IndexOutOfRange)?;
    let old = if S::KEEPS_RECORDS { list.get(index).map(<[u8]>::to_vec) } else { None };
    list.set(index, call.word(3));
    if let Some(old) = old {
        state.replaced(&old, call.word(3), call);
    }
    call.changed(events::LSET.after_reply(), key);
    Ok(Reply::Ok)
}

// On an inbox the message's priority says where it goes, so there it has no meaning.
pub(super) static LINSERT: Command = Command {
    name: "linsert",
    arity: 5,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    keys: Keys::ONE,
    access: &["RW insert"],
    group: "list",
    since: "2.2.0",
    complexity: "O(N) for N elements before the pivot",
    summary: "Adds an element before or after another.",
    syntax: "key (BEFORE | AFTER) pivot element",
    run: Runs { keyspace: Some(linsert), ..Runs::NONE },
    ..Command::BASE
};

fn linsert(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    call.seek(2);
    let after = call.accept("AFTER");
    if !after && !call.accept("BEFORE") {
        return Err(Refusal::Syntax);
    }
    let (key, pivot) = (call.key(), call.word(3));
    let Some(list) = state.list_mut(key, call)? else {
        return Ok(Reply::Int(0));
    };
    let Some(index) = list.iter().position(|element| element == pivot) else {
        return Ok(Reply::Int(-1));
    };
    list.insert(index + usize::from(after), call.word(4));
    let len = list.len();
    call.changed(events::LINSERT, key);
    Ok(Reply::len(len))
}

pub(super) static LREM: Command = Command {
    name: "lrem",
    arity: 4,
    flags: Flags::WRITE,
    keys: Keys::ONE,
    access: &["RW delete"],
    group: "list",
    complexity: "O(N) for a list of N elements",
    summary: "Removes elements that are equal to one.",
    syntax: "key count element",
    run: Runs { keyspace: Some(lrem), mailbox: Some(lrem), ..Runs::NONE },
    ..Command::BASE
};

fn lrem<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    call.seek(2);
    let (count, element, key) = (call.next_int()?, call.word(3), call.key());
    let Some(list) = state.list_mut(key, call)? else {
        return Ok(Reply::Int(0));
    };
    let from = if count < 0 { End::Right } else { End::Left };
    let limit = if count == 0 { u64::MAX } else { count.unsigned_abs() };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let removed = list.remove_equal(element, limit, from);
    let emptied = list.is_empty();
    if emptied {
        state.emptied(key, call);
    }
    (0..removed).for_each(|_| state.dropped(element, call));
    if removed > 0 {
        call.changed(events::LREM, key);
    }
    if emptied {
        call.happened(events::DEL, key);
    }
    Ok(Reply::len(removed))
}

pub(super) static LTRIM: Command = Command {
    name: "ltrim",
    arity: 4,
    flags: Flags::WRITE,
    keys: Keys::ONE,
    access: &["RW delete"],
    group: "list",
    complexity: "O(N) for N elements that are removed",
    summary: "Removes all elements but those from one index to another.",
    syntax: "key start stop",
    run: Runs { keyspace: Some(ltrim), mailbox: Some(ltrim), ..Runs::NONE },
    ..Command::BASE
};

fn ltrim<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    call.seek(2);
    let (start, stop, key) = (call.next_int()?, call.next_int()?, call.key());
    let Some(list) = state.list_mut(key, call)? else {
        return Ok(Reply::Ok);
    };
    let kept = span(start, stop, list.len());
    let mut gone: Vec<Vec<u8>> = Vec::new();
    if S::KEEPS_RECORDS {
        gone.extend(list.iter_from(0).take(kept.start).map(<[u8]>::to_vec));
        gone.extend(list.iter_from(kept.end).map(<[u8]>::to_vec));
    }
    list.retain_range(kept);
    let emptied = list.is_empty();
    if emptied {
        state.emptied(key, call);
    }
    gone.iter().for_each(|element| state.dropped(element, call));
    call.changed(events::LTRIM, key);
    if emptied {
        call.happened(events::DEL, key);
    }
    Ok(Reply::Ok)
}
