//! Sorted sets: members with scores, in order of score and then of bytes, in the two forms that
//! Redis keeps them in.
//!
//! A small one is `packed`. A large one has a table of its members, and beside it a tree of their
//! scores and places in the table (`ranks`): a member is found by its name in constant time, by
//! its rank or score in logarithmic time. What asks for a range by score or by name asks for the
//! rank at which it begins and ends, so here all ranges are ranges of ranks.

mod packed;
mod ranks;
#[cfg(test)]
mod tests;

use std::ops::Range;

use packed::Packed;
use ranks::{Item, Ranks};

use super::Members;

/// Up to which size a sorted set is packed: Redis's `zset-max-listpack-entries` and
/// `zset-max-listpack-value`.
#[derive(Clone, Copy, Debug)]
pub struct Packing {
    /// The most members.
    pub members_max: u64,
    /// The longest member in bytes.
    pub bytes_max: u64,
}

impl Packing {
    /// No sorted set is packed.
    pub const NEVER: Self = Self { members_max: 0, bytes_max: 0 };
}

/// A score as the integer that Redis's packed form makes of it: if it is whole, and within half of the integers there are.
/// Others are kept as text there.
pub fn packed_integer(score: f64) -> Option<i64> {
    const MAX: f64 = (i64::MAX / 2) as f64;
    (score.fract() == 0.0 && score.abs() <= MAX).then_some(score as i64)
}

/// A sorted set. Once unpacked it stays so, as in Redis.
#[derive(Clone, Debug)]
pub struct SortedSet(Form);

#[derive(Clone, Debug)]
enum Form {
    Packed(Packed),
    Ranked(Box<Ranked>),
}

#[derive(Clone, Debug, Default)]
struct Ranked {
    members: Members<f64>,
    ranks: Ranks,
}

impl Default for SortedSet {
    fn default() -> Self {
        Self(Form::Packed(Packed::default()))
    }
}

impl SortedSet {
    /// Makes one of members that differ, as Redis makes the result of a command: packed if it fits at the end, whatever
    /// it was on the way.
    pub fn collect<'a>(
        members: impl IntoIterator<Item = (&'a [u8], f64)>,
        packing: Packing,
    ) -> Self {
        let mut ranked = Ranked::default();
        members.into_iter().for_each(|(name, score)| ranked.add(name, score));
        let mut sorted = Self(Form::Ranked(Box::new(ranked)));
        sorted.pack(packing);
        sorted
    }

    /// Packs it if it fits.
    pub fn pack(&mut self, packing: Packing) {
        let Form::Ranked(ranked) = &self.0 else { return };
        let members = &ranked.members;
        let fits = |(name, _): (&[u8], _)| name.len() as u64 <= packing.bytes_max;
        if members.len() as u64 <= packing.members_max && members.iter().all(fits) {
            let mut packed = Packed::default();
            members.iter().for_each(|(name, score)| packed.add(name, *score));
            self.0 = Form::Packed(packed);
        }
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        match &self.0 {
            Form::Packed(packed) => packed.len(),
            Form::Ranked(ranked) => ranked.members.len(),
        }
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it is kept as Redis keeps a small one.
    pub fn is_packed(&self) -> bool {
        matches!(self.0, Form::Packed(_))
    }

    /// What `OBJECT ENCODING` answers.
    pub fn encoding(&self) -> &'static str {
        if self.is_packed() { "listpack" } else { "skiplist" }
    }

    /// The score of a member.
    pub fn score(&self, name: &[u8]) -> Option<f64> {
        match &self.0 {
            Form::Packed(packed) => packed.find(name).map(|entry| entry.score),
            Form::Ranked(ranked) => {
                ranked.members.place(name).map(|place| *ranked.members.at(place).1)
            }
        }
    }

    /// The rank of a member, and its score.
    pub fn rank(&self, name: &[u8]) -> Option<(usize, f64)> {
        match &self.0 {
            Form::Packed(packed) => packed.find(name).map(|entry| (entry.rank, entry.score)),
            Form::Ranked(ranked) => {
                let place = ranked.members.place(name)?;
                Some((ranked.rank_of(place), *ranked.members.at(place).1))
            }
        }
    }

    /// Gives a member the score that `decide` makes of its present one, if it makes one. Neither may be NaN.
    pub fn update(
        &mut self,
        name: &[u8],
        packing: Packing,
        decide: impl FnOnce(Option<f64>) -> Option<f64>,
    ) {
        match &mut self.0 {
            Form::Ranked(ranked) => ranked.update(name, decide),
            Form::Packed(packed) => {
                let old = packed.find(name).map(|entry| (entry.rank, entry.score));
                let Some(new) = decide(old.map(|(_, score)| score)) else {
                    return;
                };
                match old {
                    Some((_, score)) if score == new => return,
                    Some((rank, _)) => packed.remove(rank..rank + 1),
                    // Only what is new can be too much.
                    None if packed.len() as u64 >= packing.members_max
                        || name.len() as u64 > packing.bytes_max =>
                    {
                        return self.unpack().add(name, new);
                    }
                    None => {}
                }
                packed.add(name, new);
            }
        }
    }

