//! Hashes: a listpack, or the fields one after the other, each followed by its value.

use super::kind::Kind;
use super::listpack::{self, Builder};
use super::reader::Reader;
use super::word::Word;
use super::writer::Writer;
use super::{Sizes, ziplist, zipmap};
use crate::collections::Text;
use crate::keyspace::Hash;

pub(super) fn write(hash: &Hash, sizes: &Sizes, out: &mut Writer) {
    if hash.is_packed(sizes.hash_fields_max, sizes.hash_bytes_max) {
        let mut listpack = Builder::new();
        for (field, value) in hash.iter() {
            listpack.push(field);
            listpack.push(&value);
        }
        out.kind(Kind::HashListpack);
        out.string(&listpack.finish());
    } else {
        out.kind(Kind::Hash);
        out.count(hash.len());
        for (field, value) in hash.iter() {
            out.string(field);
            out.string(&value);
        }
    }
}

pub(super) fn read(kind: Kind, input: &mut Reader<'_>) -> Option<Hash> {
    let mut hash = Hash::default();
    if kind == Kind::Hash {
        for _ in 0..input.some_count()? {
            let (field, value) = (input.string()?, input.string()?);
            add(&mut hash, &field, &value)?;
        }
        return Some(hash);
    }
    let packed = input.string()?;
    match kind {
        Kind::HashZipmap => {
            let mut fields = zipmap::fields(&packed)?;
            fields.try_for_each(|(field, value)| add(&mut hash, field, value))?;
        }
        Kind::HashZiplist => add_pairs(&mut hash, ziplist::words(&packed)?)?,
        _ => add_pairs(&mut hash, listpack::words(&packed)?)?,
    }
    (!hash.is_empty()).then_some(hash)
}

fn add_pairs<'a>(hash: &mut Hash, mut words: impl Iterator<Item = Word<'a>>) -> Option<()> {
    while let Some(field) = words.next() {
        add(hash, &field, &words.next()?)?;
    }
    Some(())
}

/// Adds a field; `None` if it is there already.
fn add(hash: &mut Hash, field: &[u8], value: &[u8]) -> Option<()> {
    hash.insert(field, Text::from(value)).then_some(())
}
