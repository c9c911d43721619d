//! The table of the commands that owners run.

use std::sync::LazyLock;

use ahash::AHashMap;

use super::Command;
use crate::{files, keyspace, mailbox, registry, topics};

static TABLE: LazyLock<AHashMap<&'static [u8], &'static Command>> =
    LazyLock::new(|| all().map(|command| (command.name.as_bytes(), command)).collect());

/// Every command that an owner runs, containers but not their subcommands, family by family.
pub fn all() -> impl Iterator<Item = &'static Command> {
    keyspace::COMMANDS
        .iter()
        .chain(mailbox::COMMANDS)
        .chain(registry::COMMANDS)
        .chain(topics::COMMANDS)
        .chain(files::COMMANDS)
        .flat_map(|family| family.iter().copied())
}

/// No command's name is longer.
const NAME_LEN_MAX: usize = 32;

/// The command that these first two words name: a container's subcommand where it has one of that name, else the
/// container itself. `None`: no owner runs it.
pub fn find(name: &[u8], second: &[u8]) -> Option<&'static Command> {
    let mut lower = [0; NAME_LEN_MAX];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    let command = *TABLE.get(&*lower)?;
    Some(command.subcommand(second).unwrap_or(command))
}
