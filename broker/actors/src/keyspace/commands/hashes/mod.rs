//! Hashes. Tasks and agents show themselves as hashes too: the owners of their records answer the
//! commands that read.

mod numbers;
mod random;
mod read;
mod scan;
mod write;

use crate::Command;

/// The family.
pub(super) const COMMANDS: &[&Command] = &[
    &write::HSET,
    &write::HMSET,
    &write::HSETNX,
    &write::HDEL,
    &read::HGET,
    &read::HMGET,
    &read::HGETALL,
    &read::HKEYS,
    &read::HVALS,
    &read::HLEN,
    &read::HEXISTS,
    &read::HSTRLEN,
    &numbers::HINCRBY,
    &numbers::HINCRBYFLOAT,
    &random::HRANDFIELD,
    &scan::HSCAN,
];
