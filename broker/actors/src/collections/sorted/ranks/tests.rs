//! The tree against a sorted vector.

use proptest::prelude::*;

use super::{Item, Ranks};

fn item(number: u32) -> Item {
    Item { score: f64::from(number / 3), place: number }
}

fn before(wanted: Item) -> impl Fn(Item) -> bool {
    move |item| (item.score, item.place) < (wanted.score, wanted.place)
}

fn check(ranks: &Ranks, model: &[Item]) -> Result<(), TestCaseError> {
    prop_assert_eq!(&ranks.from(0).collect::<Vec<_>>(), model);
    for rank in (0..=model.len()).step_by(37).chain([model.len()]) {
        prop_assert_eq!(&ranks.from(rank).collect::<Vec<_>>(), &model[rank..]);
        prop_assert!(ranks.back_from(rank).eq(model[..rank].iter().rev().copied()));
        if let Some(item) = model.get(rank) {
            prop_assert_eq!(ranks.rank(before(*item)), rank);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Thousands of items, so that there are several levels, which then go again.
    #[test]
    fn behaves_as_a_sorted_vector(
        start in 0..5_000u32,
        steps in prop::collection::vec((0..6_000u32, 0..5u8), 0..400),
        drain in 0..1_000usize,
    ) {
        let (mut ranks, mut model) = (Ranks::default(), Vec::new());
        for number in 0..start {
            ranks.insert(item(number * 2), before(item(number * 2)));
            model.push(item(number * 2));
        }
        for (number, kind) in steps {
            let wanted = item(number);
            let rank = model.partition_point(|item| before(wanted)(*item));
            prop_assert_eq!(ranks.rank(before(wanted)), rank);
            let is_there = model.get(rank) == Some(&wanted);
            match kind {
                0 if is_there => {
                    let changed = Item { place: wanted.place, score: wanted.score + 0.1 };
                    ranks.set(rank, changed);
                    prop_assert_eq!(ranks.from(rank).next(), Some(changed));
                    ranks.set(rank, wanted);
                }
                1 | 2 if rank < model.len() => {
                    prop_assert_eq!(ranks.remove(rank), model.remove(rank));
                }
                _ if !is_there => {
                    ranks.insert(wanted, before(wanted));
                    model.insert(rank, wanted);
                }
                _ => {}
            }
        }
        check(&ranks, &model)?;
        while !model.is_empty() {
            let rank = drain % model.len();
            prop_assert_eq!(ranks.remove(rank), model.remove(rank));
            if model.len().is_multiple_of(977) {
                check(&ranks, &model)?;
            }
        }
        prop_assert!(ranks.from(0).next().is_none());
    }
}

#[test]
fn what_grows_at_its_end_is_full_behind_it() {
    let mut ranks = Ranks::default();
    (0..100_000).for_each(|number| ranks.insert(item(number), before(item(number))));
    assert!(ranks.memory() < 100_000 * 21, "{} bytes", ranks.memory());
}
