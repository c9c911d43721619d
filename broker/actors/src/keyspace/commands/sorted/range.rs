//! Sorted sets: answering and keeping a range.

use std::ops::Range;

use super::bounds::{Bounds, By};
use super::{SORTED, members, packing, pair};
use crate::call::Call;
use crate::collections::SortedSet;
use crate::command::{Deprecated, Flags, Keys, Runs};
use crate::key_events::{Event, events};
use crate::keyspace::{Keyspace, Value};
use crate::{Args, Command, Outcome, Refusal, Reply};

/// What all that answer a range share.
const RANGE: Command = Command {
    arity: -4,
    flags: Flags::READONLY,
    keys: Keys::ONE,
    complexity: "O(log(N)+M) for M of N members",
    ..SORTED
};

/// Since when `ZRANGE` does it all.
const fn with_zrange(replaced_by: &'static str) -> Option<Deprecated> {
    Some(Deprecated { since: "6.2.0", replaced_by })
}

pub(super) static ZRANGE: Command = Command {
    name: "zrange",
    summary: "Answers the members in a range of ranks, scores or names.",
    syntax: "key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]",
    run: Runs { keyspace: Some(|state, call| range(state, call, Form::ANY)), ..Runs::NONE },
    ..RANGE
};

pub(super) static ZRANGEBYSCORE: Command = Command {
    name: "zrangebyscore",
    since: "1.0.5",
    deprecated: with_zrange("`ZRANGE` with the `BYSCORE` argument"),
    summary: "Answers the members with a score in a range.",
    syntax: "key min max [WITHSCORES] [LIMIT offset count]",
    run: Runs {
        keyspace: Some(|state, call| range(state, call, Form::fixed(By::Score, false))),
        ..Runs::NONE
    },
    ..RANGE
};

pub(super) static ZRANGEBYLEX: Command = Command {
    name: "zrangebylex",
    since: "2.8.9",
    deprecated: with_zrange("`ZRANGE` with the `BYLEX` argument"),
    summary: "Answers the members with a name in a range, where all scores are the same.",
    syntax: "key min max [LIMIT offset count]",
    run: Runs {
        keyspace: Some(|state, call| range(state, call, Form::fixed(By::Lex, false))),
        ..Runs::NONE
    },
    ..RANGE
};

pub(super) static ZREVRANGE: Command = Command {
    name: "zrevrange",
    deprecated: with_zrange("`ZRANGE` with the `REV` argument"),
    summary: "Answers the members in a range of ranks, counted from the highest score down.",
    syntax: "key start stop [WITHSCORES]",
    run: Runs {
        keyspace: Some(|state, call| range(state, call, Form::fixed(By::Rank, true))),
        ..Runs::NONE
    },
    ..RANGE
};

pub(super) static ZREVRANGEBYSCORE: Command = Command {
    name: "zrevrangebyscore",
    since: "2.2.0",
    deprecated: with_zrange("`ZRANGE` with the `REV` and `BYSCORE` arguments"),
    summary: "Answers the members with a score in a range, from the highest down.",
    syntax: "key max min [WITHSCORES] [LIMIT offset count]",
    run: Runs {
        keyspace: Some(|state, call| range(state, call, Form::fixed(By::Score, true))),
        ..Runs::NONE
    },
    ..RANGE
};

pub(super) static ZREVRANGEBYLEX: Command = Command {
    name: "zrevrangebylex",
    since: "2.8.9",
    deprecated: with_zrange("`ZRANGE` with the `REV` and `BYLEX` arguments"),
    summary: "Answers the members with a name in a range, from the last to the first.",
    syntax: "key max min [LIMIT offset count]",
    run: Runs {
        keyspace: Some(|state, call| range(state, call, Form::fixed(By::Lex, true))),
        ..Runs::NONE
    },
    ..RANGE
};

fn range(state: &mut Keyspace, call: &mut Call<'_>, form: Form) -> Outcome {
    let request = Request::parse(call, 2, form, true)?;
    let Some(set) = state.find::<SortedSet>(call, call.key())? else {
        return Ok(Reply::Array(Vec::new()));
    };
    let ranks = request.ranks(set);
    if request.with_scores {
        let mut found = Vec::with_capacity(ranks.len());
        set.visit(ranks, request.backwards, |name, score| found.push(pair(name, score)));
        return Ok(members(found, true));
    }
    let mut found = Vec::with_capacity(ranks.len());
    set.visit(ranks, request.backwards, |name, _| found.push(Reply::brief(name)));
    Ok(Reply::Array(found))
}

