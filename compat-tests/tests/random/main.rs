//! Random walks over a few keys: every reply is Redis's, whatever came before.
//!
//! A failure prints the seed and the shortest walk that shows it; a walk is the same in every run.
//!
//! For longer: `WALK_MINUTES=60 cargo test -p clawlink-compat-tests --test random -- --ignored` walks from new seeds
//! until the time is over; `WALK_SEED=7` begins with that seed, `WALK_PLAN=sets` keeps to one plan.

mod coverage;

use std::time::{Duration, Instant};

use clawlink_compat_tests::walk::generate::Plan;
use clawlink_compat_tests::walk::grammar::Grammar;
use clawlink_compat_tests::walk::walk;

const STEPS: usize = 1_500;

/// By its name, what a walk is about.
const PLANS: &[(&str, Plan)] = &[
    ("strings", alone(&[("strings", 4), ("keys", 1), ("server", 0)])),
    ("lists", alone(&[("lists", 8), ("keys", 2), ("server", 1)])),
    ("hashes", alone(&[("hashes", 8), ("keys", 2), ("server", 1)])),
    ("sets", alone(&[("sets", 8), ("keys", 2), ("server", 1)])),
    ("sorted_sets", alone(&[("sorted_sets", 8), ("keys", 2), ("server", 1)])),
    ("streams", alone(&[("streams", 8), ("keys", 1)])),
    ("streams_that_stay", alone(&[("streams", 1)])),
    ("sorts", alone(&[("sort", 4), ("strings", 1), ("keys", 1)])),
    ("expiry", alone(&[("expiry", 4), ("keys", 1)])),
    (
        "scripts",
        alone(&[
            ("scripts", 4),
            ("strings", 1),
            ("hashes", 1),
            ("sets", 1),
            ("sorted_sets", 1),
            ("lists", 1),
            ("streams", 1),
            ("keys", 1),
            ("pubsub", 1),
        ]),
    ),
    ("script_language", alone(&[("script_language", 1)])),
    ("connections", alone(&[("connection", 4), ("server", 2), ("strings", 2), ("keys", 1)])),
    ("everything", Plan { clients: 1, ..EVERYTHING }),
    (
        "transactions",
        together(&[("transactions", 2), ("strings", 2), ("lists", 1), ("keys", 1), ("expiry", 1)]),
    ),
    ("blocking", together(&[("blocking", 8), ("transactions", 1), ("connection", 1)])),
    (
        "channels",
        together(&[("pubsub", 6), ("connection", 2), ("transactions", 1), ("strings", 1)]),
    ),
    ("clients", EVERYTHING),
    ("mail", together(&[("mail", 8), ("transactions", 1)])),
    ("files", together(&[("files", 8), ("transactions", 1)])),
];

const EVERYTHING: Plan = together(&[
    ("strings", 2),
    ("lists", 2),
    ("hashes", 2),
    ("sets", 2),
    ("sorted_sets", 2),
    ("streams", 3),
    ("sort", 1),
    ("keys", 2),
    ("expiry", 1),
    ("transactions", 2),
    ("scripts", 2),
    ("blocking", 3),
    ("pubsub", 1),
    ("connection", 1),
    ("server", 1),
]);

const fn alone(families: &'static [(&'static str, usize)]) -> Plan {
    Plan { families, clients: 1, keys: &[] }
}

const fn together(families: &'static [(&'static str, usize)]) -> Plan {
    Plan { families, clients: 3, keys: &[] }
}

macro_rules! walks {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            let name = stringify!($name);
            let (_, plan) = PLANS.iter().find(|(plan, _)| *plan == name).unwrap();
            walk(&Grammar::read().unwrap(), *plan, 11, STEPS).unwrap();
        })*

        #[test]
        fn every_plan_is_walked() {
            let walked = [$(stringify!($name)),*];
            assert!(PLANS.iter().map(|(name, _)| *name).eq(walked));
        }
    };
}

walks! {
    strings
    lists
    hashes
    sets
    sorted_sets
    streams
    streams_that_stay
    sorts
    expiry
    scripts
    script_language
    connections
    everything
    transactions
    blocking
    channels
    clients
    mail
    files
}

#[test]
#[ignore = "walks for as long as WALK_MINUTES says"]
fn for_long() {
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let only = std::env::var("WALK_PLAN").ok();
    let end = Instant::now() + Duration::from_secs(60 * number("WALK_MINUTES").unwrap_or(1));
    let first =
        number("WALK_SEED").unwrap_or_else(|| std::time::UNIX_EPOCH.elapsed().unwrap().as_secs());
    let plans: Vec<_> =
        PLANS.iter().filter(|(name, _)| only.as_ref().is_none_or(|only| only == name)).collect();
    assert!(!plans.is_empty(), "no plan has the name {only:?}");
    let (grammar, mut steps) = (Grammar::read().unwrap(), 0);
    for seed in first.. {
        for (name, plan) in &plans {
            if Instant::now() > end {
                println!("{steps} steps without a difference, from seed {first} on");
                return;
            }
            println!("{name}, seed {seed}");
            walk(&grammar, *plan, seed, 2 * STEPS).unwrap();
            steps += 2 * STEPS;
        }
    }
}
