//! Zipmaps: what small hashes were before Redis 2.6. They are only read.
//!
//! ```text
//!   fields (1) | length | field | length | free bytes (1) | value | free … | length | field | … | 0xff
//! ```

/// The byte behind the last field.
const END: u8 = 0xff;
/// A length that does not fit into this byte stands in the next four; so many fields or more are not counted.
const LONG: u8 = 0xfe;

/// The fields of a zipmap, with their values, to be read once.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

/// The fields of a zipmap and their values; `None` if it is not whole. As in Redis there may be anything between its
/// end and another one.
pub(super) fn fields(bytes: &[u8]) -> Option<Fields<'_>> {
    let (counted, rest) = bytes.split_first()?;
    let mut unread = Fields { rest };
    let count = unread.by_ref().count();
    let ends = unread.rest.first() == Some(&END) && unread.rest.last() == Some(&END);
    let count_is_right = *counted == LONG || usize::from(*counted) == count;
    (ends && count_is_right).then_some(Fields { rest })
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (field_len, rest) = length(self.rest)?;
        let (field, rest) = rest.split_at_checked(field_len)?;
        let (value_len, rest) = length(rest)?;
        let (free, rest) = rest.split_first()?;
        let (value, rest) = rest.split_at_checked(value_len)?;
        self.rest = rest.get(usize::from(*free)..)?;
        Some((field, value))
    }
}

fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match *bytes {
        [LONG, a, b, c, d, ref rest @ ..] => {
            Some((u32::from_le_bytes([a, b, c, d]) as usize, rest))
        }
        [len, ref rest @ ..] if len < LONG => Some((len.into(), rest)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::fields;

    #[test]
    fn fields_are_read_with_their_values() {
        let read = |bytes: &'static [u8]| fields(bytes).map(Iterator::collect::<Vec<_>>);
        let expected: Vec<(&[u8], &[u8])> = vec![(b"ab", b"c"), (b"", b"xyz")];
        assert_eq!(read(b"\x02\x02ab\x01\x02c..\0\xfe\x03\0\0\0\0xyz\xff"), Some(expected));
        assert_eq!(read(b"\0\xff"), Some(vec![]));
        assert_eq!(read(b"\x01\x01a\x01\0b\xff..\xff"), Some(vec![(&b"a"[..], &b"b"[..])]));
        for wrong in [&b"\x01\xff"[..], b"\x01\x01a\x01\0b", b"\x01\x02a\x01\0b\xff", b"", b"\xff"]
        {
            assert!(fields(wrong).is_none(), "{}", wrong.escape_ascii());
        }
    }
}
