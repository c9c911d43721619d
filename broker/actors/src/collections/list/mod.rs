//! A sequence of byte strings: a Redis list, or one priority's lane of a mailbox.
//!
//! The model is Redis's quicklist: chunks of up to 8 KB in order, short elements packed in them
//! side by side, a long element alone in its chunk. Queued elements of 200 bytes then cost about
//! 205 bytes each, both ends are pushed and popped without moving neighbours, and an index is found
//! by skipping whole chunks.

mod chunk;
mod packed;
mod spine;
#[cfg(test)]
mod tests;

use std::ops::Range;

use bytes::Bytes;

use chunk::Chunk;
use packed::{CHUNK_MAX, PACKED_ELEMENT_MAX, Packed};
use spine::Spine;

/// A list of byte strings, at most as long as memory allows.
///
/// An empty list owns no memory; it takes 32 bytes itself. Pushes and pops at both ends take
/// constant time (amortised); what takes an index walks over chunks from the nearer end.
#[derive(Debug, Clone, Default)]
pub struct List {
    spine: Spine,
}

impl List {
    /// An empty list, without allocating.
    pub const fn new() -> Self {
        Self { spine: Spine::Empty }
    }

    /// Number of elements, in constant time.
    pub fn len(&self) -> usize {
        self.spine.totals().len
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.spine.count() == 0
    }

    /// Bytes of all elements together, without what holding them costs; in constant time.
    pub fn bytes(&self) -> usize {
        self.spine.totals().bytes
    }

    /// Estimate of the bytes of memory this list holds, itself included; in constant time.
    pub fn memory(&self) -> usize {
        size_of::<Self>() + self.spine.totals().heap + self.spine.heap()
    }

    /// Adds a copy of `element` before the first.
    pub fn push_front(&mut self, element: &[u8]) {
        if element.len() > PACKED_ELEMENT_MAX {
            return self.spine.insert(0, long(Bytes::copy_from_slice(element)));
        }
        let pushed = |chunk: &mut Chunk| chunk.packed_mut().is_some_and(|p| p.push_front(element));
        if self.spine.edit(0, pushed) != Some(true) {
            let mut packed = Chunk::beside(self.spine.first());
            packed.push_front(element);
            self.spine.insert(0, Chunk::Packed(packed));
        }
    }

    /// Adds a copy of `element` after the last.
    pub fn push_back(&mut self, element: &[u8]) {
        let count = self.spine.count();
        if element.len() > PACKED_ELEMENT_MAX {
            return self.spine.insert(count, long(Bytes::copy_from_slice(element)));
        }
        let pushed = |chunk: &mut Chunk| chunk.packed_mut().is_some_and(|p| p.push_back(element));
        if self.spine.edit(count.wrapping_sub(1), pushed) != Some(true) {
            let mut packed = Chunk::beside(self.spine.last());
            packed.push_back(element);
            self.spine.insert(count, Chunk::Packed(packed));
        }
    }

    /// As [`push_front`](Self::push_front); an element of more than 8 KB is kept without copying
    /// it. It then keeps the whole buffer alive that it is a slice of.
    pub fn push_front_bytes(&mut self, element: Bytes) {
        if element.len() > CHUNK_MAX {
            self.spine.insert(0, long(element));
        } else {
            self.push_front(&element);
        }
    }

    /// As [`push_back`](Self::push_back); an element of more than 8 KB is kept without copying it.
    /// It then keeps the whole buffer alive that it is a slice of.
    pub fn push_back_bytes(&mut self, element: Bytes) {
        if element.len() > CHUNK_MAX {
            self.spine.insert(self.spine.count(), long(element));
        } else {
            self.push_back(&element);
        }
    }

    /// The first element.
    pub fn front(&self) -> Option<&[u8]> {
        self.spine.first()?.first()
    }

    /// The last element.
    pub fn back(&self) -> Option<&[u8]> {
        self.spine.last()?.last()
    }

