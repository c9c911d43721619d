//! Intersections, unions and differences of sets.

use super::{SET, ints_max};
use crate::call::Call;
use crate::collections::set::Member;
use crate::collections::{Set, number};
use crate::command::{Flags, Keys, Runs};
use crate::keyspace::Keyspace;
use crate::{Command, Outcome, Refusal, Reply};

/// What the combinations that are answered share.
const COMBINE: Command = Command {
    arity: -2,
    flags: Flags::READONLY,
    keys: Keys::ALL,
    tips: &["nondeterministic_output_order"],
    syntax: "key [key …]",
    ..SET
};

pub(super) static SINTER: Command = Command {
    name: "sinter",
    complexity: "O(N*M) for N members of the smallest of M sets",
    summary: "Answers the members that all sets have.",
    run: Runs { keyspace: Some(sinter), ..Runs::NONE },
    ..COMBINE
};

fn sinter(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let mut found = Vec::new();
    intersect(&sets(state, 1..call.len(), call)?, |member| {
        found.push(member.with_bytes(Reply::brief));
        true
    });
    Ok(Reply::Set(found))
}

pub(super) static SUNION: Command = Command {
    name: "sunion",
    complexity: "O(N) for N members of all sets",
    summary: "Answers the members that any of the sets has.",
    run: Runs { keyspace: Some(|state, call| answer(state, call, union)), ..Runs::NONE },
    ..COMBINE
};

pub(super) static SDIFF: Command = Command {
    name: "sdiff",
    complexity: "O(N) for N members of all sets",
    summary: "Answers the members that the first set has and no other.",
    run: Runs { keyspace: Some(|state, call| answer(state, call, difference)), ..Runs::NONE },
    ..COMBINE
};

/// Makes one set of several; the number is the most integers that are kept sorted.
pub(super) type Combine = fn(&[Option<&Set>], u64) -> Set;

fn answer(state: &mut Keyspace, call: &mut Call<'_>, combine: Combine) -> Outcome {
    let combined = combine(&sets(state, 1..call.len(), call)?, ints_max(call));
    Ok(Reply::Set(combined.iter().map(|member| member.with_bytes(Reply::brief)).collect()))
}

pub(super) static SINTERCARD: Command = Command {
    name: "sintercard",
    arity: -3,
    flags: Flags::READONLY.with(Flags::MOVABLEKEYS),
    keys: Keys::Counted { at: 1 },
    since: "7.0.0",
    complexity: "O(N*M) for N members of the smallest of M sets",
    summary: "Answers how many members all sets have, up to a limit.",
    syntax: "numkeys key [key …] [LIMIT limit]",
    run: Runs { keyspace: Some(sintercard), ..Runs::NONE },
    ..SET
};

fn sintercard(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let keys = number::parse_i64(call.word(1)).filter(|keys| *keys > 0);
    let keys = keys.ok_or(Refusal::NumkeysNotPositive)?;
    let keys = usize::try_from(keys).ok().filter(|keys| *keys <= call.len() - 2);
    let end = 2 + keys
        .ok_or(Refusal::Fixed("ERR", "Number of keys can't be greater than number of args"))?;
    call.seek(end);
    let mut limit = 0;
    while !call.at_end() {
        if call.left() < 2 || !call.accept("LIMIT") {
            return Err(Refusal::Syntax);
        }
        let most = number::parse_i64(call.next_word()?).and_then(|most| most.try_into().ok());
        limit = most.ok_or(Refusal::Fixed("ERR", "LIMIT can't be negative"))?;
    }
    let mut found = 0usize;
    intersect(&sets(state, 2..end, call)?, |_| {
        found += 1;
        found != limit
    });
    Ok(Reply::len(found))
}

/// The sets at the keys that these words are. All are looked at before anything else is done, so that a key of another
/// type is refused wherever it stands.
pub(super) fn sets<'s>(
    state: &'s mut Keyspace,
    words: std::ops::Range<usize>,
    call: &Call<'_>,
) -> Result<Vec<Option<&'s Set>>, Refusal> {
    for word in words.clone() {
        state.find::<Set>(call, call.word(word))?;
    }
    let database = &*state.db(call);
    let find = |word| database.peek(call.word(word), call.now)?.value.as_set().ok();
    Ok(words.map(find).collect())
}

/// Shows the members that all sets have, until `visit` has seen enough and answers false.
fn intersect(sets: &[Option<&Set>], mut visit: impl FnMut(Member<'_>) -> bool) {
    let Some(mut sets) = sets.iter().copied().collect::<Option<Vec<&Set>>>() else {
        return;
    };
    // What is not in a small set need not be looked for in a large one.
    sets.sort_by_key(|set| set.len());
    let Some((smallest, others)) = sets.split_first() else {
        return;
    };
    for member in smallest.iter() {
        if others.iter().all(|set| set.has(member)) && !visit(member) {
            return;
        }
    }
}

/// The members that all sets have.
pub(super) fn intersection(sets: &[Option<&Set>], ints_max: u64) -> Set {
    let mut found = Set::default();
    intersect(sets, |member| {
        member.with_bytes(|name| found.insert(name, ints_max));
        true
    });
    found
}

/// The members that any set has.
pub(super) fn union(sets: &[Option<&Set>], ints_max: u64) -> Set {
    let mut found = Set::default();
    for member in sets.iter().flatten().flat_map(|set| set.iter()) {
        member.with_bytes(|name| found.insert(name, ints_max));
    }
    found
}

/// The members that the first set has and no other.
///
/// Either each member of the first is looked for in the others, or each of the others is taken from a copy of the
/// first. Which is done is Redis's choice, because it shows: a copy may become a table that the difference alone would not.
pub(super) fn difference(sets: &[Option<&Set>], ints_max: u64) -> Set {
    let Some((Some(first), others)) = sets.split_first() else {
        return Set::default();
    };
    let others: Vec<&Set> = others.iter().copied().flatten().collect();
    let searched = first.len() * (others.len() + 1) / 2;
    let all = first.len() + others.iter().map(|set| set.len()).sum::<usize>();
    let mut found = Set::default();
    if searched <= all {
        for member in first.iter().filter(|member| !others.iter().any(|set| set.has(*member))) {
            member.with_bytes(|name| found.insert(name, ints_max));
        }
        return found;
    }
    for member in first.iter() {
        member.with_bytes(|name| found.insert(name, ints_max));
    }
    for member in others.iter().flat_map(|set| set.iter()) {
        member.with_bytes(|name| found.remove(name));
    }
    found
}
