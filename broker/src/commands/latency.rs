//! `LATENCY`, as Redis answers while its latency monitor is off: the broker has none.

use clawlink_actors::command::{Command, Flags};
use clawlink_actors::{Outcome, Refusal, Reply};

use super::help::{HELP, help};
use super::{EdgeCommand, EdgeRun};

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] =
    &[&DOCTOR, &GRAPH, &HISTOGRAM, &HISTORY, &LATEST, &RESET, &LATENCY_HELP];

/// The container.
pub(super) static CONTAINER: Command = Command {
    name: "latency",
    arity: -2,
    group: "server",
    since: "2.8.13",
    complexity: "That of the subcommand",
    summary: "About delays inside the broker.",
    ..Command::BASE
};

const BASE: Command = Command {
    arity: 2,
    flags: Flags::ADMIN.with(Flags::NOSCRIPT).with(Flags::LOADING).with(Flags::STALE),
    tips: &["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
    group: "server",
    since: "2.8.13",
    ..Command::BASE
};

const NOTHING: EdgeRun = EdgeRun::Now(|_, _| Ok(Reply::Array(Vec::new())));

static LATEST: EdgeCommand = EdgeCommand {
    command: Command {
        name: "latency|latest",
        summary: "Lists the latest delay of each kind: none is recorded.",
        ..BASE
    },
    run: NOTHING,
};

static HISTORY: EdgeCommand = EdgeCommand {
    command: Command {
        name: "latency|history",
        arity: 3,
        summary: "Lists the delays of one kind: none is recorded.",
        syntax: "event",
        ..BASE
    },
    run: NOTHING,
};

static RESET: EdgeCommand = EdgeCommand {
    command: Command {
        name: "latency|reset",
        arity: -2,
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        summary: "Forgets delays, and answers how many kinds there were: none.",
        syntax: "[event [event ...]]",
        ..BASE
    },
    run: EdgeRun::Now(|_, _| Ok(Reply::Int(0))),
};

static GRAPH: EdgeCommand = EdgeCommand {
    command: Command {
        name: "latency|graph",
        arity: 3,
        summary: "Draws the delays of one kind.",
        syntax: "event",
        ..BASE
    },
    run: EdgeRun::Now(|_, args| no_samples(args.word(2))),
};

fn no_samples(event: &[u8]) -> Outcome {
    let text = format!("No samples available for event '{}'", String::from_utf8_lossy(event));
    Err(Refusal::Custom("ERR", text.into()))
}

static HISTOGRAM: EdgeCommand = EdgeCommand {
    command: Command {
        name: "latency|histogram",
        arity: -2,
        since: "7.0.0",
        summary: "Shows how the times of commands are distributed: not measured here.",
        syntax: "[command [command ...]]",
        ..BASE
    },
    run: EdgeRun::Now(|_, _| Ok(Reply::Map(Vec::new()))),
};

static DOCTOR: EdgeCommand = EdgeCommand {
    command: Command { name: "latency|doctor", summary: "Explains the delays in words.", ..BASE },
    run: EdgeRun::Now(|_, _| {
        let text = "No delays are recorded. SLOWLOG GET lists the requests that took long.\n";
        Ok(Reply::Verbatim(text.into()))
    }),
};

static LATENCY_HELP: EdgeCommand = EdgeCommand {
    command: Command { name: "latency|help", since: "2.8.13", ..HELP },
    run: EdgeRun::Now(help),
};
