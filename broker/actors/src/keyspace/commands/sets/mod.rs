//! Sets.

mod combine;
mod edit;
mod random;
mod read;
mod store;

use crate::call::Call;
use crate::collections::Set;
use crate::keyspace::{Keyspace, Value};
use crate::{Command, Refusal};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[
    &edit::SADD,
    &edit::SREM,
    &edit::SMOVE,
    &read::SMEMBERS,
    &read::SISMEMBER,
    &read::SMISMEMBER,
    &read::SCARD,
    &read::SSCAN,
    &random::SPOP,
    &random::SRANDMEMBER,
    &combine::SINTER,
    &combine::SINTERCARD,
    &combine::SUNION,
    &combine::SDIFF,
    &store::SINTERSTORE,
    &store::SUNIONSTORE,
    &store::SDIFFSTORE,
];

/// What all commands here share.
const SET: Command = Command { group: "set", ..Command::BASE };

/// The set at a key, to be read.
fn set<'s>(
    state: &'s mut Keyspace,
    key: &[u8],
    call: &Call<'_>,
) -> Result<Option<&'s Set>, Refusal> {
    state.read(call, key).map(|entry| entry.value.as_set()).transpose()
}

/// The set at a key, to be changed.
fn set_mut<'s>(
    state: &'s mut Keyspace,
    key: &[u8],
    call: &Call<'_>,
) -> Result<Option<&'s mut Set>, Refusal> {
    state.db(call).get_mut(key, call.now).map(Value::as_set_mut).transpose()
}

/// The set at a key, made if it is not there. Whoever asks for it adds a member: no set is ever empty.
fn open_set<'s>(
    state: &'s mut Keyspace,
    key: &[u8],
    call: &Call<'_>,
) -> Result<&'s mut Set, Refusal> {
    state.db(call).get_or_insert(key, call.now, || Value::Set(Box::default())).as_set_mut()
}

/// The most integers that are kept sorted.
fn ints_max(call: &Call<'_>) -> u64 {
    call.env.directory.limits.set_intset_entries_max.get()
}
