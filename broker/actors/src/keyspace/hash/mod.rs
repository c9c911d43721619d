//! Hashes: fields and their values, in order of insertion.
//!
//! A small one is `packed`: its fields lie side by side in one buffer. A large one is a table.

mod packed;
#[cfg(test)]
mod tests;

use std::ops::Deref;

use bytes::Bytes;

use crate::Reply;
use crate::collections::{Dict, Text};
pub use packed::FieldList;
use packed::Packed;

/// Up to this many fields a removal keeps the order of the others, as it does in the packed form
/// that Redis gives hashes of this size by default.
const ORDERED_MAX: usize = 512;

/// A hash. Once it is a table it stays one.
#[derive(Debug, Clone)]
pub struct Hash(Form);

#[derive(Debug, Clone)]
enum Form {
    Packed(Packed),
    Table(Box<Table>),
}

#[derive(Debug, Clone)]
struct Table {
    fields: Dict<Text>,
    /// The bytes that its values hold on the heap.
    value_bytes: usize,
    ever: Extent,
}

/// The most that a hash has ever held.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    /// Fields.
    fields: usize,
    /// Bytes of a field's name or value.
    longest: usize,
}

/// What a field holds. It reads as bytes.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// Among those of the other fields.
    Packed(&'a [u8]),
    /// By itself.
    Apart(&'a Text),
}

impl Content<'_> {
    /// The reply that shows it.
    pub fn reply(self) -> Reply {
        match self {
            Self::Packed(bytes) => Reply::brief(bytes),
            Self::Apart(text) => text.reply(),
        }
    }

    /// Its bytes, to be kept.
    pub fn bytes(self) -> Bytes {
        match self {
            Self::Packed(bytes) => Bytes::copy_from_slice(bytes),
            Self::Apart(text) => text.bytes(),
        }
    }
}

impl Deref for Content<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Packed(bytes) => bytes,
            Self::Apart(text) => text,
        }
    }
}

impl Default for Hash {
    fn default() -> Self {
        Self(Form::Packed(Packed::default()))
    }
}

impl Hash {
    /// Number of fields.
    pub fn len(&self) -> usize {
        match &self.0 {
            Form::Packed(packed) => packed.len(),
            Form::Table(table) => table.fields.len(),
        }
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All fields of a small hash, to be shown.
    pub fn list(&self) -> Option<FieldList> {
        match &self.0 {
            Form::Packed(packed) => Some(packed.list()),
            Form::Table(_) => None,
        }
    }

    /// The value of a field.
    pub fn get(&self, field: &[u8]) -> Option<Content<'_>> {
        match &self.0 {
            Form::Packed(packed) => packed.find(field).map(|found| Content::Packed(found.value)),
            Form::Table(table) => table.fields.get(field).map(Content::Apart),
        }
    }

    /// Whether a field is there.
    pub fn contains(&self, field: &[u8]) -> bool {
        self.get(field).is_some()
    }

    /// Sets a field, which keeps its place if it has one. Returns whether it is a new one.
    pub fn insert(&mut self, field: &[u8], value: Text) -> bool {
        let table = match &mut self.0 {
            Form::Table(table) => table,
            Form::Packed(packed) => match packed.set(field, &value) {
                Some(is_new) => return is_new,
                None => self.unpack(),
            },
        };
        table.insert(field, value)
    }

    /// Removes a field. Returns false if it was not there.
    pub fn remove(&mut self, field: &[u8]) -> bool {
        match &mut self.0 {
            Form::Packed(packed) => packed.remove(field),
            Form::Table(table) => table.remove(field),
        }
    }

    /// The field at a place below [`len`](Self::len): with a random place, a random field.
    pub fn nth(&self, place: usize) -> Option<(&[u8], Content<'_>)> {
        match &self.0 {
            Form::Packed(packed) => packed.iter().nth(place).map(packed::Found::shown),
            Form::Table(table) => table.fields.nth(place).map(shown),
        }
    }

    /// The fields in order of insertion, as far as removals have kept it.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], Content<'_>)> {
        let (packed, table) = match &self.0 {
            Form::Packed(packed) => (Some(packed), None),
            Form::Table(table) => (None, Some(table)),
        };
        let packed = packed.into_iter().flat_map(Packed::iter).map(packed::Found::shown);
        packed.chain(table.into_iter().flat_map(|table| table.fields.iter()).map(shown))
    }

    /// Visits fields as [`Dict::scan`] does.
    pub fn scan(
        &self,
        cursor: u64,
        count: usize,
        mut visit: impl FnMut(&[u8], Content<'_>),
    ) -> u64 {
        match &self.0 {
            Form::Packed(packed) => {
                packed.scan(cursor, count, |found| visit(found.field, Content::Packed(found.value)))
            }
            Form::Table(table) => {
                table.fields.scan(cursor, count, |field, value| visit(field, Content::Apart(value)))
            }
        }
    }

    /// Whether Redis would keep it packed. It turns a packed hash into a table when it outgrows one
    /// of these limits, and never back: so what counts is what it has ever held.
    pub fn is_packed(&self, fields_max: u64, bytes_max: u64) -> bool {
        let ever = match &self.0 {
            Form::Packed(packed) => packed.ever(),
            Form::Table(table) => table.ever,
        };
        ever.fields as u64 <= fields_max && ever.longest as u64 <= bytes_max
    }

    /// What `OBJECT ENCODING` answers.
    pub fn encoding(&self, fields_max: u64, bytes_max: u64) -> &'static str {
        if self.is_packed(fields_max, bytes_max) { "listpack" } else { "hashtable" }
    }

    /// Estimate of the bytes that it holds on the heap.
    pub fn memory(&self) -> usize {
        match &self.0 {
            Form::Packed(packed) => packed.memory(),
            Form::Table(table) => {
                size_of::<Table>() - size_of::<Dict<Text>>()
                    + table.fields.memory()
                    + table.value_bytes
            }
        }
    }

    fn unpack(&mut self) -> &mut Table {
        let mut table = Table { fields: Dict::new(), value_bytes: 0, ever: Extent::default() };
        if let Form::Packed(packed) = &self.0 {
            for found in packed.iter() {
                table.insert(found.field, Bytes::copy_from_slice(found.value).into());
            }
            table.ever = packed.ever();
        }
        self.0 = Form::Table(Box::new(table));
        match &mut self.0 {
            Form::Table(table) => table,
            Form::Packed(_) => unreachable!("it has just become a table"),
        }
    }
}

impl Table {
    fn insert(&mut self, field: &[u8], value: Text) -> bool {
        self.ever.longest = self.ever.longest.max(field.len()).max(value.len());
        self.value_bytes += value.heap_bytes();
        let old = self.fields.insert(field, value);
        self.value_bytes -= old.as_ref().map_or(0, Text::heap_bytes);
        self.ever.fields = self.ever.fields.max(self.fields.len());
        old.is_none()
    }

    fn remove(&mut self, field: &[u8]) -> bool {
        let removed = if self.fields.len() <= ORDERED_MAX {
            self.fields.remove_in_order(field)
        } else {
            self.fields.remove(field)
        };
        self.value_bytes -= removed.as_ref().map_or(0, Text::heap_bytes);
        removed.is_some()
    }
}

fn shown<'a>((field, value): (&'a [u8], &'a Text)) -> (&'a [u8], Content<'a>) {
    (field, Content::Apart(value))
}
