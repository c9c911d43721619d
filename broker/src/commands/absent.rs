//! What Redis has for replicas, files and modules. The broker is one process that keeps everything in memory and
//! loads nothing; these commands answer clients that ask.

use clawlink_actors::command::{Command, Deprecated, Flags};
use clawlink_actors::{Args, Outcome, Refusal, Reply};

use super::help::{HELP, help};
use super::{EdgeCommand, EdgeRun};
use crate::session::Session;

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] = &[
    &BGREWRITEAOF,
    &BGSAVE,
    &LASTSAVE,
    &MODULE_HELP,
    &MODULE_LIST,
    &REPLICAOF,
    &ROLE,
    &SAVE,
    &SLAVEOF,
];

/// The container of what is about modules.
pub(super) static MODULE: Command = Command {
    name: "module",
    arity: -2,
    group: "server",
    since: "4.0.0",
    complexity: "That of the subcommand",
    summary: "About modules.",
    ..Command::BASE
};

const BASE: Command = Command { group: "server", ..Command::BASE };
const ADMIN: Flags = Flags::ADMIN.with(Flags::NOSCRIPT);
const QUICK: Flags = Flags::LOADING.with(Flags::STALE).with(Flags::FAST);

static MODULE_LIST: EdgeCommand = EdgeCommand {
    command: Command {
        name: "module|list",
        arity: 2,
        flags: ADMIN,
        tips: &["nondeterministic_output_order"],
        since: "4.0.0",
        summary: "Lists what has been loaded into the server: there is nothing that could be.",
        ..BASE
    },
    run: EdgeRun::Now(|_, _| Ok(Reply::Array(Vec::new()))),
};

static MODULE_HELP: EdgeCommand = EdgeCommand {
    command: Command { name: "module|help", since: "5.0.0", ..HELP },
    run: EdgeRun::Now(help),
};

static ROLE: EdgeCommand = EdgeCommand {
    command: Command {
        name: "role",
        flags: QUICK.with(Flags::NOSCRIPT),
        categories: &["admin", "dangerous"],
        since: "2.8.12",
        summary: "Answers the role in replication: a master without replicas.",
        ..BASE
    },
    run: EdgeRun::Now(|_, _| {
        Ok(Reply::Array(vec![Reply::text("master"), Reply::Int(0), Reply::Array(Vec::new())]))
    }),
};

/// The command under both its names.
const FOLLOW: Command = Command {
    arity: 3,
    flags: ADMIN.with(Flags::STALE).with(Flags::NO_ASYNC_LOADING),
    summary: "Ends replication, which there is none of.",
    syntax: "(host port | NO ONE)",
    ..BASE
};

static REPLICAOF: EdgeCommand = EdgeCommand {
    command: Command { name: "replicaof", since: "5.0.0", ..FOLLOW },
    run: EdgeRun::Now(replicaof),
};

static SLAVEOF: EdgeCommand = EdgeCommand {
    command: Command {
        name: "slaveof",
        deprecated: Some(Deprecated { since: "5.0.0", replaced_by: "`REPLICAOF`" }),
        ..FOLLOW
    },
    run: EdgeRun::Now(replicaof),
};

fn replicaof(_session: &mut Session, args: &mut Args<'_>) -> Outcome {
    if args.accept("NO") && args.accept("ONE") {
        return Ok(Reply::Ok);
    }
    Err(Refusal::Fixed("ERR", "replication is not supported"))
}

static LASTSAVE: EdgeCommand = EdgeCommand {
    command: Command {
        name: "lastsave",
        flags: QUICK,
        categories: &["admin", "dangerous"],
        tips: &["nondeterministic_output"],
        summary: "Answers the time of the last save: that of the start, for nothing is saved.",
        ..BASE
    },
    run: EdgeRun::Now(|session, _| Ok(Reply::Int(session.shared.started_at() as i64))),
};

const NO_DISK: EdgeRun = EdgeRun::Now(|_, _| {
    Err(Refusal::Fixed("ERR", "nothing is written to disk: all data lives in memory alone"))
});

static SAVE: EdgeCommand = EdgeCommand {
    command: Command {
        name: "save",
        flags: ADMIN.with(Flags::NO_ASYNC_LOADING).with(Flags::NO_MULTI),
        summary: "Refuses: nothing is written to disk.",
        ..BASE
    },
    run: NO_DISK,
};

static BGSAVE: EdgeCommand = EdgeCommand {
    command: Command {
        name: "bgsave",
        arity: -1,
        flags: ADMIN.with(Flags::NO_ASYNC_LOADING),
        summary: "Refuses: nothing is written to disk.",
        syntax: "[SCHEDULE]",
        ..BASE
    },
    run: NO_DISK,
};

static BGREWRITEAOF: EdgeCommand = EdgeCommand {
    command: Command {
        name: "bgrewriteaof",
        flags: ADMIN.with(Flags::NO_ASYNC_LOADING),
        summary: "Refuses: nothing is written to disk.",
        ..BASE
    },
    run: NO_DISK,
};
