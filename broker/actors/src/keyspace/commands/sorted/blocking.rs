//! Sorted sets: pops that wait.

use super::super::first::{from_first, multi_pop};
use super::super::timeout;
use super::SORTED;
use super::add::ZADD;
use super::pop::{Side, take, take_nested};
use crate::call::Call;
use crate::collections::number;
use crate::command::{Flags, Keys, Patience, Runs, Span};
use crate::keyspace::Keyspace;
use crate::{Args, Command, Outcome, Pipeline, Refusal, Reply};

/// What the two blocking pops share.
const BLOCKING_POP: Command = Command {
    arity: -3,
    flags: Flags::WRITE.with(Flags::NOSCRIPT).with(Flags::BLOCKING).with(Flags::FAST),
    keys: Keys::ALL_BUT_LAST,
    access: &["RW access delete"],
    since: "5.0.0",
    complexity: "O(log(N)) for N members",
    syntax: "key [key …] timeout",
    span: Span::First,
    patience: Some(timeout::last),
    undo: Some(|_, reply| put_back(reply)),
    ..SORTED
};

pub(super) static BZPOPMIN: Command = Command {
    name: "bzpopmin",
    summary: "Takes the member with the lowest score of the first sorted set that has one, or waits.",
    run: Runs { keyspace: Some(|state, call| pop(state, call, Side::Min)), ..Runs::NONE },
    ..BLOCKING_POP
};

pub(super) static BZPOPMAX: Command = Command {
    name: "bzpopmax",
    summary: "Takes the member with the highest score of the first sorted set that has one, or waits.",
    run: Runs { keyspace: Some(|state, call| pop(state, call, Side::Max)), ..Runs::NONE },
    ..BLOCKING_POP
};

fn pop(state: &mut Keyspace, call: &mut Call<'_>, side: Side) -> Outcome {
    timeout::last(call)?;
    from_first(state, call, |state, key, call| {
        let taken = take(state, key, side, 1, call)?;
        Ok(taken.map(|taken| taken.into_iter().flat_map(<[Reply; 2]>::from).collect()))
    })
}

pub(super) static BZMPOP: Command = Command {
    name: "bzmpop",
    arity: -5,
    flags: Flags::WRITE.with(Flags::BLOCKING).with(Flags::MOVABLEKEYS),
    keys: Keys::Counted { at: 2 },
    access: &["RW access delete"],
    since: "7.0.0",
    complexity: "O(K)+O(M*log(N)) for K keys and M of N members",
    summary: "Takes members from the first sorted set that has some, or waits for one.",
    syntax: "timeout numkeys key [key …] (MIN | MAX) [COUNT count]",
    span: Span::First,
    patience: Some(patience),
    undo: Some(|_, reply| put_back(reply)),
    run: Runs { keyspace: Some(bzmpop), ..Runs::NONE },
    ..SORTED
};

fn bzmpop(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let (side, count) = multi_pop(call, 2, Side::from_word)?;
    timeout::first(call)?;
    from_first(state, call, |state, key, call| take_nested(state, key, side, count, call))
}

/// What is wrong with the other words is said before what is wrong with the timeout.
fn patience(args: &Args<'_>) -> Result<Patience, Refusal> {
    multi_pop(args, 2, Side::from_word)?;
    timeout::first(args)
}

/// The addition that undoes a pop. The order in which members were taken does not matter.
fn put_back(reply: &Reply) -> Option<Pipeline> {
    let Reply::Array(parts) = reply else {
        return None;
    };
    let (key, taken) = parts.split_first()?;
    let mut words = vec![ZADD.name.as_bytes().to_vec(), key.as_bytes()?.to_vec()];
    let mut add = |pair: &[Reply]| {
        if let [name, Reply::Double(score)] = pair {
            words.push(number::format_f64(*score).into_bytes());
            words.push(name.as_bytes().unwrap_or_default().to_vec());
        }
    };
    match taken {
        [Reply::Array(pairs)] => {
            for pair in pairs {
                if let Reply::Array(pair) = pair {
                    add(pair);
                }
            }
        }
        pair => add(pair),
    }
    let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
    (words.len() > 2).then(|| Pipeline::of(Some(&ZADD), &words))
}

#[cfg(test)]
mod tests {
    use super::{BZMPOP, BZPOPMIN};
    use crate::{Pipeline, Reply};

    #[test]
    fn a_pop_can_be_undone() {
        let one = vec![Reply::text("k"), Reply::text("m"), Reply::Double(0.1)];
        let pair = |name, score| Reply::Array(vec![Reply::text(name), Reply::Double(score)]);
        let many =
            vec![Reply::text("k"), Reply::Array(vec![pair("b", f64::INFINITY), pair("a", -1.0)])];
        for (command, reply, undone) in
            [(&BZPOPMIN, one, "zadd k 0.10000000000000001 m"), (&BZMPOP, many, "zadd k inf b -1 a")]
        {
            let undo = command.undo.expect("a blocking pop can be undone");
            let request = Pipeline::of(Some(command), &[]);
            let add = undo(&request.request(0), &Reply::Array(reply)).expect("something to undo");
            let words: Vec<_> = add
                .request(0)
                .words()
                .map(|word| String::from_utf8_lossy(word).into_owned())
                .collect();
            assert_eq!(words.join(" "), undone);
            assert!(undo(&request.request(0), &Reply::NilArray).is_none());
        }
    }
}