    /// Takes the first element off. A long element comes out without copying.
    pub fn pop_front(&mut self) -> Option<Bytes> {
        let element = self.spine.first()?.first_bytes();
        self.drop_front();
        element
    }

    /// Takes the last element off. A long element comes out without copying.
    pub fn pop_back(&mut self) -> Option<Bytes> {
        let element = self.spine.last()?.last_bytes();
        self.drop_back();
        element
    }

    /// Forgets the first element: a pop for those who have used [`front`](Self::front). False if
    /// there is none.
    pub fn drop_front(&mut self) -> bool {
        self.drop_from(0, Packed::drop_front)
    }

    /// Forgets the last element: a pop for those who have used [`back`](Self::back). False if there
    /// is none.
    pub fn drop_back(&mut self) -> bool {
        self.drop_from(self.spine.count().wrapping_sub(1), Packed::drop_back)
    }

    /// The element at `index`, counted from 0 at the front.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        let (at, within) = self.locate(index)?;
        self.spine.get(at)?.get(within)
    }

    /// Replaces the element at `index`; false if there is none.
    pub fn set(&mut self, index: usize, element: &[u8]) -> bool {
        let Some((at, within)) = self.locate(index) else {
            return false;
        };
        let overwrite =
            |chunk: &mut Chunk| chunk.packed_mut().is_some_and(|p| p.overwrite(within, element));
        if self.spine.edit(at, overwrite) != Some(true) {
            self.drop_from(at, |packed| packed.remove(within));
            self.insert(index, element);
        }
        true
    }

    /// Puts a copy of `element` before the one at `index`; at the back if there are not so many.
    pub fn insert(&mut self, index: usize, element: &[u8]) {
        let Some((at, within)) = self.locate(index).filter(|_| index > 0) else {
            return if index == 0 {
                self.push_front(element);
            } else {
                self.push_back(element);
            };
        };
        let fits = element.len() <= PACKED_ELEMENT_MAX;
        let inserted =
            |chunk: &mut Chunk| chunk.packed_mut().is_some_and(|p| p.insert(within, element));
        if !(fits && self.spine.edit(at, inserted) == Some(true)) {
            self.insert_chunk(at, within, element);
        }
    }

    /// Takes the element at `index` out.
    pub fn remove(&mut self, index: usize) -> Option<Bytes> {
        let (at, within) = self.locate(index)?;
        let element = self.spine.get(at)?.get_bytes(within);
        self.drop_from(at, |packed| packed.remove(within));
        element
    }

    /// Removes elements equal to `element`, at most `limit` of them, those nearest the front (or,
    /// `from_back`, the back) first. Returns how many. One walk over the list, however many are
    /// removed.
    pub fn remove_equal(&mut self, element: &[u8], limit: usize, from_back: bool) -> usize {
        let (mut removed, chunks) = (0, self.spine.count());
        for step in 0..chunks {
            let at = if from_back { chunks - 1 - step } else { step };
            let Some(chunk) = self.spine.get(at) else {
                break;
            };
            let equal = chunk.iter().filter(|each| *each == element).count();
            let drop = equal.min(limit - removed);
            if drop > 0 {
                let keep = if from_back { equal - drop } else { 0 };
                let rest = chunk.without(element, keep, drop);
                self.spine.edit(at, |chunk| *chunk = Chunk::Packed(rest));
                removed += drop;
            }
        }
        self.spine.drop_empty();
        removed
    }

    /// Keeps only the elements at `range`, as far as it lies within the list.
    pub fn retain_range(&mut self, range: Range<usize>) {
        let end = range.end.min(self.len());
        if range.start >= end {
            return self.clear();
        }
        let mut after = self.len() - end;
        while after > 0 {
            let whole = self.spine.last().map(Chunk::count).filter(|count| *count <= after);
            after -= self.drop_chunk_or(self.spine.count() - 1, whole, Self::drop_back);
        }
        let mut before = range.start;
        while before > 0 {
            let whole = self.spine.first().map(Chunk::count).filter(|count| *count <= before);
            before -= self.drop_chunk_or(0, whole, Self::drop_front);
        }
    }

    /// Removes all elements and gives their memory back.
    pub fn clear(&mut self) {
        self.spine = Spine::Empty;
    }

    /// The elements from front to back; also from the back with [`rev`](Iterator::rev).
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.iter_from(0)
    }

    /// The elements from back to front.
    pub fn iter_rev(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.iter().rev()
    }

    /// The elements from `index` to the back, without walking over those before; none if there are
    /// not so many.
    pub fn iter_from(&self, index: usize) -> impl DoubleEndedIterator<Item = &[u8]> {
        let (at, within) = self.locate(index).unwrap_or((self.spine.count(), 0));
        let mut elements = self.spine.from(at).flat_map(Chunk::iter);
        if within > 0 {
            elements.nth(within - 1);
        }
        elements
    }

    /// The chunk that holds `index`, and the index within it.
    fn locate(&self, index: usize) -> Option<(usize, usize)> {
        let len = self.len();
        if index >= len {
            return None;
        }
        let mut seen = 0;
        if index <= len / 2 {
            for (at, chunk) in self.spine.from(0).enumerate() {
                if index < seen + chunk.count() {
                    return Some((at, index - seen));
                }
                seen += chunk.count();
            }
        } else {
            for (step, chunk) in self.spine.from(0).rev().enumerate() {
                seen += chunk.count();
                if index >= len - seen {
                    return Some((self.spine.count() - 1 - step, index - (len - seen)));
                }
            }
        }
        None
    }

    /// Puts `element` where the chunk at `at` has no room for it: cuts that chunk in two and goes
    /// between.
    fn insert_chunk(&mut self, at: usize, within: usize, element: &[u8]) {
        let mut between = at;
        if within > 0 {
            let split = |chunk: &mut Chunk| chunk.packed_mut().map(|p| p.split_off(within));
            if let Some(second) = self.spine.edit(at, split).flatten() {
                self.spine.insert(at + 1, Chunk::Packed(second));
            }
            between = at + 1;
        }
        if element.len() > PACKED_ELEMENT_MAX {
            return self.spine.insert(between, long(Bytes::copy_from_slice(element)));
        }
        let push = |chunk: &mut Chunk| chunk.packed_mut().is_some_and(|p| p.push_back(element));
        if between == 0 || self.spine.edit(between - 1, push) != Some(true) {
            let mut packed = Chunk::beside(None);
            packed.push_back(element);
            self.spine.insert(between, Chunk::Packed(packed));
        }
    }

    /// Drops one element with `drop_one`, or the whole chunk at `at` when all its `whole` elements
    /// go. Returns how many.
    fn drop_chunk_or(
        &mut self,
        at: usize,
        whole: Option<usize>,
        drop_one: fn(&mut Self) -> bool,
    ) -> usize {
        if whole.is_some() {
            self.spine.remove(at);
        } else {
            drop_one(self);
        }
        whole.unwrap_or(1)
    }

    /// Drops an element from the packed chunk at `at`, or the long element there; false if there is
    /// no such chunk. A chunk that is empty then goes, too.
    fn drop_from(&mut self, at: usize, drop_one: impl FnOnce(&mut Packed)) -> bool {
        let only = self.spine.count() == 1;
        let left = self.spine.edit(at, |chunk| match chunk {
            Chunk::Packed(packed) => {
                drop_one(packed);
                // A list that was long and is short now should not keep a large buffer for a few
                // words. Among many chunks it matters less, and the chunk will be empty soon.
                if only && packed.count() > 0 {
                    packed.shrink();
                }
                packed.count()
            }
            Chunk::Long(_) => 0,
        });
        if left == Some(0) {
            self.spine.remove(at);
        }
        left.is_some()
    }
}

fn long(element: Bytes) -> Chunk {
    Chunk::Long(Box::new(element))
}
