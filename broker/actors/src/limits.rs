//! The limits that owners keep, each with its default and its reason. They can be changed while the broker runs.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// One limit.
#[derive(Debug)]
pub struct Limit(AtomicU64);

impl Limit {
    /// A limit with this value.
    pub const fn new(value: u64) -> Self {
        Self(AtomicU64::new(value))
    }

    /// Its value.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Changes it. What already exceeds the new value stays until it is used up.
    pub fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }
}

/// A rule that is in force or not.
#[derive(Debug, Default)]
pub struct Rule(AtomicBool);

impl Rule {
    /// Whether it is in force.
    pub fn holds(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Puts it in force, or out of it.
    pub fn set(&self, holds: bool) {
        self.0.store(holds, Ordering::Relaxed);
    }
}

/// All of them.
#[derive(Debug)]
pub struct Limits {
    /// Whether only connections that have identified themselves act as agents and reach inboxes (no: whoever reaches the
    /// broker, or knows its token, is trusted).
    pub require_identity: Rule,
    /// Whether keys of the keyspace whose time is over go only when somebody asks for them (no). For tests.
    pub lazy_expiry: Rule,
    /// Messages in one inbox (10 000): an agent that is gone must not eat the memory of those that work.
    pub inbox_messages_max: Limit,
    /// Bytes in one inbox (64 MiB).
    pub inbox_bytes_max: Limit,
    /// Mailboxes (1 000 000, about 2 GiB): anybody may name an inbox.
    pub mailboxes_max: Limit,
    /// Topics with a history (100 000): anybody may publish on one.
    pub topics_max: Limit,
    /// Messages that a topic keeps (200, as the original did).
    pub topic_messages_max: Limit,
    /// Bytes that a topic keeps (8 MiB).
    pub topic_bytes_max: Limit,
    /// Bytes of a file (64 MiB).
    pub file_bytes_max: Limit,
    /// Versions of a file that are kept (100).
    pub file_versions_max: Limit,
    /// Bytes of all kept versions of one file (256 MiB); the newest is kept in any case.
    pub file_history_bytes_max: Limit,
    /// Deleted and moved files whose versions are remembered (10 000); the first to go is forgotten first.
    pub file_tombstones_max: Limit,
    /// Bytes of all their versions (256 MiB: as much as one file may hold).
    pub file_tombstone_bytes_max: Limit,
    /// Milliseconds without a sign of life after which an agent is stale (120 s).
    pub agent_stale_ms: Limit,
    /// Seconds for which a task is leased unless the poll says otherwise (600: agents work minutes between commands).
    pub lease_s: Limit,
    /// Finished tasks whose result one mailbox keeps for late askers (1 000).
    pub results_max: Limit,
    /// Milliseconds for which the result of a finished task is kept (a day).
    pub results_keep_ms: Limit,
    /// How often a task is tried unless its sender says otherwise (3): what kills one worker after the other must end.
    pub attempts: Limit,
    /// Open tasks from one agent in one inbox (1 000): agents that delegate to each other in circles must be stopped.
    pub open_tasks_max: Limit,
    /// How far a task may be from the first of a chain of tasks that brought forth each other (32): for the same reason.
    pub hops_max: Limit,
    /// Keys of senders, for tasks that may be sent again, that one mailbox remembers (10 000).
    pub task_keys_max: Limit,
    /// Fields of a hash that `OBJECT ENCODING` calls packed (512, Redis's default).
    pub hash_listpack_entries_max: Limit,
    /// Bytes of a field's name or value in a hash that `OBJECT ENCODING` calls packed (64, Redis's default).
    pub hash_listpack_value_max: Limit,
    /// Integers of a set that are kept as such, sorted (512, Redis's default): inserting one moves the others.
    pub set_intset_entries_max: Limit,
    /// Members of a sorted set that are kept packed (128, Redis's default): finding one looks at all.
    pub zset_listpack_entries_max: Limit,
    /// Bytes of a member of a sorted set that is kept packed (64, Redis's default).
    pub zset_listpack_value_max: Limit,
    /// Entries of a stream that share a node, which approximate trimming removes whole (100, Redis's default).
    pub stream_node_entries_max: Limit,
    /// Bytes at which such a node is closed (4096, Redis's default).
    pub stream_node_bytes_max: Limit,
    /// Which key events are told, as the bits of [`Classes`](crate::key_events::Classes) (none, as in Redis).
    pub key_events: Limit,
    /// Keys of which the broker remembers who keeps a copy (1 000 000, Redis's default; 0: any number).
    pub tracked_keys_max: Limit,
    /// Bytes that wait for one slow subscriber before it is closed (32 MiB, Redis's default).
    pub outbox_bytes_max: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            require_identity: Rule::default(),
            lazy_expiry: Rule::default(),
            inbox_messages_max: Limit::new(10_000),
            inbox_bytes_max: Limit::new(64 << 20),
            mailboxes_max: Limit::new(1_000_000),
            topics_max: Limit::new(100_000),
            topic_messages_max: Limit::new(200),
            topic_bytes_max: Limit::new(8 << 20),
            file_bytes_max: Limit::new(64 << 20),
            file_versions_max: Limit::new(100),
            file_history_bytes_max: Limit::new(256 << 20),
            file_tombstones_max: Limit::new(10_000),
            file_tombstone_bytes_max: Limit::new(256 << 20),
            agent_stale_ms: Limit::new(120_000),
            lease_s: Limit::new(600),
            results_max: Limit::new(1_000),
            results_keep_ms: Limit::new(24 * 60 * 60 * 1_000),
            attempts: Limit::new(3),
            open_tasks_max: Limit::new(1_000),
            hops_max: Limit::new(32),
            task_keys_max: Limit::new(10_000),
            hash_listpack_entries_max: Limit::new(512),
            hash_listpack_value_max: Limit::new(64),
            set_intset_entries_max: Limit::new(512),
            zset_listpack_entries_max: Limit::new(128),
            zset_listpack_value_max: Limit::new(64),
            stream_node_entries_max: Limit::new(100),
            stream_node_bytes_max: Limit::new(4096),
            key_events: Limit::new(0),
            tracked_keys_max: Limit::new(1_000_000),
            outbox_bytes_max: Limit::new(32 << 20),
        }
    }
}
