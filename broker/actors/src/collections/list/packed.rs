//! A packed chunk: many short elements side by side in one buffer.
//!
//! ```text
//!   buffer  |......|len a len|len b len|len c len|........|
//!                  ^ start                       ^ end
//! ```
//!
//! Each element carries its length on both sides, so the chunk is walked from either end, and the
//! free room lies on both sides of the elements, so pushing and popping at either end moves nothing
//! else. A length takes one byte below 128 and two bytes above; the trailing copy is the mirror
//! image of the leading one.

/// Most bytes in a chunk's buffer. Elements of 200 bytes then share one allocation by forty, and an
/// insertion in the middle moves 4 KB at most.
pub(super) const CHUNK_MAX: usize = 8192;

/// Longest element that is packed: eight of them, with their lengths, fill a chunk exactly. Longer
/// ones would leave too much of a chunk unused.
pub(super) const PACKED_ELEMENT_MAX: usize = CHUNK_MAX / 8 - 4;

/// Smallest buffer, for a list that holds a word or two.
const CHUNK_MIN: usize = 64;

/// Marks a length of two bytes: the upper seven bits follow it in this byte.
const TWO_BYTES: u8 = 0x80;

/// Elements of at most [`PACKED_ELEMENT_MAX`] bytes in one buffer of at most [`CHUNK_MAX`] bytes.
#[derive(Debug, Clone, Default)]
pub(super) struct Packed {
    buffer: Box<[u8]>,
    start: u16,
    end: u16,
    count: u16,
    payload: u16,
}

impl Packed {
    /// An empty chunk whose buffer has room for `capacity` bytes, at most [`CHUNK_MAX`].
    pub(super) fn with_capacity(capacity: usize) -> Self {
        let buffer = vec![0; capacity.min(CHUNK_MAX)].into_boxed_slice();
        Packed { buffer, ..Packed::default() }
    }

    /// Number of elements.
    pub(super) fn count(&self) -> usize {
        usize::from(self.count)
    }

    /// Bytes of the elements, their lengths not counted.
    pub(super) fn payload(&self) -> usize {
        usize::from(self.payload)
    }

    /// Bytes of the buffer, used or not.
    pub(super) fn capacity(&self) -> usize {
        self.buffer.len()
    }

