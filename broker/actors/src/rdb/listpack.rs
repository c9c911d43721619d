//! Listpacks: short words side by side, the form of small collections and of the nodes of lists and streams.
//!
//! ```text
//!   bytes in all (4) | words (2) | word | way back | word | way back | … | 0xff
//! ```
//!
//! A word begins with how it is encoded; the way back, behind it, is its length. A word that reads as an integer is
//! kept as one.

use super::word::Word;
use crate::collections::number;
use crate::collections::stream::way_back_bytes;

/// Bytes of the header.
const HEADER_LEN: usize = 6;
/// The byte behind the last word.
const END: u8 = 0xff;
/// So many words or more: the header does not say how many.
const UNCOUNTED: u16 = u16::MAX;
/// Longer texts are no integers.
const INTEGER_LEN_MAX: usize = 20;

/// The first bytes of integers of 16 to 64 bits, and of the longest texts.
const TEXT_32: u8 = 0xf0;
const INT_16: u8 = 0xf1;
const INT_24: u8 = 0xf2;
const INT_32: u8 = 0xf3;
const INT_64: u8 = 0xf4;

/// The most bytes of a way back.
const BACK_LEN_MAX: usize = 5;

/// A listpack that is being written.
#[derive(Debug)]
pub(super) struct Builder {
    bytes: Vec<u8>,
    words: usize,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; HEADER_LEN], words: 0 }
    }

    /// Bytes so far, header and end included.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() + 1
    }

    /// How many words there are.
    pub(super) fn words(&self) -> usize {
        self.words
    }

    /// Adds a word.
    pub(super) fn push(&mut self, word: &[u8]) {
        let may_be_integer = matches!(word.first(), Some(b'-' | b'0'..=b'9'));
        let integer = (may_be_integer && word.len() <= INTEGER_LEN_MAX)
            .then(|| number::parse_i64(word))
            .flatten();
        match integer {
            Some(value) => self.push_int(value),
            None => self.add(|bytes| write_text(word, bytes)),
        }
    }

    /// Adds an integer.
    pub(super) fn push_int(&mut self, value: i64) {
        self.add(|bytes| write_int(value, bytes));
    }

    /// The listpack.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.bytes.push(END);
        // Nothing that is kept reaches 4 GiB.
        let len = self.bytes.len() as u32;
        let words = u16::try_from(self.words).unwrap_or(UNCOUNTED);
        self.bytes[..4].copy_from_slice(&len.to_le_bytes());
        self.bytes[4..HEADER_LEN].copy_from_slice(&words.to_le_bytes());
        self.bytes
    }

    fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let before = self.bytes.len();
        write(&mut self.bytes);
        let mut room = [0; BACK_LEN_MAX];
        let back = way_back(self.bytes.len() - before, &mut room);
        self.bytes.extend_from_slice(back);
        self.words += 1;
    }
}

fn write_text(word: &[u8], bytes: &mut Vec<u8>) {
    match word.len() {
        len @ 0..0x40 => bytes.push(0x80 | len as u8),
        len @ 0x40..0x1000 => bytes.extend((0xe000 | len as u16).to_be_bytes()),
        len => {
            bytes.push(TEXT_32);
            bytes.extend((len as u32).to_le_bytes());
        }
    }
    bytes.extend_from_slice(word);
}

fn write_int(value: i64, bytes: &mut Vec<u8>) {
    let (head, len) = match value {
        0..=0x7f => return bytes.push(value as u8),
        -0x1000..0x1000 => {
            let low_bits = value as u16 & 0x1fff;
            return bytes.extend((0xc000 | low_bits).to_be_bytes());
        }
        _ if i16::try_from(value).is_ok() => (INT_16, 2),
        -0x80_0000..0x80_0000 => (INT_24, 3),
        _ if i32::try_from(value).is_ok() => (INT_32, 4),
        _ => (INT_64, 8),
    };
    bytes.push(head);
    bytes.extend_from_slice(&value.to_le_bytes()[..len]);
}

/// A length as it is read backwards: seven bits in each byte, all but the first marked.
fn way_back(len: usize, room: &mut [u8; BACK_LEN_MAX]) -> &[u8] {
    let start = BACK_LEN_MAX - way_back_bytes(len);
    for (nth, byte) in room[start..].iter_mut().rev().enumerate() {
        *byte = 0x80 | (len >> (7 * nth) & 0x7f) as u8;
    }
    room[start] &= 0x7f;
    &room[start..]
}

/// The words of a listpack that is whole.
#[derive(Debug, Clone)]
pub(super) struct Words<'a> {
    rest: &'a [u8],
}

