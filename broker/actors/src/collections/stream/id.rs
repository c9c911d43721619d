//! Ids of stream entries, and how clients write them. Errors and oddities are those of Redis
//! 7.0.15.

use std::fmt;

use crate::collections::Short;
use crate::{Refusal, Reply};

/// The id of an entry: a time in milliseconds since 1970, and a number that tells apart entries of
/// one millisecond.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamId {
    /// Milliseconds since 1970.
    pub ms: u64,
    /// Which of that millisecond.
    pub seq: u64,
}

/// No id that a stream gives is longer: two numbers of 20 digits.
pub const ID_LEN_MAX: usize = 41;

/// No id that a client may write is longer.
const TEXT_LEN_MAX: usize = 127;

impl StreamId {
    /// `0-0`, and what `-` stands for. No entry has it.
    pub const MIN: Self = Self { ms: 0, seq: 0 };
    /// What `+` stands for.
    pub const MAX: Self = Self { ms: u64::MAX, seq: u64::MAX };

    /// The id of an entry that is made at `now`, after the entry with this id. A clock that was set
    /// back does not make ids smaller.
    pub const fn following(self, now: u64) -> Self {
        if now > self.ms { Self { ms: now, seq: 0 } } else { self.saturating_successor() }
    }

    /// The next possible id; none follows the greatest.
    pub const fn successor(self) -> Option<Self> {
        match self.seq.checked_add(1) {
            Some(seq) => Some(Self { ms: self.ms, seq }),
            None if self.ms < u64::MAX => Some(Self { ms: self.ms + 1, seq: 0 }),
            None => None,
        }
    }

    /// The possible id just before; none precedes `0-0`.
    pub const fn predecessor(self) -> Option<Self> {
        match self.seq.checked_sub(1) {
            Some(seq) => Some(Self { ms: self.ms, seq }),
            None if self.ms > 0 => Some(Self { ms: self.ms - 1, seq: u64::MAX }),
            None => None,
        }
    }

    /// Its 16 bytes, which are in the order of ids.
    pub fn to_bytes(self) -> [u8; 16] {
        (u128::from(self.ms) << 64 | u128::from(self.seq)).to_be_bytes()
    }

    /// The id with these bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let both = u128::from_be_bytes(bytes);
        Self { ms: (both >> 64) as u64, seq: both as u64 }
    }

    /// Its text, written to the end of `buffer`.
    pub fn text(self, buffer: &mut [u8; ID_LEN_MAX]) -> &[u8] {
        let mut start = write_backwards(self.seq, buffer, ID_LEN_MAX) - 1;
        buffer[start] = b'-';
        start = write_backwards(self.ms, buffer, start);
        &buffer[start..]
    }

    const fn saturating_successor(self) -> Self {
        match self.successor() {
            Some(next) => next,
            None => self,
        }
    }

    /// Reads a complete or partial id (`5-1`, or `5`, whose second part is then `missing_seq`).
    ///
    /// # Errors
    /// [`Refusal::InvalidStreamId`], also for `-` and `+`.
    pub fn parse(word: &[u8], missing_seq: u64) -> Result<Self, Refusal> {
        if word.len() > TEXT_LEN_MAX {
            return Err(Refusal::InvalidStreamId);
        }
        let mut parts = c_str(word).splitn(2, |byte| *byte == b'-');
        let number = |part| parse_u64(part).ok_or(Refusal::InvalidStreamId);
        let ms = number(parts.next().unwrap_or_default())?;
        let seq = parts.next().map_or(Ok(missing_seq), number)?;
        Ok(Self { ms, seq })
    }

    /// Reads the id of an entry to be added: as [`parse`](Self::parse), with 0 for a missing second part, or `5-*`, whose
    /// second part is left to the stream. True: the id is complete.
    ///
    /// # Errors
    /// [`Refusal::InvalidStreamId`].
    pub fn parse_new(word: &[u8]) -> Result<(Self, bool), Refusal> {
        let text = c_str(word);
        match text.split_last_chunk() {
            Some((ms, b"-*")) if word.len() <= TEXT_LEN_MAX && !ms.contains(&b'-') => {
                let ms = parse_u64(ms).ok_or(Refusal::InvalidStreamId)?;
                Ok((Self { ms, seq: 0 }, false))
            }
            _ => Ok((Self::parse(word, 0)?, true)),
        }
    }

    /// Reads where a range starts: an id, `-`, `+`, or `(` and an id that is not in the range.
    ///
    /// # Errors
    /// [`Refusal::InvalidStreamId`], or that nothing lies behind the excluded id.
    pub fn parse_start(word: &[u8]) -> Result<Self, Refusal> {
        let (id, excluded) = parse_bound(word, 0)?;
        if !excluded {
            return Ok(id);
        }
        id.successor().ok_or(Refusal::Fixed("ERR", "invalid start ID for the interval"))
    }

    /// Reads where a range ends: as [`parse_start`](Self::parse_start).
    ///
    /// # Errors
    /// [`Refusal::InvalidStreamId`], or that nothing lies before the excluded id.
    pub fn parse_end(word: &[u8]) -> Result<Self, Refusal> {
        let (id, excluded) = parse_bound(word, u64::MAX)?;
        if !excluded {
            return Ok(id);
        }
        id.predecessor().ok_or(Refusal::Fixed("ERR", "invalid end ID for the interval"))
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.ms, self.seq)
    }
}

