//! Hashes: fields at random.

use super::super::picks::{Dice, parse, pick};
use super::read;
use crate::call::Call;
use crate::command::{Flags, Keys, Runs};
use crate::keyspace::{Hash, Keyspace};
use crate::{Command, Outcome, Reply};

pub(super) static HRANDFIELD: Command = Command {
    name: "hrandfield",
    arity: -2,
    flags: Flags::READONLY,
    keys: Keys::ONE,
    tips: &["nondeterministic_output"],
    group: "hash",
    since: "6.2.0",
    complexity: "O(N) for N fields answered",
    summary: "Answers fields at random: a negative count picks some more than once.",
    syntax: "key [count [WITHVALUES]]",
    run: Runs { keyspace: Some(hrandfield), ..Runs::NONE },
    ..Command::BASE
};

fn hrandfield(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let mut dice = Dice(state.random());
    if call.len() == 2 {
        let Some(hash) = state.find::<Hash>(call, call.key())? else {
            return Ok(Reply::Nil);
        };
        let picked = hash.nth(dice.below(hash.len()));
        return Ok(picked.map_or(Reply::Nil, |(field, _)| Reply::brief(field)));
    }
    let (count, with_values) = parse(call, Some("WITHVALUES"))?;
    let Some(hash) = state.find::<Hash>(call, call.key())? else {
        return Ok(Reply::Array(Vec::new()));
    };
    let places = pick(hash.len(), count, &mut dice)?;
    let fields = places.into_iter().filter_map(|place| hash.nth(place));
    Ok(if with_values {
        Reply::Pairs(fields.map(read::pair).collect())
    } else {
        Reply::Array(fields.map(|(field, _)| Reply::brief(field)).collect())
    })
}
