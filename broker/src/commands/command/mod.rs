//! `COMMAND`: what the broker says of its own commands. All of it comes from the declarations.

mod docs;
mod info;
mod keys;
mod list;

use clawlink_actors::command::{Command, Flags};
use clawlink_actors::{Args, Outcome, Reply};

use super::help::{HELP, help};
use super::{EdgeCommand, EdgeRun, catalog};
use crate::session::Session;

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] =
    &[&COMMAND, &COUNT, &LIST, &INFO, &DOCS, &GETKEYS, &GETKEYSANDFLAGS, &COMMAND_HELP];

/// The container is a command itself.
pub(super) static CONTAINER: &Command = &COMMAND.command;

const BASE: Command = Command {
    flags: Flags::LOADING.with(Flags::STALE),
    categories: &["connection"],
    group: "server",
    since: "2.8.13",
    complexity: "O(N), N being the number of commands",
    ..Command::BASE
};

const UNORDERED: &[&str] = &["nondeterministic_output_order"];

static COMMAND: EdgeCommand = EdgeCommand {
    command: Command {
        name: "command",
        arity: -1,
        tips: UNORDERED,
        summary: "Describes all commands.",
        ..BASE
    },
    run: EdgeRun::Now(|_, _| Ok(info::all())),
};

static COUNT: EdgeCommand = EdgeCommand {
    command: Command {
        name: "command|count",
        arity: 2,
        complexity: "O(1)",
        summary: "Counts the commands.",
        ..BASE
    },
    run: EdgeRun::Now(|_, _| Ok(Reply::len(catalog::all().len()))),
};

static LIST: EdgeCommand = EdgeCommand {
    command: Command {
        name: "command|list",
        arity: -2,
        since: "7.0.0",
        tips: UNORDERED,
        summary: "Lists the names of commands.",
        syntax: "[FILTERBY (MODULE module-name | ACLCAT category | PATTERN pattern)]",
        ..BASE
    },
    run: EdgeRun::Now(|_, args| list::list(args)),
};

static INFO: EdgeCommand = EdgeCommand {
    command: Command {
        name: "command|info",
        arity: -2,
        tips: UNORDERED,
        summary: "Describes commands: arity, flags, keys.",
        syntax: "[command-name [command-name ...]]",
        ..BASE
    },
    run: EdgeRun::Now(described),
};

fn described(_session: &mut Session, args: &mut Args<'_>) -> Outcome {
    if args.len() == 2 {
        return Ok(info::all());
    }
    let describe = |name| {
        let found = catalog::find_full(name);
        found.map_or(Reply::Nil, |(command, subs)| info::describe(command, subs))
    };
    Ok(Reply::Array(args.words().skip(2).map(describe).collect()))
}

static DOCS: EdgeCommand = EdgeCommand {
    command: Command {
        name: "command|docs",
        arity: -2,
        since: "7.0.0",
        tips: UNORDERED,
        summary: "Documents commands: what they do, since when, with which arguments.",
        syntax: "[command-name [command-name ...]]",
        ..BASE
    },
    run: EdgeRun::Now(documented),
};

fn documented(_session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let entry = |(command, subs): (&'static Command, _)| {
        (Reply::text(command.name), docs::document(command, subs))
    };
    Ok(Reply::Map(if args.len() == 2 {
        catalog::all().map(|found| entry((found.command, &found.subcommands))).collect()
    } else {
        args.words().skip(2).filter_map(catalog::find_full).map(entry).collect()
    }))
}

static GETKEYS: EdgeCommand = EdgeCommand {
    command: Command {
        name: "command|getkeys",
        arity: -4,
        complexity: "O(N), N being the number of arguments",
        summary: "Finds the keys in a request.",
        syntax: "command arg [arg ...]",
        ..BASE
    },
    run: EdgeRun::Now(|_, args| keys::keys(args)),
};

static GETKEYSANDFLAGS: EdgeCommand = EdgeCommand {
    command: Command {
        name: "command|getkeysandflags",
        arity: -4,
        since: "7.0.0",
        complexity: "O(N), N being the number of arguments",
        summary: "Finds the keys in a request, and what would happen to them.",
        syntax: "command arg [arg ...]",
        ..BASE
    },
    run: EdgeRun::Now(|_, args| keys::keys_and_flags(args)),
};

static COMMAND_HELP: EdgeCommand = EdgeCommand {
    command: Command { name: "command|help", categories: &["connection"], ..HELP },
    run: EdgeRun::Now(help),
};
