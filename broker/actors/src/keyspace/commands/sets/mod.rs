//! Sets.

mod combine;
mod edit;
mod random;
mod read;
mod store;

use crate::Command;
use crate::call::Call;

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

/// The most integers that are kept sorted.
fn ints_max(call: &Call<'_>) -> u64 {
    call.env.directory.limits.set_intset_entries_max.get()
}
