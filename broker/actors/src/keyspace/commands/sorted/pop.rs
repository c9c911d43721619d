//! Sorted sets: taking the members with the lowest or the highest scores.

use super::super::first::{from_first, multi_pop};
use super::super::pop_count;
use super::{SORTED, pair};
use crate::call::Call;
use crate::collections::SortedSet;
use crate::command::{Flags, Keys, Runs, Span};
use crate::key_events::events;
use crate::keyspace::Keyspace;
use crate::{Command, Outcome, Refusal, Reply};

/// What the two pops share.
const POP: Command = Command {
    arity: -2,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::ONE,
    access: &["RW access delete"],
    since: "5.0.0",
    complexity: "O(M*log(N)) for M of N members",
    syntax: "key [count]",
    ..SORTED
};

pub(super) static ZPOPMIN: Command = Command {
    name: "zpopmin",
    summary: "Takes the members with the lowest scores.",
    run: Runs { keyspace: Some(|state, call| pop(state, call, Side::Min)), ..Runs::NONE },
    ..POP
};

pub(super) static ZPOPMAX: Command = Command {
    name: "zpopmax",
    summary: "Takes the members with the highest scores.",
    run: Runs { keyspace: Some(|state, call| pop(state, call, Side::Max)), ..Runs::NONE },
    ..POP
};

/// From which end members are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Min,
    Max,
}

impl Side {
    pub(super) fn from_word(word: &[u8]) -> Option<Self> {
        if word.eq_ignore_ascii_case(b"MIN") {
            Some(Self::Min)
        } else if word.eq_ignore_ascii_case(b"MAX") {
            Some(Self::Max)
        } else {
            None
        }
    }
}

fn pop(state: &mut Keyspace, call: &mut Call<'_>, side: Side) -> Outcome {
    let count = pop_count::parse(&call.args)?;
    let taken = take(state, call.key(), side, count.unwrap_or(1), call)?.unwrap_or_default();
    Ok(match count {
        Some(_) => Reply::Pairs(taken),
        // One alone is flat under both protocols.
        None => Reply::Array(taken.into_iter().flat_map(<[Reply; 2]>::from).collect()),
    })
}

/// Takes up to `count` members, the outermost first. `None`: there is no sorted set.
pub(super) fn take(
    state: &mut Keyspace,
    key: &[u8],
    side: Side,
    count: usize,
    call: &mut Call<'_>,
) -> Result<Option<Vec<(Reply, Reply)>>, Refusal> {
    let Some(set) = state.find_mut::<SortedSet>(call, key)? else {
        return Ok(None);
    };
    let len = set.len();
    let count = count.min(len);
    let ranks = if side == Side::Max { len - count..len } else { 0..count };
    let mut taken = Vec::with_capacity(count);
    set.visit(ranks.clone(), side == Side::Max, |name, score| taken.push(pair(name, score)));
    set.remove_ranks(ranks);
    if count > 0 {
        let event = if side == Side::Max { events::ZPOPMAX } else { events::ZPOPMIN };
        call.changed(event, key);
    }
    if state.remove_if_empty(call, key) {
        call.happened(events::DEL.after_reply(), key);
    }
    Ok(Some(taken))
}

pub(super) static ZMPOP: Command = Command {
    name: "zmpop",
    arity: -4,
    flags: Flags::WRITE.with(Flags::MOVABLEKEYS),
    keys: Keys::Counted { at: 1 },
    access: &["RW access delete"],
    since: "7.0.0",
    complexity: "O(K)+O(M*log(N)) for K keys and M of N members",
    summary: "Takes members from the first sorted set that has some.",
    syntax: "numkeys key [key …] (MIN | MAX) [COUNT count]",
    span: Span::First,
    run: Runs { keyspace: Some(zmpop), ..Runs::NONE },
    ..SORTED
};

fn zmpop(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let (side, count) = multi_pop(call, 1, Side::from_word)?;
    from_first(state, call, |state, key, call| take_nested(state, key, side, count, call))
}

/// As [`take`], each member in an array with its score.
pub(super) fn take_nested(
    state: &mut Keyspace,
    key: &[u8],
    side: Side,
    count: usize,
    call: &mut Call<'_>,
) -> Result<Option<Vec<Reply>>, Refusal> {
    let taken = take(state, key, side, count, call)?;
    let nested = |taken: Vec<(Reply, Reply)>| {
        let pairs = taken.into_iter().map(|(name, score)| Reply::Array(vec![name, score]));
        vec![Reply::Array(pairs.collect())]
    };
    Ok(taken.map(nested))
}
