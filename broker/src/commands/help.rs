//! `HELP` of every container, made from the declarations of its subcommands.

use clawlink_actors::command::{Command, Flags};
use clawlink_actors::{Args, Outcome, Reply};

use super::{EdgeCommand, EdgeRun, catalog};
use crate::session::Session;

/// `HELP` of the owners' containers: whatever else these do is an owner's.
pub(super) static COMMANDS: &[&EdgeCommand] =
    &[&CLAW_FILE, &MEMORY, &OBJECT, &PUBSUB, &XGROUP, &XINFO];

/// What the declarations of `… HELP` have in common.
pub(super) const HELP: Command = Command {
    arity: 2,
    flags: Flags::LOADING.with(Flags::STALE),
    group: "server",
    since: "5.0.0",
    summary: "Lists the subcommands.",
    ..Command::BASE
};

static CLAW_FILE: EdgeCommand = EdgeCommand {
    command: Command { name: "claw.file|help", group: "agents", since: "0.1.0", ..HELP },
    run: EdgeRun::Now(help),
};

static MEMORY: EdgeCommand = EdgeCommand {
    command: Command { name: "memory|help", since: "4.0.0", ..HELP },
    run: EdgeRun::Now(help),
};

static OBJECT: EdgeCommand = EdgeCommand {
    command: Command { name: "object|help", group: "generic", since: "6.2.0", ..HELP },
    run: EdgeRun::Now(help),
};

static PUBSUB: EdgeCommand = EdgeCommand {
    command: Command { name: "pubsub|help", group: "pubsub", since: "6.2.0", ..HELP },
    run: EdgeRun::Now(help),
};

static XGROUP: EdgeCommand = EdgeCommand {
    command: Command { name: "xgroup|help", group: "stream", ..HELP },
    run: EdgeRun::Now(help),
};

static XINFO: EdgeCommand = EdgeCommand {
    command: Command { name: "xinfo|help", group: "stream", ..HELP },
    run: EdgeRun::Now(help),
};

/// Lists the subcommands of the container that the request names, two lines for each.
pub(super) fn help(_session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let Some(entry) = catalog::find(&args.name()) else { return Ok(Reply::Array(Vec::new())) };
    let title = entry.command.name.to_ascii_uppercase();
    let first = format!("{title} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
    let mut lines = vec![Reply::Text(first.into_bytes())];
    for subcommand in &entry.subcommands {
        let name = subcommand.name.split_once('|').map_or("", |(_, name)| name);
        let usage = format!("{} {}", name.to_ascii_uppercase(), subcommand.syntax);
        lines.push(Reply::Text(usage.trim_end().into()));
        lines.push(Reply::Text(format!("    {}", subcommand.summary).into_bytes()));
    }
    Ok(Reply::Array(lines))
}
