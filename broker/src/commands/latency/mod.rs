//! `LATENCY`: what took longer than `latency-monitor-threshold`, and how the times of commands are distributed.

mod graph;
mod histogram;

use clawlink_actors::command::{Command, Flags};
use clawlink_actors::directory::Kind;
use clawlink_actors::owner::now_ms;
use clawlink_actors::{Args, Outcome, Refusal, Reply};

use super::help::{HELP, help};
use super::{EdgeCommand, EdgeRun};
use crate::session::Session;

pub(super) use histogram::percentiles;

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] =
    &[&DOCTOR, &GRAPH, &histogram::HISTOGRAM, &HISTORY, &LATEST, &RESET, &LATENCY_HELP];

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

static LATEST: EdgeCommand = EdgeCommand {
    command: Command {
        name: "latency|latest",
        summary: "Lists the latest delay of each kind: when, how long, and the longest ever, in milliseconds.",
        ..BASE
    },
    run: EdgeRun::Now(|session, _| {
        let kinds = session.shared.directory.delays.kinds();
        Ok(Reply::Array(kinds.iter().filter_map(|(name, kind)| latest(name, kind)).collect()))
    }),
};

fn latest(name: &'static str, kind: &Kind) -> Option<Reply> {
    let last = kind.delays.back()?;
    let figures = [last.at_s, last.ms, kind.worst_ms].map(|figure| Reply::Int(figure as i64));
    Some(Reply::Array([Reply::text(name)].into_iter().chain(figures).collect()))
}

static HISTORY: EdgeCommand = EdgeCommand {
    command: Command {
        name: "latency|history",
        arity: 3,
        summary: "Lists the delays of one kind: when, and how long in milliseconds.",
        syntax: "event",
        ..BASE
    },
    run: EdgeRun::Now(|session, args| {
        let kind = session.shared.directory.delays.kind(args.word(2)).unwrap_or_default();
        let delays = kind.delays.iter().map(|delay| {
            Reply::Array(vec![Reply::Int(delay.at_s as i64), Reply::Int(delay.ms as i64)])
        });
        Ok(Reply::Array(delays.collect()))
    }),
};

static RESET: EdgeCommand = EdgeCommand {
    command: Command {
        name: "latency|reset",
        arity: -2,
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        summary: "Forgets delays of these kinds, or all, and answers how many kinds there were.",
        syntax: "[event [event ...]]",
        ..BASE
    },
    run: EdgeRun::Now(|session, args| {
        let all = args.len() == 2;
        let named = |name: &str| args.words().skip(2).any(|word| word == name.as_bytes());
        let forgotten = session.shared.directory.delays.forget(|name| all || named(name));
        Ok(Reply::len(forgotten))
    }),
};

static GRAPH: EdgeCommand = EdgeCommand {
    command: Command {
        name: "latency|graph",
        arity: 3,
        summary: "Draws the delays of one kind.",
        syntax: "event",
        ..BASE
    },
    run: EdgeRun::Now(draw),
};

fn draw(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let event = args.word(2);
    let name = String::from_utf8_lossy(event);
    let Some(kind) = session.shared.directory.delays.kind(event) else {
        let text = format!("No samples available for event '{name}'");
        return Err(Refusal::Custom("ERR", text.into()));
    };
    Ok(Reply::Verbatim(graph::draw(&name, &kind, now_ms() / 1000)))
}

static DOCTOR: EdgeCommand = EdgeCommand {
    command: Command { name: "latency|doctor", summary: "Explains the delays in words.", ..BASE },
    run: EdgeRun::Now(|session, _| {
        let delays = &session.shared.directory.delays;
        Ok(Reply::Verbatim(report(delays.is_on(), &delays.kinds())))
    }),
};

fn report(is_on: bool, kinds: &[(&str, Kind)]) -> String {
    if !is_on && kinds.is_empty() {
        return "Delays are not recorded: CONFIG SET latency-monitor-threshold says from how many \
                milliseconds on they are.\n"
            .into();
    }
    let mut text = match kinds.len() {
        0 => "Nothing was delayed so far.\n".to_owned(),
        1 => "One kind of delay was seen:\n".to_owned(),
        count => format!("{count} kinds of delays were seen:\n"),
    };
    for (name, kind) in kinds {
        let (count, sum) =
            (kind.delays.len(), kind.delays.iter().map(|delay| delay.ms).sum::<u64>());
        let mean = sum / count.max(1) as u64;
        let worst = kind.worst_ms;
        text += &format!("- {name} ({count}): {mean} ms on average, {worst} ms at worst.\n");
    }
    if !kinds.is_empty() {
        text += "SLOWLOG GET shows the requests that took long.\n";
    }
    text
}

static LATENCY_HELP: EdgeCommand = EdgeCommand {
    command: Command { name: "latency|help", since: "2.8.13", ..HELP },
    run: EdgeRun::Now(help),
};

#[cfg(test)]
mod tests {
    use clawlink_actors::directory::{Delay, Kind};

    use super::report;

    #[test]
    fn the_doctor_tells_what_there_was() {
        assert!(report(false, &[]).contains("CONFIG SET"));
        assert_eq!(report(true, &[]), "Nothing was delayed so far.\n");
        let delays = [Delay { at_s: 1, ms: 10 }, Delay { at_s: 2, ms: 20 }].into();
        let text = report(true, &[("command", Kind { worst_ms: 30, delays })]);
        assert!(text.contains("- command (2): 15 ms on average, 30 ms at worst.\n"), "{text}");
    }
}
