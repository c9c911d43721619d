//! Sets: members at random.

use super::super::picks::{Dice, parse, pick};
use super::super::pop_count;
use super::SET;
use crate::call::Call;
use crate::collections::Set;
use crate::command::{Flags, Keys, Runs};
use crate::key_events::events;
use crate::keyspace::Keyspace;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static SPOP: Command = Command {
    name: "spop",
    arity: -2,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::ONE,
    access: &["RW access delete"],
    tips: &["nondeterministic_output"],
    complexity: "O(N) for N members taken",
    summary: "Takes members at random from a set.",
    syntax: "key [count]",
    run: Runs { keyspace: Some(spop), ..Runs::NONE },
    ..SET
};

fn spop(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let count = pop_count::parse(&call.args)?;
    let mut dice = Dice(state.random());
    let key = call.key();
    let Some(set) = state.find_mut::<Set>(call, key)? else {
        return Ok(count.map_or(Reply::Nil, |_| Reply::Set(Vec::new())));
    };
    let taken = take(set, count.unwrap_or(1), &mut dice);
    let emptied = set.is_empty();
    if !taken.is_empty() {
        call.changed(events::SPOP, key);
    }
    if emptied {
        state.db(call).remove(key);
        call.happened(events::DEL.after_reply(), key);
    }
    Ok(match count {
        Some(_) => Reply::Set(taken),
        None => taken.into_iter().next().unwrap_or(Reply::Nil),
    })
}

/// Removes up to `count` members, and shows them.
fn take(set: &mut Set, count: usize, dice: &mut Dice) -> Vec<Reply> {
    if count >= set.len() {
        let all = set.iter().map(|member| member.with_bytes(Reply::brief)).collect();
        *set = Set::default();
        return all;
    }
    let mut one = || {
        let place = dice.below(set.len());
        let member = set.at(place).with_bytes(Reply::brief);
        set.remove_at(place);
        member
    };
    (0..count).map(|_| one()).collect()
}

pub(super) static SRANDMEMBER: Command = Command {
    name: "srandmember",
    arity: -2,
    flags: Flags::READONLY,
    keys: Keys::ONE,
    tips: &["nondeterministic_output"],
    complexity: "O(N) for N members answered",
    summary: "Answers members of a set at random: a negative count picks some more than once.",
    syntax: "key [count]",
    run: Runs { keyspace: Some(srandmember), ..Runs::NONE },
    ..SET
};

fn srandmember(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    if call.len() > 3 {
        return Err(Refusal::Syntax);
    }
    let mut dice = Dice(state.random());
    let show = |set: &Set, place| set.at(place).with_bytes(Reply::brief);
    if call.len() == 2 {
        let set = state.find::<Set>(call, call.key())?;
        return Ok(set.map_or(Reply::Nil, |set| show(set, dice.below(set.len()))));
    }
    let (count, _) = parse(call, None)?;
    let Some(set) = state.find::<Set>(call, call.key())? else {
        return Ok(Reply::Array(Vec::new()));
    };
    let places = pick(set.len(), count, &mut dice)?;
    Ok(Reply::Array(places.into_iter().map(|place| show(set, place)).collect()))
}
