//! `HELP` of every container, made from the declarations of its subcommands.

use clawlink_actors::command::{Command, Flags};
use clawlink_actors::{Args, Outcome, Reply};

use super::catalog;
use crate::session::Session;

/// What the declarations of `… HELP` have in common.
pub(super) const HELP: Command = Command {
    arity: 2,
    flags: Flags::LOADING.with(Flags::STALE),
    group: "server",
    since: "5.0.0",
    summary: "Lists the subcommands.",
    ..Command::BASE
};

/// Lists the subcommands of the container that the request names, two lines for each.
pub(super) fn help(_session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let Some(entry) = catalog::find(&args.name()) else { return Ok(Reply::Array(Vec::new())) };
    let title = entry.command.name.to_ascii_uppercase();
    let mut lines = vec![Reply::Text(format!("{title} <subcommand>. The subcommands are:"))];
    for subcommand in &entry.subcommands {
        let name = subcommand.name.split_once('|').map_or("", |(_, name)| name);
        let usage = format!("{} {}", name.to_ascii_uppercase(), subcommand.syntax);
        lines.push(Reply::Text(usage.trim_end().to_owned()));
        lines.push(Reply::Text(format!("    {}", subcommand.summary)));
    }
    Ok(Reply::Array(lines))
}
