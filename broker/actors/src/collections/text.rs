//! Bytes that were set whole.

use std::ops::Deref;

use bytes::Bytes;

use super::Short;
use crate::{Args, Reply};

/// Bytes that were set whole: a few are kept in place, many are shared with the replies that show them.
#[derive(Debug, Clone)]
pub enum Text {
    /// A few bytes.
    Short(Short),
    /// More than fit in place.
    Long(Bytes),
}

impl Text {
    /// Word `index` of a request, to be kept.
    pub fn of_word(args: &Args<'_>, index: usize) -> Self {
        Short::copy(args.word(index)).map_or_else(|| Self::Long(args.value(index)), Self::Short)
    }

    /// The bytes, to be kept elsewhere.
    pub fn bytes(&self) -> Bytes {
        match self {
            Self::Short(bytes) => Bytes::copy_from_slice(bytes),
            Self::Long(bytes) => bytes.clone(),
        }
    }

    /// The reply that shows them.
    pub fn reply(&self) -> Reply {
        match self {
            Self::Short(bytes) => Reply::Short(*bytes),
            Self::Long(bytes) => Reply::Bulk(bytes.clone()),
        }
    }

    /// Bytes that it holds on the heap.
    pub fn heap_bytes(&self) -> usize {
        match self {
            Self::Short(_) => 0,
            Self::Long(bytes) => bytes.len(),
        }
    }
}

impl From<Bytes> for Text {
    fn from(bytes: Bytes) -> Self {
        Short::copy(&bytes).map_or(Self::Long(bytes), Self::Short)
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Self {
        Short::copy(bytes).map_or_else(|| Self::Long(Bytes::copy_from_slice(bytes)), Self::Short)
    }
}

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Short(bytes) => bytes,
            Self::Long(bytes) => bytes,
        }
    }
}
