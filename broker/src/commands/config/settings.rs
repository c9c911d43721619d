//! The settings, each declared once.

use std::sync::atomic::Ordering;

use clawlink_actors::directory::Delays;
use clawlink_actors::keyspace::DATABASES;
use clawlink_actors::limits::{Limit, Limits};

use super::value::{Kind, YES_OR_NO};
use super::{buffers, events, percentiles, quiet};
use crate::shared::Shared;

/// A setting.
pub(super) struct Setting {
    /// Its name in lower case.
    pub name: &'static str,
    /// Its value as text.
    pub get: fn(&Shared) -> String,
    /// How it is changed, if it can be.
    pub set: Option<Set>,
}

/// How a setting is changed.
pub(super) struct Set {
    /// What it takes.
    pub kind: Kind,
    /// What follows.
    pub change: Change,
}

/// What changes a setting.
pub(super) enum Change {
    /// To the number that its value was read as.
    Number(fn(&Shared, i64)),
    /// To the value as it was given.
    Text(fn(&Shared, &[u8])),
}

impl Set {
    /// Reads a value.
    pub(super) fn parse(&self, word: &[u8]) -> Result<i64, String> {
        self.kind.parse(word)
    }

    /// Changes the setting to a value and to what [`Set::parse`] read it as.
    pub(super) fn apply(&self, shared: &Shared, word: &[u8], value: i64) {
        match self.change {
            Change::Number(change) => change(shared, value),
            Change::Text(change) => change(shared, word),
        }
    }
}

/// All settings.
pub(super) fn all() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().chain(quiet::SETTINGS).chain(LIMITS)
}

/// The setting with this name, in any case.
pub(super) fn find(name: &[u8]) -> Option<&'static Setting> {
    all().find(|setting| setting.name.as_bytes().eq_ignore_ascii_case(name))
}

/// A setting that cannot be changed while the broker runs.
const fn fixed(name: &'static str, get: fn(&Shared) -> String) -> Setting {
    Setting { name, get, set: None }
}

const fn live(
    name: &'static str,
    kind: Kind,
    get: fn(&Shared) -> String,
    apply: fn(&Shared, i64),
) -> Setting {
    Setting { name, get, set: Some(Set { kind, change: Change::Number(apply) }) }
}

/// A setting whose only supported value is the first of `values`: clients and scripts read it, and set it to that.
const fn only(
    name: &'static str,
    values: &'static [&'static str],
    refusal: &'static str,
    get: fn(&Shared) -> String,
) -> Setting {
    Setting {
        name,
        get,
        set: Some(Set { kind: Kind::Only(values, refusal), change: Change::Number(|_, _| {}) }),
    }
}

const ANY: Kind = Kind::Number(0, i64::MAX);
const ANY_MEMORY: Kind = Kind::Memory(0, i64::MAX as u64);
const SECONDS: Kind = Kind::Number(0, i32::MAX as i64);
const POLICIES: &[&str] = &[
    "noeviction",
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
];
const NO_SUCH_POLICY: &str = "argument(s) must be one of the following: volatile-lru, volatile-lfu, \
    volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, noeviction";

/// A limit of the owners, as it is or in units of a thousandth.
macro_rules! limit {
    ($name:literal, $kind:expr, $field:ident) => {
        limit!($name, $kind, $field, 1)
    };
    ($name:literal, $kind:expr, $field:ident, $unit:literal) => {
        live(
            $name,
            $kind,
            |shared| (limits(shared).$field.get() / $unit).to_string(),
            |shared, value| change(&limits(shared).$field, value, $unit),
        )
    };
}

