//! A vector in pieces, which grows without moving what it holds.
//!
//! A vector of a million entries grows by copying all of them to a place that is larger: everybody waits meanwhile, and
//! for that time both exist. Here only the last piece is ever copied, and none has more than `PIECE_MAX`.

/// The most elements of a piece: a power of two, so that finding one is a shift and a mask.
const PIECE_MAX: usize = 512;

/// Pieces below this capacity are not worth shrinking.
const SHRINK_MIN: usize = 64;

/// Elements at places from 0 to `len`.
#[derive(Debug, Clone)]
pub struct Pieces<T> {
    /// All but the last are full, and none is empty.
    pieces: Vec<Vec<T>>,
}

impl<T> Default for Pieces<T> {
    fn default() -> Self {
        Self { pieces: Vec::new() }
    }
}

impl<T> Pieces<T> {
    /// Number of elements.
    pub fn len(&self) -> usize {
        let full = self.pieces.len().saturating_sub(1) * PIECE_MAX;
        full + self.pieces.last().map_or(0, Vec::len)
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The element at a place below [`len`](Self::len).
    pub fn at(&self, place: usize) -> &T {
        &self.pieces[place / PIECE_MAX][place % PIECE_MAX]
    }

    /// The element at a place below [`len`](Self::len), to change it.
    pub fn at_mut(&mut self, place: usize) -> &mut T {
        &mut self.pieces[place / PIECE_MAX][place % PIECE_MAX]
    }

    /// Adds an element at a new last place.
    pub fn push(&mut self, element: T) {
        let len = self.len();
        if len.is_multiple_of(PIECE_MAX) {
            if self.pieces.len() == self.pieces.capacity() {
                self.pieces.reserve_exact(self.pieces.len().max(1));
            }
            self.pieces.push(Vec::new());
        }
        let Some(piece) = self.pieces.last_mut() else { return };
        if piece.len() == piece.capacity() {
            // A quarter more instead of twice as much: of small vectors there may be a million.
            piece.reserve_exact((len / 4).clamp(4, PIECE_MAX).min(PIECE_MAX - piece.len()));
        }
        piece.push(element);
    }

    /// Removes the element at a place below [`len`](Self::len); the last one takes its place.
    pub fn swap_remove(&mut self, place: usize) -> T {
        let end = self.len() - 1;
        // The last one, which is removed by shifting nothing.
        let last = self.shift_remove(end);
        if place == end { last } else { std::mem::replace(self.at_mut(place), last) }
    }

    /// Removes the element at a place below [`len`](Self::len). The others keep their order, which takes time that grows
    /// with their number.
    pub fn shift_remove(&mut self, place: usize) -> T {
        let number = place / PIECE_MAX;
        let removed = self.pieces[number].remove(place % PIECE_MAX);
        for next in number + 1..self.pieces.len() {
            let moved = self.pieces[next].remove(0);
            self.pieces[next - 1].push(moved);
        }
        self.shrink();
        removed
    }

    /// The elements, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        (0..self.len()).map(|place| self.at(place))
    }

    /// The elements in order, to change them.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut T> {
        self.pieces.iter_mut().flatten()
    }

    /// How many elements there is room for.
    pub fn capacity(&self) -> usize {
        self.pieces.iter().map(Vec::capacity).sum()
    }

    /// Gives back what is no longer needed after a removal.
    fn shrink(&mut self) {
        let Some(last) = self.pieces.last_mut() else { return };
        if last.is_empty() {
            self.pieces.pop();
            if self.pieces.capacity() > SHRINK_MIN && self.pieces.len() < self.pieces.capacity() / 8
            {
                self.pieces.shrink_to(2 * self.pieces.len());
            }
        } else if last.capacity() > SHRINK_MIN && last.len() < last.capacity() / 8 {
            last.shrink_to(2 * last.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{PIECE_MAX, Pieces};

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn behaves_as_a_vector(
            start in prop_oneof![0..20usize, PIECE_MAX - 5..PIECE_MAX + 5, Just(3 * PIECE_MAX)],
            steps in prop::collection::vec((any::<usize>(), 0..4u8), 0..200),
        ) {
            let (mut pieces, mut model) = (Pieces::default(), Vec::new());
            (0..start).for_each(|number| { pieces.push(number); model.push(number); });
            for (number, kind) in steps {
                match (kind, number.checked_rem(model.len())) {
                    (0, Some(place)) => {
                        prop_assert_eq!(pieces.swap_remove(place), model.swap_remove(place));
                    }
                    (1, Some(place)) => {
                        prop_assert_eq!(pieces.shift_remove(place), model.remove(place));
                    }
                    (2, Some(place)) => {
                        *pieces.at_mut(place) = number;
                        model[place] = number;
                    }
                    _ => {
                        pieces.push(number);
                        model.push(number);
                    }
                }
                prop_assert_eq!(pieces.len(), model.len());
                prop_assert_eq!(pieces.is_empty(), model.is_empty());
            }
            prop_assert_eq!(pieces.iter().copied().collect::<Vec<_>>(), model.clone());
            prop_assert_eq!(pieces.iter_mut().map(|number| *number).collect::<Vec<_>>(), model);
        }
    }

    #[test]
    fn there_is_little_room_to_spare() {
        let mut pieces = Pieces::default();
        for number in 0..10_000 {
            pieces.push(number);
            let room = pieces.capacity() - pieces.len();
            assert!(room <= (pieces.len() / 4).clamp(4, PIECE_MAX), "{room} of {number}");
        }
        for _ in 3..10_000 {
            pieces.swap_remove(0);
        }
        assert!(pieces.capacity() <= 64, "{}", pieces.capacity());
    }
}
