//! Numbers in as few bytes as they need, seven bits in each, and words behind their lengths.

const MORE: u8 = 0x80;

/// The bytes that a number takes.
pub(super) const fn len(value: u64) -> usize {
    // Zero takes a byte too.
    (u64::BITS - (value | 1).leading_zeros()).div_ceil(7) as usize
}

/// Appends a number.
pub(super) fn push(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= u64::from(MORE) {
        bytes.push(value as u8 | MORE);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Takes a number off the front of `bytes`.
pub(super) fn take(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    while let Some((first, rest)) = bytes.split_first() {
        *bytes = rest;
        value |= u64::from(first & !MORE) << shift;
        if first & MORE == 0 {
            break;
        }
        shift += 7;
    }
    value
}

/// Appends a word.
pub(super) fn push_word(bytes: &mut Vec<u8>, word: &[u8]) {
    push(bytes, word.len() as u64);
    bytes.extend_from_slice(word);
}

/// Takes a word off the front of `bytes`.
pub(super) fn take_word<'a>(bytes: &mut &'a [u8]) -> &'a [u8] {
    let len = take(bytes) as usize;
    let (word, rest) = bytes.split_at(len);
    *bytes = rest;
    word
}

/// A signed number so that one near to zero becomes a small one.
pub(super) const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The reverse of [`zigzag`].
pub(super) const fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(value: u64, shift in 0..64u32, word: Vec<u8>) {
            let value = value >> shift;
            let mut bytes = Vec::new();
            super::push(&mut bytes, value);
            prop_assert_eq!(bytes.len(), super::len(value));
            super::push_word(&mut bytes, &word);
            let mut rest = &bytes[..];
            prop_assert_eq!(super::take(&mut rest), value);
            prop_assert_eq!(super::take_word(&mut rest), &word[..]);
            prop_assert!(rest.is_empty());
            prop_assert_eq!(super::unzigzag(super::zigzag(value as i64)), value as i64);
        }
    }
}
