//! What can happen to a key.

use super::Classes;
use crate::outbox::Moment;

/// Something that can happen to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Its class.
    pub class: Classes,
    /// Its name on the wire.
    pub name: &'static str,
    /// When a client that brings it about itself hears of it.
    pub moment: Moment,
}

impl Event {
    const fn new(class: Classes, name: &'static str) -> Self {
        Self { class, name, moment: Moment::BeforeReply }
    }

    /// The same, where Redis answers the command before it tells the event.
    #[must_use]
    pub const fn after_reply(self) -> Self {
        Self { moment: Moment::AfterReply, ..self }
    }
}

/// Declares events: a class, and for each event its constant and its name.
macro_rules! events {
    ($($class:ident { $($event:ident $name:literal)* })*) => {
        /// All events.
        #[allow(missing_docs, reason = "the names say all")]
        pub mod events {
            use super::{Classes, Event};
            $($(pub const $event: Event = Event::new(Classes::$class, $name);)*)*
        }
    };
}

events! {
    GENERIC {
        COPY_TO "copy_to"
        DEL "del"
        EXPIRE "expire"
        MOVE_FROM "move_from"
        MOVE_TO "move_to"
        PERSIST "persist"
        RENAME_FROM "rename_from"
        RENAME_TO "rename_to"
        RESTORE "restore"
    }
    STRING {
        APPEND "append"
        INCRBY "incrby"
        INCRBYFLOAT "incrbyfloat"
        SET "set"
        SETRANGE "setrange"
    }
    LIST {
        LINSERT "linsert"
        LPOP "lpop"
        LPUSH "lpush"
        LREM "lrem"
        LSET "lset"
        LTRIM "ltrim"
        RPOP "rpop"
        RPUSH "rpush"
        SORTSTORE "sortstore"
    }
    SET {
        SADD "sadd"
        SDIFFSTORE "sdiffstore"
        SINTERSTORE "sinterstore"
        SPOP "spop"
        SREM "srem"
        SUNIONSTORE "sunionstore"
    }
    HASH {
        HDEL "hdel"
        HINCRBY "hincrby"
        HINCRBYFLOAT "hincrbyfloat"
        HSET "hset"
    }
    SORTED_SET {
        ZADD "zadd"
        ZDIFFSTORE "zdiffstore"
        ZINCR "zincr"
        ZINTERSTORE "zinterstore"
        ZPOPMAX "zpopmax"
        ZPOPMIN "zpopmin"
        ZRANGESTORE "zrangestore"
        ZREM "zrem"
        ZREMRANGEBYLEX "zremrangebylex"
        ZREMRANGEBYRANK "zremrangebyrank"
        ZREMRANGEBYSCORE "zremrangebyscore"
        ZUNIONSTORE "zunionstore"
    }
    STREAM {
        XADD "xadd"
        XDEL "xdel"
        XGROUP_CREATE "xgroup-create"
        XGROUP_CREATECONSUMER "xgroup-createconsumer"
        XGROUP_DELCONSUMER "xgroup-delconsumer"
        XGROUP_DESTROY "xgroup-destroy"
        XGROUP_SETID "xgroup-setid"
        XSETID "xsetid"
        XTRIM "xtrim"
    }
    EXPIRED { EXPIRED "expired" }
    NEW { NEW "new" }
    MISS { KEYMISS "keymiss" }
}
