//! A member's bytes, kept in place while they are few.

use std::ops::Deref;

/// So many bytes are kept in place: a `Name` is as large as the handle of a vector.
const INLINE_LEN_MAX: usize = 22;

/// Bytes of any length. Most members of sets are short words, numbers and ids; they need no
/// allocation, and comparing them touches no other memory.
#[derive(Clone)]
pub struct Name(Kept);

#[derive(Clone)]
enum Kept {
    Inline { len: u8, bytes: [u8; INLINE_LEN_MAX] },
    Boxed(Box<[u8]>),
}

impl Name {
    /// Bytes that it holds on the heap.
    pub fn heap_bytes(&self) -> usize {
        match &self.0 {
            Kept::Inline { .. } => 0,
            Kept::Boxed(bytes) => bytes.len(),
        }
    }
}

impl From<&[u8]> for Name {
    fn from(bytes: &[u8]) -> Self {
        let mut kept = [0; INLINE_LEN_MAX];
        match kept.get_mut(..bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                Self(Kept::Inline { len: bytes.len() as u8, bytes: kept })
            }
            None => Self(Kept::Boxed(bytes.into())),
        }
    }
}

impl Deref for Name {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Kept::Inline { len, bytes } => &bytes[..usize::from(*len)],
            Kept::Boxed(bytes) => bytes,
        }
    }
}

impl std::fmt::Debug for Name {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "b\"{}\"", self.escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::{INLINE_LEN_MAX, Name};

    #[test]
    fn keeps_bytes_of_any_length() {
        let bytes = [7; INLINE_LEN_MAX + 2];
        for len in 0..=bytes.len() {
            let name = Name::from(&bytes[..len]);
            assert_eq!(&*name, &bytes[..len]);
            assert_eq!(name.heap_bytes(), if len > INLINE_LEN_MAX { len } else { 0 });
        }
    }

    #[test]
    fn is_no_larger_than_a_vector() {
        assert_eq!(size_of::<Name>(), size_of::<Vec<u8>>());
    }
}
