//! The commands on plain keys, a file for each family.

/// The functions of a command that has a meaning on every key: `$ours` on plain ones, `$theirs` in every other owner's
/// `generic`.
macro_rules! on_every_key {
    ($ours:expr, $theirs:ident) => {
        crate::command::Runs {
            keyspace: Some($ours),
            mailbox: Some(crate::mailbox::generic::$theirs),
            registry: Some(crate::registry::generic::$theirs),
            topics: Some(crate::topics::generic::$theirs),
            files: Some(crate::files::generic::$theirs),
        }
    };
}

/// As `on_every_key`, for a command about all keys; the directory knows the inboxes.
macro_rules! on_all_keys {
    ($ours:expr, $theirs:ident) => {
        crate::command::Runs {
            keyspace: Some($ours),
            mailbox: None,
            registry: Some(crate::registry::generic::$theirs),
            topics: Some(crate::topics::generic::$theirs),
            files: Some(crate::files::generic::$theirs),
        }
    };
}

mod counters;
mod databases;
mod debug;
mod dump;
mod expire_at;
mod expiry;
mod first;
mod hashes;
mod keys;
mod lcs;
mod lists;
mod multi;
mod object;
mod picks;
mod pop_count;
mod ranges;
mod rename;
mod set_options;
mod sets;
mod sort;
mod sorted;
mod streams;
mod strings;
mod timeout;

pub use databases::CENSUS;
pub use lists::{AWAITED, move_ends};

use crate::Command;

/// Every family.
pub const COMMANDS: &[&[&Command]] = &[
    strings::COMMANDS,
    multi::COMMANDS,
    counters::COMMANDS,
    ranges::COMMANDS,
    keys::COMMANDS,
    expiry::COMMANDS,
    rename::COMMANDS,
    object::COMMANDS,
    dump::COMMANDS,
    databases::COMMANDS,
    debug::COMMANDS,
    lcs::COMMANDS,
    lists::COMMANDS,
    hashes::COMMANDS,
    sets::COMMANDS,
    sorted::COMMANDS,
    sort::COMMANDS,
    streams::COMMANDS,
];
