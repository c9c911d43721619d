//! How long a blocking command waits.

use std::time::Duration;

use crate::collections::number::{self, LongDouble};
use crate::command::Patience;
use crate::{Args, Refusal};

/// Longer than anybody waits (31 000 years), and short enough to be added to any moment.
const MS_MAX: f64 = 1e15;

/// Two to the power of 63.
const I64_OVERFLOW: f64 = 9_223_372_036_854_775_808.0;

/// The timeout in seconds that is the last word: `BLPOP`, `BRPOP`, `BLMOVE`, `BRPOPLPUSH`.
pub(super) fn last(args: &Args<'_>) -> Result<Patience, Refusal> {
    parse(args.word(args.len().saturating_sub(1)))
}

/// The timeout in seconds that is the first argument: `BLMPOP`.
pub(super) fn first(args: &Args<'_>) -> Result<Patience, Refusal> {
    parse(args.word(1))
}

/// Whole milliseconds, rounded up, of a number of seconds that Redis would read as a `long double`.
fn parse(word: &[u8]) -> Result<Patience, Refusal> {
    let read = LongDouble::parse(word).ok_or(Refusal::TimeoutNotFloat)?;
    if read.is_infinite() {
        return Err(Refusal::TimeoutNegative);
    }
    // A double has precision enough for milliseconds. Beyond its range only the side matters.
    let decimal = || std::str::from_utf8(word).ok()?.parse::<f64>().ok();
    let seconds = number::parse_f64(word).or_else(decimal).unwrap_or(f64::INFINITY);
    let is_tiny = seconds == 0.0 && seconds.is_sign_positive() && !read.is_zero();
    let ms = if is_tiny { 1.0 } else { (seconds * 1000.0).ceil() };
    if !(0.0..I64_OVERFLOW).contains(&ms) {
        // What is too large for 64 bits wraps around in Redis, which then calls it negative.
        Err(Refusal::TimeoutNegative)
    } else if ms == 0.0 || ms > MS_MAX {
        Ok(Patience::Forever)
    } else {
        Ok(Patience::For(Duration::from_millis(ms as u64)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Patience, Refusal, parse};

    #[test]
    fn timeouts_are_read_as_redis_reads_them() {
        let ms = |ms| Ok(Patience::For(Duration::from_millis(ms)));
        assert_eq!(parse(b"1.5"), ms(1500));
        assert_eq!(parse(b"0.0001"), ms(1));
        assert_eq!(parse(b"0x1"), ms(1000));
        assert_eq!(parse(b"1e-4000"), ms(1));
        for forever in [&b"0"[..], b"-0", b"-0.00001", b"-1e-4000", b"9223372036850000"] {
            assert_eq!(parse(forever), Ok(Patience::Forever), "{}", forever.escape_ascii());
        }
        for negative in [&b"-1"[..], b"inf", b"-inf", b"9e18", b"1e400"] {
            assert_eq!(parse(negative), Err(Refusal::TimeoutNegative));
        }
        for none in [&b""[..], b"abc", b" 1", b"1 ", b"nan", b"1e5000"] {
            assert_eq!(parse(none), Err(Refusal::TimeoutNotFloat));
        }
    }
}
