//! Sets: adding, removing and moving members.

use super::{SET, ints_max};
use crate::call::Call;
use crate::collections::Set;
use crate::command::{Flags, Keys, Runs};
use crate::key_events::events;
use crate::keyspace::Keyspace;
use crate::{Command, Outcome, Reply};

pub(super) static SADD: Command = Command {
    name: "sadd",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    keys: Keys::ONE,
    access: &["RW insert"],
    complexity: "O(N) for N members",
    summary: "Adds members to a set and answers how many of them are new.",
    syntax: "key member [member …]",
    run: Runs { keyspace: Some(sadd), ..Runs::NONE },
    ..SET
};

fn sadd(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let (key, ints_max) = (call.key(), ints_max(call));
    let set = state.open::<Set>(call, key)?;
    let added = call.words().skip(2).filter(|name| set.insert(name, ints_max)).count();
    if added > 0 {
        call.changed(events::SADD, key);
    }
    Ok(Reply::len(added))
}

pub(super) static SREM: Command = Command {
    name: "srem",
    arity: -3,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::ONE,
    access: &["RW delete"],
    complexity: "O(N) for N members",
    summary: "Removes members of a set and answers how many there were.",
    syntax: "key member [member …]",
    run: Runs { keyspace: Some(srem), ..Runs::NONE },
    ..SET
};

fn srem(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let key = call.key();
    let Some(set) = state.find_mut::<Set>(call, key)? else {
        return Ok(Reply::Int(0));
    };
    let removed = call.words().skip(2).filter(|name| set.remove(name)).count();
    let emptied = set.is_empty();
    if removed > 0 {
        call.changed(events::SREM, key);
    }
    if emptied {
        state.db(call).remove(key);
        call.happened(events::DEL, key);
    }
    Ok(Reply::len(removed))
}

pub(super) static SMOVE: Command = Command {
    name: "smove",
    arity: 4,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::TWO,
    access: &["RW access delete", "RW insert"],
    summary: "Moves a member from one set to another.",
    syntax: "source destination member",
    run: Runs { keyspace: Some(smove), ..Runs::NONE },
    ..SET
};

fn smove(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let (source, destination, name) = (call.word(1), call.word(2), call.word(3));
    let Some(set) = state.find_mut::<Set>(call, source)? else {
        return Ok(Reply::Int(0));
    };
    if source == destination {
        return Ok(Reply::flag(set.contains(name)));
    }
    state.find_mut::<Set>(call, destination)?;
    let Some(set) = state.find_mut::<Set>(call, source)?.filter(|set| set.contains(name)) else {
        return Ok(Reply::Int(0));
    };
    set.remove(name);
    let emptied = set.is_empty();
    call.changed(events::SREM, source);
    if emptied {
        state.db(call).remove(source);
        call.happened(events::DEL, source);
    }
    let ints_max = ints_max(call);
    if state.open::<Set>(call, destination)?.insert(name, ints_max) {
        call.changed(events::SADD, destination);
    }
    Ok(Reply::Int(1))
}
