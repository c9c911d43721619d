//! A word as packed collections hold it.

use std::ops::Deref;

use crate::collections::{Short, number};

/// Bytes, or an integer, which stands for its decimal form. It reads as bytes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Word<'a> {
    /// An integer, written out.
    Int(Short),
    /// Anything.
    Text(&'a [u8]),
}

impl Word<'_> {
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
