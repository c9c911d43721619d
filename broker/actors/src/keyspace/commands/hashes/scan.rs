//! Hashes: reading a large one in pieces.

use bytes::Bytes;

use super::hash;
use crate::call::Call;
use crate::collections::glob;
use crate::command::{Flags, Keys, Runs};
use crate::keyspace::Keyspace;
use crate::{Args, Command, Outcome, Refusal, Reply};

/// How many fields a call looks at unless it says otherwise.
const COUNT_DEFAULT: usize = 10;

pub(super) static HSCAN: Command = Command {
    name: "hscan",
    arity: -3,
    flags: Flags::READONLY,
    keys: Keys::ONE,
    tips: &["nondeterministic_output"],
    group: "hash",
    since: "2.8.0",
    complexity: "O(1) for a call, O(N) for a complete scan of N fields",
    summary: "Answers some fields with their values, and the cursor for the next call.",
    syntax: "key cursor [MATCH pattern] [COUNT count]",
    run: Runs { keyspace: Some(hscan), ..Runs::NONE },
    ..Command::BASE
};

fn hscan(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let cursor = parse_cursor(call.word(2)).ok_or(Refusal::InvalidCursor)?;
    let limits = &call.env.directory.limits;
    let (fields, bytes) =
        (limits.hash_listpack_entries_max.get(), limits.hash_listpack_value_max.get());
    // Whatever the options say, there is nothing to scan.
    let Some(hash) = hash(state, call)? else {
        return Ok(answer(0, Vec::new()));
    };
    let options = Options::parse(call)?;
    let mut found = Vec::new();
    let mut visit = |field: &[u8], value: &Bytes| {
        if options.pattern.is_none_or(|pattern| glob::matches(pattern, field)) {
            found.extend([Reply::copy(field), Reply::Bulk(value.clone())]);
        }
    };
    if hash.is_packed(fields, bytes) {
        // Redis answers a packed hash whole, whatever cursor and count say.
        hash.iter().for_each(|(field, value)| visit(field, value));
        return Ok(answer(0, found));
    }
    let next = hash.scan(cursor, options.count, visit);
    Ok(answer(next, found))
}

fn answer(cursor: u64, found: Vec<Reply>) -> Reply {
    Reply::Array(vec![cursor.to_string().into(), Reply::Array(found)])
}

/// `MATCH pattern` and `COUNT count`.
struct Options<'a> {
    /// `None`: every field.
    pattern: Option<&'a [u8]>,
    count: usize,
}

impl<'a> Options<'a> {
    fn parse(args: &Args<'a>) -> Result<Self, Refusal> {
        let mut args = *args;
        args.seek(3);
        let mut options = Self { pattern: None, count: COUNT_DEFAULT };
        while !args.at_end() {
            if args.left() < 2 {
                return Err(Refusal::Syntax);
            } else if args.accept("COUNT") {
                let count = usize::try_from(args.next_int()?).ok().filter(|count| *count > 0);
                options.count = count.ok_or(Refusal::Syntax)?;
            } else if args.accept("MATCH") {
                options.pattern = Some(args.next_word()?).filter(|pattern| *pattern != b"*");
            } else {
                return Err(Refusal::Syntax);
            }
        }
        Ok(options)
    }
}

/// A cursor as C's `strtoul` reads it, which Redis uses: with a sign (a minus counts down from
/// 2^64), and nothing at all is 0.
fn parse_cursor(word: &[u8]) -> Option<u64> {
    let (negative, digits) = match word {
        [] => return Some(0),
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(if negative { value.wrapping_neg() } else { value })
}

#[cfg(test)]
mod tests {
    use super::parse_cursor;

    #[test]
    fn cursors_are_read_as_strtoul_reads_them() {
        assert_eq!(parse_cursor(b""), Some(0));
        assert_eq!(parse_cursor(b"+17"), Some(17));
        assert_eq!(parse_cursor(b"-1"), Some(u64::MAX));
        assert_eq!(parse_cursor(b"18446744073709551615"), Some(u64::MAX));
        for invalid in [&b"18446744073709551616"[..], b"-", b"+", b" 1", b"1x", b"x", b"--1"] {
            assert_eq!(parse_cursor(invalid), None);
        }
    }
}
