//! Values as bytes, in the form that Redis 7.0 gives them in its RDB files: what `DUMP` answers and `RESTORE` takes.
//!
//! ```text
//!   payload | kind (1 byte) | value | version of the format (2 bytes) | CRC-64 of all before (8 bytes) |
//! ```
//!
//! Where Redis's bytes follow from the value alone, ours are the same. What is read may come from anybody, so nothing
//! in it is believed: a length is checked against the bytes that are there before anything is made of it, and
//! whatever contradicts itself is refused whole.
//!
//! Reading order: `kind`, `reader` and `writer` for lengths and strings, `listpack` for small collections, then a file
//! for each type.

mod envelope;
mod hash;
mod intset;
mod kind;
mod list;
mod listpack;
mod lzf;
mod reader;
mod set;
mod sorted;
mod stream;
mod word;
mod writer;
mod ziplist;
mod zipmap;

#[cfg(test)]
mod tests;

use crate::collections::Packing;
use crate::keyspace::{Str, Value};
use crate::limits::Limits;
use kind::Kind;
use reader::Reader;
use writer::Writer;

/// Up to which sizes collections are kept in their small forms: the limits of these names.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// `hash-max-listpack-entries`
    pub hash_fields_max: u64,
    /// `hash-max-listpack-value`
    pub hash_bytes_max: u64,
    /// `set-max-intset-entries`
    pub set_ints_max: u64,
    /// Those of sorted sets.
    pub sorted: Packing,
}

impl Sizes {
    /// The present ones.
    pub fn of(limits: &Limits) -> Self {
        Self {
            hash_fields_max: limits.hash_listpack_entries_max.get(),
            hash_bytes_max: limits.hash_listpack_value_max.get(),
            set_ints_max: limits.set_intset_entries_max.get(),
            sorted: Packing {
                members_max: limits.zset_listpack_entries_max.get(),
                bytes_max: limits.zset_listpack_value_max.get(),
            },
        }
    }
}

/// Why a payload was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// It was written by a later version, or is not what was written.
    Envelope,
    /// It is whole, but makes no sense.
    Content,
}

/// Writes a value, its expiry not included.
pub fn dump(value: &Value, sizes: &Sizes) -> Vec<u8> {
    let mut out = Writer::default();
    match value {
        Value::Str(string) => {
            out.kind(Kind::String);
            string.with_bytes(|bytes| out.string(bytes));
        }
        Value::List(list) => list::write(list, &mut out),
        Value::Hash(hash) => hash::write(hash, sizes, &mut out),
        Value::Set(set) => set::write(set, &mut out),
        Value::SortedSet(sorted) => sorted::write(sorted, &mut out),
        Value::Stream(stream) => stream::write(stream, &mut out),
    }
    envelope::seal(out.finish())
}

/// Reads a value. It is kept in the form that Redis would give it.
///
/// # Errors
/// [`Damage`]; nothing was made then that is larger than the payload, decompressed, accounts for.
pub fn restore(payload: &[u8], sizes: &Sizes) -> Result<Value, Damage> {
    if !envelope::is_whole(payload) {
        return Err(Damage::Envelope);
    }
    // As in Redis the envelope itself is not kept from being read: a value that ends too early to be one, and goes on in
    // its checksum, may make sense.
    read(&mut Reader::new(payload), sizes).ok_or(Damage::Content)
}

fn read(input: &mut Reader<'_>, sizes: &Sizes) -> Option<Value> {
    let kind = Kind::of_byte(input.byte()?)?;
    Some(match kind {
        Kind::String => Value::Str(Str::new(input.string()?.into_owned().into())),
        Kind::List | Kind::ListZiplist | Kind::Quicklist | Kind::Quicklist2 => {
            Value::List(Box::new(list::read(kind, input)?))
        }
        Kind::Hash | Kind::HashZipmap | Kind::HashZiplist | Kind::HashListpack => {
            Value::Hash(hash::read(kind, input)?)
        }
        Kind::Set | Kind::SetIntset => Value::Set(Box::new(set::read(kind, input, sizes)?)),
        Kind::SortedText | Kind::SortedBinary | Kind::SortedZiplist | Kind::SortedListpack => {
            Value::SortedSet(sorted::read(kind, input, sizes)?)
        }
        Kind::Stream | Kind::Stream2 => Value::Stream(Box::new(stream::read(kind, input)?)),
    })
}
