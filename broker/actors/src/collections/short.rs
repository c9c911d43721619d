//! A few bytes that need no allocation.

use std::io::Write;
use std::ops::Deref;

/// So many bytes fit: a string or a reply with a `Short` in it is no larger than one with `Bytes`.
pub const SHORT_LEN_MAX: usize = 38;

/// Up to [`SHORT_LEN_MAX`] bytes, kept in place. Most values that agents and caches keep are this short, and then
/// neither setting nor reading one touches the allocator.
#[derive(Clone, Copy)]
pub struct Short {
    len: u8,
    bytes: [u8; SHORT_LEN_MAX],
}

impl Short {
    /// A copy of `bytes`; `None` if they are too many.
    pub fn copy(bytes: &[u8]) -> Option<Self> {
        let mut kept = [0; SHORT_LEN_MAX];
        kept.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Self { len: bytes.len() as u8, bytes: kept })
    }

    /// The decimal form of an integer, which has at most 20 characters.
    pub fn decimal(value: i64) -> Self {
        let mut bytes = [0; SHORT_LEN_MAX];
        let mut rest = &mut bytes[..];
        // Writing to a slice fails only when it is full.
        let written = write!(rest, "{value}");
        debug_assert!(written.is_ok());
        let len = (SHORT_LEN_MAX - rest.len()) as u8;
        Self { len, bytes }
    }
}

impl Deref for Short {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl PartialEq for Short {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl std::fmt::Debug for Short {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "b\"{}\"", self.escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{SHORT_LEN_MAX, Short};
    use crate::keyspace::{Entry, Str};

    #[test]
    fn keeps_what_fits() {
        let long = [7; SHORT_LEN_MAX + 1];
        for len in 0..=SHORT_LEN_MAX {
            assert_eq!(Short::copy(&long[..len]).as_deref(), Some(&long[..len]));
        }
        assert_eq!(Short::copy(&long), None);
    }

    #[test]
    fn writes_integers() {
        for value in [0, -1, 42, i64::MAX, i64::MIN] {
            assert_eq!(&*Short::decimal(value), value.to_string().as_bytes());
        }
    }

    #[test]
    fn costs_no_room() {
        assert_eq!(size_of::<Str>(), size_of::<Bytes>() + 8);
        assert_eq!(size_of::<Entry>(), 56);
    }
}
