//! Both forms against a sorted vector.

use proptest::prelude::*;

use super::{Packing, SortedSet};

/// Names and scores in order.
#[derive(Default)]
struct Model(Vec<(f64, Vec<u8>)>);

impl Model {
    fn rank(&self, name: &[u8]) -> Option<usize> {
        self.0.iter().position(|(_, other)| other == name)
    }

    fn set(&mut self, name: &[u8], score: f64) {
        self.rank(name).map(|rank| self.0.remove(rank));
        let at = self.0.partition_point(|(s, n)| (*s, &n[..]) < (score, name));
        self.0.insert(at, (score, name.to_vec()));
    }
}

const SCORES: [f64; 14] = [
    0.0,
    1.0,
    239.0,
    240.0,
    -1.0,
    300.0,
    -40_000.0,
    2_147_483_648.0,
    1e300,
    0.1,
    -0.1,
    f64::INFINITY,
    f64::NEG_INFINITY,
    2.5,
];

fn name(number: usize) -> Vec<u8> {
    match number % 4 {
        0 => format!("m{number}").into_bytes(),
        1 => vec![b'x'; number],
        2 => format!("a member that does not fit in place {number}").into_bytes(),
        _ => vec![number as u8],
    }
}

fn shown(set: &SortedSet, ranks: std::ops::Range<usize>, back: bool) -> Vec<(f64, Vec<u8>)> {
    let mut found = Vec::new();
    set.visit(ranks, back, |name, score| found.push((score, name.to_vec())));
    found
}

fn agree(packing: Packing, steps: Vec<(usize, usize, u8)>) -> Result<SortedSet, TestCaseError> {
    let (mut set, mut model) = (SortedSet::default(), Model::default());
    for (number, score, kind) in steps {
        let (name, score) = (name(number), SCORES[score]);
        let old = model.rank(&name).map(|rank| (rank, model.0[rank].0));
        prop_assert_eq!(set.rank(&name), old);
        prop_assert_eq!(set.score(&name), old.map(|(_, score)| score));
        match kind {
            0 => {
                prop_assert_eq!(set.remove(&name), old.is_some());
                old.map(|(rank, _)| model.0.remove(rank));
            }
            1 => {
                let end = (number + 3).min(model.0.len());
                let start = number.min(end);
                set.remove_ranks(start..end);
                model.0.drain(start..end);
            }
            2 => {
                set.update(&name, packing, |score| {
                    assert_eq!(score, old.map(|(_, score)| score));
                    None
                });
            }
            _ => {
                set.update(&name, packing, |_| Some(score));
                model.set(&name, score);
            }
        }
        let len = model.0.len();
        prop_assert_eq!(set.len(), len);
        let below = model.0.partition_point(|(s, n)| (*s, &n[..]) < (score, &name[..]));
        prop_assert_eq!(set.rank_where(|s, n| (s, n) < (score, &name[..])), below);
        prop_assert_eq!(&shown(&set, below..len, false), &model.0[below..]);
        let back: Vec<_> = model.0[..below].iter().rev().cloned().collect();
        prop_assert_eq!(shown(&set, 0..below, true), back);
    }
    let mut scanned = Vec::new();
    let mut cursor = 0;
    loop {
        cursor = set.scan(cursor, 7, |name, score| scanned.push((score, name.to_vec())));
        if cursor == 0 {
            break;
        }
    }
    scanned.sort_by(|a, b| a.partial_cmp(b).expect("no NaN"));
    prop_assert_eq!(scanned, model.0);
    Ok(set)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_forms_behave_as_a_sorted_vector(
        steps in prop::collection::vec((0..400usize, 0..14usize, 0..9u8), 0..300),
        members_max in prop_oneof![Just(0u64), Just(20), Just(1_000)],
    ) {
        agree(Packing { members_max, bytes_max: 1_000 }, steps)?;
    }
}

const REDIS: Packing = Packing { members_max: 128, bytes_max: 64 };

#[test]
fn it_is_packed_until_it_has_outgrown_a_limit() {
    let mut set = SortedSet::default();
    for number in 0..128 {
        set.update(format!("m{number}").as_bytes(), REDIS, |_| Some(1.0));
    }
    assert_eq!(set.encoding(), "listpack");
    set.update(b"m0", REDIS, |_| Some(2.0));
    assert_eq!(set.encoding(), "listpack");
    set.update(b"one more", REDIS, |_| Some(1.0));
    assert_eq!(set.encoding(), "skiplist");
    set.remove_ranks(0..100);
    assert_eq!((set.encoding(), set.len()), ("skiplist", 29));
    let mut long = SortedSet::default();
    long.update(&[b'x'; 64], REDIS, |_| Some(1.0));
    assert_eq!(long.encoding(), "listpack");
    long.update(&[b'x'; 65], REDIS, |_| Some(1.0));
    assert_eq!(long.encoding(), "skiplist");
    assert_eq!(SortedSet::collect([(&[b'x'; 65][..], 1.0)], REDIS).encoding(), "skiplist");
    assert_eq!(SortedSet::collect([(&b"x"[..], 1.0)], REDIS).encoding(), "listpack");
}

#[test]
fn a_million_members_are_small() {
    let (count, mut set) = (100_000u64, SortedSet::default());
    for number in 0..count {
        // In no order, as scores that are times or hashes come.
        let score = (number * 7_919 % count) as f64;
        set.update(format!("member:{number}").as_bytes(), REDIS, |_| Some(score));
    }
    let each = set.memory() as u64 / count;
    assert!(each <= 100, "{each} bytes for each");
    set.remove_ranks(5..count as usize);
    assert!(set.memory() < 10_000, "{} bytes for five", set.memory());
}
