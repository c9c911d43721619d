//! The commands on plain keys, a file for each family.

mod counters;
mod expire_at;
mod expiry;
mod hashes;
mod keys;
mod lists;
mod multi;
mod ranges;
mod set_options;
mod strings;

pub use lists::move_ends;

use crate::Command;

/// Every family.
pub const COMMANDS: &[&[&Command]] = &[
    strings::COMMANDS,
    multi::COMMANDS,
    counters::COMMANDS,
    ranges::COMMANDS,
    keys::COMMANDS,
    expiry::COMMANDS,
    lists::COMMANDS,
    hashes::COMMANDS,
];
