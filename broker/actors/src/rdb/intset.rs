//! Intsets: integers in ascending order, all in as many bytes as the greatest needs.
//!
//! ```text
//!   bytes of each (4) | how many (4) | integer | integer | …
//! ```

use super::word::signed;

/// The integers as an intset.
pub(super) fn write(ints: &[i64]) -> Vec<u8> {
    let fits = |bits: u32| ints.iter().all(|int| int << (64 - bits) >> (64 - bits) == *int);
    let width = [2, 4].into_iter().find(|width| fits(8 * width)).unwrap_or(8);
    let mut bytes = Vec::with_capacity(8 + ints.len() * width as usize);
    bytes.extend(width.to_le_bytes());
    bytes.extend((ints.len() as u32).to_le_bytes());
    ints.iter().for_each(|int| bytes.extend(&int.to_le_bytes()[..width as usize]));
    bytes
}

/// The integers of an intset; `None` if it is not whole, empty, or they are not in order.
pub(super) fn read(bytes: &[u8]) -> Option<Vec<i64>> {
    let (width, rest) = bytes.split_first_chunk()?;
    let (count, ints) = rest.split_first_chunk()?;
    let width = u32::from_le_bytes(*width) as usize;
    let count = u32::from_le_bytes(*count) as usize;
    if !matches!(width, 2 | 4 | 8) || count == 0 || count.checked_mul(width) != Some(ints.len()) {
        return None;
    }
    let ints: Vec<i64> = ints.chunks_exact(width).map(signed).collect();
    ints.is_sorted_by(|a, b| a < b).then_some(ints)
}

#[cfg(test)]
mod tests {
    use super::{read, write};

    #[test]
    fn integers_take_what_the_greatest_needs() {
        for (ints, width) in [
            (vec![-32_768, 1, 32_767], 2),
            (vec![1, 32_768], 4),
            (vec![-32_769], 4),
            (vec![i64::from(i32::MIN), i64::from(i32::MAX)], 4),
            (vec![1, i64::from(i32::MAX) + 1], 8),
            (vec![i64::MIN, i64::MAX], 8),
        ] {
            let bytes = write(&ints);
            assert_eq!(bytes.len(), 8 + width * ints.len(), "{ints:?}");
            assert_eq!(read(&bytes), Some(ints));
        }
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for wrong in [
            &b""[..],
            b"\x02\0\0\0\0\0\0\0",
            b"\x02\0\0\0\x02\0\0\0\x01\0",
            b"\x02\0\0\0\x02\0\0\0\x01\0\x01\0",
            b"\x02\0\0\0\x02\0\0\0\x02\0\x01\0",
            b"\x02\0\0\0\xff\xff\xff\xff\x02\0\x01\0",
            b"\x03\0\0\0\x01\0\0\0\x02\0\x01",
            b"\x02\0\0\0\x01\0\0\0\x02\0\x01",
        ] {
            assert_eq!(read(wrong), None, "{}", wrong.escape_ascii());
        }
    }
}
