//! `SLOWLOG`: requests that took long.

use bytes::Bytes;
use clawlink_actors::collections::number;
use clawlink_actors::command::{Command, Flags};
use clawlink_actors::{Args, Outcome, Refusal, Reply};

use super::help::{HELP, help};
use super::{EdgeCommand, EdgeRun};
use crate::session::Session;
use crate::slowlog::Slow;

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] = &[&GET, &LEN, &RESET, &SLOWLOG_HELP];

/// The container.
pub(super) static CONTAINER: Command = Command {
    name: "slowlog",
    arity: -2,
    group: "server",
    since: "2.2.12",
    complexity: "That of the subcommand",
    summary: "About requests that took long.",
    ..Command::BASE
};

const BASE: Command = Command {
    flags: Flags::ADMIN.with(Flags::LOADING).with(Flags::STALE),
    group: "server",
    since: "2.2.12",
    ..Command::BASE
};

static GET: EdgeCommand = EdgeCommand {
    command: Command {
        name: "slowlog|get",
        arity: -2,
        complexity: "O(N), N being the number of entries",
        tips: &["request_policy:all_nodes", "nondeterministic_output"],
        summary: "Answers the newest slow requests: 10 of them, or as many as asked for.",
        syntax: "[count]",
        ..BASE
    },
    run: EdgeRun::Now(get),
};

fn get(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    args.seek(2);
    let count = match args.left() {
        0 => 10,
        1 => number::parse_i64(args.next_word()?).unwrap_or(i64::MIN),
        _ => return Err(args.wrong_subcommand()),
    };
    if count < -1 {
        return Err(Refusal::Fixed("ERR", "count should be greater than or equal to -1"));
    }
    let newest = session.shared.slowlog.newest(usize::try_from(count).unwrap_or(usize::MAX));
    Ok(Reply::Array(newest.into_iter().map(entry).collect()))
}

fn entry(slow: Slow) -> Reply {
    Reply::Array(vec![
        Reply::Int(slow.id as i64),
        Reply::Int(slow.at as i64),
        Reply::Int(slow.took_us as i64),
        Reply::Array(slow.words.into_iter().map(Reply::Bulk).collect()),
        Reply::Bulk(Bytes::from(slow.peer)),
        Reply::Bulk(slow.name),
    ])
}

static LEN: EdgeCommand = EdgeCommand {
    command: Command {
        name: "slowlog|len",
        arity: 2,
        tips: &["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"],
        summary: "Counts the slow requests that are kept.",
        ..BASE
    },
    run: EdgeRun::Now(|session, _| Ok(Reply::len(session.shared.slowlog.len()))),
};

static RESET: EdgeCommand = EdgeCommand {
    command: Command {
        name: "slowlog|reset",
        arity: 2,
        complexity: "O(N), N being the number of entries",
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        summary: "Forgets all slow requests.",
        ..BASE
    },
    run: EdgeRun::Now(|session, _| {
        session.shared.slowlog.reset();
        Ok(Reply::Ok)
    }),
};

static SLOWLOG_HELP: EdgeCommand = EdgeCommand {
    command: Command { name: "slowlog|help", since: "6.2.0", ..HELP },
    run: EdgeRun::Now(help),
};
