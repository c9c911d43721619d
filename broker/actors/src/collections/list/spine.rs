//! The chunks of a list in order, and their totals.
//!
//! Most lists are empty or short, and there are many of them (a mailbox has one for each priority),
//! so no chunk and a single chunk need no sequence at all: an empty list owns nothing, a short one
//! its buffer alone.

use std::collections::VecDeque;

use super::chunk::{Chunk, Totals};

/// The chunks, none of them empty.
#[derive(Debug, Clone, Default)]
pub(super) enum Spine {
    #[default]
    Empty,
    One(Chunk),
    Many(Box<Many>),
}

#[derive(Debug, Clone)]
pub(super) struct Many {
    chunks: VecDeque<Chunk>,
    /// Kept up to date, since summing over the chunks would make every length a walk.
    totals: Totals,
}

impl Spine {
    /// Number of chunks.
    pub(super) fn count(&self) -> usize {
        match self {
            Spine::Empty => 0,
            Spine::One(_) => 1,
            Spine::Many(many) => many.chunks.len(),
        }
    }

    /// Elements, their bytes, and the heap bytes of the chunks.
    pub(super) fn totals(&self) -> Totals {
        match self {
            Spine::Empty => Totals::default(),
            Spine::One(chunk) => chunk.totals(),
            Spine::Many(many) => many.totals,
        }
    }

    /// Heap bytes of the sequence of chunks itself.
    pub(super) fn heap(&self) -> usize {
        match self {
            Spine::Empty | Spine::One(_) => 0,
            Spine::Many(many) => size_of::<Many>() + many.chunks.capacity() * size_of::<Chunk>(),
        }
    }

    pub(super) fn get(&self, at: usize) -> Option<&Chunk> {
        match self {
            Spine::Empty => None,
            Spine::One(chunk) => (at == 0).then_some(chunk),
            Spine::Many(many) => many.chunks.get(at),
        }
    }

    pub(super) fn first(&self) -> Option<&Chunk> {
        self.get(0)
    }

    pub(super) fn last(&self) -> Option<&Chunk> {
        self.get(self.count().checked_sub(1)?)
    }

    /// The chunks from number `from` on.
    pub(super) fn from(&self, from: usize) -> impl DoubleEndedIterator<Item = &Chunk> {
        let (left, right): (&[Chunk], &[Chunk]) = match self {
            Spine::Empty => (&[], &[]),
            Spine::One(chunk) => (std::slice::from_ref(chunk), &[]),
            Spine::Many(many) => many.chunks.as_slices(),
        };
        let in_left = from.min(left.len());
        let in_right = (from - in_left).min(right.len());
        left[in_left..].iter().chain(&right[in_right..])
    }

    /// Changes the chunk at `at` and corrects the totals. Whoever empties a chunk removes it next.
    pub(super) fn edit<R>(&mut self, at: usize, change: impl FnOnce(&mut Chunk) -> R) -> Option<R> {
        match self {
            Spine::Empty => None,
            Spine::One(chunk) => (at == 0).then(|| change(chunk)),
            Spine::Many(many) => {
                let chunk = many.chunks.get_mut(at)?;
                let before = chunk.totals();
                let result = change(chunk);
                many.totals = many.totals.with(before, chunk.totals());
                Some(result)
            }
        }
    }

    /// Puts `chunk` before the one at `at`, or at the end.
    pub(super) fn insert(&mut self, at: usize, chunk: Chunk) {
        *self = match std::mem::take(self) {
            Spine::Empty => Spine::One(chunk),
            Spine::One(only) => {
                let totals = only.totals();
                let chunks = VecDeque::from([only]);
                let mut many = Box::new(Many { chunks, totals });
                many.insert(at, chunk);
                Spine::Many(many)
            }
            Spine::Many(mut many) => {
                many.insert(at, chunk);
                Spine::Many(many)
            }
        };
    }

    /// Takes the chunk at `at` out.
    pub(super) fn remove(&mut self, at: usize) -> Option<Chunk> {
        match std::mem::take(self) {
            Spine::Empty => None,
            Spine::One(chunk) => Some(chunk),
            Spine::Many(mut many) => {
                let removed = many.chunks.remove(at);
                if let Some(chunk) = &removed {
                    many.totals = many.totals.with(chunk.totals(), Totals::default());
                }
                *self = many.settled();
                removed
            }
        }
    }

    /// Removes all chunks that have become empty.
    pub(super) fn drop_empty(&mut self) {
        *self = match std::mem::take(self) {
            Spine::One(chunk) if chunk.count() > 0 => Spine::One(chunk),
            Spine::Empty | Spine::One(_) => Spine::Empty,
            Spine::Many(mut many) => {
                let is_used = |chunk: &Chunk| chunk.count() > 0;
                let heap_of = |chunks: &VecDeque<Chunk>| -> usize {
                    chunks.iter().map(|chunk| chunk.totals().heap).sum()
                };
                many.chunks.retain(is_used);
                many.totals.heap = heap_of(&many.chunks);
                many.settled()
            }
        };
    }
}

impl Many {
    fn insert(&mut self, at: usize, chunk: Chunk) {
        self.totals = self.totals.with(Totals::default(), chunk.totals());
        self.chunks.insert(at.min(self.chunks.len()), chunk);
    }

    /// The spine that fits what is left: no sequence for a single chunk, no long sequence for a
    /// few.
    fn settled(mut self: Box<Self>) -> Spine {
        match self.chunks.len() {
            0 => Spine::Empty,
            1 => self.chunks.pop_front().map_or(Spine::Empty, Spine::One),
            len => {
                if self.chunks.capacity() > 16 && len < self.chunks.capacity() / 4 {
                    self.chunks.shrink_to(2 * len);
                }
                Spine::Many(self)
            }
        }
    }
}
