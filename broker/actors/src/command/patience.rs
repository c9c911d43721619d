//! How long a blocking command waits.

use std::time::Duration;

use crate::Refusal;
use crate::collections::number::{self, LongDouble};

/// For how long a blocking command waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Not at all: the request did not ask to block.
    Never,
    /// Up to this long.
    For(Duration),
    /// Until there is something.
    Forever,
}

/// Longer than anybody waits (31 000 years), and short enough to be added to any moment.
const MS_MAX: f64 = 1e15;

/// Two to the power of 63.
const I64_OVERFLOW: f64 = 9_223_372_036_854_775_808.0;

impl Patience {
    /// Whole milliseconds, rounded up, of a number of seconds that Redis would read as a `long double`; 0 is for ever.
    ///
    /// # Errors
    /// When it is no number, is negative, or is so large that Redis calls it negative.
    pub fn seconds(word: &[u8]) -> Result<Self, Refusal> {
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
            Ok(Self::Forever)
        } else {
            Ok(Self::For(Duration::from_millis(ms as u64)))
        }
    }

    /// A number of milliseconds; 0 is for ever.
    ///
    /// # Errors
    /// When it is negative.
    pub fn milliseconds(ms: i64) -> Result<Self, Refusal> {
        match u64::try_from(ms) {
            Ok(ms) if ms == 0 || ms > MS_MAX as u64 => Ok(Self::Forever),
            Ok(ms) => Ok(Self::For(Duration::from_millis(ms))),
            Err(_) => Err(Refusal::TimeoutNegative),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Patience, Refusal};

    #[test]
    fn timeouts_are_read_as_redis_reads_them() {
        let ms = |ms| Ok(Patience::For(Duration::from_millis(ms)));
        assert_eq!(Patience::seconds(b"1.5"), ms(1500));
        assert_eq!(Patience::seconds(b"0.0001"), ms(1));
        assert_eq!(Patience::seconds(b"0x1"), ms(1000));
        assert_eq!(Patience::seconds(b"1e-4000"), ms(1));
        for forever in [&b"0"[..], b"-0", b"-0.00001", b"-1e-4000", b"9223372036850000"] {
            assert_eq!(
                Patience::seconds(forever),
                Ok(Patience::Forever),
                "{}",
                forever.escape_ascii()
            );
        }
        for negative in [&b"-1"[..], b"inf", b"-inf", b"9e18", b"1e400"] {
            assert_eq!(Patience::seconds(negative), Err(Refusal::TimeoutNegative));
        }
        for none in [&b""[..], b"abc", b" 1", b"1 ", b"nan", b"1e5000"] {
            assert_eq!(Patience::seconds(none), Err(Refusal::TimeoutNotFloat));
        }
    }

    #[test]
    fn milliseconds_have_an_end_or_none() {
        assert_eq!(Patience::milliseconds(5), Ok(Patience::For(Duration::from_millis(5))));
        assert_eq!(Patience::milliseconds(0), Ok(Patience::Forever));
        assert_eq!(Patience::milliseconds(i64::MAX), Ok(Patience::Forever));
        assert_eq!(Patience::milliseconds(-1), Err(Refusal::TimeoutNegative));
    }
}
