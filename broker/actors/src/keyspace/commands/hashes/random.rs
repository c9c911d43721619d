//! Hashes: fields at random.

use ahash::RandomState;
use indexmap::IndexSet;

use super::{hash, read};
use crate::call::Call;
use crate::command::{Flags, Keys, Runs};
use crate::keyspace::{Hash, Keyspace};
use crate::{Args, Command, Outcome, Refusal, Reply};

/// With a negative count fields are picked again and again, as often as the client says. Redis has
/// no bound there and dies of a large one.
const PICKS_MAX: u64 = 1 << 20;

pub(super) static HRANDFIELD: Command = Command {
    name: "hrandfield",
    arity: -2,
    flags: Flags::READONLY,
    keys: Keys::ONE,
    tips: &["nondeterministic_output"],
    group: "hash",
    since: "6.2.0",
    complexity: "O(N) for N fields answered",
    summary: "Answers fields at random: a negative count picks some more than once.",
    syntax: "key [count [WITHVALUES]]",
    run: Runs { keyspace: Some(hrandfield), ..Runs::NONE },
    ..Command::BASE
};

fn hrandfield(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let mut dice = Dice(state.random());
    if call.len() == 2 {
        let Some(hash) = hash(state, call)? else {
            return Ok(Reply::Nil);
        };
        let picked = hash.nth(dice.below(hash.len()));
        return Ok(picked.map_or(Reply::Nil, |(field, _)| Reply::copy(field)));
    }
    let (count, with_values) = parse(call)?;
    let Some(hash) = hash(state, call)? else {
        return Ok(Reply::Array(Vec::new()));
    };
    let places = pick(hash, count, &mut dice)?;
    let fields = places.into_iter().filter_map(|place| hash.nth(place));
    Ok(if with_values {
        Reply::Pairs(fields.map(read::pair).collect())
    } else {
        Reply::Array(fields.map(|(field, _)| Reply::copy(field)).collect())
    })
}

/// Reads `count [WITHVALUES]`.
fn parse(args: &Args<'_>) -> Result<(i64, bool), Refusal> {
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
    let with_values = args.accept("WITHVALUES");
    args.finish()?;
    // Twice as many replies must still be a number.
    if with_values && count.unsigned_abs() > i64::MAX as u64 / 2 {
        return Err(Refusal::OutOfRange);
    }
    Ok((count, with_values))
}

/// The places of `count` fields, each at most once; of `-count` fields if it is negative.
fn pick(hash: &Hash, count: i64, dice: &mut Dice) -> Result<Vec<usize>, Refusal> {
    let len = hash.len();
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
    // Floyd's way to a sample: it costs as much as it picks, however large the hash is.
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
struct Dice(u64);

impl Dice {
    /// A number below `bound`, 0 if that is 0.
    fn below(&mut self, bound: usize) -> usize {
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

    use bytes::Bytes;

    use super::{Dice, Hash, PICKS_MAX, Refusal, pick};

    fn hash(fields: u32) -> Hash {
        let mut hash = Hash::default();
        (0..fields).for_each(|field| {
            hash.insert(&field.to_le_bytes(), Bytes::new());
        });
        hash
    }

    #[test]
    fn a_positive_count_picks_each_field_once() {
        let hash = hash(100);
        for count in [0, 1, 50, 99, 100, 1_000] {
            let picked = pick(&hash, count, &mut Dice(7)).expect("within the bound");
            let distinct: BTreeSet<usize> = picked.iter().copied().collect();
            assert_eq!(distinct.len(), picked.len());
            assert_eq!(picked.len(), usize::try_from(count).unwrap_or(0).min(100));
            assert!(distinct.iter().all(|place| *place < 100));
        }
    }

    #[test]
    fn every_field_is_picked_about_equally_often() {
        let hash = hash(10);
        let mut dice = Dice(1);
        let mut times = [0_u32; 10];
        for _ in 0..3_000 {
            for place in pick(&hash, 3, &mut dice).expect("within the bound") {
                times[place] += 1;
            }
        }
        assert!(times.iter().all(|times| (700..1_100).contains(times)), "{times:?}");
        let many = pick(&hash, -5_000, &mut dice).expect("within the bound");
        assert_eq!(many.len(), 5_000);
        assert_eq!(many.into_iter().collect::<BTreeSet<_>>().len(), 10);
    }

    #[test]
    fn picks_have_a_bound() {
        let most = i64::try_from(PICKS_MAX).expect("small");
        assert_eq!(pick(&hash(1), -most - 1, &mut Dice(1)), Err(Refusal::OutOfRange));
    }
}
