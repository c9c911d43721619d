//! What sorted sets are combined of: sorted sets, and sets, whose members all have the score 1.

use std::ops::Range;

use crate::call::Call;
use crate::collections::{Members, Packing, Set, SortedSet, number};
use crate::keyspace::{Keyspace, Value};
use crate::{Args, Refusal};

/// A key that takes part, and what its scores are multiplied with.
#[derive(Clone, Copy)]
pub(super) struct Source<'s> {
    held: Held<'s>,
    weight: f64,
}

#[derive(Clone, Copy)]
enum Held<'s> {
    Nothing,
    Set(&'s Set),
    Sorted(&'s SortedSet),
}

impl Source<'_> {
    fn len(&self) -> usize {
        match self.held {
            Held::Nothing => 0,
            Held::Set(set) => set.len(),
            Held::Sorted(sorted) => sorted.len(),
        }
    }

    fn visit(&self, mut show: impl FnMut(&[u8], f64)) {
        match self.held {
            Held::Nothing => {}
            Held::Set(set) => {
                set.iter().for_each(|member| member.with_bytes(|name| show(name, 1.0)));
            }
            Held::Sorted(sorted) => sorted.visit_all(show),
        }
    }

    fn score(&self, name: &[u8]) -> Option<f64> {
        match self.held {
            Held::Nothing => None,
            Held::Set(set) => set.contains(name).then_some(1.0),
            Held::Sorted(sorted) => sorted.score(name),
        }
    }

    fn weighted(&self, score: f64) -> f64 {
        let score = self.weight * score;
        if score.is_nan() { 0.0 } else { score }
    }
}

/// The keys and options of a combination.
pub(super) struct Request {
    /// The words that are keys.
    keys: Range<usize>,
    weights: Vec<f64>,
    aggregate: Aggregate,
    /// Whether scores are answered too.
    pub(super) with_scores: bool,
    /// The most members that are counted, 0 for all.
    pub(super) limit: usize,
}

/// How the scores of one member become one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aggregate {
    Sum,
    Min,
    Max,
}

impl Aggregate {
    fn of(self, one: f64, other: f64) -> f64 {
        match self {
            // The sum of both infinities is no number, and zero by decree.
            Self::Sum if (one + other).is_nan() => 0.0,
            Self::Sum => one + other,
            Self::Min => {
                if other < one {
                    other
                } else {
                    one
                }
            }
            Self::Max => {
                if other > one {
                    other
                } else {
                    one
                }
            }
        }
    }
}

/// Which options a combination has.
#[derive(Clone, Copy)]
pub(super) struct Allowed {
    pub(super) weights: bool,
    pub(super) scores: bool,
    pub(super) limit: bool,
}

impl Request {
    /// Reads `numkeys key [key …]` from word `at` on.
    pub(super) fn keys(call: &mut Call<'_>, at: usize) -> Result<Self, Refusal> {
        let count = number::parse_i64(call.word(at)).ok_or(Refusal::NotInteger)?;
        if count < 1 {
            let text =
                format!("at least 1 input key is needed for '{}' command", call.command.name);
            return Err(Refusal::Custom("ERR", text.into()));
        }
        let first = at + 1;
        let count = usize::try_from(count).ok().filter(|count| *count <= call.len() - first);
        let keys = first..first + count.ok_or(Refusal::Syntax)?;
        call.seek(keys.end);
        let weights = vec![1.0; keys.len()];
        let aggregate = Aggregate::Sum;
        Ok(Self { keys, weights, aggregate, with_scores: false, limit: 0 })
    }

