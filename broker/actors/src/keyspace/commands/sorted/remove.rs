//! Sorted sets: removing members.

use super::SORTED;
use super::bounds::{Bounds, By};
use crate::call::Call;
use crate::collections::SortedSet;
use crate::command::{Flags, Keys, Runs};
use crate::key_events::{Event, events};
use crate::keyspace::Keyspace;
use crate::{Command, Outcome, Reply};

pub(super) static ZREM: Command = Command {
    name: "zrem",
    arity: -3,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::ONE,
    access: &["RW delete"],
    complexity: "O(M*log(N)) for M of N members",
    summary: "Removes members of a sorted set and answers how many there were.",
    syntax: "key member [member …]",
    run: Runs { keyspace: Some(zrem), ..Runs::NONE },
    ..SORTED
};

fn zrem(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let key = call.key();
    let Some(set) = state.find_mut::<SortedSet>(call, key)? else {
        return Ok(Reply::Int(0));
    };
    let removed = call.words().skip(2).filter(|name| set.remove(name)).count();
    Ok(removed_from(state, call, removed, events::ZREM))
}

/// What the removals of a range share.
const REMOVE_RANGE: Command = Command {
    arity: 4,
    flags: Flags::WRITE,
    keys: Keys::ONE,
    access: &["RW delete"],
    complexity: "O(log(N)+M) for M of N members",
    syntax: "key min max",
    ..SORTED
};

pub(super) static ZREMRANGEBYRANK: Command = Command {
    name: "zremrangebyrank",
    since: "2.0.0",
    summary: "Removes the members at these ranks; negative ones count from the end.",
    syntax: "key start stop",
    run: Runs { keyspace: Some(|state, call| remove(state, call, By::Rank)), ..Runs::NONE },
    ..REMOVE_RANGE
};

pub(super) static ZREMRANGEBYSCORE: Command = Command {
    name: "zremrangebyscore",
    summary: "Removes the members with a score in a range.",
    run: Runs { keyspace: Some(|state, call| remove(state, call, By::Score)), ..Runs::NONE },
    ..REMOVE_RANGE
};

pub(super) static ZREMRANGEBYLEX: Command = Command {
    name: "zremrangebylex",
    since: "2.8.9",
    summary: "Removes the members with a name in a range, where all scores are the same.",
    run: Runs { keyspace: Some(|state, call| remove(state, call, By::Lex)), ..Runs::NONE },
    ..REMOVE_RANGE
};

fn remove(state: &mut Keyspace, call: &mut Call<'_>, by: By) -> Outcome {
    let bounds = Bounds::parse(call, by, 2, 3)?;
    let Some(set) = state.find_mut::<SortedSet>(call, call.key())? else {
        return Ok(Reply::Int(0));
    };
    let ranks = bounds.ranks(set, false);
    let removed = ranks.len();
    set.remove_ranks(ranks);
    let event = match by {
        By::Rank => events::ZREMRANGEBYRANK,
        By::Score => events::ZREMRANGEBYSCORE,
        By::Lex => events::ZREMRANGEBYLEX,
    };
    Ok(removed_from(state, call, removed, event))
}

/// So many members of the set at the call's key are gone.
fn removed_from(state: &mut Keyspace, call: &mut Call<'_>, removed: usize, event: Event) -> Reply {
    let key = call.key();
    if removed > 0 {
        call.changed(event, key);
        if state.remove_if_empty(call, key) {
            call.happened(events::DEL, key);
        }
    }
    Reply::len(removed)
}
