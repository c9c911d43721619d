//! Picking at random: `HRANDFIELD`, `SRANDMEMBER`, `ZRANDMEMBER`, `SPOP`.

use ahash::RandomState;
use indexmap::IndexSet;

use crate::{Args, Refusal};

/// With a negative count something is picked again and again, as often as the client says. Redis has
/// no bound there and dies of a large one.
const PICKS_MAX: u64 = 1 << 20;

/// Reads the count from word 2 on, and whether the word `with`, which doubles the reply, follows.
pub(super) fn parse(args: &Args<'_>, with: Option<&str>) -> Result<(i64, bool), Refusal> {
    let mut args = *args;
    args.seek(2);
    let count = args.next_int()?;
    if count == i64::MIN {
        return Err(Refusal::Fixed(
            "ERR",
            "value is out of range, value must between -9223372036854775807 and \
             9223372036854775807",
        ));
    }
    let doubled = with.is_some_and(|with| args.accept(with));
    args.finish()?;
    // Twice as many replies must still be a number.
    if doubled && count.unsigned_abs() > i64::MAX as u64 / 2 {
        return Err(Refusal::OutOfRange);
    }
    Ok((count, doubled))
}

/// `count` places below `len`, each at most once; `-count` of them, some more than once, if it is negative.
pub(super) fn pick(len: usize, count: i64, dice: &mut Dice) -> Result<Vec<usize>, Refusal> {
    if count < 0 {
        let picks = count.unsigned_abs();
        if picks > PICKS_MAX {
            return Err(Refusal::OutOfRange);
        }
        return Ok((0..picks).map(|_| dice.below(len)).collect());
    }
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if count >= len {
        return Ok((0..len).collect());
    }
    // Floyd's way to a sample: it costs as much as it picks, however many there are.
    let mut picked: IndexSet<usize, RandomState> = IndexSet::default();
    for last in len - count..len {
        let place = dice.below(last + 1);
        if !picked.insert(place) {
            picked.insert(last);
        }
    }
    Ok(picked.into_iter().collect())
}

/// A sequence of random numbers (SplitMix64), started from one that the keyspace gives.
pub(super) struct Dice(pub u64);

impl Dice {
    /// A number below `bound`, 0 if that is 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        ((u128::from(mixed) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Dice, PICKS_MAX, Refusal, pick};

    #[test]
    fn a_positive_count_picks_each_place_once() {
        for count in [0, 1, 50, 99, 100, 1_000] {
            let picked = pick(100, count, &mut Dice(7)).expect("within the bound");
            let distinct: BTreeSet<usize> = picked.iter().copied().collect();
            assert_eq!(distinct.len(), picked.len());
            assert_eq!(picked.len(), usize::try_from(count).unwrap_or(0).min(100));
            assert!(distinct.iter().all(|place| *place < 100));
        }
    }

    #[test]
    fn every_place_is_picked_about_equally_often() {
        let mut dice = Dice(1);
        let mut times = [0_u32; 10];
        for _ in 0..3_000 {
            for place in pick(10, 3, &mut dice).expect("within the bound") {
                times[place] += 1;
            }
        }
        assert!(times.iter().all(|times| (700..1_100).contains(times)), "{times:?}");
        let many = pick(10, -5_000, &mut dice).expect("within the bound");
        assert_eq!(many.len(), 5_000);
        assert_eq!(many.into_iter().collect::<BTreeSet<_>>().len(), 10);
    }

    #[test]
    fn picks_have_a_bound() {
        let most = i64::try_from(PICKS_MAX).expect("small");
        assert_eq!(pick(1, -most - 1, &mut Dice(1)), Err(Refusal::OutOfRange));
    }
}
