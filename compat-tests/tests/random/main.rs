//! Long random walks over a few keys: every reply is Redis's, whatever came before.
//!
//! Transcripts show each command at its best and at its edges; only a walk shows what hundreds of
//! them leave behind. A failure prints the seed and the last steps; the walk is the same in every run.
//!
//! For longer: `WALK_MINUTES=60 cargo test -p clawlink-compat-tests --test random -- --ignored` walks from new seeds
//! until the time is over.

use std::time::{Duration, Instant};

use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::random::Random;
use clawlink_compat_tests::reply::{self, Reply};
use clawlink_compat_tests::server::Server;

const STEPS: usize = 6_000;

/// How many of the steps before a difference are shown.
const SHOWN: usize = 40;

/// Templates: `K` is one of few keys, `F` a field, `V` a value, `N` a small number, `I` an index,
/// `S` a float. Commands whose replies depend on chance or on the clock are left out. After `~` the order of a reply
/// is left open.
const STRINGS: &[&str] = &[
    "SET K V",
    "SET K V NX",
    "SET K V XX",
    "SET K V GET",
    "SET K N KEEPTTL",
    "GET K",
    "GETDEL K",
    "GETSET K V",
    "APPEND K V",
    "STRLEN K",
    "SETRANGE K N V",
    "GETRANGE K I I",
    "INCR K",
    "DECR K",
    "INCRBY K I",
    "DECRBY K I",
    "INCRBYFLOAT K S",
    "MGET K K K",
    "MSET K V K N",
    "MSETNX K V K V",
    "SETNX K V",
    "LCS K K",
    "LCS K K LEN",
    "LCS K K IDX WITHMATCHLEN",
    "GETEX K PERSIST",
    "SUBSTR K I I",
];

const LISTS: &[&str] = &[
    "LPUSH K V",
    "RPUSH K V V N",
    "LPUSHX K V",
    "RPUSHX K V",
    "LPOP K",
    "RPOP K",
    "LPOP K N",
    "RPOP K N",
    "LLEN K",
    "LRANGE K I I",
    "LINDEX K I",
    "LSET K I V",
    "LINSERT K BEFORE V V",
    "LINSERT K AFTER V N",
    "LREM K I V",
    "LTRIM K I I",
    "LPOS K V",
    "LPOS K V RANK I",
    "LPOS K V COUNT N MAXLEN N",
    "LPOS K V RANK I COUNT 0",
    "LMOVE K K LEFT RIGHT",
    "LMOVE K K RIGHT LEFT",
    "LMOVE K K LEFT LEFT",
    "RPOPLPUSH K K",
    "LMPOP 2 K K LEFT COUNT N",
    "LMPOP 1 K RIGHT",
    "BLPOP K K 0.001",
    "BLMPOP 0.001 2 K K RIGHT COUNT N",
    "RPUSH K V V V V V V V V",
];

const HASHES: &[&str] = &[
    "HSET K F V",
    "HSET K F V F N",
    "HMSET K F V F V",
    "HSETNX K F V",
    "HGET K F",
    "HMGET K F F F",
    "HGETALL K",
    "HDEL K F",
    "HDEL K F F",
    "HLEN K",
    "HEXISTS K F",
    "HKEYS K",
    "HVALS K",
    "HSTRLEN K F",
    "HINCRBY K F I",
    "HINCRBYFLOAT K F S",
    "HSCAN K 0 COUNT 1000",
    "HSCAN K 0 MATCH f*",
];

const SETS: &[&str] = &[
    "SADD K V",
    "SADD K I N",
    "SADD K V N V I",
    "SADD K N N N I I",
    "SREM K V",
    "SREM K V N I",
    "SCARD K",
    "SISMEMBER K V",
    "SMISMEMBER K V N I",
    "SMOVE K K V",
    "SMOVE K K N",
    "~SMEMBERS K",
    "~SPOP K 100",
    "SPOP K 0",
    "~SRANDMEMBER K 100",
    "~SINTER K K",
    "~SINTER K K K",
    "~SUNION K K",
    "~SDIFF K K",
    "~SDIFF K K K",
    "SINTERCARD 2 K K",
    "SINTERCARD 2 K K LIMIT N",
    "SINTERSTORE K K K",
    "SUNIONSTORE K K K",
    "SDIFFSTORE K K K",
    "SDIFFSTORE K K K K K K",
    "~SSCAN K 0 COUNT 1000",
    "~SSCAN K 0 MATCH *a* COUNT 1000",
];

