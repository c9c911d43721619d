//! How many bytes Redis would take for what a node keeps.
//!
//! Redis closes a node of a stream when its listpack has grown to a number of bytes, and trims approximately by whole
//! nodes. To close nodes at the same entries, and so to trim the same, their bytes are counted as Redis would have them.

use crate::collections::number;

/// A listpack's header and end.
pub(super) const EMPTY_BYTES: usize = 7;

/// Longer texts are not read as integers.
const INTEGER_LEN_MAX: usize = 20;

/// Bytes of an integer, with the byte that leads back over it.
pub(super) const fn integer_bytes(value: i64) -> usize {
    const I24: i64 = 1 << 23;
    const I13: i64 = 1 << 12;
    let encoded = match value {
        0..=127 => 1,
        _ if -I13 <= value && value < I13 => 2,
        _ if i16::MIN as i64 <= value && value <= i16::MAX as i64 => 3,
        _ if -I24 <= value && value < I24 => 4,
        _ if i32::MIN as i64 <= value && value <= i32::MAX as i64 => 5,
        _ => 9,
    };
    encoded + 1
}

/// Bytes of a word; one that reads as an integer is kept as one.
pub(super) fn word_bytes(word: &[u8]) -> usize {
    let may_be_integer = matches!(word.first(), Some(b'-' | b'0'..=b'9'));
    if may_be_integer
        && word.len() <= INTEGER_LEN_MAX
        && let Some(value) = number::parse_i64(word)
    {
        return integer_bytes(value);
    }
    let header = match word.len() {
        0..64 => 1,
        64..4096 => 2,
        _ => 5,
    };
    let encoded = header + word.len();
    encoded + way_back_bytes(encoded)
}

/// Bytes that lead back over a word, which takes so many itself.
pub(crate) const fn way_back_bytes(encoded: usize) -> usize {
    match encoded {
        0..=127 => 1,
        128..16_383 => 2,
        16_383..2_097_151 => 3,
        2_097_151..268_435_455 => 4,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::{integer_bytes, word_bytes};

    #[test]
    fn integers_take_as_few_bytes_as_they_can() {
        for (value, bytes) in [
            (0, 2),
            (127, 2),
            (128, 3),
            (-1, 3),
            (4095, 3),
            (4096, 4),
            (-4096, 3),
            (-4097, 4),
            (32_767, 4),
            (32_768, 5),
            (8_388_607, 5),
            (8_388_608, 6),
            (i64::from(i32::MAX), 6),
            (i64::from(i32::MAX) + 1, 10),
            (i64::MIN, 10),
        ] {
            assert_eq!(integer_bytes(value), bytes, "{value}");
        }
    }

    #[test]
    fn words_are_integers_or_texts() {
        assert_eq!(word_bytes(b""), 2);
        assert_eq!(word_bytes(b"127"), 2);
        assert_eq!(word_bytes(b"0127"), 6);
        assert_eq!(word_bytes(b"-5"), 3);
        assert_eq!(word_bytes(b"9223372036854775808"), 21);
        assert_eq!(word_bytes(&[b'x'; 63]), 65);
        assert_eq!(word_bytes(&[b'x'; 64]), 67);
        assert_eq!(word_bytes(&[b'x'; 126]), 130);
        assert_eq!(word_bytes(&[b'x'; 4096]), 4103);
    }
}
