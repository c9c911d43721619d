//! How the values of settings are read.

use std::fmt::Display;

use clawlink_actors::collections::number;

/// What Redis says of a switch that is set to something else.
pub(super) const YES_OR_NO: &str = "argument must be 'yes' or 'no'";

/// What a setting takes. What is read is a number in each case; the errors are Redis's.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// An integer from the first to the second.
    Number(i64, i64),
    /// Bytes, with a unit if one likes, from the first to the second. More than an `i64` holds is read as its largest value.
    Memory(u64, u64),
    /// One of these words, and of them only the first has an effect here: a policy that the broker does not know.
    Only(&'static [&'static str], &'static str),
    /// One of these words; else the text is the refusal.
    Word(&'static [&'static str], &'static str),
    /// `yes` or `no`: 1 or 0.
    YesNo,
    /// Something with a form of its own.
    Other(fn(&[u8]) -> Result<i64, String>),
}

impl Kind {
    /// Reads a value.
    pub(super) fn parse(self, word: &[u8]) -> Result<i64, String> {
        match self {
            Self::Number(min, max) => {
                let number = number::parse_i64(word);
                within(number.ok_or("argument couldn't be parsed into an integer")?, min, max)
            }
            Self::Memory(min, max) => {
                let bytes = memory(word).ok_or("argument must be a memory value")?;
                within(bytes, min, max).map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX))
            }
            Self::Only(words, refusal) => {
                let at = words.iter().position(|known| known.as_bytes().eq_ignore_ascii_case(word));
                match at {
                    Some(0) => Ok(0),
                    Some(_) => Err("the broker does not support this value".into()),
                    None => Err(refusal.into()),
                }
            }
            Self::Word(words, refusal) => {
                let known = words.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(word));
                known.then_some(0).ok_or_else(|| refusal.into())
            }
            Self::YesNo => match &word.to_ascii_lowercase()[..] {
                b"yes" => Ok(1),
                b"no" => Ok(0),
                _ => Err(YES_OR_NO.into()),
            },
            Self::Other(parse) => parse(word),
        }
    }
}

fn within<N: PartialOrd + Display + Copy>(value: N, min: N, max: N) -> Result<N, String> {
    if (min..=max).contains(&value) {
        return Ok(value);
    }
    Err(format!("argument must be between {min} and {max} inclusive"))
}

/// Reads an amount of memory: digits, and `k`, `kb`, `m`, `mb`, `g`, `gb` or `b` behind them. As in Redis the units
/// without `b` are powers of 1000, and nothing at all is 0. More than a `u64` holds counts as its largest value.
pub(in crate::commands) fn memory(word: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(word).ok()?;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, unit) = text.split_at(digits);
    let unit: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" => 1_000,
        "kb" => 1 << 10,
        "m" => 1_000_000,
        "mb" => 1 << 20,
        "g" => 1_000_000_000,
        "gb" => 1 << 30,
        _ => return None,
    };
    let number = if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u64::MAX) };
    Some(number.saturating_mul(unit))
}

#[cfg(test)]
mod tests {
    use super::{Kind, memory};

    #[test]
    fn units_are_those_of_redis() {
        assert_eq!(memory(b"1k"), Some(1_000));
        assert_eq!(memory(b"1Kb"), Some(1_024));
        assert_eq!(memory(b"3GB"), Some(3 << 30));
        assert_eq!(memory(b""), Some(0));
        assert_eq!(memory(b"18446744073709551616"), Some(u64::MAX));
        for wrong in [&b"-1"[..], b"1KiB", b"10%", b"abc", b"1 "] {
            assert_eq!(memory(wrong), None, "{}", wrong.escape_ascii());
        }
    }

    #[test]
    fn errors_say_what_was_expected() {
        let number = Kind::Number(0, 9);
        assert_eq!(number.parse(b"9"), Ok(9));
        assert!(number.parse(b"10").is_err_and(|text| text.ends_with("0 and 9 inclusive")));
        assert!(number.parse(b"x").is_err_and(|text| text.contains("integer")));
        assert_eq!((Kind::YesNo.parse(b"Yes"), Kind::YesNo.parse(b"no")), (Ok(1), Ok(0)));
        assert!(Kind::YesNo.parse(b"1").is_err_and(|text| text.contains("'yes' or 'no'")));
        assert!(Kind::Only(&["no", "yes"], "yes or no").parse(b"NO").is_ok());
        assert!(Kind::Only(&["no", "yes"], "yes or no").parse(b"yes").is_err());
    }
}
