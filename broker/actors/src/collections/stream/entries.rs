//! Entries on their way to a client: one buffer for all of them.

use super::StreamId;

/// A list of entries. An entry may be gone, in which case only its id is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entries {
    bytes: Vec<u8>,
    count: usize,
}

/// The number of words of an entry that is gone.
const GONE: u32 = u32::MAX;

impl Entries {
    /// The number of entries.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds an entry.
    pub fn push<'a>(
        &mut self,
        id: StreamId,
        fields: impl ExactSizeIterator<Item = (&'a [u8], &'a [u8])>,
    ) {
        self.head(id, 2 * fields.len() as u32);
        for (field, value) in fields {
            self.word(field);
            self.word(value);
        }
    }

    /// Adds an entry that is gone.
    pub fn push_gone(&mut self, id: StreamId) {
        self.head(id, GONE);
    }

    /// The entries: id, and words unless it is gone.
    pub fn iter(&self) -> impl Iterator<Item = (StreamId, Option<Words<'_>>)> {
        let mut rest = &self.bytes[..];
        std::iter::from_fn(move || {
            let ms = u64::from_le_bytes(*take(&mut rest)?);
            let seq = u64::from_le_bytes(*take(&mut rest)?);
            let count = u32::from_le_bytes(*take(&mut rest)?);
            let id = StreamId { ms, seq };
            if count == GONE {
                return Some((id, None));
            }
            let words = Words { rest, left: count as usize };
            rest = words.skip_all();
            Some((id, Some(words)))
        })
    }

    fn head(&mut self, id: StreamId, words: u32) {
        self.bytes.extend_from_slice(&id.ms.to_le_bytes());
        self.bytes.extend_from_slice(&id.seq.to_le_bytes());
        self.bytes.extend_from_slice(&words.to_le_bytes());
        self.count += 1;
    }

    fn word(&mut self, word: &[u8]) {
        self.bytes.extend_from_slice(&(word.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(word);
    }
}

/// The fields and values of an entry, in turn.
#[derive(Debug, Clone)]
pub struct Words<'a> {
    rest: &'a [u8],
    left: usize,
}

impl<'a> Words<'a> {
    fn skip_all(&self) -> &'a [u8] {
        let mut words = self.clone();
        words.by_ref().for_each(drop);
        words.rest
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.left = self.left.checked_sub(1)?;
        let len = u32::from_le_bytes(*take(&mut self.rest)?) as usize;
        let (word, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(word)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Words<'_> {}

fn take<'a, const N: usize>(bytes: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(first)
}

#[cfg(test)]
mod tests {
    use super::{Entries, StreamId};

    #[test]
    fn what_was_put_in_comes_out() {
        let (first, second) = (StreamId { ms: 1, seq: 2 }, StreamId::MAX);
        let mut entries = Entries::default();
        assert!(entries.is_empty());
        entries.push(first, [(&b"field"[..], &b""[..]), (b"g", b"value")].into_iter());
        entries.push_gone(second);
        entries.push(second, [].into_iter());
        let seen: Vec<(StreamId, Option<Vec<&[u8]>>)> =
            entries.iter().map(|(id, words)| (id, words.map(Iterator::collect))).collect();
        let words: Vec<&[u8]> = vec![b"field", b"", b"g", b"value"];
        assert_eq!(seen, [(first, Some(words)), (second, None), (second, Some(vec![]))]);
        assert_eq!(entries.len(), 3);
    }
}
