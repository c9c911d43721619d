//! LZF, the compression of strings: literal bytes, and references to bytes that were there before.
//!
//! ```text
//!   |000 count-1|bytes …|                        that many literal bytes
//!   |len-2  dist|dist|                           3 to 8 bytes, from dist+1 bytes back
//!   |111    dist|len-9|dist|                     9 to 264 bytes
//! ```
//!
//! Any compressor of the format would do; this one finds what liblzf's, which Redis uses, finds, so that the bytes are
//! the same.

use std::cell::RefCell;

/// The most literal bytes of a run.
const LITERALS_MAX: usize = 1 << 5;
/// The farthest that a reference reaches back.
const DISTANCE_MAX: usize = 1 << 13;
/// The most bytes of a reference.
const LENGTH_MAX: usize = (1 << 8) + (1 << 3);
/// References of this length and more have a byte for it.
const LENGTH_LONG: usize = 9;

/// Places are remembered by so many bits of a hash of the three bytes that begin there.
const HASH_BITS: u32 = 16;

thread_local! {
    // To make a new one takes longer than to compress most strings.
    static COMPRESSOR: RefCell<Compressor> = RefCell::default();
}

/// Compresses a string to at most `most` bytes; `None` if it does not get so small.
pub(super) fn compress(input: &[u8], most: usize) -> Option<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|compressor| compressor.compress(input, most))
}

/// Remembers where bytes were seen. One serves any number of strings in turn, and none makes a difference to the next.
#[derive(Debug, Default)]
struct Compressor {
    /// By hash, `start` plus the place in the string.
    places: Vec<u32>,
    /// Added to the places of the present string; what is less belongs to one before.
    start: u32,
}

impl Compressor {
    fn compress(&mut self, input: &[u8], most: usize) -> Option<Vec<u8>> {
        let len = u32::try_from(input.len()).ok()?;
        if self.places.is_empty() || self.start.checked_add(len).is_none() {
            self.places = vec![0; 1 << HASH_BITS];
            self.start = 0;
        }
        let compressed = self.references(input, most);
        self.start += len;
        compressed
    }

    fn references(&mut self, input: &[u8], most: usize) -> Option<Vec<u8>> {
        let mut out = Output { bytes: vec![0], literals: 0, most };
        let mut at = 0;
        while at + 2 < input.len() {
            match self.find(input, at) {
                Some((place, len)) => {
                    out.reference(at - place - 1, len)?;
                    at += len;
                    if at + 2 >= input.len() {
                        break;
                    }
                    // Of the places that were passed over only the last two are remembered.
                    self.remember(input, at - 2);
                    self.remember(input, at - 1);
                }
                None => {
                    out.has_room_for(0)?;
                    out.literal(input[at]);
                    at += 1;
                }
            }
        }
        out.has_room_for(2)?;
        input[at..].iter().for_each(|byte| out.literal(*byte));
        Some(out.finish())
    }

    /// Bytes before `at` that the bytes there repeat: where they begin, and how many are the same.
    fn find(&mut self, input: &[u8], at: usize) -> Option<(usize, usize)> {
        let place = self.remember(input, at)?;
        let same =
            place > 0 && at - place <= DISTANCE_MAX && input[place..place + 3] == input[at..at + 3];
        // A reference is to leave two bytes, but liblzf does not look at every length whether it does.
        let most = match LENGTH_MAX.min(input.len() - at - 2) {
            most @ 0..=16 => most.max(3),
            most => most.max(19),
        };
        let len = || (3..most).find(|len| input[place + len] != input[at + len]).unwrap_or(most);
        same.then(|| (place, len()))
    }

    /// Remembers a place, and gives the one that was remembered for the same hash.
    fn remember(&mut self, input: &[u8], at: usize) -> Option<usize> {
        let next = [0, input[at], input[at + 1], input[at + 2]];
        let next = u32::from_be_bytes(next);
        let hash = (next >> (24 - HASH_BITS)).wrapping_sub(next.wrapping_mul(5));
        let slot = &mut self.places[(hash & ((1 << HASH_BITS) - 1)) as usize];
        let before = std::mem::replace(slot, self.start + at as u32);
        before.checked_sub(self.start).map(|place| place as usize)
    }
}

/// What was compressed so far. At its end there is a run of literals, or the room for the byte before one.
struct Output {
    bytes: Vec<u8>,
    literals: usize,
    most: usize,
}

impl Output {
    fn literal(&mut self, byte: u8) {
        self.bytes.push(byte);
        self.literals += 1;
        if self.literals == LITERALS_MAX {
            self.end_run();
            self.begin_run();
        }
    }

    /// Adds a reference. `None`: it might not fit, with what has to follow.
    fn reference(&mut self, distance: usize, len: usize) -> Option<()> {
        self.end_run();
        if self.bytes.len() + 4 >= self.most {
            return None;
        }
        let (high, low) = ((distance >> 8) as u8, distance as u8);
        match len.checked_sub(LENGTH_LONG) {
            None => self.bytes.push(high | ((len - 2) << 5) as u8),
            Some(more) => self.bytes.extend([high | 7 << 5, more as u8]),
        }
        self.bytes.push(low);
        self.begin_run();
        Some(())
    }

