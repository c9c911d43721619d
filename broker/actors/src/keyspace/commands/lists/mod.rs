//! Lists. Each function runs on plain lists and on inboxes alike, where the command means something
//! for both.

mod edit;
mod ends;
mod first;
mod moves;
mod read;

pub use moves::{AWAITED, move_ends};

use crate::Command;

/// The family.
pub(super) const COMMANDS: &[&Command] = &[
    &ends::LPUSH,
    &ends::RPUSH,
    &ends::LPUSHX,
    &ends::RPUSHX,
    &ends::LPOP,
    &ends::RPOP,
    &read::LLEN,
    &read::LRANGE,
    &read::LINDEX,
    &read::LPOS,
    &edit::LSET,
    &edit::LINSERT,
    &edit::LREM,
    &edit::LTRIM,
    &moves::LMOVE,
    &moves::RPOPLPUSH,
    &moves::BLMOVE,
    &moves::BRPOPLPUSH,
    &first::LMPOP,
    &first::BLPOP,
    &first::BRPOP,
    &first::BLMPOP,
];
