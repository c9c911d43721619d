//! Combinations of sorted sets that are kept.

use super::combine::Combine;
use super::sources::{Allowed, Request};
use super::{SORTED, packing};
use crate::call::Call;
use crate::command::{Flags, Keys, Runs};
use crate::key_events::{Event, events};
use crate::keyspace::{Keyspace, Value};
use crate::{Command, Outcome, Reply};

/// What the combinations that are kept share.
const STORE: Command = Command {
    arity: -4,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::MOVABLEKEYS),
    keys: Keys::StoreCounted,
    access: &["OW update", "RO access"],
    since: "2.0.0",
    complexity: "O(N)+O(M*log(M)) for N members of all and M in the result",
    ..SORTED
};

pub(super) static ZUNIONSTORE: Command = Command {
    name: "zunionstore",
    summary: "Keeps the members that any of the sorted sets has, and answers how many.",
    syntax: "destination numkeys key [key …] [WEIGHTS weight [weight …]] [AGGREGATE (SUM | MIN | MAX)]",
    run: Runs {
        keyspace: Some(|state, call| store(state, call, true, Request::union, events::ZUNIONSTORE)),
        ..Runs::NONE
    },
    ..STORE
};

pub(super) static ZINTERSTORE: Command = Command {
    name: "zinterstore",
    complexity: "O(N*K)+O(M*log(M)) for N members of the smallest of K and M in the result",
    summary: "Keeps the members that all sorted sets have, and answers how many.",
    syntax: "destination numkeys key [key …] [WEIGHTS weight [weight …]] [AGGREGATE (SUM | MIN | MAX)]",
    run: Runs {
        keyspace: Some(|state, call| {
            store(state, call, true, Request::intersection, events::ZINTERSTORE)
        }),
        ..Runs::NONE
    },
    ..STORE
};

pub(super) static ZDIFFSTORE: Command = Command {
    name: "zdiffstore",
    since: "6.2.0",
    summary: "Keeps the members that the first sorted set has and no other, and answers how many.",
    syntax: "destination numkeys key [key …]",
    run: Runs {
        keyspace: Some(|state, call| {
            store(state, call, false, Request::difference, events::ZDIFFSTORE)
        }),
        ..Runs::NONE
    },
    ..STORE
};

fn store(
    state: &mut Keyspace,
    call: &mut Call<'_>,
    weights: bool,
    combine: Combine,
    event: Event,
) -> Outcome {
    let mut request = Request::keys(call, 2)?;
    request.check_types(state, call)?;
    request.options(call, Allowed { weights, scores: false, limit: false })?;
    let combined = combine(&request, request.sources(state, call), packing(call));
    let len = combined.len();
    let value = (len > 0).then(|| Value::SortedSet(combined));
    let told = [event, events::DEL].map(Event::after_reply);
    state.replace(call, call.word(1), value, told);
    Ok(Reply::len(len))
}