    /// Walks the elements from either end.
    pub(super) fn iter(&self) -> Entries<'_> {
        Entries { bytes: self.live() }
    }

    /// Appends; false, and nothing changed, if the chunk is full.
    pub(super) fn push_back(&mut self, element: &[u8]) -> bool {
        let need = entry_size(element.len());
        if self.capacity() - self.end() < need && !self.make_room(need, Side::Back) {
            return false;
        }
        let at = self.end();
        self.end = narrow(at + need);
        self.write(at, element);
        true
    }

    /// Prepends; false, and nothing changed, if the chunk is full.
    pub(super) fn push_front(&mut self, element: &[u8]) -> bool {
        let need = entry_size(element.len());
        if self.start() < need && !self.make_room(need, Side::Front) {
            return false;
        }
        let at = self.start() - need;
        self.start = narrow(at);
        self.write(at, element);
        true
    }

    /// Forgets the first element.
    pub(super) fn drop_front(&mut self) {
        if let Some(element) = self.iter().next() {
            let length = element.len();
            self.start += narrow(entry_size(length));
            self.forget(length);
        }
    }

    /// Forgets the last element.
    pub(super) fn drop_back(&mut self) {
        if let Some(element) = self.iter().next_back() {
            let length = element.len();
            self.end -= narrow(entry_size(length));
            self.forget(length);
        }
    }

    /// Puts `element` before the one at `index`; false, and nothing changed, if the chunk is full.
    pub(super) fn insert(&mut self, index: usize, element: &[u8]) -> bool {
        let need = entry_size(element.len());
        let wanted = self.live().len() + need;
        if wanted > CHUNK_MAX {
            return false;
        }
        let offset = self.offset_of(index);
        if self.start() < need && self.capacity() - self.end() < need {
            self.settle(buffer_size(wanted).max(self.capacity()), 0);
        }
        let at = self.open_gap(offset, need);
        self.write(at, element);
        true
    }

    /// Forgets the element at `index`, and gives memory back when the buffer is mostly empty.
    pub(super) fn remove(&mut self, index: usize) {
        let offset = self.offset_of(index);
        let Some(length) = self.iter().nth(index).map(<[u8]>::len) else {
            return;
        };
        let (at, size) = (self.start() + offset, entry_size(length));
        self.buffer.copy_within(at + size..usize::from(self.end), at);
        self.end -= narrow(size);
        self.forget(length);
        self.shrink();
    }

    /// Overwrites the element at `index` if `element` is exactly as long; else false, and nothing
    /// changed.
    pub(super) fn overwrite(&mut self, index: usize, element: &[u8]) -> bool {
        if self.iter().nth(index).is_none_or(|old| old.len() != element.len()) {
            return false;
        }
        let at = self.start() + self.offset_of(index);
        put_entry(&mut self.buffer[at..at + entry_size(element.len())], element);
        true
    }

    /// Cuts the chunk in two before `index` and returns the second half.
    pub(super) fn split_off(&mut self, index: usize) -> Packed {
        let cut = self.start() + self.offset_of(index);
        let tail = &self.buffer[cut..self.end()];
        let mut second = Packed::with_capacity(buffer_size(tail.len()));
        second.buffer[..tail.len()].copy_from_slice(tail);
        second.end = narrow(tail.len());
        second.count = self.count - narrow(index);
        second.payload = narrow(second.iter().map(<[u8]>::len).sum());
        self.end = narrow(cut);
        self.count = narrow(index);
        self.payload -= second.payload;
        second
    }

    /// Moves into the smallest fitting buffer if less than an eighth of this one is used.
    pub(super) fn shrink(&mut self) {
        let live = self.live().len();
        if live * 8 < self.capacity() && self.capacity() > 8 * CHUNK_MIN {
            self.settle(buffer_size(2 * live), 0);
        }
    }

    fn start(&self) -> usize {
        usize::from(self.start)
    }

    fn end(&self) -> usize {
        usize::from(self.end)
    }

    fn live(&self) -> &[u8] {
        &self.buffer[self.start()..self.end()]
    }

    /// Where the entry at `index` begins, counted from `start` and walked to from the nearer end.
    fn offset_of(&self, index: usize) -> usize {
        if index <= self.count() / 2 {
            self.iter().take(index).map(|element| entry_size(element.len())).sum()
        } else {
            let after = self.iter().rev().take(self.count() - index);
            self.live().len() - after.map(|element| entry_size(element.len())).sum::<usize>()
        }
    }

    /// Makes room for `need` bytes on one side, or refuses when the elements should start a new
    /// chunk.
    ///
    /// Sliding within the buffer is allowed only while half of it is free and leaves a quarter of
    /// the free room on the other side: then every slide is paid for by the eighth of a buffer that
    /// must be pushed before the next one, whatever the mixture of pushes and pops at both ends.
    fn make_room(&mut self, need: usize, side: Side) -> bool {
        let (live, capacity) = (self.live().len(), self.capacity());
        let wanted = live + need;
        if wanted <= capacity / 2 {
            let other_side = if live == 0 { 0 } else { (capacity - wanted) / 4 };
            let start = match side {
                Side::Back => other_side,
                Side::Front => capacity - other_side - live,
            };
            self.settle(capacity, start);
        } else if capacity < CHUNK_MAX && wanted <= CHUNK_MAX {
            let grown = buffer_size(wanted.max(capacity + 1));
            self.settle(grown, if side == Side::Back { 0 } else { grown - live });
        } else {
            return false;
        }
        true
    }

    /// Moves the elements to `start` of a buffer of `capacity` bytes: this one, or a new one.
    fn settle(&mut self, capacity: usize, start: usize) {
        let live = self.live().len();
        if capacity == self.capacity() {
            self.buffer.copy_within(usize::from(self.start)..usize::from(self.end), start);
        } else {
            let mut buffer = vec![0; capacity].into_boxed_slice();
            buffer[start..start + live].copy_from_slice(self.live());
            self.buffer = buffer;
        }
        self.start = narrow(start);
        self.end = narrow(start + live);
    }

    /// Opens `need` bytes at `offset` by moving the shorter side that has room; returns where in
    /// the buffer.
    fn open_gap(&mut self, offset: usize, need: usize) -> usize {
        let (start, end) = (self.start(), self.end());
        let at = start + offset;
        let tail_fits = self.capacity() - end >= need;
        if tail_fits && (start < need || end - at <= offset) {
            self.buffer.copy_within(at..end, at + need);
            self.end = narrow(end + need);
            at
        } else {
            self.buffer.copy_within(start..at, start - need);
            self.start = narrow(start - need);
            at - need
        }
    }

    /// Writes an entry into room that is already counted in `start..end`.
    fn write(&mut self, at: usize, element: &[u8]) {
        put_entry(&mut self.buffer[at..at + entry_size(element.len())], element);
        self.count += 1;
        self.payload += narrow(element.len());
    }

    fn forget(&mut self, length: usize) {
        self.count -= 1;
        self.payload -= narrow(length);
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Front,
    Back,
}

