//! Unions, intersections and differences of sorted sets, answered.

use super::sources::{Allowed, Request, Source};
use super::{SORTED, members, pair};
use crate::call::Call;
use crate::collections::{Packing, SortedSet};
use crate::command::{Flags, Keys, Runs};
use crate::keyspace::Keyspace;
use crate::{Command, Outcome, Reply};

/// What the combinations that are answered share.
const COMBINE: Command = Command {
    arity: -3,
    flags: Flags::READONLY.with(Flags::MOVABLEKEYS),
    keys: Keys::Counted { at: 1 },
    since: "6.2.0",
    complexity: "O(N)+O(M*log(M)) for N members of all and M in the result",
    ..SORTED
};

/// Makes one sorted set of several.
pub(super) type Combine = fn(&Request, Vec<Source<'_>>, Packing) -> SortedSet;

pub(super) static ZUNION: Command = Command {
    name: "zunion",
    summary: "Answers the members that any of the sorted sets has.",
    syntax: "numkeys key [key …] [WEIGHTS weight [weight …]] [AGGREGATE (SUM | MIN | MAX)] [WITHSCORES]",
    run: Runs {
        keyspace: Some(|state, call| answer(state, call, true, Request::union)),
        ..Runs::NONE
    },
    ..COMBINE
};

pub(super) static ZINTER: Command = Command {
    name: "zinter",
    complexity: "O(N*K)+O(M*log(M)) for N members of the smallest of K and M in the result",
    summary: "Answers the members that all sorted sets have.",
    syntax: "numkeys key [key …] [WEIGHTS weight [weight …]] [AGGREGATE (SUM | MIN | MAX)] [WITHSCORES]",
    run: Runs {
        keyspace: Some(|state, call| answer(state, call, true, Request::intersection)),
        ..Runs::NONE
    },
    ..COMBINE
};

pub(super) static ZDIFF: Command = Command {
    name: "zdiff",
    summary: "Answers the members that the first sorted set has and no other.",
    syntax: "numkeys key [key …] [WITHSCORES]",
    run: Runs {
        keyspace: Some(|state, call| answer(state, call, false, Request::difference)),
        ..Runs::NONE
    },
    ..COMBINE
};

fn answer(state: &mut Keyspace, call: &mut Call<'_>, weights: bool, combine: Combine) -> Outcome {
    let mut request = Request::keys(call, 1)?;
    request.check_types(state, call)?;
    request.options(call, Allowed { weights, scores: true, limit: false })?;
    // What is only shown is never packed, in Redis neither: so there are negative zeros in it.
    let combined = combine(&request, request.sources(state, call), Packing::NEVER);
    let mut found = Vec::with_capacity(combined.len());
    combined.visit_all(|name, score| found.push(pair(name, score)));
    Ok(members(found, request.with_scores))
}

pub(super) static ZINTERCARD: Command = Command {
    name: "zintercard",
    since: "7.0.0",
    complexity: "O(N*K) for N members of the smallest of K",
    summary: "Answers how many members all sorted sets have, up to a limit.",
    syntax: "numkeys key [key …] [LIMIT limit]",
    run: Runs { keyspace: Some(zintercard), ..Runs::NONE },
    ..COMBINE
};

fn zintercard(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let mut request = Request::keys(call, 1)?;
    request.check_types(state, call)?;
    request.options(call, Allowed { weights: false, scores: false, limit: true })?;
    let mut found = 0;
    request.intersect(request.sources(state, call), |_, _| {
        found += 1;
        found != request.limit
    });
    Ok(Reply::len(found))
}
