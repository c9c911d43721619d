//! A node: up to about a hundred neighbouring entries side by side in one buffer.
//!
//! ```text
//!   buffer  |count|field|field|...|entry|entry|entry|...
//!            `- shared fields ---'
//!   entry   |length of the rest|flags|ms|seq|value|value|...              with the shared fields
//!           |length of the rest|flags|ms|seq|count|field|value|field|...  with its own
//! ```
//!
//! The fields of the first entry are shared by all that have the same. Ids are kept as differences to the node's own,
//! which is that of its first entry. Every number is a varint, and a word is its length and its bytes. A removed entry
//! stays where it is and is marked, until all of its node is gone.

use std::ops::Deref;

use super::id::StreamId;
use super::listpack::{EMPTY_BYTES, integer_bytes, word_bytes};
use super::varint;

/// The entry was removed.
const REMOVED: u8 = 1;
/// The entry has the shared fields.
const SAME_FIELDS: u8 = 1 << 1;

/// Entries of a stream, the first of which gave the node its id. Whoever calls it knows that id.
#[derive(Debug, Clone)]
pub struct Node {
    bytes: Vec<u8>,
    /// Where the entries begin.
    entries_at: u32,
    live: u32,
    removed: u32,
    /// What Redis would take for all but the two counters.
    listpack_bytes: u32,
    last_id: StreamId,
}

/// An entry, and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    /// Its id.
    pub id: StreamId,
    /// Its fields and values.
    pub fields: Fields<'a>,
    /// Whether it was removed.
    pub removed: bool,
    /// Where its flags stand.
    flags_at: usize,
}

/// The fields and values of an entry: an iterator over pairs.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    /// The shared fields, if the entry has those.
    shared: Option<&'a [u8]>,
    own: &'a [u8],
    left: usize,
}

impl Node {
    /// A node for an entry with these words, which is still to be appended.
    pub fn new<W: Deref<Target = [u8]>>(
        id: StreamId,
        words: impl ExactSizeIterator<Item = W>,
    ) -> Self {
        let count = words.len() / 2;
        let mut bytes = Vec::new();
        varint::push(&mut bytes, count as u64);
        let mut listpack_bytes = EMPTY_BYTES + integer_bytes(count as i64) + integer_bytes(0);
        for field in words.step_by(2) {
            varint::push_word(&mut bytes, &field);
            listpack_bytes += word_bytes(&field);
        }
        Self {
            entries_at: bytes.len() as u32,
            bytes,
            live: 0,
            removed: 0,
            listpack_bytes: listpack_bytes as u32,
            last_id: id,
        }
    }

    /// Whether Redis would append an entry of `bytes` bytes of words to this node, and not to a new one.
    pub(super) fn has_room(&self, bytes: usize, entries_max: u64, bytes_max: u64) -> bool {
        let entries = u64::from(self.live) + u64::from(self.removed);
        (self.listpack_bytes() + bytes as u64) < bytes_max
            && (entries_max == 0 || entries < entries_max)
    }

    /// Appends an entry, whose id is greater than all before, and gives its [place](Placed::place). `own_id` is the
    /// node's.
    pub fn append<W: Deref<Target = [u8]>>(
        &mut self,
        own_id: StreamId,
        id: StreamId,
        words: impl ExactSizeIterator<Item = W> + Clone,
    ) -> usize {
        let count = words.len() / 2;
        let same = self.shares(words.clone());
        let (ms, seq) = (id.ms.wrapping_sub(own_id.ms), id.seq.wrapping_sub(own_id.seq) as i64);
        let mut len = 1 + varint::len(ms) + varint::len(varint::zigzag(seq));
        let mut listpack = integer_bytes(2) + integer_bytes(ms as i64) + integer_bytes(seq);
        let mut pieces = 3 + count;
        if !same {
            len += varint::len(count as u64);
            listpack += integer_bytes(count as i64);
            pieces += 1 + count;
        }
        let kept = words.enumerate().filter(|(at, _)| !same || at % 2 == 1).map(|(_, word)| word);
        for word in kept.clone() {
            len += varint::len(word.len() as u64) + word.len();
            listpack += word_bytes(&word);
        }
        let bytes = &mut self.bytes;
        bytes.reserve(len + varint::len(len as u64));
        varint::push(bytes, len as u64);
        let place = bytes.len();
        bytes.push(if same { SAME_FIELDS } else { 0 });
        varint::push(bytes, ms);
        varint::push(bytes, varint::zigzag(seq));
        if !same {
            varint::push(bytes, count as u64);
        }
        kept.for_each(|word| varint::push_word(bytes, &word));
        self.listpack_bytes += (listpack + integer_bytes(pieces as i64)) as u32;
        self.live += 1;
        self.last_id = id;
        place
    }