    /// Removes a member. Returns false if it was not there.
    pub fn remove(&mut self, name: &[u8]) -> bool {
        let Some((rank, _)) = self.rank(name) else {
            return false;
        };
        self.remove_ranks(rank..rank + 1);
        true
    }

    /// Removes the members at these ranks, all below [`len`](Self::len).
    pub fn remove_ranks(&mut self, ranks: Range<usize>) {
        match &mut self.0 {
            Form::Packed(packed) => packed.remove(ranks),
            Form::Ranked(ranked) => ranks.clone().for_each(|_| ranked.remove(ranks.start)),
        }
    }

    /// The number of members for which `before` is true; they must be the first ones.
    pub fn rank_where(&self, before: impl Fn(f64, &[u8]) -> bool) -> usize {
        match &self.0 {
            Form::Packed(packed) => {
                packed.iter().take_while(|entry| before(entry.score, entry.name)).count()
            }
            Form::Ranked(ranked) => {
                let Ranked { members, ranks } = &**ranked;
                ranks.rank(|item| before(item.score, members.at(item.place).0))
            }
        }
    }

    /// Shows the members at these ranks, all below [`len`](Self::len), in order, or from the last to the first.
    pub fn visit(&self, ranks: Range<usize>, backwards: bool, mut show: impl FnMut(&[u8], f64)) {
        match &self.0 {
            Form::Packed(packed) => {
                let found = packed.iter().skip(ranks.start).take(ranks.len());
                if backwards {
                    let found: Vec<_> = found.collect();
                    found.iter().rev().for_each(|entry| show(entry.name, entry.score));
                } else {
                    found.for_each(|entry| show(entry.name, entry.score));
                }
            }
            Form::Ranked(ranked) => {
                let Ranked { members, ranks: order } = &**ranked;
                let walk =
                    if backwards { order.back_from(ranks.end) } else { order.from(ranks.start) };
                walk.take(ranks.len()).for_each(|item| show(members.at(item.place).0, item.score));
            }
        }
    }

    /// Shows all members, in order.
    pub fn visit_all(&self, show: impl FnMut(&[u8], f64)) {
        self.visit(0..self.len(), false, show);
    }

    /// Visits members as [`Members::scan`] does; packed ones all at once, as in Redis.
    pub fn scan(&self, cursor: u64, count: usize, mut show: impl FnMut(&[u8], f64)) -> u64 {
        match &self.0 {
            Form::Packed(_) => {
                self.visit_all(show);
                0
            }
            Form::Ranked(ranked) => {
                ranked.members.scan(cursor, count, |name, score| show(name, *score))
            }
        }
    }

    /// Estimate of the bytes that it holds on the heap.
    pub fn memory(&self) -> usize {
        match &self.0 {
            Form::Packed(packed) => packed.memory(),
            Form::Ranked(ranked) => {
                size_of::<Ranks>() + ranked.members.memory() + ranked.ranks.memory()
            }
        }
    }

    /// Ends its being packed, whatever its size.
    pub fn unpack_for_good(&mut self) {
        if let Form::Packed(_) = self.0 {
            self.unpack();
        }
    }

    fn unpack(&mut self) -> &mut Ranked {
        let mut ranked = Ranked::default();
        self.visit_all(|name, score| ranked.add(name, score));
        self.0 = Form::Ranked(Box::new(ranked));
        match &mut self.0 {
            Form::Ranked(ranked) => ranked,
            Form::Packed(_) => unreachable!("it has just been unpacked"),
        }
    }
}

impl Ranked {
    fn add(&mut self, name: &[u8], score: f64) {
        let place = self.members.add(name, score);
        self.enter(place, score);
    }

    fn update(&mut self, name: &[u8], decide: impl FnOnce(Option<f64>) -> Option<f64>) {
        let Some(place) = self.members.place(name) else {
            if let Some(score) = decide(None) {
                self.add(name, score);
            }
            return;
        };
        let old = *self.members.at(place).1;
        let Some(score) = decide(Some(old)).filter(|score| *score != old) else {
            return;
        };
        self.ranks.remove(self.rank_of(place));
        *self.members.value_mut(place) = score;
        self.enter(place, score);
    }

    /// Removes the member at a rank. The last one of the table takes its place there.
    fn remove(&mut self, rank: usize) {
        let place = self.ranks.remove(rank).place;
        let last = self.members.len() as u32 - 1;
        if place != last {
            let rank = self.rank_of(last);
            let score = *self.members.at(last).1;
            self.ranks.set(rank, Item { score, place });
        }
        self.members.swap_remove(place);
    }

    fn rank_of(&self, place: u32) -> usize {
        let (name, score) = self.members.at(place);
        self.ranks.rank(|item| self.is_before(item, name, *score))
    }

    fn enter(&mut self, place: u32, score: f64) {
        let Self { members, ranks } = self;
        let name = members.at(place).0;
        let before = |item: Item| {
            item.score < score || item.score == score && members.at(item.place).0 < name
        };
        ranks.insert(Item { score, place }, before);
    }

    fn is_before(&self, item: Item, name: &[u8], score: f64) -> bool {
        item.score < score || item.score == score && self.members.at(item.place).0 < name
    }
}
