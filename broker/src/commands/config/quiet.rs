//! Settings of Redis that tune what the broker does otherwise, or not at all. They can be read and set, so that what sets
//! them goes on, and have no effect. What would promise something (that all is written to disk, say) is not among them.

use ahash::AHashMap;
use parking_lot::RwLock;

use super::settings::{Change, Set, Setting};
use super::value::{Kind, YES_OR_NO};
use crate::shared::Shared;

/// What they were set to.
#[derive(Debug, Default)]
pub(crate) struct Quiet(RwLock<AHashMap<&'static str, String>>);

impl Quiet {
    fn get(&self, name: &str, default: &str) -> String {
        self.0.read().get(name).map_or_else(|| default.into(), Clone::clone)
    }

    fn set(&self, name: &'static str, value: String) {
        self.0.write().insert(name, value);
    }
}

/// A number or an amount of memory. `$key` is the name under which it is kept, where it has two.
macro_rules! number {
    ($name:literal, $kind:expr, $default:literal) => {
        number!($name = $name, $kind, $default)
    };
    ($name:literal = $key:literal, $kind:expr, $default:literal) => {
        quiet(
            $name,
            $kind,
            |shared| shared.quiet.get($key, $default),
            Change::Number(|shared, value| shared.quiet.set($key, value.to_string())),
        )
    };
}

/// One of some words, as it was written; Redis shows it in lower case.
macro_rules! word {
    ($name:literal, $words:expr, $refusal:expr, $default:literal) => {
        quiet(
            $name,
            Kind::Word($words, $refusal),
            |shared| shared.quiet.get($name, $default),
            Change::Text(|shared, word| {
                shared.quiet.set($name, String::from_utf8_lossy(word).to_ascii_lowercase());
            }),
        )
    };
}

/// A switch.
macro_rules! switch {
    ($name:literal, $default:literal) => {
        word!($name, &["no", "yes"], YES_OR_NO, $default)
    };
}

const fn quiet(
    name: &'static str,
    kind: Kind,
    get: fn(&Shared) -> String,
    change: Change,
) -> Setting {
    Setting { name, get, set: Some(Set { kind, change }) }
}

const INT: Kind = Kind::Number(0, i32::MAX as i64);
const POSITIVE: Kind = Kind::Number(1, i32::MAX as i64);
const ANY_INT: Kind = Kind::Number(i32::MIN as i64, i32::MAX as i64);
const BYTES: Kind = Kind::Memory(0, i64::MAX as u64);

/// All of them.
pub(super) static SETTINGS: &[Setting] = &[
    number!("active-expire-effort", Kind::Number(1, 10), "1"),
    switch!("activerehashing", "yes"),
    switch!("aof-load-truncated", "yes"),
    switch!("aof-rewrite-incremental-fsync", "yes"),
    switch!("aof-timestamp-enabled", "no"),
    switch!("aof-use-rdb-preamble", "yes"),
    word!(
        "appendfsync",
        &["everysec", "always", "no"],
        "argument(s) must be one of the following: everysec, always, no",
        "everysec"
    ),
    number!("auto-aof-rewrite-min-size", BYTES, "67108864"),
    number!("auto-aof-rewrite-percentage", INT, "100"),
    switch!("dynamic-hz", "yes"),
    number!("hll-sparse-max-bytes", BYTES, "3000"),
    // What is out of bounds is brought within.
    quiet(
        "hz",
        INT,
        |shared| shared.quiet.get("hz", "10"),
        Change::Number(|shared, value| shared.quiet.set("hz", value.clamp(1, 500).to_string())),
    ),
    switch!("jemalloc-bg-thread", "yes"),
    switch!("lazyfree-lazy-eviction", "no"),
    switch!("lazyfree-lazy-expire", "no"),
    switch!("lazyfree-lazy-server-del", "no"),
    switch!("lazyfree-lazy-user-del", "no"),
    switch!("lazyfree-lazy-user-flush", "no"),
    number!("lfu-decay-time", INT, "1"),
    number!("lfu-log-factor", INT, "10"),
    number!("list-compress-depth", INT, "0"),
    number!("list-max-listpack-size", ANY_INT, "-2"),
    number!("list-max-ziplist-size" = "list-max-listpack-size", ANY_INT, "-2"),
    number!("maxmemory-eviction-tenacity", Kind::Number(0, 100), "10"),
    number!("maxmemory-samples", POSITIVE, "5"),
    switch!("no-appendfsync-on-rewrite", "no"),
    switch!("rdb-del-sync-files", "no"),
    switch!("rdb-save-incremental-fsync", "yes"),
    switch!("rdbcompression", "yes"),
    number!("repl-backlog-size", Kind::Memory(1, i64::MAX as u64), "1048576"),
    number!("repl-backlog-ttl", Kind::Number(0, i64::MAX), "3600"),
    number!("repl-timeout", POSITIVE, "60"),
    switch!("stop-writes-on-bgsave-error", "yes"),
];