    fn begin_run(&mut self) {
        self.bytes.push(0);
        self.literals = 0;
    }

    fn end_run(&mut self) {
        let head = self.bytes.len() - self.literals - 1;
        match self.literals.checked_sub(1) {
            Some(count) => self.bytes[head] = count as u8,
            None => self.bytes.truncate(head),
        }
    }

    /// `None` if there is no room for a byte and so many more.
    fn has_room_for(&self, more: usize) -> Option<()> {
        (self.bytes.len() + more < self.most).then_some(())
    }

    fn finish(mut self) -> Vec<u8> {
        self.end_run();
        self.bytes
    }
}

/// The most bytes that so many compressed ones can stand for.
pub(super) fn expanded_max(compressed: usize) -> usize {
    // A reference of three bytes.
    compressed.saturating_mul(LENGTH_MAX / 3)
}

/// The `len` bytes that were compressed; `None` if it is not so many, or they refer to what is not there.
pub(super) fn expand(mut input: &[u8], len: usize) -> Option<Vec<u8>> {
    if len > expanded_max(input.len()) {
        return None;
    }
    let mut out = Vec::with_capacity(len);
    while let Some((&head, rest)) = input.split_first() {
        let count = usize::from(head) + 1;
        input = if count <= LITERALS_MAX {
            let (literal, rest) = rest.split_at_checked(count)?;
            out.extend_from_slice(literal);
            rest
        } else {
            expand_reference(head, rest, &mut out)?
        };
        if out.len() > len {
            return None;
        }
    }
    (out.len() == len && len > 0).then_some(out)
}

/// Copies what a reference means, and gives what comes behind it.
fn expand_reference<'a>(head: u8, rest: &'a [u8], out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (more, rest) = match head >> 5 {
        7 => rest.split_first().map(|(more, rest)| (usize::from(*more), rest))?,
        _ => (0, rest),
    };
    let (low, rest) = rest.split_first()?;
    let distance = usize::from(head & 0x1f) << 8 | usize::from(*low);
    let from = out.len().checked_sub(distance + 1)?;
    // It may repeat what it is just adding.
    (from..from + usize::from(head >> 5) + 2 + more).for_each(|at| out.push(out[at]));
    Some(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Compressor, compress, expand, expanded_max};

    fn compressible() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            prop::collection::vec(0..3u8, 0..600),
            prop::collection::vec(any::<u8>(), 0..600),
            (prop::collection::vec(any::<u8>(), 1..40), 1..400usize).prop_map(|(p, n)| p.repeat(n)),
            ("[a-c]{1,9}", 0..300usize).prop_map(|(word, n)| {
                (0..n).flat_map(|n| format!("{word}{n}").into_bytes()).collect()
            }),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_compressed_comes_back(inputs in prop::collection::vec(compressible(), 1..4)) {
            for input in inputs.iter().filter(|input| input.len() > 4) {
                let most = input.len() - 4;
                let compressed = compress(input, most);
                // What was there before makes no difference.
                prop_assert_eq!(&Compressor::default().compress(input, most), &compressed);
                let Some(compressed) = compressed else { continue };
                prop_assert!(compressed.len() <= most);
                prop_assert_eq!(expand(&compressed, input.len()), Some(input.clone()));
                prop_assert_eq!(expand(&compressed, input.len() + 1), None);
                prop_assert_eq!(expand(&compressed, input.len() - 1), None);
            }
        }

        #[test]
        fn any_bytes_are_harmless(input: Vec<u8>, len in 0..5_000usize) {
            if let Some(out) = expand(&input, len) {
                prop_assert_eq!(out.len(), len);
                prop_assert!(len <= expanded_max(input.len()));
            }
        }
    }

    #[test]
    fn compresses_as_redis_does() {
        let compress = |input: &[u8]| compress(input, input.len() - 4);
        assert_eq!(compress(&[b'a'; 30]).as_deref(), Some(&b"\x01aa\xe0\x11\x00\x01aa"[..]));
        assert_eq!(compress(b"abcdefghijklmnopqrstuvwxyz"), None);
        // References that leave one byte.
        let expected = b"\x04abcba\x80\0\x80\x08 \x05\0c";
        assert_eq!(compress(b"abcbaaaaaaacbaaaacbac").as_deref(), Some(&expected[..]));
        let expected = b"\x04xyzab\xe0\x0a\x01\0b";
        assert_eq!(compress(b"xyzababababababababababab").as_deref(), Some(&expected[..]));
    }

    #[test]
    fn a_length_beyond_what_is_possible_costs_nothing() {
        assert_eq!(expand(&[0xff; 30], usize::MAX), None);
        assert_eq!(expand(b"", 0), None);
    }
}
