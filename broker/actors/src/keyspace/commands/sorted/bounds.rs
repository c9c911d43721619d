//! Ranges of a sorted set: by rank, by score, by name. Each is found as a range of ranks.

use std::ops::Range;

use crate::collections::{SortedSet, number};
use crate::sequence::span;
use crate::{Args, Refusal};

/// What a range goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Rank,
    Score,
    Lex,
}

/// A range as a request says it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bounds<'a> {
    /// Both included, negative ones counted from the end.
    Ranks(i64, i64),
    /// From the first to the second.
    Scores(ScoreBound, ScoreBound),
    /// From the first to the second.
    Names(NameBound<'a>, NameBound<'a>),
}

/// A score, and whether it is in the range itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScoreBound {
    score: f64,
    included: bool,
}

/// Where a range of names begins or ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum NameBound<'a> {
    BeforeAll,
    AfterAll,
    Included(&'a [u8]),
    Excluded(&'a [u8]),
}

impl<'a> Bounds<'a> {
    /// Reads the words `low` and `high`.
    pub(super) fn parse(args: &Args<'a>, by: By, low: usize, high: usize) -> Result<Self, Refusal> {
        let (low, high) = (args.word(low), args.word(high));
        let rank = |word| number::parse_i64(word).ok_or(Refusal::NotInteger);
        Ok(match by {
            By::Rank => Self::Ranks(rank(low)?, rank(high)?),
            By::Score => Self::Scores(ScoreBound::parse(low)?, ScoreBound::parse(high)?),
            By::Lex => Self::Names(NameBound::parse(low)?, NameBound::parse(high)?),
        })
    }

    /// The ranks of the members in the range. Ranks that a request names count from the other end when it goes
    /// `backwards`.
    pub(super) fn ranks(&self, set: &SortedSet, backwards: bool) -> Range<usize> {
        let (start, end) = match *self {
            Self::Ranks(start, stop) => {
                let (len, span) = (set.len(), span(start, stop, set.len()));
                return if backwards { len - span.end..len - span.start } else { span };
            }
            Self::Scores(low, high) => (
                set.rank_where(|score, _| low.is_above(score)),
                set.rank_where(|score, _| !high.is_below(score)),
            ),
            Self::Names(low, high) => (
                set.rank_where(|_, name| low.is_above(name)),
                set.rank_where(|_, name| !high.is_below(name)),
            ),
        };
        start..end.max(start)
    }
}

impl ScoreBound {
    fn parse(word: &[u8]) -> Result<Self, Refusal> {
        let (text, included) = word.strip_prefix(b"(").map_or((word, true), |text| (text, false));
        let score = number::parse_bound(text);
        let score = score.ok_or(Refusal::Fixed("ERR", "min or max is not a float"))?;
        Ok(Self { score, included })
    }

    /// Whether the range that begins here has not begun yet.
    fn is_above(self, score: f64) -> bool {
        if self.included { score < self.score } else { score <= self.score }
    }

    /// Whether the range that ends here is over.
    fn is_below(self, score: f64) -> bool {
        if self.included { score > self.score } else { score >= self.score }
    }
}

impl<'a> NameBound<'a> {
    fn parse(word: &'a [u8]) -> Result<Self, Refusal> {
        match word {
            b"-" => Ok(Self::BeforeAll),
            b"+" => Ok(Self::AfterAll),
            [b'[', name @ ..] => Ok(Self::Included(name)),
            [b'(', name @ ..] => Ok(Self::Excluded(name)),
            _ => Err(Refusal::Fixed("ERR", "min or max not valid string range item")),
        }
    }

    /// Whether the range that begins here has not begun yet.
    fn is_above(self, name: &[u8]) -> bool {
        match self {
            Self::BeforeAll => false,
            Self::AfterAll => true,
            Self::Included(bound) => name < bound,
            Self::Excluded(bound) => name <= bound,
        }
    }

    /// Whether the range that ends here is over.
    fn is_below(self, name: &[u8]) -> bool {
        match self {
            Self::BeforeAll => true,
            Self::AfterAll => false,
            Self::Included(bound) => name > bound,
            Self::Excluded(bound) => name >= bound,
        }
    }
}
