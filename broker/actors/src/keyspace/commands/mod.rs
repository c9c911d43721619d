//! The commands on plain keys, a file for each family.

mod strings;

use crate::Command;

/// Every family.
pub const COMMANDS: &[&[&Command]] = &[strings::COMMANDS];