    /// Reads the options behind the keys. The types of the keys are refused before.
    pub(super) fn options(&mut self, args: &mut Args<'_>, allowed: Allowed) -> Result<(), Refusal> {
        while !args.at_end() {
            if allowed.weights && args.left() > self.keys.len() && args.accept("WEIGHTS") {
                for weight in &mut self.weights {
                    let refusal = Refusal::Fixed("ERR", "weight value is not a float");
                    *weight = number::parse_f64(args.next_word()?).ok_or(refusal)?;
                }
            } else if allowed.weights && args.left() > 1 && args.accept("AGGREGATE") {
                self.aggregate = match () {
                    () if args.accept("SUM") => Aggregate::Sum,
                    () if args.accept("MIN") => Aggregate::Min,
                    () if args.accept("MAX") => Aggregate::Max,
                    () => return Err(Refusal::Syntax),
                };
            } else if allowed.scores && args.accept("WITHSCORES") {
                self.with_scores = true;
            } else if allowed.limit && args.left() > 1 && args.accept("LIMIT") {
                let limit = number::parse_i64(args.next_word()?);
                let limit = limit.and_then(|limit| limit.try_into().ok());
                self.limit = limit.ok_or(Refusal::Fixed("ERR", "LIMIT can't be negative"))?;
            } else {
                return Err(Refusal::Syntax);
            }
        }
        Ok(())
    }

    /// Refuses keys that hold neither a sorted set nor a set.
    pub(super) fn check_types(&self, state: &mut Keyspace, call: &Call<'_>) -> Result<(), Refusal> {
        self.keys.clone().try_for_each(|at| match state.read(call, call.word(at)) {
            None => Ok(()),
            Some(entry) => match &entry.value {
                Value::Set(_) | Value::SortedSet(_) => Ok(()),
                _ => Err(Refusal::WrongType),
            },
        })
    }

    /// What the keys hold.
    pub(super) fn sources<'s>(&self, state: &'s mut Keyspace, call: &Call<'_>) -> Vec<Source<'s>> {
        let database = &*state.db(call);
        let held = |at| match database.peek(call.word(at), call.now).map(|entry| &entry.value) {
            Some(Value::Set(set)) => Held::Set(set),
            Some(Value::SortedSet(sorted)) => Held::Sorted(sorted),
            _ => Held::Nothing,
        };
        let weights = self.weights.iter().copied();
        self.keys
            .clone()
            .zip(weights)
            .map(|(at, weight)| Source { held: held(at), weight })
            .collect()
    }

    /// The members that any source has.
    pub(super) fn union(&self, mut sources: Vec<Source<'_>>, packing: Packing) -> SortedSet {
        // The order shows: sums of floats depend on it.
        sources.sort_by_key(Source::len);
        let mut found: Members<f64> = Members::default();
        for source in &sources {
            source.visit(|name, score| {
                let score = source.weighted(score);
                let (place, new) = found.place_or_add(name, score);
                if !new {
                    let kept = found.value_mut(place);
                    *kept = self.aggregate.of(*kept, score);
                }
            });
        }
        SortedSet::collect(found.iter().map(|(name, score)| (name, *score)), packing)
    }

    /// The members that all sources have.
    pub(super) fn intersection(&self, sources: Vec<Source<'_>>, packing: Packing) -> SortedSet {
        let mut found: Members<f64> = Members::default();
        self.intersect(sources, |name, score| {
            found.add(name, score);
            true
        });
        SortedSet::collect(found.iter().map(|(name, score)| (name, *score)), packing)
    }

    /// Shows the members that all sources have, until `show` has seen enough and answers false.
    pub(super) fn intersect(
        &self,
        mut sources: Vec<Source<'_>>,
        mut show: impl FnMut(&[u8], f64) -> bool,
    ) {
        sources.sort_by_key(Source::len);
        let Some((smallest, others)) = sources.split_first() else {
            return;
        };
        let mut goes_on = true;
        smallest.visit(|name, score| {
            if !goes_on {
                return;
            }
            let all = others.iter().try_fold(smallest.weighted(score), |kept, other| {
                let score = other.weight * other.score(name)?;
                Some(self.aggregate.of(kept, score))
            });
            if let Some(score) = all {
                goes_on = show(name, score);
            }
        });
    }

    /// The members that the first source has and no other.
    pub(super) fn difference(&self, sources: Vec<Source<'_>>, packing: Packing) -> SortedSet {
        let mut found: Members<f64> = Members::default();
        if let Some((first, others)) = sources.split_first() {
            first.visit(|name, score| {
                if others.iter().all(|other| other.score(name).is_none()) {
                    found.add(name, score);
                }
            });
        }
        SortedSet::collect(found.iter().map(|(name, score)| (name, *score)), packing)
    }
}
