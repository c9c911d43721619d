//! Sorted sets: members at random, and reading a large one in pieces.

use super::super::picks::{Dice, parse, pick};
use super::{SORTED, members, pair};
use crate::call::Call;
use crate::collections::{SortedSet, number, packed_integer};
use crate::command::{Flags, Keys, Runs};
use crate::keyspace::Keyspace;
use crate::listing::{ScanOptions, page, parse_cursor};
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static ZRANDMEMBER: Command = Command {
    name: "zrandmember",
    arity: -2,
    flags: Flags::READONLY,
    keys: Keys::ONE,
    tips: &["nondeterministic_output"],
    since: "6.2.0",
    complexity: "O(N*log(M)) for N of M members answered",
    summary: "Answers members at random: a negative count picks some more than once.",
    syntax: "key [count [WITHSCORES]]",
    run: Runs { keyspace: Some(zrandmember), ..Runs::NONE },
    ..SORTED
};

fn zrandmember(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let mut dice = Dice(state.random());
    let asked = if call.len() == 2 { None } else { Some(parse(call, Some("WITHSCORES"))?) };
    let Some(set) = state.find::<SortedSet>(call, call.key())? else {
        return Ok(asked.map_or(Reply::Nil, |_| Reply::Array(Vec::new())));
    };
    let (count, with_scores) = asked.unwrap_or((1, false));
    let mut found = Vec::new();
    for rank in pick(set.len(), count, &mut dice)? {
        set.visit(rank..rank + 1, false, |name, score| found.push(pair(name, score)));
    }
    Ok(match asked {
        Some(_) => members(found, with_scores),
        None => found.pop().map_or(Reply::Nil, |(name, _)| name),
    })
}

pub(super) static ZSCAN: Command = Command {
    name: "zscan",
    arity: -3,
    flags: Flags::READONLY,
    keys: Keys::ONE,
    tips: &["nondeterministic_output"],
    since: "2.8.0",
    complexity: "O(1) for a call, O(N) for a complete scan of N members",
    summary: "Answers some members with their scores, and the cursor for the next call.",
    syntax: "key cursor [MATCH pattern] [COUNT count]",
    run: Runs { keyspace: Some(zscan), ..Runs::NONE },
    ..SORTED
};

fn zscan(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    parse_cursor(call.word(2)).ok_or(Refusal::InvalidCursor)?;
    // Whatever the options say, there is nothing to scan.
    let Some(set) = state.find::<SortedSet>(call, call.key())? else {
        return Ok(page(0, Vec::new()));
    };
    call.seek(2);
    let options = ScanOptions::parse(call, false)?;
    let format = if set.is_packed() { packed_score } else { number::format_f64 };
    let mut found = Vec::new();
    let next = set.scan(options.cursor, options.count, |name, score| {
        if options.takes(name) {
            found.extend([Reply::brief(name), format(score).into()]);
        }
    });
    Ok(page(next, found))
}

/// The score as it stands in one of Redis's packed sets. There it is read by this command alone.
fn packed_score(score: f64) -> String {
    packed_integer(score).map_or_else(|| number::format_f64(score), |score| score.to_string())
}
