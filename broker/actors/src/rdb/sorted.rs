//! Sorted sets: a listpack of members and their scores in ascending order, or members and scores one after the other, in
//! descending order, which makes them quick to read for Redis.

use super::kind::Kind;
use super::listpack::{self, Builder};
use super::reader::Reader;
use super::word::Word;
use super::writer::Writer;
use super::{Sizes, ziplist};
use crate::collections::{Packing, SortedSet, number, packed_integer};

/// In place of the length of a score's text: no number, and the infinities.
const TEXT_NAN: u8 = 253;
const TEXT_INFINITE: u8 = 254;
const TEXT_MINUS_INFINITE: u8 = 255;

pub(super) fn write(sorted: &SortedSet, out: &mut Writer) {
    if sorted.is_packed() {
        let mut listpack = Builder::new();
        sorted.visit_all(|name, score| {
            listpack.push(name);
            match packed_integer(score) {
                Some(score) => listpack.push_int(score),
                None => listpack.push(number::format_f64(score).as_bytes()),
            }
        });
        out.kind(Kind::SortedListpack);
        out.string(&listpack.finish());
    } else {
        out.kind(Kind::SortedBinary);
        out.count(sorted.len());
        sorted.visit(0..sorted.len(), true, |name, score| {
            out.string(name);
            out.raw(&score.to_le_bytes());
        });
    }
}

pub(super) fn read(kind: Kind, input: &mut Reader<'_>, sizes: &Sizes) -> Option<SortedSet> {
    if matches!(kind, Kind::SortedZiplist | Kind::SortedListpack) {
        let packed = input.string()?;
        // What was packed stays so, however long its members are.
        let packing = Packing { bytes_max: u64::MAX, ..sizes.sorted };
        return match kind {
            Kind::SortedZiplist => in_order(ziplist::words(&packed)?, packing),
            _ => in_order(listpack::words(&packed)?, packing),
        };
    }
    let mut sorted = SortedSet::default();
    for _ in 0..input.some_count()? {
        let name = input.string()?;
        let score = match kind {
            Kind::SortedText => text_score(input)?,
            _ => f64::from_le_bytes(*input.chunk()?),
        };
        add(&mut sorted, &name, score, Packing::NEVER)?;
    }
    sorted.pack(sizes.sorted);
    Some(sorted)
}

/// A sorted set of members, each followed by its score, that must be in order.
fn in_order<'a>(mut words: impl Iterator<Item = Word<'a>>, packing: Packing) -> Option<SortedSet> {
    let mut sorted = SortedSet::default();
    let mut last: Option<(f64, Word<'_>)> = None;
    while let Some(name) = words.next() {
        let score = number::parse_f64(&words.next()?)?;
        if last.is_some_and(|(before, last)| (before, &*last) >= (score, &*name)) {
            return None;
        }
        add(&mut sorted, &name, score, packing)?;
        last = Some((score, name));
    }
    (!sorted.is_empty()).then_some(sorted)
}

/// Adds a member; `None` if it is there already, or its score is no number.
fn add(sorted: &mut SortedSet, name: &[u8], score: f64, packing: Packing) -> Option<()> {
    if score.is_nan() {
        return None;
    }
    let mut is_new = false;
    sorted.update(name, packing, |old| {
        is_new = old.is_none();
        is_new.then_some(score)
    });
    is_new.then_some(())
}

fn text_score(input: &mut Reader<'_>) -> Option<f64> {
    match input.byte()? {
        TEXT_NAN => None,
        TEXT_INFINITE => Some(f64::INFINITY),
        TEXT_MINUS_INFINITE => Some(f64::NEG_INFINITY),
        len => number::parse_f64(input.bytes(len.into())?),
    }
}
