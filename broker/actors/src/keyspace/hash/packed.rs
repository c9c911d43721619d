//! A small hash: its fields side by side in one buffer, in order of insertion.
//!
//! ```text
//!   length of the name (1 byte) | name | length of the value (1 byte) | value
//! ```
//!
//! Finding a field means looking at all before it, which is as fast as a table while they are few.

use std::ops::Range;

use super::{Content, Extent};
use crate::collections::{reserve_closely, scan_step};

/// The most fields, …
const FIELDS_MAX: u8 = 128;
/// … and the longest name or value in bytes. Redis packs up to 512 fields of this length by default; what it packs
/// beyond 128 is rare, and slow to look through.
const BYTES_MAX: usize = 64;

/// Fields in order of insertion.
#[derive(Debug, Clone, Default)]
pub(super) struct Packed {
    bytes: Vec<u8>,
    count: u8,
    /// The most fields and the longest name or value that it has ever held.
    most: u8,
    longest: u8,
}

/// A field, and where it lies.
#[derive(Debug, Clone)]
pub(super) struct Found<'a> {
    pub(super) field: &'a [u8],
    pub(super) value: &'a [u8],
    at: Range<usize>,
}

impl<'a> Found<'a> {
    /// The field as others see it.
    pub(super) fn shown(self) -> (&'a [u8], Content<'a>) {
        (self.field, Content::Packed(self.value))
    }
}

impl Packed {
    pub(super) fn len(&self) -> usize {
        usize::from(self.count)
    }

    pub(super) fn iter(&self) -> Fields<'_> {
        Fields { bytes: &self.bytes, at: 0 }
    }

    pub(super) fn list(&self) -> FieldList {
        FieldList { bytes: self.bytes.as_slice().into(), count: self.count }
    }

    pub(super) fn find(&self, field: &[u8]) -> Option<Found<'_>> {
        self.iter().find(|found| found.field == field)
    }

    /// Sets a field. Returns whether it is a new one; `None`, and nothing is changed, if it does not fit.
    pub(super) fn set(&mut self, field: &[u8], value: &[u8]) -> Option<bool> {
        if field.len() > BYTES_MAX || value.len() > BYTES_MAX {
            return None;
        }
        let place = self.find(field).map(|found| found.at.end - found.value.len()..found.at.end);
        let is_new = place.is_none();
        match place {
            Some(place) if place.len() == value.len() => {
                self.bytes[place].copy_from_slice(value);
            }
            Some(place) => {
                reserve_closely(&mut self.bytes, value.len());
                self.bytes[place.start - 1] = value.len() as u8;
                self.bytes.splice(place, value.iter().copied());
            }
            None if self.count == FIELDS_MAX => return None,
            None => {
                reserve_closely(&mut self.bytes, field.len() + value.len() + 2);
                for word in [field, value] {
                    self.bytes.push(word.len() as u8);
                    self.bytes.extend_from_slice(word);
                }
                self.count += 1;
            }
        }
        self.most = self.most.max(self.count);
        self.longest = self.longest.max(field.len().max(value.len()) as u8);
        Some(is_new)
    }

    pub(super) fn remove(&mut self, field: &[u8]) -> bool {
        let Some(at) = self.find(field).map(|found| found.at) else { return false };
        self.bytes.drain(at);
        self.count -= 1;
        true
    }

    pub(super) fn scan(&self, cursor: u64, count: usize, visit: impl FnMut(Found<'_>)) -> u64 {
        let step = scan_step(self.len(), cursor, count);
        self.iter().skip(step.start).take(step.len()).for_each(visit);
        step.start as u64
    }

    pub(super) fn ever(&self) -> Extent {
        Extent { fields: usize::from(self.most), longest: usize::from(self.longest) }
    }

    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity()
    }
}

/// The fields of a small hash, copied as they lie there: a reply that takes one allocation however many they are.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldList {
    bytes: Box<[u8]>,
    count: u8,
}

impl FieldList {
    /// How many fields there are.
    pub fn len(&self) -> usize {
        usize::from(self.count)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The bytes of all names and values, and one more for each.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The name of each field and its value, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        Fields { bytes: &self.bytes, at: 0 }.map(|found| (found.field, found.value))
    }
}

/// The fields of a packed hash, in order.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    /// The word at a place, and where it ends.
    fn word(&self, at: usize) -> Option<(&'a [u8], usize)> {
        let start = at + 1;
        let end = start + usize::from(*self.bytes.get(at)?);
        Some((&self.bytes[start..end], end))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Found<'a>> {
        let start = self.at;
        let (field, middle) = self.word(start)?;
        let (value, end) = self.word(middle)?;
        self.at = end;
        Some(Found { field, value, at: start..end })
    }
}
