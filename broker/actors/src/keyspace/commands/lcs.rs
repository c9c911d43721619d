//! The longest common subsequence of two strings.
//!
//! A table holds, for every pair of beginnings of the two strings, how long their common subsequence is. Walking it
//! from the far corner back to the start finds the bytes themselves, and the ranges in which they stand together.

use bytes::Bytes;

use crate::call::Call;
use crate::command::{Flags, Keys, Runs};
use crate::keyspace::{Keyspace, STRING_BYTES_MAX, Str};
use crate::{Args, Command, Outcome, Refusal, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&LCS];

static LCS: Command = Command {
    name: "lcs",
    arity: -3,
    flags: Flags::READONLY,
    keys: Keys::TWO,
    group: "string",
    since: "7.0.0",
    complexity: "O(N*M) for strings of N and M bytes",
    summary: "Answers the longest bytes that both strings contain in order, their length, or where they stand.",
    syntax: "key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]",
    run: Runs { keyspace: Some(lcs), ..Runs::NONE },
    ..Command::BASE
};

fn lcs(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    // Both are looked up before one is refused.
    let one = read(state, call, call.word(1));
    let other = read(state, call, call.word(2));
    let (one, other) = (one?, other?);
    call.seek(3);
    let options = Options::read(call)?;
    let table = Table::new(&one, &other)?;
    if options.indexes {
        return Ok(options.show(&table));
    }
    if options.length {
        return Ok(Reply::Int(table.length().into()));
    }
    let mut common = Vec::with_capacity(table.length() as usize);
    table.walk_back(|at, _| common.push(one[at]));
    common.reverse();
    Ok(Reply::Bulk(common.into()))
}

fn read(state: &mut Keyspace, call: &Call<'_>, key: &[u8]) -> Result<Bytes, Refusal> {
    let entry = state.read(call, key);
    let string = entry.map_or(Ok(Bytes::new()), |entry| entry.value.as_str().map(Str::bytes));
    string.map_err(|_| Refusal::Fixed("ERR", "The specified keys must contain string values"))
}

/// What is asked for.
#[derive(Debug, Default)]
struct Options {
    length: bool,
    indexes: bool,
    match_lengths: bool,
    match_min: i64,
}

impl Options {
    fn read(args: &mut Args<'_>) -> Result<Self, Refusal> {
        let mut options = Self::default();
        while !args.at_end() {
            if args.accept("IDX") {
                options.indexes = true;
            } else if args.accept("LEN") {
                options.length = true;
            } else if args.accept("WITHMATCHLEN") {
                options.match_lengths = true;
            } else if args.accept("MINMATCHLEN") {
                options.match_min = args.next_int()?;
            } else {
                return Err(Refusal::Syntax);
            }
        }
        if options.indexes && options.length {
            let text = "If you want both the length and indexes, please just use IDX.";
            return Err(Refusal::Fixed("ERR", text));
        }
        Ok(options)
    }

    /// The ranges that match in both strings, last first, and the length.
    fn show(&self, table: &Table<'_>) -> Reply {
        let mut matches = Vec::new();
        table.each_match(|found| {
            if i64::from(found.len) >= self.match_min {
                matches.push(self.show_match(found));
            }
        });
        let length = Reply::Int(table.length().into());
        Reply::Map(vec![
            (Reply::text("matches"), Reply::Array(matches)),
            (Reply::text("len"), length),
        ])
    }

    fn show_match(&self, found: &Match) -> Reply {
        let range = |start: usize| {
            Reply::Array(vec![Reply::len(start), Reply::len(start + found.len as usize - 1)])
        };
        let mut shown = vec![range(found.one), range(found.other)];
        if self.match_lengths {
            shown.push(Reply::Int(found.len.into()));
        }
        Reply::Array(shown)
    }
}

/// Bytes that stand together in both strings: where they start in each, and how many there are.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Match {
    one: usize,
    other: usize,
    len: u32,
}

/// The lengths for all pairs of beginnings.
#[derive(Debug)]
struct Table<'a> {
    one: &'a [u8],
    other: &'a [u8],
    lengths: Vec<u32>,
}

impl<'a> Table<'a> {
    /// Refuses strings whose table would take more than 512 MB, as Redis does.
    fn new(one: &'a [u8], other: &'a [u8]) -> Result<Self, Refusal> {
        let width = other.len() + 1;
        let places = (one.len() + 1).checked_mul(width).filter(|places| {
            places.checked_mul(size_of::<u32>()).is_some_and(|bytes| bytes <= STRING_BYTES_MAX)
        });
        let places = places.ok_or(Refusal::Fixed(
            "ERR",
            "Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len",
        ))?;
        let mut lengths = vec![0; places];
        for (row, byte) in one.iter().enumerate() {
            let (above, below) = lengths[row * width..].split_at_mut(width);
            for (column, candidate) in other.iter().enumerate() {
                below[column + 1] = if byte == candidate {
                    above[column] + 1
                } else {
                    above[column + 1].max(below[column])
                };
            }
        }
        Ok(Self { one, other, lengths })
    }

    fn at(&self, row: usize, column: usize) -> u32 {
        self.lengths[row * (self.other.len() + 1) + column]
    }

    fn length(&self) -> u32 {
        self.at(self.one.len(), self.other.len())
    }

    /// Visits the places of the common bytes in both strings, from the last to the first. Where both ways back are as
    /// good it steps back in the second string, which is what Redis answers with.
    fn walk_back(&self, mut visit: impl FnMut(usize, usize)) {
        let (mut row, mut column) = (self.one.len(), self.other.len());
        while row > 0 && column > 0 {
            if self.one[row - 1] == self.other[column - 1] {
                (row, column) = (row - 1, column - 1);
                visit(row, column);
            } else if self.at(row - 1, column) > self.at(row, column - 1) {
                row -= 1;
            } else {
                column -= 1;
            }
        }
    }

    /// Visits the runs of common bytes that stand together in both strings, from the last to the first.
    fn each_match(&self, mut visit: impl FnMut(&Match)) {
        let mut open: Option<Match> = None;
        self.walk_back(|one, other| {
            let joined = open.filter(|run| (run.one, run.other) == (one + 1, other + 1));
            if joined.is_none()
                && let Some(run) = &open
            {
                visit(run);
            }
            open = Some(Match { one, other, len: joined.map_or(1, |run| run.len + 1) });
        });
        if let Some(run) = &open {
            visit(run);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Match, Table};

    #[test]
    fn finds_the_runs_of_the_longest_common_subsequence() {
        let table = Table::new(b"ohmytext", b"mynewtext").expect("small");
        assert_eq!(table.length(), 6);
        let mut runs = Vec::new();
        table.each_match(|run| runs.push(*run));
        let expected = [Match { one: 4, other: 5, len: 4 }, Match { one: 2, other: 0, len: 2 }];
        assert_eq!(runs, expected);
    }

    #[test]
    fn strings_without_common_bytes_have_no_runs() {
        let table = Table::new(b"", b"abc").expect("small");
        assert_eq!(table.length(), 0);
        table.each_match(|run| panic!("{run:?}"));
    }

    #[test]
    fn a_table_that_would_be_too_large_is_refused() {
        let long = vec![0; 20_000];
        assert!(Table::new(&long, &long).is_err());
    }
}
