//! Hashes. Tasks and agents show themselves as hashes too: the owners of their records answer the
//! commands that read.

mod numbers;
mod random;
mod read;
mod scan;
mod write;

use crate::call::Call;
use crate::keyspace::{Hash, Keyspace, Value};
use crate::{Command, Refusal};

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

/// The hash at the call's key, to be read.
fn hash<'s>(state: &'s mut Keyspace, call: &Call<'_>) -> Result<Option<&'s Hash>, Refusal> {
    let entry = state.read(call, call.key());
    entry.map(|entry| entry.value.as_hash()).transpose()
}

/// The hash at the call's key, to be changed.
fn hash_mut<'s>(state: &'s mut Keyspace, call: &Call<'_>) -> Result<Option<&'s mut Hash>, Refusal> {
    let value = state.db(call).get_mut(call.key(), call.now);
    value.map(Value::as_hash_mut).transpose()
}

/// The hash at the call's key, made if it is not there. Whoever asks for it sets a field: no hash
/// is ever empty.
fn open_hash<'s>(state: &'s mut Keyspace, call: &Call<'_>) -> Result<&'s mut Hash, Refusal> {
    let make = || Value::Hash(Box::default());
    state.db(call).get_or_insert(call.key(), call.now, make).as_hash_mut()
}