/// Settings of Redis that mean the same here.
static SETTINGS: &[Setting] = &[
    only("activedefrag", &["no", "yes"], YES_OR_NO, |_| "no".into()),
    only("appendonly", &["no", "yes"], YES_OR_NO, |_| "no".into()),
    fixed("bind", |shared| {
        let hosts = shared.config.read().hosts.clone();
        let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
        if hosts.is_empty() { "127.0.0.1 -::1".into() } else { hosts.join(" ") }
    }),
    live("client-output-buffer-limit", Kind::Other(buffers::parse), buffers::get, buffers::apply),
    live("busy-reply-threshold", ANY, busy_ms, set_busy_ms),
    fixed("cluster-enabled", |_| "no".into()),
    fixed("daemonize", |_| "no".into()),
    fixed("databases", |_| DATABASES.to_string()),
    fixed("enable-debug-command", |shared| {
        format!("{:?}", shared.config.read().enable_debug_command).to_ascii_lowercase()
    }),
    limit!("hash-max-listpack-entries", ANY, hash_listpack_entries_max),
    limit!("hash-max-listpack-value", ANY_MEMORY, hash_listpack_value_max),
    // The names of Redis before 7.0.
    limit!("hash-max-ziplist-entries", ANY, hash_listpack_entries_max),
    limit!("hash-max-ziplist-value", ANY_MEMORY, hash_listpack_value_max),
    fixed("io-threads", |shared| shared.config.read().io_threads.to_string()),
    live(
        "latency-monitor-threshold",
        ANY,
        |shared| delays(shared).threshold_ms.load(Ordering::Relaxed).to_string(),
        |shared, value| {
            delays(shared).threshold_ms.store(value.unsigned_abs(), Ordering::Relaxed);
        },
    ),
    live(
        "latency-tracking",
        Kind::YesNo,
        |shared| if shared.commands.is_tracking() { "yes".into() } else { "no".into() },
        |shared, value| shared.commands.tracking.store(value > 0, Ordering::Relaxed),
    ),
    Setting {
        name: "latency-tracking-info-percentiles",
        get: percentiles::get,
        set: Some(Set {
            kind: Kind::Other(percentiles::parse),
            change: Change::Text(percentiles::apply),
        }),
    },
    // The name before 7.0.
    live("lua-time-limit", ANY, busy_ms, set_busy_ms),
    live(
        "maxclients",
        Kind::Number(1, u32::MAX as i64),
        |shared| shared.config.read().maxclients.to_string(),
        |shared, value| shared.config.write().maxclients = value as usize,
    ),
    live(
        "maxmemory",
        Kind::Memory(0, u64::MAX),
        |shared| shared.memory.max().to_string(),
        |shared, value| shared.memory.set_max(value.unsigned_abs()),
    ),
    only("maxmemory-clients", &["0"], "no client is closed for its memory", |_| "0".into()),
    only("maxmemory-policy", POLICIES, NO_SUCH_POLICY, |_| "noeviction".into()),
    live("notify-keyspace-events", Kind::Other(events::parse), events::get, events::apply),
    fixed("port", |shared| shared.config.read().port.to_string()),
    fixed("proto-max-bulk-len", |_| crate::wire::BULK_LEN_MAX.to_string()),
    fixed("replicaof", |_| String::new()),
    // Whether there is a token is no secret; what it is never leaves the broker.
    fixed("requirepass", |_| String::new()),
    only("save", &[""], "nothing is written to disk", |_| String::new()),
    limit!("set-max-intset-entries", ANY, set_intset_entries_max),
    live(
        "slowlog-log-slower-than",
        Kind::Number(-1, i64::MAX),
        |shared| shared.slowlog.slower_than_us.load(Ordering::Relaxed).to_string(),
        |shared, value| shared.slowlog.slower_than_us.store(value, Ordering::Relaxed),
    ),
    live(
        "slowlog-max-len",
        ANY,
        |shared| shared.slowlog.len_max().to_string(),
        |shared, value| shared.slowlog.set_len_max(value as usize),
    ),
    fixed("slaveof", |_| String::new()),
    limit!("stream-node-max-bytes", ANY_MEMORY, stream_node_bytes_max),
    limit!("stream-node-max-entries", ANY, stream_node_entries_max),
    live(
        "tcp-keepalive",
        SECONDS,
        |shared| shared.tcp_keepalive_s.load(Ordering::Relaxed).to_string(),
        |shared, value| shared.tcp_keepalive_s.store(value.unsigned_abs(), Ordering::Relaxed),
    ),
    limit!("tracking-table-max-keys", ANY, tracked_keys_max),
    live(
        "timeout",
        SECONDS,
        |shared| shared.idle_timeout_s.load(Ordering::Relaxed).to_string(),
        |shared, value| shared.idle_timeout_s.store(value.unsigned_abs(), Ordering::Relaxed),
    ),
    fixed("unixsocket", |shared| {
        let path = shared.config.read().unix_socket.clone();
        path.map_or_else(String::new, |path| path.display().to_string())
    }),
    limit!("zset-max-listpack-entries", ANY, zset_listpack_entries_max),
    limit!("zset-max-listpack-value", ANY_MEMORY, zset_listpack_value_max),
    limit!("zset-max-ziplist-entries", ANY, zset_listpack_entries_max),
    limit!("zset-max-ziplist-value", ANY_MEMORY, zset_listpack_value_max),
];

