//! The table of the commands that owners run.

use std::cell::Cell;
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

/// How many places there are for commands that were found lately.
const LATELY: usize = 64;

thread_local! {
    /// Commands that were found lately, each in the place that its name's length and ends say: clients mostly send few
    /// different ones, and a look here takes a tenth of one into the table. None of them has subcommands.
    static FOUND: [Cell<Option<&'static Command>>; LATELY] = const { [const { Cell::new(None) }; LATELY] };
}

fn place(name: &[u8]) -> usize {
    let end =
        |letter: Option<&u8>| letter.map_or(0, |letter| usize::from(letter.to_ascii_lowercase()));
    (end(name.first()) + 5 * end(name.last()) + 11 * name.len()) % LATELY
}

/// No command's name is longer.
const NAME_LEN_MAX: usize = 32;

/// The command that these first two words name: a container's subcommand where it has one of that name, else the
/// container itself. `None`: no owner runs it.
pub fn find(name: &[u8], second: &[u8]) -> Option<&'static Command> {
    FOUND.with(|found| {
        let place = &found[place(name)];
        let same = |command: &&Command| command.name.as_bytes().eq_ignore_ascii_case(name);
        if let Some(command) = place.get().filter(same) {
            return Some(command);
        }
        let command = look_up(name, second)?;
        if command.subcommands.is_empty() && !command.name.contains('|') {
            place.set(Some(command));
        }
        Some(command)
    })
}

fn look_up(name: &[u8], second: &[u8]) -> Option<&'static Command> {
    let mut lower = [0; NAME_LEN_MAX];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    let command = *TABLE.get(&*lower)?;
    Some(command.subcommand(second).unwrap_or(command))
}
