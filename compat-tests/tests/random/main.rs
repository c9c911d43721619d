//! Long random walks over a few keys: every reply is Redis's, whatever came before.
//!
//! Transcripts show each command at its best and at its edges; only a walk shows what hundreds of
//! them leave behind. A failure prints the seed and the last steps; the walk is the same in every run.
//!
//! For longer: `WALK_MINUTES=60 cargo test -p clawlink-compat-tests --test random -- --ignored` walks from new seeds
//! until the time is over.

mod templates;

use std::time::{Duration, Instant};

use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::random::Random;
use clawlink_compat_tests::reply::{self, Reply};
use clawlink_compat_tests::server::Server;
use templates::{FILES, HASHES, KEYS, LISTS, MAIL, SETS, SORTED_SETS, SORTS, STREAMS, STRINGS};

const STEPS: usize = 6_000;

/// How many of the steps before a difference are shown.
const SHOWN: usize = 40;

const NAMES: &[&str] = &["k1", "k2", "k3", "k4"];

/// To Redis these are plain keys; here each belongs to another owner.
const LISTS_OF_OWNERS: &[&str] = &["inbox:bob", "k1", "inbox:@rust", "k2"];
const STRINGS_OF_OWNERS: &[&str] = &["file:a.md", "k1", "file:b/c.md", "k2"];

const FIELDS: &[&str] = &["f1", "f2", "f3", "f4", "f5", "g"];
const VALUES: &[&str] = &["a", "b", "abcabc", "", "12", "-7", "3.5", "x y", "value-of-some-length"];
const NUMBERS: &[&str] = &["0", "1", "2", "3", "5", "12"];
const INDEXES: &[&str] = &["0", "1", "2", "-1", "-2", "-100", "100", "7"];
const FLOATS: &[&str] = &["0.1", "-2.5", "3", "1e3", "0.003", "-0.1"];

const GROUPS: &[&str] = &["g", "h"];
const CONSUMERS: &[&str] = &["a", "b", "c"];

fn step(random: &mut Random, names: &[&str], templates: &[&str], number: usize) -> Vec<String> {
    let words = random.pick(templates).split(' ');
    let filled = words.map(|word| match word {
        "T" => format!("{}-*", number / 4),
        "E" => format!("{}-{}", (number / 4).saturating_sub(random.below(40)), random.below(6) / 5),
        "K" => random.pick(names).to_owned(),
        "F" => random.pick(FIELDS).to_owned(),
        "V" => random.pick(VALUES).to_owned(),
        "N" => random.pick(NUMBERS).to_owned(),
        "I" => random.pick(INDEXES).to_owned(),
        "S" => random.pick(FLOATS).to_owned(),
        "G" => random.pick(GROUPS).to_owned(),
        "C" => random.pick(CONSUMERS).to_owned(),
        word => word.to_owned(),
    });
    filled.collect()
}

/// Long values and many fields, so that encodings change on the way.
fn grow(random: &mut Random, names: &[&str]) -> Vec<String> {
    let key = random.pick(names).to_owned();
    let long = "long ".repeat(14);
    match random.below(5) {
        0 => vec!["APPEND".to_owned(), key, long],
        1 => vec!["RPUSH".to_owned(), key, long],
        2 => vec!["ZADD".to_owned(), key, "7.25".to_owned(), long],
        3 => vec!["SADD".to_owned(), key, long],
        _ => vec!["LPUSH".to_owned(), key, "v".repeat(9_000)],
    }
}

/// Whether two replies are equal, where the order of items may be left open.
fn agree(got: &[u8], expected: &[u8], unordered: bool) -> bool {
    let sorted = |bytes| -> Option<Reply> { Some(reply::parse(bytes).ok()??.0.sorted(1)) };
    got == expected || unordered && sorted(got) == sorted(expected)
}

fn walk(seed: u64, names: &[&str], families: &[&[&str]]) {
    let (redis, ours) = (Server::redis().unwrap(), Server::clawlink().unwrap());
    let connect = |server: &Server| -> Client { server.connect().unwrap() };
    let (mut left, mut right) = (connect(&redis), connect(&ours));
    let templates = families.concat();
    let mut random = Random::new(seed);
    let mut done: Vec<String> = Vec::new();
    // What was queued without an order comes in the reply of EXEC.
    let mut queued_unordered = false;
    for number in 0..STEPS {
        let mut command = if names == NAMES && number % 97 == 0 {
            grow(&mut random, names)
        } else {
            step(&mut random, names, &templates, number)
        };
        done.push(command.join(" ").chars().take(80).collect());
        let unordered = command[0].starts_with('~');
        command[0] = command[0].trim_start_matches('~').to_owned();
        queued_unordered |= unordered;
        let (expected, got) = (left.call(&command).unwrap(), right.call(&command).unwrap());
        let before = done[done.len().saturating_sub(SHOWN)..].join("\n  ");
        assert!(
            agree(&got, &expected, unordered || command[0] == "EXEC" && queued_unordered),
            "seed {seed}, step {number}: the broker says {}, Redis says {}, to the last of\n  {before}",
            got.escape_ascii(),
            expected.escape_ascii(),
        );
        queued_unordered &= command[0] != "EXEC";
    }
}

#[test]
fn strings() {
    walk(11, NAMES, &[STRINGS, KEYS]);
}

#[test]
fn lists() {
    walk(12, NAMES, &[LISTS, KEYS]);
}

#[test]
fn hashes() {
    walk(13, NAMES, &[HASHES, KEYS]);
}

#[test]
fn sets() {
    walk(17, NAMES, &[SETS, KEYS]);
}

#[test]
fn sorted_sets() {
    walk(18, NAMES, &[SORTED_SETS, KEYS]);
}

#[test]
fn sorts() {
    walk(19, NAMES, &[STRINGS, HASHES, SORTS, KEYS]);
}

#[test]
fn streams() {
    walk(20, NAMES, &[STREAMS, STREAMS, KEYS]);
}

#[test]
fn streams_that_stay() {
    walk(21, &["k1", "k2"], &[STREAMS]);
}

#[test]
fn everything() {
    walk(14, NAMES, &[STRINGS, LISTS, HASHES, SETS, SORTED_SETS, SORTS, STREAMS, KEYS]);
}

#[test]
#[ignore = "walks for as long as WALK_MINUTES says"]
fn for_long() {
    let minutes = std::env::var("WALK_MINUTES").map_or(1, |text| text.parse().unwrap());
    let end = Instant::now() + Duration::from_secs(60 * minutes);
    let families: &[&[&str]] = &[STRINGS, LISTS, HASHES, SETS, SORTED_SETS, SORTS, STREAMS];
    let start = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    for seed in (start..).take_while(|_| Instant::now() < end) {
        for family in families {
            walk(seed, NAMES, &[family, KEYS]);
        }
        walk(seed, NAMES, &[&families.concat(), KEYS]);
    }
}

#[test]
fn lists_of_several_owners() {
    walk(15, LISTS_OF_OWNERS, &[MAIL]);
}

#[test]
fn strings_of_several_owners() {
    walk(16, STRINGS_OF_OWNERS, &[FILES]);
}
