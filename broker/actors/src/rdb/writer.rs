//! Writing lengths and strings as Redis does: everything in the fewest bytes.

use super::kind::Kind;
use super::lzf;
use crate::collections::{StreamId, number};

/// Longer strings are not looked at as integers of 32 bits.
const INTEGER_LEN_MAX: usize = 11;

/// Only longer strings are compressed, …
const UNCOMPRESSED_LEN_MAX: usize = 20;

/// … and only if they get shorter by so many bytes.
const COMPRESSED_GAIN_MIN: usize = 4;

/// A payload that is being written.
#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// What was written.
    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// The kind of the value that follows.
    pub(super) fn kind(&mut self, kind: Kind) {
        self.bytes.push(kind as u8);
    }

    /// Bytes as they are.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A number in the form of a length.
    pub(super) fn length(&mut self, value: u64) {
        match value {
            0..0x40 => self.bytes.push(value as u8),
            0x40..0x4000 => self.raw(&(0x4000 | value as u16).to_be_bytes()),
            0x4000..0x1_0000_0000 => {
                self.bytes.push(0x80);
                self.raw(&(value as u32).to_be_bytes());
            }
            _ => {
                self.bytes.push(0x81);
                self.raw(&value.to_be_bytes());
            }
        }
    }

    /// How many of something follow.
    pub(super) fn count(&mut self, count: usize) {
        self.length(count as u64);
    }

    /// A string.
    pub(super) fn string(&mut self, bytes: &[u8]) {
        if bytes.len() <= INTEGER_LEN_MAX
            && let Some(value) = number::parse_i64(bytes)
            && self.integer(value)
        {
            return;
        }
        if bytes.len() > UNCOMPRESSED_LEN_MAX
            && let Some(compressed) = lzf::compress(bytes, bytes.len() - COMPRESSED_GAIN_MIN)
        {
            self.bytes.push(0xc3);
            self.count(compressed.len());
            self.count(bytes.len());
            return self.raw(&compressed);
        }
        self.count(bytes.len());
        self.raw(bytes);
    }

    /// Two numbers in the form of lengths.
    pub(super) fn id(&mut self, id: StreamId) {
        self.length(id.ms);
        self.length(id.seq);
    }

    /// A string that is an integer; false, and nothing is written, if it has more than 32 bits.
    fn integer(&mut self, value: i64) -> bool {
        if let Ok(value) = i8::try_from(value) {
            self.raw(&[0xc0, value as u8]);
        } else if let Ok(value) = i16::try_from(value) {
            self.bytes.push(0xc1);
            self.raw(&value.to_le_bytes());
        } else if let Ok(value) = i32::try_from(value) {
            self.bytes.push(0xc2);
            self.raw(&value.to_le_bytes());
        } else {
            return false;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::reader::Reader;
    use super::Writer;

    proptest! {
        #[test]
        fn what_is_written_is_read(length: u64, shift in 0..64u32, word: Vec<u8>, int: i32) {
            let (length, int) = (length >> shift, int.to_string().into_bytes());
            let mut out = Writer::default();
            out.length(length);
            [&word, &int, &word.repeat(9)].into_iter().for_each(|word| out.string(word));
            let bytes = out.finish();
            let mut input = Reader::new(&bytes);
            prop_assert_eq!(input.length(), Some(length));
            let mut string = || input.string().map(|string| string.into_owned());
            prop_assert_eq!([string(), string()], [Some(word.clone()), Some(int)]);
            prop_assert_eq!(string(), Some(word.repeat(9)));
            prop_assert_eq!(input.byte(), None);
        }
    }
}