/// Elements of a packed chunk, from either end.
#[derive(Clone, Debug)]
pub(super) struct Entries<'a> {
    bytes: &'a [u8],
}

impl<'a> Iterator for Entries<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, header) = match *self.bytes {
            [] => return None,
            [first, second, ..] if first >= TWO_BYTES => (long_length(first, second), 2),
            [first, ..] => (usize::from(first), 1),
        };
        let (element, rest) = self.bytes[header..].split_at(length);
        self.bytes = &rest[header..];
        Some(element)
    }
}

impl<'a> DoubleEndedIterator for Entries<'a> {
    fn next_back(&mut self) -> Option<&'a [u8]> {
        let (length, trailer) = match *self.bytes {
            [] => return None,
            [.., second, last] if last >= TWO_BYTES => (long_length(last, second), 2),
            [.., last] => (usize::from(last), 1),
        };
        let rest = &self.bytes[..self.bytes.len() - trailer];
        let (rest, element) = rest.split_at(rest.len() - length);
        self.bytes = &rest[..rest.len() - trailer];
        Some(element)
    }
}

/// Bytes that an element of `length` bytes takes in a chunk.
fn entry_size(length: usize) -> usize {
    if length < usize::from(TWO_BYTES) { length + 2 } else { length + 4 }
}

fn long_length(marked: u8, low: u8) -> usize {
    usize::from(marked & !TWO_BYTES) << 8 | usize::from(low)
}

/// Writes `element` between its two lengths into a slot of exactly its entry size.
fn put_entry(slot: &mut [u8], element: &[u8]) {
    let (length, last) = (element.len(), slot.len() - 1);
    if length < usize::from(TWO_BYTES) {
        let mark = length.to_le_bytes()[0];
        slot[0] = mark;
        slot[last] = mark;
        slot[1..last].copy_from_slice(element);
    } else {
        let [low, high, ..] = length.to_le_bytes();
        slot[0] = TWO_BYTES | high;
        slot[1] = low;
        slot[last - 1] = low;
        slot[last] = TWO_BYTES | high;
        slot[2..last - 1].copy_from_slice(element);
    }
}

/// The buffer for `wanted` bytes: powers of two, so that growing costs each byte a constant number
/// of moves.
fn buffer_size(wanted: usize) -> usize {
    wanted.next_power_of_two().clamp(CHUNK_MIN, CHUNK_MAX)
}

/// Offsets and counts within a chunk never exceed [`CHUNK_MAX`], so they are kept in two bytes.
fn narrow(value: usize) -> u16 {
    debug_assert!(value <= CHUNK_MAX);
    value as u16
}
