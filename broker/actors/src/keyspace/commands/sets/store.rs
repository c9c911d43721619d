//! Combinations of sets that are kept.

use super::combine::{Combine, difference, intersection, sets, union};
use super::{SET, ints_max};
use crate::call::Call;
use crate::command::{Flags, Keys, Runs};
use crate::key_events::{Event, events};
use crate::keyspace::{Keyspace, Value};
use crate::{Command, Outcome, Reply};

/// What the combinations that are kept share.
const STORE: Command = Command {
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    keys: Keys::ALL,
    access: &["OW update", "RO access"],
    complexity: "O(N) for N members of all sets",
    syntax: "destination key [key …]",
    ..SET
};

pub(super) static SINTERSTORE: Command = Command {
    name: "sinterstore",
    access: &["RW update", "RO access"],
    complexity: "O(N*M) for N members of the smallest of M sets",
    summary: "Keeps the members that all sets have, and answers how many.",
    run: Runs {
        keyspace: Some(|state, call| store(state, call, intersection, events::SINTERSTORE)),
        ..Runs::NONE
    },
    ..STORE
};

pub(super) static SUNIONSTORE: Command = Command {
    name: "sunionstore",
    summary: "Keeps the members that any of the sets has, and answers how many.",
    run: Runs {
        keyspace: Some(|state, call| store(state, call, union, events::SUNIONSTORE)),
        ..Runs::NONE
    },
    ..STORE
};

pub(super) static SDIFFSTORE: Command = Command {
    name: "sdiffstore",
    summary: "Keeps the members that the first set has and no other, and answers how many.",
    run: Runs {
        keyspace: Some(|state, call| store(state, call, difference, events::SDIFFSTORE)),
        ..Runs::NONE
    },
    ..STORE
};

fn store(state: &mut Keyspace, call: &mut Call<'_>, combine: Combine, event: Event) -> Outcome {
    let sets = sets(state, 2..call.len(), call)?;
    // As in Redis, an intersection with nothing is over before it is answered.
    let hopeless = event == events::SINTERSTORE && sets.iter().any(Option::is_none);
    let combined = combine(&sets, ints_max(call));
    let len = combined.len();
    let value = (len > 0).then(|| Value::Set(Box::new(combined)));
    let removed = if hopeless { events::DEL } else { events::DEL.after_reply() };
    state.replace(call, call.word(1), value, [event.after_reply(), removed]);
    Ok(Reply::len(len))
}
