//! A word as packed collections hold it.

use std::ops::Deref;

use crate::collections::{Short, number};

/// An integer of 1 to 8 bytes, little-endian.
pub(super) fn signed(bytes: &[u8]) -> i64 {
    let mut value = [0; 8];
    value[8 - bytes.len()..].copy_from_slice(bytes);
    // The sign is in the last byte.
    i64::from_le_bytes(value) >> (64 - 8 * bytes.len())
}

/// Bytes, or an integer, which stands for its decimal form. It reads as bytes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Word<'a> {
    /// An integer, written out.
    Int(Short),
    /// Anything.
    Text(&'a [u8]),
}

impl<'a> Word<'a> {
    /// Text of this length behind a head of `start` bytes, and where it ends.
    pub(super) fn read_text(bytes: &'a [u8], start: usize, len: usize) -> Option<(Self, usize)> {
        let text = bytes.get(start..)?.get(..len)?;
        Some((Self::Text(text), start + len))
    }

    /// An integer of 1 to 8 bytes, little-endian, behind a head of one byte, and where it ends.
    pub(super) fn read_int(bytes: &[u8], len: usize) -> Option<(Self, usize)> {
        Some((Self::of_int(signed(bytes.get(1..=len)?)), 1 + len))
    }

    /// An integer.
    pub(super) fn of_int(value: i64) -> Self {
        Self::Int(Short::decimal(value))
    }

    /// Its value, if it was kept as an integer.
    pub(super) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(text) => number::parse_i64(text),
            Self::Text(_) => None,
        }
    }
}

impl Deref for Word<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Int(text) => text,
            Self::Text(text) => text,
        }
    }
}
