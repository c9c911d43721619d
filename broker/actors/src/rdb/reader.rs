//! Reading lengths, strings and numbers, none of which is believed before the bytes for it are seen.

use std::borrow::Cow;

use super::lzf;
use crate::collections::{Short, StreamId};
use crate::keyspace::STRING_BYTES_MAX;

/// The forms of a length, in the upper two bits of its first byte.
const FORM_6_BITS: u8 = 0;
const FORM_14_BITS: u8 = 1;
const FORM_BYTES: u8 = 2;

/// The first byte of a length of four bytes, and of one of eight.
const LENGTH_4_BYTES: u8 = 0x80;
const LENGTH_8_BYTES: u8 = 0x81;

/// In place of the length of a string, how it is written, in the lower six bits of a byte whose upper two are set.
const STRING_I8: u64 = 0;
const STRING_I16: u64 = 1;
const STRING_I32: u64 = 2;
const STRING_LZF: u64 = 3;

/// All strings of a payload together may grow by so many bytes when they are decompressed: a small payload must not
/// become more than a client could have sent as a value.
const EXPANDED_BYTES_MAX: usize = STRING_BYTES_MAX;

/// What is left of a payload. Everything answers `None` if that is too little, or makes no sense.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    expandable: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(payload: &'a [u8]) -> Self {
        Self { rest: payload, expandable: EXPANDED_BYTES_MAX }
    }

    /// A byte.
    pub(super) fn byte(&mut self) -> Option<u8> {
        self.chunk().map(|[byte]| *byte)
    }

    /// So many bytes.
    pub(super) fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(bytes)
    }

    /// The bytes of a number.
    pub(super) fn chunk<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(bytes)
    }

    /// A number in the form of a length.
    pub(super) fn length(&mut self) -> Option<u64> {
        // What would be the form of a string is taken for a number, too.
        self.length_or_form().map(|(value, _)| value)
    }

    /// How many of something follow. At least a byte of each is there.
    pub(super) fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.length()?).ok()?;
        (count <= self.rest.len()).then_some(count)
    }

    /// The same, of a collection, which is never empty.
    pub(super) fn some_count(&mut self) -> Option<usize> {
        self.count().filter(|count| *count > 0)
    }

    /// A string.
    pub(super) fn string(&mut self) -> Option<Cow<'a, [u8]>> {
        let (value, is_form) = self.length_or_form()?;
        if !is_form {
            return self.bytes(usize::try_from(value).ok()?).map(Cow::Borrowed);
        }
        let int = match value {
            STRING_I8 => i8::from_le_bytes(*self.chunk()?).into(),
            STRING_I16 => i16::from_le_bytes(*self.chunk()?).into(),
            STRING_I32 => i32::from_le_bytes(*self.chunk()?).into(),
            STRING_LZF => return self.compressed().map(Cow::Owned),
            _ => return None,
        };
        Some(Cow::Owned(Short::decimal(int).to_vec()))
    }

    /// Two numbers in the form of lengths: an id of a stream.
    pub(super) fn id(&mut self) -> Option<StreamId> {
        Some(StreamId { ms: self.length()?, seq: self.length()? })
    }

    /// An id as 16 bytes.
    pub(super) fn raw_id(&mut self) -> Option<StreamId> {
        Some(StreamId::from_bytes(*self.chunk()?))
    }

    /// A time in milliseconds since 1970, not before.
    pub(super) fn time_ms(&mut self) -> Option<u64> {
        u64::try_from(i64::from_le_bytes(*self.chunk()?)).ok()
    }

    fn compressed(&mut self) -> Option<Vec<u8>> {
        let (compressed, len) = (self.length()?, self.length()?);
        let compressed = self.bytes(usize::try_from(compressed).ok()?)?;
        let len = usize::try_from(len).ok()?;
        if len == 0 {
            // Nothing is ever compressed to so little, but Redis does not mind what it is.
            return Some(Vec::new());
        }
        self.expandable = self.expandable.checked_sub(len)?;
        lzf::expand(compressed, len)
    }

    fn length_or_form(&mut self) -> Option<(u64, bool)> {
        let first = self.byte()?;
        let low = u64::from(first & 0x3f);
        Some(match first >> 6 {
            FORM_6_BITS => (low, false),
            FORM_14_BITS => (low << 8 | u64::from(self.byte()?), false),
            FORM_BYTES => match first {
                LENGTH_4_BYTES => (u32::from_be_bytes(*self.chunk()?).into(), false),
                LENGTH_8_BYTES => (u64::from_be_bytes(*self.chunk()?), false),
                _ => return None,
            },
            _ => (low, true),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Reader;

    fn string(payload: &[u8]) -> Option<Vec<u8>> {
        Reader::new(payload).string().map(std::borrow::Cow::into_owned)
    }

    #[test]
    fn lengths_have_four_forms() {
        for (bytes, length) in [
            (&b"\x3f"[..], Some(63)),
            (b"\x40\x40", Some(64)),
            (b"\x7f\xff", Some(16_383)),
            (b"\x80\0\0\x40\0", Some(16_384)),
            (b"\x81\xff\xff\xff\xff\xff\xff\xff\xff", Some(u64::MAX)),
            (b"\xc3", Some(3)),
            (b"\x82\0\0\0\0", None),
            (b"\x80\0\0\0", None),
            (b"", None),
        ] {
            assert_eq!(Reader::new(bytes).length(), length, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn strings_are_bytes_or_integers_or_compressed() {
        assert_eq!(string(b"\x02abc").as_deref(), Some(&b"ab"[..]));
        assert_eq!(string(b"\xc0\x80").as_deref(), Some(&b"-128"[..]));
        assert_eq!(string(b"\xc1\x00\x80").as_deref(), Some(&b"-32768"[..]));
        assert_eq!(string(b"\xc2\xff\xff\xff\x7f").as_deref(), Some(&b"2147483647"[..]));
        assert_eq!(string(b"\xc3\x04\x0a\0a\xe0\0"), None);
        assert_eq!(string(b"\xc3\x05\x0a\0a\xe0\0\0").as_deref(), Some(&[b'a'; 10][..]));
        assert_eq!(string(b"\xc3\x02\0\xff\xff").as_deref(), Some(&b""[..]));
        assert_eq!(string(b"\xc4\0"), None);
    }

    #[test]
    fn lies_about_lengths_cost_nothing() {
        assert_eq!(string(b"\x81\x7f\xff\xff\xff\xff\xff\xff\xffabc"), None);
        assert_eq!(string(b"\xc3\x03\x81\x7f\xff\xff\xff\xff\xff\xff\xff\0a\xe0"), None);
        assert_eq!(Reader::new(b"\x81\x80\0\0\0\0\0\0\0abc").count(), None);
        assert_eq!(Reader::new(b"\x04abc").count(), None);
        assert_eq!(Reader::new(b"\0").some_count(), None);
    }

    #[test]
    fn many_compressed_strings_together_are_bounded() {
        let payload = b"\xc3\x05\x0a\0a\xe0\0\0".repeat(2);
        let mut input = Reader::new(&payload);
        input.expandable = 19;
        assert_eq!(input.string().as_deref(), Some(&[b'a'; 10][..]));
        assert_eq!(input.string(), None);
    }
}
