//! A chunk of a list: packed short elements, or one long element by itself.

use bytes::Bytes;

use super::packed::{CHUNK_MAX, Packed};

/// What a chunk, or a whole list, amounts to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Totals {
    /// Number of elements.
    pub(super) len: usize,
    /// Bytes of the elements themselves.
    pub(super) bytes: usize,
    /// Bytes of heap that hold them.
    pub(super) heap: usize,
}

impl Totals {
    /// These totals after a part of them went from `before` to `after`.
    pub(super) fn with(self, before: Totals, after: Totals) -> Totals {
        Totals {
            len: self.len - before.len + after.len,
            bytes: self.bytes - before.bytes + after.bytes,
            heap: self.heap - before.heap + after.heap,
        }
    }
}

/// Twenty-four bytes; the box around the long element's handle keeps it so.
#[derive(Debug, Clone)]
pub(super) enum Chunk {
    Packed(Packed),
    Long(Box<Bytes>),
}

impl Chunk {
    /// An empty packed chunk. Beside a full-sized neighbour it is full-sized at once, since the
    /// list has shown that it fills them; otherwise it starts without a buffer and grows.
    pub(super) fn beside(neighbour: Option<&Chunk>) -> Packed {
        match neighbour {
            Some(Chunk::Packed(full)) if full.capacity() == CHUNK_MAX => {
                Packed::with_capacity(CHUNK_MAX)
            }
            _ => Packed::default(),
        }
    }

    pub(super) fn count(&self) -> usize {
        match self {
            Chunk::Packed(packed) => packed.count(),
            Chunk::Long(_) => 1,
        }
    }

    pub(super) fn totals(&self) -> Totals {
        match self {
            Chunk::Packed(packed) => {
                let (len, bytes) = (packed.count(), packed.payload());
                Totals { len, bytes, heap: packed.capacity() }
            }
            Chunk::Long(element) => {
                let heap = element.len() + size_of::<Bytes>();
                Totals { len: 1, bytes: element.len(), heap }
            }
        }
    }

    /// The elements, from either end.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        let (packed, long) = match self {
            Chunk::Packed(packed) => (Some(packed.iter()), None),
            Chunk::Long(element) => (None, Some(&element[..])),
        };
        packed.into_iter().flatten().chain(long)
    }

    pub(super) fn first(&self) -> Option<&[u8]> {
        match self {
            Chunk::Packed(packed) => packed.iter().next(),
            Chunk::Long(element) => Some(element),
        }
    }

    pub(super) fn last(&self) -> Option<&[u8]> {
        match self {
            Chunk::Packed(packed) => packed.iter().next_back(),
            Chunk::Long(element) => Some(element),
        }
    }

    /// The element at `index`, walked to from the nearer end.
    pub(super) fn get(&self, index: usize) -> Option<&[u8]> {
        match self {
            Chunk::Packed(packed) if index <= packed.count() / 2 => packed.iter().nth(index),
            Chunk::Packed(packed) => packed.iter().nth_back(packed.count().checked_sub(index + 1)?),
            Chunk::Long(element) => (index == 0).then_some(&element[..]),
        }
    }

    /// As [`first`](Self::first), to keep; a long element is shared and not copied.
    pub(super) fn first_bytes(&self) -> Option<Bytes> {
        self.keep(self.first())
    }

    /// As [`last`](Self::last), to keep.
    pub(super) fn last_bytes(&self) -> Option<Bytes> {
        self.keep(self.last())
    }

    /// As [`get`](Self::get), to keep.
    pub(super) fn get_bytes(&self, index: usize) -> Option<Bytes> {
        self.keep(self.get(index))
    }

    fn keep(&self, element: Option<&[u8]>) -> Option<Bytes> {
        match self {
            Chunk::Packed(_) => element.map(Bytes::copy_from_slice),
            Chunk::Long(long) => element.map(|element| long.slice_ref(element)),
        }
    }

    /// The packed elements, to change them; `None` for a long one.
    pub(super) fn packed_mut(&mut self) -> Option<&mut Packed> {
        match self {
            Chunk::Packed(packed) => Some(packed),
            Chunk::Long(_) => None,
        }
    }

    /// This chunk without those elements equal to `element` that come after the first `keep` of
    /// them, `drop` in number.
    pub(super) fn without(&self, element: &[u8], keep: usize, drop: usize) -> Packed {
        let mut rest = Packed::default();
        let mut seen = 0;
        for kept in self.iter() {
            let equal = kept == element;
            if !equal || !(keep..keep + drop).contains(&seen) {
                let fits = rest.push_back(kept);
                debug_assert!(fits, "a part of a chunk fits into a chunk");
            }
            seen += usize::from(equal);
        }
        rest
    }
}
