//! Hashes: fields and their values, in order of insertion.

use std::ops::Deref;

use bytes::Bytes;

use crate::collections::Dict;

/// Up to this many fields a removal keeps the order of the others, as it does in the packed form
/// that Redis gives hashes of this size by default.
const ORDERED_MAX: usize = 512;

/// A hash. It reads as a [`Dict`]; changes pass through its own methods.
#[derive(Debug, Clone, Default)]
pub struct Hash {
    fields: Dict<Bytes>,
    /// The most fields it has ever held.
    most_fields: usize,
    /// The longest field name or value it has ever held, in bytes.
    longest: usize,
}

impl Hash {
    /// Sets a field, which keeps its place if it has one, and returns its old value.
    pub fn insert(&mut self, field: &[u8], value: Bytes) -> Option<Bytes> {
        self.longest = self.longest.max(field.len()).max(value.len());
        let old = self.fields.insert(field, value);
        self.most_fields = self.most_fields.max(self.fields.len());
        old
    }

    /// Removes a field and returns its value.
    pub fn remove(&mut self, field: &[u8]) -> Option<Bytes> {
        if self.fields.len() <= ORDERED_MAX {
            self.fields.remove_in_order(field)
        } else {
            self.fields.remove(field)
        }
    }

    /// Whether Redis would keep it packed. It turns a packed hash into a table when it outgrows one
    /// of these limits, and never back: so what counts is what it has ever held.
    pub fn is_packed(&self, fields_max: u64, bytes_max: u64) -> bool {
        self.most_fields as u64 <= fields_max && self.longest as u64 <= bytes_max
    }

    /// What `OBJECT ENCODING` answers.
    pub fn encoding(&self, fields_max: u64, bytes_max: u64) -> &'static str {
        if self.is_packed(fields_max, bytes_max) { "listpack" } else { "hashtable" }
    }

    /// Estimate of the bytes of memory that it holds, itself included.
    pub fn memory(&self) -> usize {
        self.fields.memory() + self.fields.iter().map(|(_, value)| value.len()).sum::<usize>()
    }
}

impl Deref for Hash {
    type Target = Dict<Bytes>;

    fn deref(&self) -> &Dict<Bytes> {
        &self.fields
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, Hash};

    #[test]
    fn a_hash_that_was_large_stays_a_table() {
        let mut hash = Hash::default();
        hash.insert(b"a", Bytes::from_static(b"1"));
        assert_eq!(hash.encoding(2, 3), "listpack");
        hash.insert(b"b", Bytes::from_static(b"1234"));
        assert_eq!(hash.encoding(2, 3), "hashtable");
        assert_eq!(hash.remove(b"b").as_deref(), Some(&b"1234"[..]));
        assert_eq!(hash.encoding(2, 3), "hashtable");
        assert_eq!(hash.encoding(2, 4), "listpack");
        assert_eq!(hash.encoding(1, 4), "hashtable");
    }
}