/// The words of a listpack; `None` if it is not whole from the first byte to the last.
pub(super) fn words(bytes: &[u8]) -> Option<Words<'_>> {
    let (header, rest) = bytes.split_first_chunk::<HEADER_LEN>()?;
    let [len @ .., w0, w1] = header;
    let (end, rest) = rest.split_last()?;
    if u32::from_le_bytes(*len) as usize != bytes.len() || *end != END {
        return None;
    }
    let words = Words { rest };
    let mut unread = words.clone();
    let count = unread.by_ref().count();
    let counted = u16::from_le_bytes([*w0, *w1]);
    let count_is_right = counted == UNCOUNTED || usize::from(counted) == count;
    (count_is_right && unread.rest.is_empty()).then_some(words)
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        let (word, len) = decode(self.rest)?;
        let mut room = [0; BACK_LEN_MAX];
        let back = way_back(len, &mut room);
        let rest = self.rest[len..].strip_prefix(back)?;
        self.rest = rest;
        Some(word)
    }
}

/// The first word of these bytes, and its length without the way back.
fn decode(bytes: &[u8]) -> Option<(Word<'_>, usize)> {
    let head = *bytes.first()?;
    let low = |mask: u8| usize::from(head & mask);
    let text = |start: usize, len: usize| Word::read_text(bytes, start, len);
    let int = |len: usize| Word::read_int(bytes, len);
    match head {
        0..0x80 => Some((Word::of_int(head.into()), 1)),
        0x80..0xc0 => text(1, low(0x3f)),
        0xc0..0xe0 => {
            let high = i64::from(head & 0x1f) << 8 | i64::from(*bytes.get(1)?);
            Some((Word::of_int(high << 51 >> 51), 2))
        }
        0xe0..0xf0 => text(2, low(0x0f) << 8 | usize::from(*bytes.get(1)?)),
        TEXT_32 => {
            let len: &[u8; 4] = bytes.get(1..)?.first_chunk()?;
            text(5, u32::from_le_bytes(*len) as usize)
        }
        INT_16 => int(2),
        INT_24 => int(3),
        INT_32 => int(4),
        INT_64 => int(8),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BACK_LEN_MAX, Builder, way_back, words};

    fn listpack(words: &[Vec<u8>]) -> Vec<u8> {
        let mut listpack = Builder::new();
        words.iter().for_each(|word| listpack.push(word));
        listpack.finish()
    }

    fn word() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            (any::<i64>(), 0..64u32).prop_map(|(int, by)| (int >> by).to_string().into_bytes()),
            prop::collection::vec(any::<u8>(), 0..300),
            (0..20_000usize).prop_map(|len| vec![b'x'; len]),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_written_is_read(list in prop::collection::vec(word(), 0..20)) {
            let bytes = listpack(&list);
            let read: Vec<Vec<u8>> = words(&bytes).unwrap().map(|word| word.to_vec()).collect();
            prop_assert_eq!(read, list);
        }

        #[test]
        fn a_part_of_one_is_refused(list in prop::collection::vec(word(), 0..4), cut: prop::sample::Index) {
            let bytes = listpack(&list);
            prop_assert!(words(&bytes[..cut.index(bytes.len())]).is_none());
        }
    }

    #[test]
    fn words_are_kept_as_redis_keeps_them() {
        let list = ["a", "1", "-1", "5000", "100000", "xxxxx"].map(|word| word.as_bytes().to_vec());
        let expected = b"\x1f\0\0\0\x06\0\x81a\x02\x01\x01\xdf\xff\x02\xf1\x88\x13\x03\xf2\xa0\x86\x01\x04\x85xxxxx\x06\xff";
        assert_eq!(listpack(&list), expected);
    }

    #[test]
    fn the_way_back_is_marked_but_for_its_first_byte() {
        for (len, bytes) in [
            (1, &b"\x01"[..]),
            (127, b"\x7f"),
            (128, b"\x01\x80"),
            (16_382, b"\x7f\xfe"),
            (16_383, b"\0\xff\xff"),
            (16_261, b"\x7f\x85"),
            (2_097_151, b"\0\xff\xff\xff"),
        ] {
            assert_eq!(way_back(len, &mut [0; BACK_LEN_MAX]), bytes, "{len}");
        }
    }

    #[test]
    fn wrong_counts_and_ends_are_refused() {
        let right = listpack(&[b"a".to_vec(), b"b".to_vec()]);
        for (at, byte) in
            [(0, 20), (4, 1), (4, 3), (8, 3), (6, 0x82), (6, 0xf5), (6, 0xff), (12, 0)]
        {
            let mut wrong = right.clone();
            wrong[at] = byte;
            assert!(words(&wrong).is_none(), "{byte} at {at}");
        }
        // So many that nobody has counted.
        let mut uncounted = right.clone();
        uncounted[4..6].copy_from_slice(&[0xff, 0xff]);
        assert_eq!(words(&uncounted).unwrap().count(), 2);
    }
}
