//! Where a command's keys stand among its words.

use crate::Args;
use crate::collections::number;

/// Where the keys are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// It has none.
    None,
    /// From word `first` to word `last` (negative: from the end), every `step` words.
    Range {
        /// The first key's word.
        first: i8,
        /// The last key's word; negative counts from the end.
        last: i8,
        /// The distance from one key to the next.
        step: i8,
    },
    /// Word `at` holds their number and they follow it.
    Counted {
        /// The word that holds the number.
        at: u8,
    },
    /// The first argument is where the result goes; word 2 holds the number of the others, and they follow it.
    StoreCounted,
    /// The first argument, and where `SORT` can `STORE` its result, the word behind that.
    Sort {
        /// Whether it can.
        store: bool,
    },
    /// After the word `STREAMS`, which is word `from` at the earliest, the first half of the rest.
    Streams {
        /// The first word that can be it.
        from: u8,
    },
}

impl Keys {
    /// One key, the first argument.
    pub const ONE: Self = Self::Range { first: 1, last: 1, step: 1 };
    /// Two keys, the first two arguments.
    pub const TWO: Self = Self::Range { first: 1, last: 2, step: 1 };
    /// Every argument is a key.
    pub const ALL: Self = Self::Range { first: 1, last: -1, step: 1 };
    /// Every argument but the last is a key: blocking pops.
    pub const ALL_BUT_LAST: Self = Self::Range { first: 1, last: -2, step: 1 };
    /// Keys and values in turn.
    pub const PAIRS: Self = Self::Range { first: 1, last: -1, step: 2 };

    /// Where the keys of this request stand.
    pub fn range(self, args: &Args<'_>) -> KeyRange {
        match self {
            Self::None => KeyRange::EMPTY,
            Self::Range { first, last, step } => {
                let end =
                    if last < 0 { args.len() as i64 + i64::from(last) } else { i64::from(last) };
                let end = usize::try_from(end + 1).unwrap_or(0).min(args.len());
                KeyRange { next: first as usize, end, step: step as usize, ..KeyRange::EMPTY }
            }
            Self::Counted { at } => counted(args, usize::from(at)),
            Self::StoreCounted => KeyRange { lead: 1, ..counted(args, 2) },
            Self::Sort { store } => sorted(args, store),
            Self::Streams { from } => streams(args, from.into()),
        }
    }
}

fn counted(args: &Args<'_>, at: usize) -> KeyRange {
    let first = at + 1;
    let count = number::parse_i64(args.word(at)).unwrap_or(0).max(0) as usize;
    KeyRange { next: first, end: first.saturating_add(count).min(args.len()), ..KeyRange::EMPTY }
}

/// Of several words `STORE` the last one counts, and what follows the words that take values is none.
fn sorted(args: &Args<'_>, store: bool) -> KeyRange {
    let is = |at: usize, word: &str| args.word(at).eq_ignore_ascii_case(word.as_bytes());
    let (mut at, mut range) = (2, KeyRange { lead: 1, ..KeyRange::EMPTY });
    while store && at < args.len() {
        if is(at, "STORE") && at + 1 < args.len() {
            range = KeyRange { next: at + 1, end: at + 2, ..range };
        }
        at += match () {
            () if is(at, "LIMIT") => 3,
            () if ["STORE", "BY", "GET"].iter().any(|word| is(at, word)) => 2,
            () => 1,
        };
    }
    range
}

fn streams(args: &Args<'_>, from: usize) -> KeyRange {
    let word = (from..args.len()).find(|at| args.word(*at).eq_ignore_ascii_case(b"STREAMS"));
    word.map_or(KeyRange::EMPTY, |at| {
        let first = at + 1;
        KeyRange { next: first, end: first + (args.len() - first) / 2, ..KeyRange::EMPTY }
    })
}

/// The indices of the words that are keys.
#[derive(Debug, Clone, Copy)]
pub struct KeyRange {
    /// A key that comes before the others, or 0 for none.
    lead: usize,
    next: usize,
    end: usize,
    step: usize,
}

impl KeyRange {
    /// No keys.
    pub const EMPTY: Self = Self { lead: 0, next: 0, end: 0, step: 1 };
}

impl Iterator for KeyRange {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.lead > 0 {
            return Some(std::mem::take(&mut self.lead));
        }
        if self.next >= self.end {
            return None;
        }
        let index = self.next;
        self.next += self.step;
        Some(index)
    }
}
