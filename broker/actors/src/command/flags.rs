//! What a command does to data and connections.

use std::ops::BitOr;

/// A set of flags, named as `COMMAND INFO` names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(u32);

impl Flags {
    /// None.
    pub const NONE: Self = Self(0);
    /// May change data.
    pub const WRITE: Self = Self(1);
    /// Never changes data.
    pub const READONLY: Self = Self(1 << 1);
    /// May need more memory: refused when the limit is reached.
    pub const DENYOOM: Self = Self(1 << 2);
    /// An administrative command.
    pub const ADMIN: Self = Self(1 << 3);
    /// About channels.
    pub const PUBSUB: Self = Self(1 << 4);
    /// Not for scripts.
    pub const NOSCRIPT: Self = Self(1 << 5);
    /// May block the connection.
    pub const BLOCKING: Self = Self(1 << 6);
    /// Allowed while data is loaded.
    pub const LOADING: Self = Self(1 << 7);
    /// Allowed on stale replicas.
    pub const STALE: Self = Self(1 << 8);
    /// Not shown to `MONITOR`.
    pub const SKIP_MONITOR: Self = Self(1 << 9);
    /// Not kept in the slow log.
    pub const SKIP_SLOWLOG: Self = Self(1 << 10);
    /// Constant or logarithmic time.
    pub const FAST: Self = Self(1 << 11);
    /// Allowed before authentication.
    pub const NO_AUTH: Self = Self(1 << 12);
    /// Not allowed inside a transaction.
    pub const NO_MULTI: Self = Self(1 << 13);
    /// Its keys cannot be found by positions alone.
    pub const MOVABLEKEYS: Self = Self(1 << 14);
    /// Allowed while a script or a transaction is busy.
    pub const ALLOW_BUSY: Self = Self(1 << 15);
    /// May be sent to a cluster replica without redirection.
    pub const NO_ASYNC_LOADING: Self = Self(1 << 16);
    /// Not counted by `INFO` as a command that touches keys.
    pub const NO_MANDATORY_KEYS: Self = Self(1 << 17);

    /// Changes nothing by itself, but must not happen while writes are paused: `PUBLISH`. Not shown.
    pub const MAY_REPLICATE: Self = Self(1 << 18);
    /// Allowed to nobody unless the configuration says so: `DEBUG`. Not shown.
    pub const PROTECTED: Self = Self(1 << 19);

    /// The connection speaks from then on as the agent in the reply. The way to become an agent, so it is open to
    /// connections that are none. Ours; not shown.
    pub const ADOPTS_AGENT: Self = Self(1 << 30);
    /// The agent's key was shown: the connection may act as no other from then on. Ours; not shown.
    pub const IDENTIFIES: Self = Self(1 << 31);

    const NAMES: [(Self, &'static str); 18] = [
        (Self::WRITE, "write"),
        (Self::READONLY, "readonly"),
        (Self::DENYOOM, "denyoom"),
        (Self::ADMIN, "admin"),
        (Self::PUBSUB, "pubsub"),
        (Self::NOSCRIPT, "noscript"),
        (Self::BLOCKING, "blocking"),
        (Self::LOADING, "loading"),
        (Self::STALE, "stale"),
        (Self::SKIP_MONITOR, "skip_monitor"),
        (Self::SKIP_SLOWLOG, "skip_slowlog"),
        (Self::FAST, "fast"),
        (Self::NO_AUTH, "no_auth"),
        (Self::NO_MANDATORY_KEYS, "no_mandatory_keys"),
        (Self::NO_ASYNC_LOADING, "no_async_loading"),
        (Self::NO_MULTI, "no_multi"),
        (Self::MOVABLEKEYS, "movablekeys"),
        (Self::ALLOW_BUSY, "allow_busy"),
    ];

    /// Both sets together; `|` for constants.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` are set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names of the flags that are set, in Redis's order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(flag, _)| self.has(*flag)).map(|(_, name)| name)
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.with(other)
    }
}