impl From<StreamId> for Reply {
    fn from(id: StreamId) -> Self {
        let mut buffer = [0; ID_LEN_MAX];
        let text = id.text(&mut buffer);
        Short::copy(text).map_or_else(|| Self::copy(text), Self::Short)
    }
}

/// Writes a number so that it ends before `end`, and returns where it starts.
fn write_backwards(mut value: u64, buffer: &mut [u8; ID_LEN_MAX], end: usize) -> usize {
    let mut start = end;
    loop {
        start -= 1;
        buffer[start] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            return start;
        }
    }
}

/// A bound of a range, and whether it is excluded.
fn parse_bound(word: &[u8], missing_seq: u64) -> Result<(StreamId, bool), Refusal> {
    match word {
        [b'(', id @ ..] if !id.is_empty() => Ok((StreamId::parse(id, missing_seq)?, true)),
        _ => match c_str(word) {
            b"-" => Ok((StreamId::MIN, false)),
            b"+" => Ok((StreamId::MAX, false)),
            _ => Ok((StreamId::parse(word, missing_seq)?, false)),
        },
    }
}

/// What comes before the first zero byte: Redis reads ids as C strings.
pub fn c_str(word: &[u8]) -> &[u8] {
    word.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// An unsigned number as C's `strtoull` reads it, which Redis falls back to: white space, a sign
/// and zeros may come first, and a negative number wraps around. Only a negative number in its
/// plain form is refused.
fn parse_u64(text: &[u8]) -> Option<u64> {
    let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
    let trimmed = &text[blanks..];
    let (negative, digits) = match trimmed {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let all_digits = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let value: u64 = std::str::from_utf8(digits).ok().filter(|_| all_digits)?.parse().ok()?;
    let plain = trimmed.len() == text.len() && digits[0] != b'0' && value <= 1 << 63;
    match negative {
        true if plain => None,
        true => Some(value.wrapping_neg()),
        false => Some(value),
    }
}

#[cfg(test)]
mod tests {
    use super::{ID_LEN_MAX, Refusal, StreamId};

    fn id(ms: u64, seq: u64) -> StreamId {
        StreamId { ms, seq }
    }

    #[test]
    fn ids_are_read_as_redis_reads_them() {
        for (text, read) in [
            (&b"5"[..], id(5, 9)),
            (b"5-1", id(5, 1)),
            (b"007-+1", id(7, 1)),
            (b" 7-\x0b2", id(7, 2)),
            (b"1--05", id(1, u64::MAX - 4)),
            (b"5\0rest", id(5, 9)),
            (b"18446744073709551615-18446744073709551615", StreamId::MAX),
        ] {
            assert_eq!(StreamId::parse(text, 9), Ok(read), "{text:?}");
        }
        let long = [b'0'; 128];
        for bad in
            [&b""[..], b"-", b"+", b"x", b"1-1-1", b"1--5", b"5-", b"18446744073709551616", &long]
        {
            assert_eq!(StreamId::parse(bad, 0), Err(Refusal::InvalidStreamId), "{bad:?}");
        }
    }

    #[test]
    fn new_ids_may_leave_their_second_part_open() {
        for (text, read) in [
            (&b"5"[..], (id(5, 0), true)),
            (b"5-1", (id(5, 1), true)),
            (b"5-*", (id(5, 0), false)),
            (b"+5-*\0-1", (id(5, 0), false)),
        ] {
            assert_eq!(StreamId::parse_new(text), Ok(read), "{text:?}");
        }
        for bad in [&b"*"[..], b"-*", b"x-*", b"5-**", b"5--*", b"5-*1", b"-", b"+"] {
            assert_eq!(StreamId::parse_new(bad), Err(Refusal::InvalidStreamId), "{bad:?}");
        }
    }

    #[test]
    fn texts_are_what_display_writes() {
        for id in [StreamId::MIN, StreamId::MAX, id(10, 9), id(1_700_000_000_000, 100)] {
            assert_eq!(id.text(&mut [0; ID_LEN_MAX]), id.to_string().as_bytes());
        }
    }

    #[test]
    fn bounds_may_be_open_or_excluded() {
        assert_eq!(StreamId::parse_start(b"-"), Ok(StreamId::MIN));
        assert_eq!(StreamId::parse_end(b"+"), Ok(StreamId::MAX));
        assert_eq!(StreamId::parse_start(b"(5"), Ok(id(5, 1)));
        assert_eq!(StreamId::parse_end(b"(5"), Ok(id(5, u64::MAX - 1)));
        assert_eq!(StreamId::parse_end(b"(5-0"), Ok(id(4, u64::MAX)));
        let start = Refusal::Fixed("ERR", "invalid start ID for the interval");
        let greatest = b"(18446744073709551615-18446744073709551615";
        assert_eq!(StreamId::parse_start(greatest), Err(start));
        let end = Refusal::Fixed("ERR", "invalid end ID for the interval");
        assert_eq!(StreamId::parse_end(b"(0-0"), Err(end));
        for bad in [&b"("[..], b"(-", b"(+", b"((5"] {
            assert_eq!(StreamId::parse_start(bad), Err(Refusal::InvalidStreamId));
        }
    }

    #[test]
    fn new_ids_always_grow() {
        assert_eq!(id(5, 3).following(9), id(9, 0));
        assert_eq!(id(5, 3).following(5), id(5, 4));
        assert_eq!(id(5, u64::MAX).following(2), id(6, 0));
        assert_eq!(StreamId::MIN.following(0), id(0, 1));
    }
}
