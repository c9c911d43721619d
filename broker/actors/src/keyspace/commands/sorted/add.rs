//! Sorted sets: adding members, and changing their scores.

use super::{SORTED, packing};
use crate::call::Call;
use crate::collections::{SortedSet, number};
use crate::command::{Flags, Keys, Runs};
use crate::key_events::events;
use crate::keyspace::Keyspace;
use crate::{Args, Command, Outcome, Refusal, Reply};

pub(super) static ZADD: Command = Command {
    name: "zadd",
    arity: -4,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    keys: Keys::ONE,
    complexity: "O(log(N)) for each member added to N",
    summary: "Adds members to a sorted set, or changes their scores.",
    syntax: "key [NX | XX] [GT | LT] [CH] [INCR] score member [score member …]",
    run: Runs { keyspace: Some(zadd), ..Runs::NONE },
    ..SORTED
};

fn zadd(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let options = Options::parse(call)?;
    options.check(call)?;
    add(state, call, &options)
}

pub(super) static ZINCRBY: Command = Command {
    name: "zincrby",
    arity: 4,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    keys: Keys::ONE,
    access: &["RW access update"],
    complexity: "O(log(N)) for N members",
    summary: "Adds to the score of a member, 0 if it is not there.",
    syntax: "key increment member",
    run: Runs { keyspace: Some(zincrby), ..Runs::NONE },
    ..SORTED
};

fn zincrby(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    // As in Redis, an increment that reads like an option is one, which leaves no pair.
    let options = Options { increments: true, ..Options::parse(call)? };
    options.check(call)?;
    add(state, call, &options)
}

/// The options of `ZADD`.
#[derive(Default)]
struct Options {
    only_new: bool,
    only_there: bool,
    only_greater: bool,
    only_less: bool,
    counts_changes: bool,
    increments: bool,
}

impl Options {
    /// Reads the words between the key and the first score.
    fn parse(args: &mut Args<'_>) -> Result<Self, Refusal> {
        let mut options = Self::default();
        args.seek(2);
        loop {
            let option = if args.accept("NX") {
                &mut options.only_new
            } else if args.accept("XX") {
                &mut options.only_there
            } else if args.accept("GT") {
                &mut options.only_greater
            } else if args.accept("LT") {
                &mut options.only_less
            } else if args.accept("CH") {
                &mut options.counts_changes
            } else if args.accept("INCR") {
                &mut options.increments
            } else {
                return Ok(options);
            };
            *option = true;
        }
    }

    /// Refuses what cannot be had together, and a score without a member.
    fn check(&self, args: &Args<'_>) -> Result<(), Refusal> {
        let refuse = |text| Err(Refusal::Fixed("ERR", text));
        if args.at_end() || !args.left().is_multiple_of(2) {
            return Err(Refusal::Syntax);
        }
        if self.only_new && self.only_there {
            return refuse("XX and NX options at the same time are not compatible");
        }
        let compares = [self.only_greater, self.only_less, self.only_new];
        if compares.into_iter().filter(|option| *option).count() > 1 {
            return refuse("GT, LT, and/or NX options at the same time are not compatible");
        }
        if self.increments && args.left() > 2 {
            return refuse("INCR option supports a single increment-element pair");
        }
        Ok(())
    }

    /// What becomes of a member with this score: nothing if the options forbid it, else its new score.
    fn decide(&self, old: Option<f64>, given: f64) -> Result<Option<f64>, Refusal> {
        let Some(old) = old else {
            return Ok((!self.only_there).then_some(given));
        };
        if self.only_new {
            return Ok(None);
        }
        let new = if self.increments { old + given } else { given };
        if new.is_nan() {
            return Err(Refusal::Fixed("ERR", "resulting score is not a number (NaN)"));
        }
        let forbidden = self.only_less && new >= old || self.only_greater && new <= old;
        Ok((!forbidden).then_some(new))
    }
}

/// Adds the pairs of score and member that follow.
fn add(state: &mut Keyspace, call: &mut Call<'_>, options: &Options) -> Outcome {
    let (key, first, packing) = (call.key(), call.position(), packing(call));
    let given = |at| number::parse_f64(call.word(at)).ok_or(Refusal::NotFloat);
    // All scores are read before anything is changed.
    (first..call.len()).step_by(2).try_for_each(|at| given(at).map(drop))?;
    if options.only_there && state.find_mut::<SortedSet>(call, key)?.is_none() {
        return Ok(if options.increments { Reply::Nil } else { Reply::Int(0) });
    }
    let set = state.open::<SortedSet>(call, key)?;
    let (mut added, mut changed, mut last) = (0, 0, Ok(None));
    for at in (first..call.len()).step_by(2) {
        let given = given(at)?;
        set.update(call.word(at + 1), packing, |old| {
            last = options.decide(old, given);
            let new = last.as_ref().ok().copied().flatten();
            added += usize::from(old.is_none() && new.is_some());
            changed += usize::from(old.is_some() && new.is_some() && new != old);
            new
        });
    }
    let last = last?;
    if added + changed > 0 {
        let event = if options.increments { events::ZINCR } else { events::ZADD };
        call.changed(event.after_reply(), key);
    }
    Ok(match options.increments {
        true => last.map_or(Reply::Nil, Reply::Double),
        false => Reply::len(if options.counts_changes { added + changed } else { added }),
    })
}
