//! `CONFIG`: settings that can be read, and those that can be changed, while the broker runs.

mod buffers;
mod events;
mod percentiles;
mod quiet;
mod settings;
mod value;

use clawlink_actors::collections::glob;
use clawlink_actors::command::{Command, Flags};
use clawlink_actors::{Args, Outcome, Refusal, Reply};

use super::help::{HELP, help};
use super::{EdgeCommand, EdgeRun};
use crate::session::Session;
pub(crate) use quiet::Quiet;
use settings::Setting;
pub(super) use value::memory;

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] = &[&GET, &SET, &RESETSTAT, &REWRITE, &CONFIG_HELP];

/// The container.
pub(super) static CONTAINER: Command = Command {
    name: "config",
    arity: -2,
    group: "server",
    since: "2.0.0",
    complexity: "That of the subcommand",
    summary: "About the broker's settings.",
    ..Command::BASE
};

const BASE: Command = Command {
    flags: Flags::ADMIN.with(Flags::NOSCRIPT).with(Flags::LOADING).with(Flags::STALE),
    group: "server",
    since: "2.0.0",
    ..Command::BASE
};

static GET: EdgeCommand = EdgeCommand {
    command: Command {
        name: "config|get",
        arity: -3,
        complexity: "O(N), N being the number of settings and patterns",
        summary: "Answers the settings whose names match.",
        syntax: "parameter [parameter ...]",
        ..BASE
    },
    run: EdgeRun::Now(get),
};

fn get(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let patterns: Vec<Vec<u8>> = args.words().skip(2).map(<[u8]>::to_ascii_lowercase).collect();
    let mut found = Vec::new();
    for setting in settings::all() {
        let name = setting.name.as_bytes();
        let Some(at) = patterns.iter().position(|pattern| glob::matches(pattern, name)) else {
            continue;
        };
        // A name that was given whole is repeated as it was given.
        let whole = patterns[at] == name;
        let shown = if whole { Reply::copy(args.word(at + 2)) } else { Reply::text(setting.name) };
        found.push((shown, Reply::from((setting.get)(&session.shared))));
    }
    Ok(Reply::Map(found))
}

static SET: EdgeCommand = EdgeCommand {
    command: Command {
        name: "config|set",
        arity: -4,
        complexity: "O(N), N being the number of settings given",
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        summary: "Changes settings: all that are given, or none.",
        syntax: "parameter value [parameter value ...]",
        ..BASE
    },
    run: EdgeRun::Now(set),
};

fn set(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    if !args.len().is_multiple_of(2) {
        return Err(Refusal::Syntax);
    }
    let mut wanted: Vec<(&Setting, usize)> = Vec::new();
    for at in (2..args.len()).step_by(2) {
        let setting = settings::find(args.word(at)).ok_or_else(|| unknown(args.word(at)))?;
        let given = String::from_utf8_lossy(args.word(at));
        if setting.set.is_none() {
            return Err(failed(&given, "can't set immutable config"));
        }
        if wanted.iter().any(|(other, _)| std::ptr::eq(*other, setting)) {
            return Err(failed(&given, "duplicate parameter"));
        }
        wanted.push((setting, at + 1));
    }
    // Everything is understood before anything is changed.
    let mut changes = Vec::new();
    for (setting, at) in wanted {
        let Some(set) = &setting.set else { continue };
        let value = set.parse(args.word(at)).map_err(|reason| failed(setting.name, &reason))?;
        changes.push((set, at, value));
    }
    for (set, at, value) in changes {
        set.apply(&session.shared, args.word(at), value);
    }
    Ok(Reply::Ok)
}

fn unknown(name: &[u8]) -> Refusal {
    let name = String::from_utf8_lossy(name);
    let text = format!("Unknown option or number of arguments for CONFIG SET - '{name}'");
    Refusal::Custom("ERR", text.into())
}

fn failed(name: &str, reason: &str) -> Refusal {
    let text = format!("CONFIG SET failed (possibly related to argument '{name}') - {reason}");
    Refusal::Custom("ERR", text.into())
}

static RESETSTAT: EdgeCommand = EdgeCommand {
    command: Command {
        name: "config|resetstat",
        arity: 2,
        summary: "Sets the counters of INFO back to zero.",
        ..BASE
    },
    run: EdgeRun::Now(|session, _| {
        session.shared.reset_statistics();
        Ok(Reply::Ok)
    }),
};

static REWRITE: EdgeCommand = EdgeCommand {
    command: Command {
        name: "config|rewrite",
        arity: 2,
        since: "2.8.0",
        summary: "Would write the settings into the configuration file; the broker writes no file.",
        ..BASE
    },
    run: EdgeRun::Now(|_, _| {
        Err(Refusal::Fixed("ERR", "The server is running without a config file"))
    }),
};

static CONFIG_HELP: EdgeCommand =
    EdgeCommand { command: Command { name: "config|help", ..HELP }, run: EdgeRun::Now(help) };
