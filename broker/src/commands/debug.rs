//! `DEBUG`: for tests. Nobody may use it unless the configuration says so.

use std::time::Duration;

use clawlink_actors::command::{Command, Flags};
use clawlink_actors::{Args, Outcome, Reply};

use super::{EdgeCommand, EdgeRun, Later};
use crate::accounting::nanoseconds;
use crate::session::Session;

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] = &[&DEBUG];

static DEBUG: EdgeCommand = EdgeCommand {
    command: Command {
        name: "debug",
        arity: -2,
        flags: Flags::ADMIN
            .with(Flags::NOSCRIPT)
            .with(Flags::LOADING)
            .with(Flags::STALE)
            .with(Flags::PROTECTED),
        group: "server",
        complexity: "That of the subcommand",
        summary: "Things that only tests need.",
        syntax: "subcommand [arg ...]",
        ..Command::BASE
    },
    run: EdgeRun::Later(debug),
};

/// The longest sleep, in seconds: a day.
const SLEEP_MAX_S: f64 = 86_400.0;

fn debug<'a>(session: &'a mut Session, mut args: Args<'a>) -> Later<'a> {
    Box::pin(async move {
        if args.accept("HELP") && args.at_end() {
            return help();
        }
        args.seek(1);
        if args.accept("SLEEP") && args.left() == 1 {
            // As in Redis, what is no number is no time.
            let seconds = args.next_text()?.parse::<f64>().unwrap_or(0.0);
            let seconds = if seconds > 0.0 { seconds.min(SLEEP_MAX_S) } else { 0.0 };
            // Unlike Redis only this connection sleeps: others are not made to wait.
            let time = Duration::from_secs_f64(seconds);
            tokio::time::sleep(time).await;
            // It stands for work: whoever tests what is slow uses it.
            session.owners_ns += nanoseconds(time);
            return Ok(Reply::Ok);
        }
        Err(args.wrong_subcommand())
    })
}

fn help() -> Outcome {
    let lines = [
        "DEBUG <subcommand>. The subcommands are:",
        "PANIC key",
        "    Lets the owner of the key panic, to show that this costs one command alone.",
        "SLEEP seconds",
        "    Answers after that time. Other connections are served meanwhile.",
        "HELP",
        "    Lists the subcommands.",
    ];
    Ok(Reply::Array(lines.map(Reply::Status).into()))
}
