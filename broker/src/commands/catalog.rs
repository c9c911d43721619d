//! All commands, the owners' and the edge's, as `COMMAND` and `HELP` show them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use clawlink_actors::Reply;
use clawlink_actors::command::{self, Command, Flags};

/// A command with its subcommands, whoever runs them.
#[derive(Debug)]
pub struct Entry {
    /// The command.
    pub command: &'static Command,
    /// Its subcommands, in order of name.
    pub subcommands: Vec<&'static Command>,
}

/// By name. A container may have subcommands on both sides: `MEMORY USAGE` is an owner's, `MEMORY STATS` the edge's.
static CATALOG: LazyLock<BTreeMap<&'static str, Entry>> = LazyLock::new(|| {
    let edge = || super::all().map(|edge| &edge.command).chain(super::containers().iter().copied());
    let mut catalog = BTreeMap::new();
    for command in edge().chain(command::all()).filter(|command| !command.name.contains('|')) {
        catalog.entry(command.name).or_insert(Entry { command, subcommands: Vec::new() });
    }
    let owned = command::all().flat_map(|command| command.subcommands.iter().copied());
    for subcommand in edge().chain(owned) {
        let container = subcommand.name.split_once('|').and_then(|(name, _)| catalog.get_mut(name));
        // What a protected command can do is nobody's interface: Redis does not list it either.
        if let Some(entry) = container.filter(|e| !e.command.flags.has(Flags::PROTECTED)) {
            entry.subcommands.push(subcommand);
        }
    }
    for entry in catalog.values_mut() {
        entry.subcommands.sort_by_key(|command| command.name);
        entry.subcommands.dedup_by_key(|command| command.name);
    }
    catalog
});

/// All commands in order of name.
pub fn all() -> impl ExactSizeIterator<Item = &'static Entry> {
    CATALOG.values()
}

/// The names of all commands and subcommands that are wanted.
pub(super) fn names(wanted: impl Fn(&Command) -> bool) -> Reply {
    let all = all().flat_map(|e| std::iter::once(e.command).chain(e.subcommands.clone()));
    let names = all.filter(|command| wanted(command)).map(|command| Reply::text(command.name));
    Reply::Array(names.collect())
}

/// The command with this name, which is in lower case and no subcommand's.
pub(super) fn find(name: &str) -> Option<&'static Entry> {
    CATALOG.get(name)
}

/// The command or the subcommand (`client|id`) with this name, in any case.
pub(super) fn find_full(name: &[u8]) -> Option<(&'static Command, &'static [&'static Command])> {
    let name = std::str::from_utf8(name).ok()?.to_ascii_lowercase();
    match name.split_once('|') {
        None => find(&name).map(|entry| (entry.command, &entry.subcommands[..])),
        Some((container, _)) => {
            let mut subcommands = find(container)?.subcommands.iter();
            subcommands.find(|command| command.name == name).map(|command| (*command, &[][..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::find_full;

    #[test]
    fn subcommands_are_found_in_any_case() {
        assert_eq!(find_full(b"CLIENT|Id").map(|(command, _)| command.name), Some("client|id"));
        assert!(find_full(b"client").is_some_and(|(_, subcommands)| subcommands.len() > 15));
        assert!(find_full(b"client|bogus").is_none() && find_full(b"get|x").is_none());
    }
}
