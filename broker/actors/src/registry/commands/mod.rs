//! The commands about agents, a file for each group.

mod discover;
mod flush;
pub mod generic;
pub mod plain;
mod presence;
mod register;

use crate::Command;

/// The family.
pub(super) const COMMANDS: &[&Command] = &[
    &register::REGISTER,
    &presence::HEARTBEAT,
    &presence::UNREGISTER,
    &discover::DISCOVER,
    &flush::FLUSH,
];