/// Ranges by name only of all names: with different scores Redis leaves open what else they are.
const SORTED_SETS: &[&str] = &[
    "ZADD K N V",
    "ZADD K S V I N",
    "ZADD K S F S F S F N F",
    "ZADD K S F N F I V N V",
    "ZADD K NX S V N F",
    "ZADD K XX CH S V N F",
    "ZADD K GT CH S V N F",
    "ZADD K LT S V N F",
    "ZADD K INCR S V",
    "ZADD K XX INCR N F",
    "ZADD K GT INCR I F",
    "ZINCRBY K S V",
    "ZINCRBY K N F",
    "ZREM K V F",
    "ZCARD K",
    "ZSCORE K F",
    "ZMSCORE K V F N",
    "ZRANK K F",
    "ZREVRANK K V",
    "ZCOUNT K I S",
    "ZCOUNT K (N +inf",
    "ZLEXCOUNT K - +",
    "ZRANGE K I I",
    "ZRANGE K I I WITHSCORES",
    "ZRANGE K I I REV",
    "ZRANGE K -inf (S BYSCORE LIMIT I I WITHSCORES",
    "ZRANGE K + - BYLEX REV LIMIT N N",
    "ZREVRANGE K I I WITHSCORES",
    "ZRANGEBYSCORE K I N",
    "ZRANGEBYSCORE K (I +inf WITHSCORES LIMIT N I",
    "ZREVRANGEBYSCORE K N I LIMIT N I",
    "ZRANGEBYLEX K - + LIMIT N I",
    "ZRANGESTORE K K I I",
    "ZRANGESTORE K K -inf N BYSCORE LIMIT 0 N",
    "ZREMRANGEBYRANK K I N",
    "ZREMRANGEBYSCORE K I (N",
    "ZPOPMIN K",
    "ZPOPMAX K N",
    "ZMPOP 2 K K MIN COUNT N",
    "BZPOPMIN K K 0.001",
    "BZMPOP 0.001 2 K K MAX COUNT N",
    "ZUNION 2 K K WITHSCORES",
    "ZINTER 2 K K WEIGHTS N S WITHSCORES",
    "ZDIFF 2 K K WITHSCORES",
    "ZINTERCARD 2 K K LIMIT N",
    "ZUNIONSTORE K 2 K K WEIGHTS S I AGGREGATE MAX",
    "ZUNIONSTORE K 3 K K K",
    "ZINTERSTORE K 2 K K AGGREGATE MIN",
    "ZDIFFSTORE K 2 K K",
    "~ZSCAN K 0 COUNT 1000",
    "SADD K F V",
];

const KEYS: &[&str] = &[
    "DEL K",
    "DEL K K",
    "EXISTS K K",
    "TYPE K",
    "RENAME K K",
    "RENAMENX K K",
    "COPY K K",
    "COPY K K REPLACE",
    "OBJECT ENCODING K",
    "PEXPIREAT K 99999999999999",
    "PEXPIRETIME K",
    "PERSIST K",
    "EXPIREAT K 77777777777 GT",
    "EXPIREAT K 66666666666 LT",
    "EXPIREAT K 1",
    "TTL K",
    "TOUCH K",
    "DBSIZE",
    "MOVE K 1",
    "SELECT 1",
    "SELECT 0",
    "MULTI",
    "EXEC",
    "DISCARD",
    "WATCH K",
];

/// What files can do as strings, and what every key can do.
const FILES: &[&str] = &[
    "SET K V",
    "SET K V NX",
    "SET K V XX",
    "SET K V GET",
    "GET K",
    "GETDEL K",
    "GETSET K V",
    "APPEND K V",
    "STRLEN K",
    "GETRANGE K I I",
    "MGET K K K",
    "MSET K V K N",
    "SETNX K V",
    "DEL K",
    "DEL K K",
    "UNLINK K",
    "EXISTS K K",
    "TYPE K",
    "TOUCH K K",
    "MULTI",
    "EXEC",
    "WATCH K",
    "DISCARD",
];

/// What an inbox can do as a list: all but setting and inserting in its middle.
const MAIL: &[&str] = &[
    "LPUSH K V",
    "RPUSH K V V N",
    "LPUSHX K V",
    "RPUSHX K V",
    "LPOP K",
    "RPOP K",
    "LPOP K N",
    "RPOP K N",
    "LLEN K",
    "LRANGE K I I",
    "LINDEX K I",
    "LREM K I V",
    "LTRIM K I I",
    "LPOS K V",
    "LPOS K V RANK I COUNT 0",
    "LMOVE K K LEFT RIGHT",
    "LMOVE K K RIGHT LEFT",
    "RPOPLPUSH K K",
    "LMPOP 2 K K LEFT COUNT N",
    "LMPOP 1 K RIGHT",
    "BLPOP K K 0.001",
    "DEL K",
    "DEL K K",
    "EXISTS K K",
    "TYPE K",
    "TOUCH K K",
    "MULTI",
    "EXEC",
    "DISCARD",
    "WATCH K",
];

const NAMES: &[&str] = &["k1", "k2", "k3", "k4"];

/// To Redis these are plain keys; here each belongs to another owner.
const LISTS_OF_OWNERS: &[&str] = &["inbox:bob", "k1", "inbox:@rust", "k2"];
const STRINGS_OF_OWNERS: &[&str] = &["file:a.md", "k1", "file:b/c.md", "k2"];

const FIELDS: &[&str] = &["f1", "f2", "f3", "f4", "f5", "g"];
const VALUES: &[&str] = &["a", "b", "abcabc", "", "12", "-7", "3.5", "x y", "value-of-some-length"];
const NUMBERS: &[&str] = &["0", "1", "2", "3", "5", "12"];
const INDEXES: &[&str] = &["0", "1", "2", "-1", "-2", "-100", "100", "7"];
const FLOATS: &[&str] = &["0.1", "-2.5", "3", "1e3", "0.003", "-0.1"];

fn step(random: &mut Random, names: &[&str], templates: &[&str]) -> Vec<String> {
    let words = random.pick(templates).split(' ');
    let filled = words.map(|word| match word {
        "K" => random.pick(names),
        "F" => random.pick(FIELDS),
        "V" => random.pick(VALUES),
        "N" => random.pick(NUMBERS),
        "I" => random.pick(INDEXES),
        "S" => random.pick(FLOATS),
        word => word,
    });
    filled.map(str::to_owned).collect()
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
            step(&mut random, names, &templates)
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
fn everything() {
    walk(14, NAMES, &[STRINGS, LISTS, HASHES, SETS, SORTED_SETS, KEYS]);
}

#[test]
#[ignore = "walks for as long as WALK_MINUTES says"]
fn for_long() {
    let minutes = std::env::var("WALK_MINUTES").map_or(1, |text| text.parse().unwrap());
    let end = Instant::now() + Duration::from_secs(60 * minutes);
    let families: &[&[&str]] = &[STRINGS, LISTS, HASHES, SETS, SORTED_SETS];
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
