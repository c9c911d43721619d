//! A small sorted set: its entries in order, side by side in one buffer.
//!
//! ```text
//!   length of the name (1 byte, or 0xff and 4) | name | kind of score | score (0, 2, 4 or 8 bytes)
//! ```
//!
//! Finding anything means looking at all, which is as fast as a table while they are few.

use std::ops::Range;

use crate::collections::reserve_closely;

/// A length that does not fit into one byte follows in four.
const LONG: u8 = 0xff;

/// Scores from 0 below this need no bytes but the kind.
const SMALL_MAX: u8 = 0xf0;
/// The kinds of the others.
const KIND_I16: u8 = 0xf1;
const KIND_I32: u8 = 0xf2;
const KIND_F64: u8 = 0xf3;

/// Entries in order of score and name.
#[derive(Clone, Debug, Default)]
pub(super) struct Packed {
    bytes: Vec<u8>,
    count: u32,
}

/// An entry, and where it lies.
#[derive(Clone, Debug)]
pub(super) struct Found<'a> {
    pub(super) name: &'a [u8],
    pub(super) score: f64,
    pub(super) rank: usize,
    at: Range<usize>,
}

impl Packed {
    pub(super) fn len(&self) -> usize {
        self.count as usize
    }

    pub(super) fn iter(&self) -> Entries<'_> {
        Entries { bytes: &self.bytes, at: 0, rank: 0 }
    }

    pub(super) fn find(&self, name: &[u8]) -> Option<Found<'_>> {
        self.iter().find(|entry| entry.name == name)
    }

    /// Adds an entry whose name must not be there yet. As in Redis's packed form there is no negative zero.
    pub(super) fn add(&mut self, name: &[u8], score: f64) {
        let score = score + 0.0;
        let after = |entry: &Found<'_>| (entry.score, entry.name) >= (score, name);
        let at = self.iter().find(after).map_or(self.bytes.len(), |entry| entry.at.start);
        let mut tail = [0; 9];
        let tail = write_score(score, &mut tail);
        let mut head = [LONG; 5];
        let head = match u8::try_from(name.len()) {
            Ok(len) if len < LONG => {
                head[0] = len;
                &head[..1]
            }
            _ => {
                head[1..].copy_from_slice(&(name.len() as u32).to_le_bytes());
                &head[..]
            }
        };
        let need = head.len() + name.len() + tail.len();
        reserve_closely(&mut self.bytes, need);
        let new = head.iter().chain(name).chain(tail).copied();
        if at == self.bytes.len() {
            self.bytes.extend(new);
        } else {
            let old = self.bytes.len();
            self.bytes.resize(old + need, 0);
            self.bytes.copy_within(at..old, at + need);
            self.bytes[at..at + need].iter_mut().zip(new).for_each(|(byte, new)| *byte = new);
        }
        self.count += 1;
    }

    /// Removes the entries at these ranks.
    pub(super) fn remove(&mut self, ranks: Range<usize>) {
        let offset = |rank| self.iter().nth(rank).map_or(self.bytes.len(), |entry| entry.at.start);
        let gone = offset(ranks.start)..offset(ranks.end);
        self.bytes.drain(gone);
        self.count -= ranks.len() as u32;
    }

    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity()
    }
}

/// The entries of a packed set, in order.
#[derive(Clone, Debug)]
pub(super) struct Entries<'a> {
    bytes: &'a [u8],
    at: usize,
    rank: usize,
}

impl<'a> Iterator for Entries<'a> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Found<'a>> {
        let start = self.at;
        let (len, header) = match *self.bytes.get(start..)? {
            [] => return None,
            [LONG, a, b, c, d, ..] => (u32::from_le_bytes([a, b, c, d]) as usize, 5),
            [len, ..] => (usize::from(len), 1),
        };
        let name = &self.bytes[start + header..][..len];
        let (score, size) = read_score(&self.bytes[start + header + len..]);
        self.at = start + header + len + size;
        let rank = self.rank;
        self.rank += 1;
        Some(Found { name, score, rank, at: start..self.at })
    }
}

fn write_score(score: f64, room: &mut [u8; 9]) -> &[u8] {
    let int = score as i32;
    let is_int = f64::from(int) == score;
    let (kind, bytes) = room.split_at_mut(1);
    let size = match (u8::try_from(int), i16::try_from(int)) {
        (Ok(small), _) if is_int && small < SMALL_MAX => {
            kind[0] = small;
            0
        }
        (_, Ok(int)) if is_int => {
            kind[0] = KIND_I16;
            bytes[..2].copy_from_slice(&int.to_le_bytes());
            2
        }
        _ if is_int => {
            kind[0] = KIND_I32;
            bytes[..4].copy_from_slice(&int.to_le_bytes());
            4
        }
        _ => {
            kind[0] = KIND_F64;
            bytes.copy_from_slice(&score.to_le_bytes());
            8
        }
    };
    &room[..=size]
}

/// A score, and how many bytes it takes.
fn read_score(bytes: &[u8]) -> (f64, usize) {
    match *bytes {
        [KIND_I16, a, b, ..] => (f64::from(i16::from_le_bytes([a, b])), 3),
        [KIND_I32, a, b, c, d, ..] => (f64::from(i32::from_le_bytes([a, b, c, d])), 5),
        [KIND_F64, a, b, c, d, e, f, g, h, ..] => (f64::from_le_bytes([a, b, c, d, e, f, g, h]), 9),
        [small, ..] => (f64::from(small), 1),
        [] => (0.0, 0),
    }
}
