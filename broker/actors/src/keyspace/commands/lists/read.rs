//! Lists: reading.

use crate::call::Call;
use crate::collections::number;
use crate::command::{Flags, Keys, Runs};
use crate::sequence::{ListOwner, Sequence, position, span};
use crate::{Args, Command, Outcome, Refusal, Reply};

pub(super) static LLEN: Command = Command {
    name: "llen",
    arity: 2,
    flags: Flags::READONLY.with(Flags::FAST),
    keys: Keys::ONE,
    access: &["RO"],
    group: "list",
    complexity: "O(1)",
    summary: "Answers the length of a list.",
    syntax: "key",
    run: Runs { keyspace: Some(llen), mailbox: Some(llen), ..Runs::NONE },
    ..Command::BASE
};

fn llen<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::len(state.list(call.key(), call)?.map_or(0, Sequence::len)))
}

pub(super) static LRANGE: Command = Command {
    name: "lrange",
    arity: 4,
    flags: Flags::READONLY,
    keys: Keys::ONE,
    group: "list",
    complexity: "O(S+N) for N elements, S elements away from the nearer end",
    summary: "Answers the elements from one index to another, both included.",
    syntax: "key start stop",
    run: Runs { keyspace: Some(lrange), mailbox: Some(lrange), ..Runs::NONE },
    ..Command::BASE
};

fn lrange<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    call.seek(2);
    let (start, stop) = (call.next_int()?, call.next_int()?);
    let Some(list) = state.list(call.key(), call)? else {
        return Ok(Reply::Array(Vec::new()));
    };
    let range = span(start, stop, list.len());
    let mut elements = Vec::with_capacity(range.len());
    elements.extend(list.iter_from(range.start).take(range.len()).map(Reply::copy));
    Ok(Reply::Array(elements))
}

pub(super) static LINDEX: Command = Command {
    name: "lindex",
    arity: 3,
    flags: Flags::READONLY,
    keys: Keys::ONE,
    group: "list",
    complexity: "O(N) for an index N away from the nearer end",
    summary: "Answers the element at an index.",
    syntax: "key index",
    run: Runs { keyspace: Some(lindex), mailbox: Some(lindex), ..Runs::NONE },
    ..Command::BASE
};

fn lindex<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    let Some(list) = state.list(call.key(), call)? else {
        return Ok(Reply::Nil);
    };
    let index = number::parse_i64(call.word(2)).ok_or(Refusal::NotInteger)?;
    let found = position(index, list.len()).and_then(|index| list.get(index));
    Ok(found.map_or(Reply::Nil, Reply::copy))
}

pub(super) static LPOS: Command = Command {
    name: "lpos",
    arity: -3,
    flags: Flags::READONLY,
    keys: Keys::ONE,
    group: "list",
    since: "6.0.6",
    complexity: "O(N) for N elements that are compared",
    summary: "Answers the indices at which an element stands.",
    syntax: "key element [RANK rank] [COUNT num-matches] [MAXLEN len]",
    run: Runs { keyspace: Some(lpos), mailbox: Some(lpos), ..Runs::NONE },
    ..Command::BASE
};

fn lpos<S: ListOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    let search = Search::parse(call)?;
    let list = state.list(call.key(), call)?;
    let found = list.map_or(Vec::new(), |list| search.run(list, call.word(2)));
    let mut found = found.into_iter().map(Reply::len);
    Ok(match search.count {
        None => found.next().unwrap_or(Reply::Nil),
        Some(_) => Reply::Array(found.collect()),
    })
}

/// The options of `LPOS`.
struct Search {
    from_right: bool,
    /// The matches passed over.
    skip: usize,
    /// How many are wanted, 0 for all; `None` for one, answered by itself.
    count: Option<usize>,
    /// How many elements are compared, 0 for all.
    compared_max: usize,
}

impl Search {
    fn parse(args: &mut Args<'_>) -> Result<Self, Refusal> {
        let mut search = Self { from_right: false, skip: 0, count: None, compared_max: 0 };
        args.seek(3);
        while !args.at_end() {
            // The last word can only be an option without its value, whatever it says.
            if args.left() < 2 {
                return Err(Refusal::Syntax);
            } else if args.accept("RANK") {
                let rank = args.next_int()?;
                search.from_right = rank < 0;
                search.skip = skipped(rank)?;
            } else if args.accept("COUNT") {
                search.count = Some(natural(args, "COUNT can't be negative")?);
            } else if args.accept("MAXLEN") {
                search.compared_max = natural(args, "MAXLEN can't be negative")?;
            } else {
                return Err(Refusal::Syntax);
            }
        }
        Ok(search)
    }

    fn run(&self, list: &impl Sequence, element: &[u8]) -> Vec<usize> {
        let len = list.len();
        let compared = if self.compared_max == 0 { len } else { self.compared_max };
        let wanted = match self.count {
            None => 1,
            Some(0) => len,
            Some(count) => count,
        };
        let all = list.iter_from(0);
        if self.from_right {
            let index = |step: usize| len - 1 - step;
            matches(all.rev().take(compared), element)
                .skip(self.skip)
                .take(wanted)
                .map(index)
                .collect()
        } else {
            matches(all.take(compared), element).skip(self.skip).take(wanted).collect()
        }
    }
}

fn matches<'a>(
    elements: impl Iterator<Item = &'a [u8]>,
    wanted: &[u8],
) -> impl Iterator<Item = usize> {
    elements.enumerate().filter(move |(_, element)| *element == wanted).map(|(step, _)| step)
}

/// How many matches a rank passes over.
fn skipped(rank: i64) -> Result<usize, Refusal> {
    match rank {
        0 => Err(Refusal::Fixed(
            "ERR",
            "RANK can't be zero: use 1 to start from the first match, 2 from the second ... \
             or use negative to start from the end of the list",
        )),
        // Redis negates it, which overflows to a rank that every match has passed.
        i64::MIN => Ok(0),
        rank => Ok(usize::try_from(rank.unsigned_abs() - 1).unwrap_or(usize::MAX)),
    }
}

fn natural(args: &mut Args<'_>, refusal: &'static str) -> Result<usize, Refusal> {
    let value = number::parse_i64(args.next_word()?).and_then(|value| usize::try_from(value).ok());
    value.ok_or(Refusal::Fixed("ERR", refusal))
}