    /// Gives back the room for entries that will not come.
    pub(super) fn close(&mut self) {
        self.bytes.shrink_to_fit();
    }

    /// Marks an entry as removed, which it is not yet.
    pub fn remove(&mut self, place: usize) {
        self.bytes[place] |= REMOVED;
        self.live -= 1;
        self.removed += 1;
    }

    /// The number of entries that were not removed.
    pub fn live(&self) -> u64 {
        self.live.into()
    }

    /// The number of entries that were.
    pub fn removed(&self) -> u64 {
        self.removed.into()
    }

    /// The fields of its first entry, which others share.
    pub fn shared_fields(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        let mut shared = &self.bytes[..self.entries_at as usize];
        let count = varint::take(&mut shared) as usize;
        (0..count).map(move |_| varint::take_word(&mut shared))
    }

    /// The id of the last entry, whether or not it was removed.
    pub(super) fn last_id(&self) -> StreamId {
        self.last_id
    }

    /// Estimate of the bytes on the heap.
    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity()
    }

    /// All entries in order, removed ones too. `own_id` is the node's.
    pub fn entries(&self, own_id: StreamId) -> impl Iterator<Item = Placed<'_>> {
        let mut at = self.entries_at as usize;
        std::iter::from_fn(move || {
            let mut rest = self.bytes.get(at..).filter(|rest| !rest.is_empty())?;
            let len = varint::take(&mut rest) as usize;
            let flags_at = self.bytes.len() - rest.len();
            at = flags_at + len;
            Some(self.placed(own_id, flags_at, &rest[..len]))
        })
    }

    fn placed<'a>(&'a self, own_id: StreamId, flags_at: usize, entry: &'a [u8]) -> Placed<'a> {
        let (flags, mut own) = (entry[0], &entry[1..]);
        let ms = own_id.ms.wrapping_add(varint::take(&mut own));
        let seq = own_id.seq.wrapping_add(varint::unzigzag(varint::take(&mut own)) as u64);
        let mut shared =
            (flags & SAME_FIELDS != 0).then(|| &self.bytes[..self.entries_at as usize]);
        let left = varint::take(shared.as_mut().unwrap_or(&mut own)) as usize;
        let fields = Fields { shared, own, left };
        Placed { id: StreamId { ms, seq }, fields, removed: flags & REMOVED != 0, flags_at }
    }

    /// Whether these words have the shared fields.
    fn shares<W: Deref<Target = [u8]>>(&self, words: impl ExactSizeIterator<Item = W>) -> bool {
        let mut shared = &self.bytes[..self.entries_at as usize];
        varint::take(&mut shared) as usize == words.len() / 2
            && words.step_by(2).all(|field| varint::take_word(&mut shared) == &*field)
    }

    fn listpack_bytes(&self) -> u64 {
        let counters = integer_bytes(self.live.into()) + integer_bytes(self.removed.into());
        u64::from(self.listpack_bytes) + counters as u64
    }
}

impl<'a> Placed<'a> {
    /// What [`Node::remove`] wants to know.
    pub fn place(&self) -> usize {
        self.flags_at
    }

    /// Whether its fields are those that the node's first entry has.
    pub fn shares_fields(&self) -> bool {
        self.fields.shared.is_some()
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let field = varint::take_word(self.shared.as_mut().unwrap_or(&mut self.own));
        Some((field, varint::take_word(&mut self.own)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Fields<'_> {}
