//! Sorted sets: looking at members and counting them.

use super::SORTED;
use super::bounds::{Bounds, By};
use crate::call::Call;
use crate::collections::SortedSet;
use crate::command::{Flags, Keys, Runs};
use crate::keyspace::Keyspace;
use crate::{Command, Outcome, Reply};

/// What the commands that look at one thing share.
const READ: Command =
    Command { arity: 3, flags: Flags::READONLY.with(Flags::FAST), keys: Keys::ONE, ..SORTED };

pub(super) static ZCARD: Command = Command {
    name: "zcard",
    arity: 2,
    access: &["RO"],
    summary: "Answers the number of members of a sorted set.",
    syntax: "key",
    run: Runs { keyspace: Some(zcard), ..Runs::NONE },
    ..READ
};

fn zcard(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::len(state.find::<SortedSet>(call, call.key())?.map_or(0, |set| set.len())))
}

pub(super) static ZSCORE: Command = Command {
    name: "zscore",
    summary: "Answers the score of a member.",
    syntax: "key member",
    run: Runs { keyspace: Some(zscore), ..Runs::NONE },
    ..READ
};

fn zscore(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let score = state.find::<SortedSet>(call, call.key())?.and_then(|set| set.score(call.word(2)));
    Ok(score.map_or(Reply::Nil, Reply::Double))
}

pub(super) static ZMSCORE: Command = Command {
    name: "zmscore",
    arity: -3,
    since: "6.2.0",
    complexity: "O(N) for N members asked for",
    summary: "Answers the scores of several members, null for those that are not there.",
    syntax: "key member [member …]",
    run: Runs { keyspace: Some(zmscore), ..Runs::NONE },
    ..READ
};

fn zmscore(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let set = state.find::<SortedSet>(call, call.key())?;
    let score = |name| set.and_then(|set| set.score(name)).map_or(Reply::Nil, Reply::Double);
    Ok(Reply::Array(call.words().skip(2).map(score).collect()))
}

pub(super) static ZRANK: Command = Command {
    name: "zrank",
    since: "2.0.0",
    complexity: "O(log(N)) for N members",
    summary: "Answers how many members come before this one.",
    syntax: "key member",
    run: Runs { keyspace: Some(zrank), ..Runs::NONE },
    ..READ
};

fn zrank(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let found = state.find::<SortedSet>(call, call.key())?.and_then(|set| set.rank(call.word(2)));
    Ok(found.map_or(Reply::Nil, |(rank, _)| Reply::len(rank)))
}

pub(super) static ZREVRANK: Command = Command {
    name: "zrevrank",
    since: "2.0.0",
    complexity: "O(log(N)) for N members",
    summary: "Answers how many members come after this one.",
    syntax: "key member",
    run: Runs { keyspace: Some(zrevrank), ..Runs::NONE },
    ..READ
};

fn zrevrank(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let Some(set) = state.find::<SortedSet>(call, call.key())? else {
        return Ok(Reply::Nil);
    };
    Ok(set.rank(call.word(2)).map_or(Reply::Nil, |(rank, _)| Reply::len(set.len() - 1 - rank)))
}

/// What the two counts share.
const COUNT: Command =
    Command { arity: 4, complexity: "O(log(N)) for N members", syntax: "key min max", ..READ };

pub(super) static ZCOUNT: Command = Command {
    name: "zcount",
    since: "2.0.0",
    summary: "Answers how many members have a score in a range.",
    run: Runs { keyspace: Some(|state, call| count(state, call, By::Score)), ..Runs::NONE },
    ..COUNT
};

pub(super) static ZLEXCOUNT: Command = Command {
    name: "zlexcount",
    since: "2.8.9",
    summary: "Answers how many members have a name in a range, where all scores are the same.",
    run: Runs { keyspace: Some(|state, call| count(state, call, By::Lex)), ..Runs::NONE },
    ..COUNT
};

fn count(state: &mut Keyspace, call: &mut Call<'_>, by: By) -> Outcome {
    let bounds = Bounds::parse(call, by, 2, 3)?;
    let set = state.find::<SortedSet>(call, call.key())?;
    Ok(Reply::len(set.map_or(0, |set| bounds.ranks(set, false).len())))
}
