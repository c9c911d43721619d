//! Strings, in the form that their last writer left.

use bytes::Bytes;

use crate::collections::{Short, Text, number};
use crate::{Args, Reply};

/// The longest string, 512 MB: Redis's `proto-max-bulk-len`.
pub const STRING_BYTES_MAX: usize = 512 << 20;

/// A string.
#[derive(Debug, Clone)]
pub enum Str {
    /// The decimal form of an integer, kept as the integer.
    Int(i64),
    /// Bytes that were set whole.
    Text(Text),
    /// Bytes that are edited in place: `APPEND`, `SETRANGE`.
    Edited(Vec<u8>),
}

/// Redis embeds a string of up to this many bytes in its object, and says so in `OBJECT ENCODING`.
const EMBSTR_LEN_MAX: usize = 44;

/// No 64-bit integer is written with more characters, so longer strings skip the parse.
const INTEGER_LEN_MAX: usize = 20;

/// Redis keeps one object for each integer below this and counts its users as infinite.
const SHARED_INTEGERS: i64 = 10_000;

impl Str {
    /// A string that was set whole.
    pub fn new(bytes: Bytes) -> Self {
        read_int(&bytes).map_or_else(|| Self::text(bytes), Self::Int)
    }

    /// A string that is kept as text even if it reads as an integer.
    pub fn text(bytes: Bytes) -> Self {
        Self::Text(bytes.into())
    }

    /// A string that word `index` of a request sets.
    pub fn of_word(args: &Args<'_>, index: usize) -> Self {
        read_int(args.word(index)).map_or_else(|| Self::Text(Text::of_word(args, index)), Self::Int)
    }

    /// The reply that gives its bytes.
    pub fn reply(&self) -> Reply {
        match self {
            Self::Int(value) => Reply::Short(Short::decimal(*value)),
            Self::Text(text) => text.reply(),
            Self::Edited(bytes) => Reply::copy(bytes),
        }
    }

    /// Its bytes.
    pub fn bytes(&self) -> Bytes {
        match self {
            Self::Text(text) => text.bytes(),
            string => string.with_bytes(Bytes::copy_from_slice),
        }
    }

    /// Shows its bytes, without copying them.
    pub fn with_bytes<T>(&self, look: impl FnOnce(&[u8]) -> T) -> T {
        match self {
            Self::Int(value) => look(&Short::decimal(*value)),
            Self::Text(bytes) => look(bytes),
            Self::Edited(bytes) => look(bytes),
        }
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.with_bytes(<[u8]>::len)
    }

    /// Whether it is the empty string.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its value as an integer, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            string => string.with_bytes(number::parse_i64),
        }
    }

    /// Its bytes, to be edited in place.
    pub fn edit(&mut self) -> &mut Vec<u8> {
        if !matches!(self, Self::Edited(_)) {
            *self = Self::Edited(self.with_bytes(<[u8]>::to_vec));
        }
        match self {
            Self::Edited(bytes) => bytes,
            _ => unreachable!("made editable above"),
        }
    }

    /// What `OBJECT ENCODING` answers.
    pub fn encoding(&self) -> &'static str {
        match self {
            Self::Int(_) => "int",
            Self::Text(bytes) if bytes.len() <= EMBSTR_LEN_MAX => "embstr",
            _ => "raw",
        }
    }

    /// What `OBJECT REFCOUNT` answers.
    pub const fn references(&self) -> i64 {
        match self {
            Self::Int(0..SHARED_INTEGERS) => i32::MAX as i64,
            _ => 1,
        }
    }

    /// Estimate of the bytes that it holds on the heap.
    pub fn memory(&self) -> usize {
        match self {
            Self::Int(_) => 0,
            Self::Text(text) => text.heap_bytes(),
            Self::Edited(bytes) => bytes.capacity(),
        }
    }
}

fn read_int(bytes: &[u8]) -> Option<i64> {
    (bytes.len() <= INTEGER_LEN_MAX).then(|| number::parse_i64(bytes)).flatten()
}

#[cfg(test)]
mod tests {
    use super::{Bytes, Str};

    fn whole(text: &'static str) -> Str {
        Str::new(Bytes::from_static(text.as_bytes()))
    }

    #[test]
    fn only_canonical_integers_are_kept_as_integers() {
        for text in ["0", "-1", "9223372036854775807", "-9223372036854775808"] {
            assert_eq!(whole(text).encoding(), "int", "{text}");
            assert_eq!(whole(text).bytes(), text.as_bytes());
        }
        for text in ["", "01", "+1", "-0", " 1", "1 ", "9223372036854775808", "1.0"] {
            assert_eq!(whole(text).encoding(), "embstr", "{text}");
            assert_eq!(whole(text).as_int(), None, "{text}");
        }
    }

    #[test]
    fn the_encoding_follows_the_length_and_the_last_writer() {
        assert_eq!(whole("01234567890123456789012345678901234567890123").encoding(), "embstr");
        assert_eq!(whole("012345678901234567890123456789012345678901234").encoding(), "raw");
        let mut edited = whole("12");
        edited.edit().extend_from_slice(b"3");
        assert_eq!((edited.encoding(), edited.as_int(), edited.len()), ("raw", Some(123), 3));
    }
}
