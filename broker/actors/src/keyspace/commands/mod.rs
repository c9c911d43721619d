//! The commands on plain keys, a file for each family.

mod lists;
mod strings;

pub use lists::move_ends;

use crate::Command;

/// Every family.
pub const COMMANDS: &[&[&Command]] = &[strings::COMMANDS, lists::COMMANDS];