fn delays(shared: &Shared) -> &Delays {
    &shared.directory.delays
}

fn busy_ms(shared: &Shared) -> String {
    shared.scripts.busy_ms.load(Ordering::Relaxed).to_string()
}

fn set_busy_ms(shared: &Shared, value: i64) {
    shared.scripts.busy_ms.store(value.unsigned_abs(), Ordering::Relaxed);
}

fn limits(shared: &Shared) -> &Limits {
    &shared.directory.limits
}

fn change(limit: &Limit, value: i64, unit: u64) {
    limit.set(value.unsigned_abs().saturating_mul(unit));
}

const COUNT: Kind = Kind::Number(1, i64::MAX);
const BYTES: Kind = Kind::Memory(1, i64::MAX as u64);

/// The settings of the agents' world.
static LIMITS: &[Setting] = &[
    limit!("agent-stale-seconds", Kind::Number(1, i32::MAX as i64), agent_stale_ms, 1000),
    limit!("file-bytes-max", BYTES, file_bytes_max),
    limit!("file-history-bytes-max", BYTES, file_history_bytes_max),
    limit!("file-tombstone-bytes-max", Kind::Number(0, i64::MAX), file_tombstone_bytes_max),
    limit!("file-tombstones-max", Kind::Number(0, i64::MAX), file_tombstones_max),
    limit!("file-versions-max", COUNT, file_versions_max),
    limit!("hops-max", COUNT, hops_max),
    limit!("inbox-bytes-max", BYTES, inbox_bytes_max),
    limit!("inbox-messages-max", COUNT, inbox_messages_max),
    limit!("lease-seconds", Kind::Number(1, 604_800), lease_s),
    limit!("mailboxes-max", COUNT, mailboxes_max),
    limit!("open-tasks-max", COUNT, open_tasks_max),
    limit!("outbox-bytes-max", BYTES, outbox_bytes_max),
    live(
        "require-identity",
        Kind::YesNo,
        |shared| if limits(shared).require_identity.holds() { "yes" } else { "no" }.into(),
        |shared, value| limits(shared).require_identity.set(value == 1),
    ),
    limit!("results-keep", Kind::Number(1, i32::MAX as i64), results_keep_ms, 1000),
    limit!("results-max", Kind::Number(0, i64::MAX), results_max),
    limit!("task-attempts", Kind::Number(1, 1_000), attempts),
    limit!("task-keys-max", COUNT, task_keys_max),
    limit!("topic-bytes-max", BYTES, topic_bytes_max),
    limit!("topic-messages-max", Kind::Number(0, i64::MAX), topic_messages_max),
];

#[cfg(test)]
mod tests {
    use super::{all, find};

    #[test]
    fn names_are_unique_and_found_in_any_case() {
        let mut names: Vec<_> = all().map(|setting| setting.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(find(b"MaxMemory").is_some_and(|setting| setting.set.is_some()));
        assert!(find(b"port").is_some_and(|setting| setting.set.is_none()));
        assert!(find(b"missing").is_none());
    }
}
