//! Sorted sets.

mod add;
mod blocking;
mod bounds;
mod combine;
mod pop;
mod random;
mod range;
mod read;
mod remove;
mod sources;
mod store;

use crate::call::Call;
use crate::collections::Packing;
use crate::{Command, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[
    &add::ZADD,
    &add::ZINCRBY,
    &remove::ZREM,
    &remove::ZREMRANGEBYRANK,
    &remove::ZREMRANGEBYSCORE,
    &remove::ZREMRANGEBYLEX,
    &read::ZCARD,
    &read::ZSCORE,
    &read::ZMSCORE,
    &read::ZRANK,
    &read::ZREVRANK,
    &read::ZCOUNT,
    &read::ZLEXCOUNT,
    &range::ZRANGE,
    &range::ZRANGEBYSCORE,
    &range::ZRANGEBYLEX,
    &range::ZREVRANGE,
    &range::ZREVRANGEBYSCORE,
    &range::ZREVRANGEBYLEX,
    &range::ZRANGESTORE,
    &pop::ZPOPMIN,
    &pop::ZPOPMAX,
    &pop::ZMPOP,
    &blocking::BZPOPMIN,
    &blocking::BZPOPMAX,
    &blocking::BZMPOP,
    &combine::ZUNION,
    &combine::ZINTER,
    &combine::ZDIFF,
    &combine::ZINTERCARD,
    &store::ZUNIONSTORE,
    &store::ZINTERSTORE,
    &store::ZDIFFSTORE,
    &random::ZRANDMEMBER,
    &random::ZSCAN,
];

/// What all commands here share.
const SORTED: Command = Command { group: "sorted-set", since: "1.2.0", ..Command::BASE };

/// Up to which size sorted sets are packed.
fn packing(call: &Call<'_>) -> Packing {
    let limits = &call.env.directory.limits;
    Packing {
        members_max: limits.zset_listpack_entries_max.get(),
        bytes_max: limits.zset_listpack_value_max.get(),
    }
}

/// A member and its score as a pair of replies.
fn pair(name: &[u8], score: f64) -> (Reply, Reply) {
    (Reply::brief(name), Reply::Double(score))
}

/// Members, with their scores if they are asked for.
fn members(found: Vec<(Reply, Reply)>, with_scores: bool) -> Reply {
    if with_scores {
        Reply::Pairs(found)
    } else {
        Reply::Array(found.into_iter().map(|(name, _)| name).collect())
    }
}
