//! Ziplists: what listpacks were before Redis 7. They are only read.
//!
//! ```text
//!   bytes in all (4) | offset of the last word (4) | words (2) | length of the word before | word | … | 0xff
//! ```

use super::word::Word;

/// Bytes of the header.
const HEADER_LEN: usize = 10;
/// The byte behind the last word.
const END: u8 = 0xff;
/// So many words or more: the header does not say how many.
const UNCOUNTED: u16 = u16::MAX;
/// A length of the word before that does not fit into this byte stands in the next four.
const BEFORE_LONG: u8 = 0xfe;

/// The words of a ziplist that is whole.
#[derive(Debug, Clone)]
pub(super) struct Words<'a> {
    rest: &'a [u8],
    /// The bytes of the word before.
    before: usize,
}

/// The words of a ziplist; `None` if it is not whole from the first byte to the last.
pub(super) fn words(bytes: &[u8]) -> Option<Words<'_>> {
    let (header, rest) = bytes.split_first_chunk::<HEADER_LEN>()?;
    let [l0, l1, l2, l3, t0, t1, t2, t3, w0, w1] = *header;
    let (end, rest) = rest.split_last()?;
    if u32::from_le_bytes([l0, l1, l2, l3]) as usize != bytes.len() || *end != END {
        return None;
    }
    let words = Words { rest, before: 0 };
    let mut unread = words.clone();
    let count = unread.by_ref().count();
    let last = u32::from_le_bytes([t0, t1, t2, t3]) as usize;
    let last_is_right = last + unread.before + 1 == bytes.len() || count == 0 && last < bytes.len();
    let counted = u16::from_le_bytes([w0, w1]);
    let count_is_right = counted == UNCOUNTED || usize::from(counted) == count;
    (unread.rest.is_empty() && last_is_right && count_is_right).then_some(words)
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        let (before, rest) = match *self.rest {
            [BEFORE_LONG, a, b, c, d, ref rest @ ..] => (u32::from_le_bytes([a, b, c, d]), rest),
            [before, ref rest @ ..] if before < BEFORE_LONG => (before.into(), rest),
            _ => return None,
        };
        let (word, len) = decode(rest).filter(|_| before as usize == self.before)?;
        self.before = self.rest.len() - rest.len() + len;
        self.rest = &rest[len..];
        Some(word)
    }
}

/// The first word of these bytes, and its length.
fn decode(bytes: &[u8]) -> Option<(Word<'_>, usize)> {
    let head = *bytes.first()?;
    let text = |start: usize, len: usize| Word::read_text(bytes, start, len);
    let int = |len: usize| Word::read_int(bytes, len);
    match head {
        0..0x40 => text(1, head.into()),
        0x40..0x80 => text(2, usize::from(head & 0x3f) << 8 | usize::from(*bytes.get(1)?)),
        0x80..0xc0 => {
            let len: &[u8; 4] = bytes.get(1..)?.first_chunk()?;
            text(5, u32::from_be_bytes(*len) as usize)
        }
        0xc0 => int(2),
        0xd0 => int(4),
        0xe0 => int(8),
        0xf0 => int(3),
        0xfe => int(1),
        // 0 to 12 in the byte itself.
        0xf1..=0xfd => Some((Word::of_int(i64::from(head) - 0xf1), 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    /// `abc`, 300 times `x`, and integers of all lengths.
    fn ziplist() -> Vec<u8> {
        let mut body = b"\0\x03abc\x05\x41\x2c".to_vec();
        body.extend([b'x'; 300]);
        body.extend(b"\xfe\x2f\x01\0\0\xf5");
        body.extend(b"\x06\xfe\xff\x03\xc0\0\x80\x04\xf0\xff\xff\x7f\x05\xd0\xff\xff\xff\x7f");
        body.extend(b"\x06\xe0\0\0\0\0\0\0\0\x80");
        let len = body.len() + 11;
        let mut bytes = (len as u32).to_le_bytes().to_vec();
        bytes.extend((len as u32 - 11).to_le_bytes());
        bytes.extend(8u16.to_le_bytes());
        bytes.extend(body);
        bytes.push(0xff);
        bytes
    }

    #[test]
    fn all_kinds_of_words_are_read() {
        let bytes = ziplist();
        let read: Vec<Vec<u8>> = words(&bytes).unwrap().map(|word| word.to_vec()).collect();
        let (long, ints) = (vec![b'x'; 300], ["4", "-1", "-32768", "8388607", "2147483647"]);
        let mut expected = vec![b"abc".to_vec(), long];
        expected.extend(ints.map(|int| int.as_bytes().to_vec()));
        expected.push(b"-9223372036854775808".to_vec());
        assert_eq!(read, expected);
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let right = ziplist();
        for at in [0, 4, 8, 10, 15] {
            let mut wrong = right.clone();
            wrong[at] ^= 1;
            assert!(words(&wrong).is_none(), "at {at}");
        }
        (0..right.len()).for_each(|len| assert!(words(&right[..len]).is_none(), "{len} bytes"));
        assert!(words(&right[..right.len() - 1]).is_none());
    }
}