pub(super) static ZRANGESTORE: Command = Command {
    name: "zrangestore",
    arity: -5,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    keys: Keys::TWO,
    access: &["OW update", "RO access"],
    since: "6.2.0",
    complexity: "O(log(N)+M) for M of N members",
    summary: "Keeps the members in a range of ranks, scores or names, and answers how many.",
    syntax: "destination source min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]",
    run: Runs { keyspace: Some(zrangestore), ..Runs::NONE },
    ..SORTED
};

fn zrangestore(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let request = Request::parse(call, 3, Form::ANY, false)?;
    let packing = packing(call);
    let mut kept = SortedSet::default();
    if let Some(set) = state.find::<SortedSet>(call, call.word(2))? {
        set.visit(request.ranks(set), request.backwards, |name, score| {
            kept.update(name, packing, |_| Some(score));
        });
    }
    let len = kept.len();
    let value = (len > 0).then(|| Value::SortedSet(kept));
    let told = [events::ZRANGESTORE, events::DEL].map(Event::after_reply);
    state.replace(call, call.word(1), value, told);
    Ok(Reply::len(len))
}

/// What a command's name says already.
#[derive(Clone, Copy)]
struct Form {
    by: Option<By>,
    backwards: Option<bool>,
}

impl Form {
    const ANY: Self = Self { by: None, backwards: None };

    const fn fixed(by: By, backwards: bool) -> Self {
        Self { by: Some(by), backwards: Some(backwards) }
    }
}

/// A range, and what is wanted of it.
struct Request<'a> {
    bounds: Bounds<'a>,
    backwards: bool,
    /// How many are passed over, and how many are wanted at the most; negative for all.
    limit: (i64, i64),
    with_scores: bool,
}

impl<'a> Request<'a> {
    /// Reads the bounds from word `first` on, and the options behind them.
    fn parse(args: &mut Args<'a>, first: usize, form: Form, shows: bool) -> Result<Self, Refusal> {
        let Form { mut by, mut backwards } = form;
        let (mut limit, mut with_scores) = ((0, -1), false);
        args.seek(first + 2);
        while !args.at_end() {
            if shows && args.accept("WITHSCORES") {
                with_scores = true;
            } else if args.left() > 2 && args.accept("LIMIT") {
                limit = (args.next_int()?, args.next_int()?);
            } else if backwards.is_none() && args.accept("REV") {
                backwards = Some(true);
            } else if by.is_none() && args.accept("BYLEX") {
                by = Some(By::Lex);
            } else if by.is_none() && args.accept("BYSCORE") {
                by = Some(By::Score);
            } else {
                return Err(Refusal::Syntax);
            }
        }
        let (by, backwards) = (by.unwrap_or(By::Rank), backwards.unwrap_or(false));
        if limit.1 != -1 && by == By::Rank {
            return Err(Refusal::Fixed(
                "ERR",
                "syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
            ));
        }
        if with_scores && by == By::Lex {
            return Err(Refusal::Fixed(
                "ERR",
                "syntax error, WITHSCORES not supported in combination with BYLEX",
            ));
        }
        // Backwards the higher bound is said first; ranks are counted from the other end instead.
        let swapped = backwards && by != By::Rank;
        let (low, high) = if swapped { (first + 1, first) } else { (first, first + 1) };
        let bounds = Bounds::parse(args, by, low, high)?;
        Ok(Self { bounds, backwards, limit, with_scores })
    }

    /// The ranks of what is wanted.
    fn ranks(&self, set: &SortedSet) -> Range<usize> {
        let Range { start, end } = self.bounds.ranks(set, self.backwards);
        if matches!(self.bounds, Bounds::Ranks(..)) {
            return start..end;
        }
        let len = end - start;
        // A negative offset passes over all.
        let skipped = usize::try_from(self.limit.0).unwrap_or(len).min(len);
        let count = usize::try_from(self.limit.1).unwrap_or(len).min(len - skipped);
        if self.backwards {
            end - skipped - count..end - skipped
        } else {
            start + skipped..start + skipped + count
        }
    }
}
