//! `EVAL`, `EVALSHA`, their read-only forms, and `SCRIPT`.

use clawlink_actors::command::{Command, Flags, Keys};
use clawlink_actors::{Args, Outcome, Refusal, Reply};

use super::help::{HELP, help};
use super::{EdgeCommand, EdgeRun};
use crate::scripts::{self, Form};
use crate::session::Session;

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] =
    &[&EVAL, &EVAL_RO, &EVALSHA, &EVALSHA_RO, &DEBUG, &EXISTS, &FLUSH, &SCRIPT_HELP, &KILL, &LOAD];

/// The container of what is about loaded scripts.
pub(super) static SCRIPT: Command = Command {
    name: "script",
    arity: -2,
    group: "scripting",
    since: "2.6.0",
    complexity: "That of the subcommand",
    summary: "About scripts.",
    ..Command::BASE
};

const RUNNING: Flags =
    Flags::NOSCRIPT.with(Flags::STALE).with(Flags::SKIP_MONITOR).with(Flags::NO_MANDATORY_KEYS);

const RUNS: Command = Command {
    arity: -3,
    flags: RUNNING.with(Flags::MAY_REPLICATE),
    keys: Keys::Counted { at: 2 },
    access: &["RW access update"],
    group: "scripting",
    since: "2.6.0",
    complexity: "That of the script",
    ..Command::BASE
};

const READS: Command = Command {
    flags: RUNNING.with(Flags::READONLY),
    access: &["RO access"],
    since: "7.0.0",
    ..RUNS
};

static EVAL: EdgeCommand = EdgeCommand {
    command: Command {
        name: "eval",
        access: &[
            "RW access update: We cannot tell how the keys will be used so we assume the worst, \
                   RW and UPDATE",
        ],
        summary: "Runs a script in Lua.",
        syntax: "script numkeys [key [key ...]] [arg [arg ...]]",
        ..RUNS
    },
    run: EdgeRun::Script(Form { by_name: false, read_only: false }),
};

static EVALSHA: EdgeCommand = EdgeCommand {
    command: Command {
        name: "evalsha",
        summary: "Runs a script that was loaded before, by its SHA-1.",
        syntax: "sha1 numkeys [key [key ...]] [arg [arg ...]]",
        ..RUNS
    },
    run: EdgeRun::Script(Form { by_name: true, read_only: false }),
};

static EVAL_RO: EdgeCommand = EdgeCommand {
    command: Command {
        name: "eval_ro",
        access: &[
            "RO access: We cannot tell how the keys will be used so we assume the worst, RO and \
                   ACCESS",
        ],
        summary: "Runs a script in Lua that writes nothing.",
        syntax: "script numkeys [key [key ...]] [arg [arg ...]]",
        ..READS
    },
    run: EdgeRun::Script(Form { by_name: false, read_only: true }),
};

static EVALSHA_RO: EdgeCommand = EdgeCommand {
    command: Command {
        name: "evalsha_ro",
        summary: "Runs a script that was loaded before and writes nothing, by its SHA-1.",
        syntax: "sha1 numkeys [key [key ...]] [arg [arg ...]]",
        ..READS
    },
    run: EdgeRun::Script(Form { by_name: true, read_only: true }),
};

const BASE: Command =
    Command { flags: Flags::NOSCRIPT, group: "scripting", since: "2.6.0", ..Command::BASE };

static LOAD: EdgeCommand = EdgeCommand {
    command: Command {
        name: "script|load",
        arity: 3,
        flags: BASE.flags.with(Flags::STALE),
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        complexity: "O(N), N being the length of the script",
        summary: "Loads a script without running it, and answers its SHA-1.",
        syntax: "script",
        ..BASE
    },
    run: EdgeRun::Later(|session, args| Box::pin(scripts::load(session, args))),
};

static EXISTS: EdgeCommand = EdgeCommand {
    command: Command {
        name: "script|exists",
        arity: -3,
        tips: &["request_policy:all_shards", "response_policy:agg_logical_and"],
        complexity: "O(N), N being the number of names",
        summary: "Answers for each SHA-1 whether there is a script with it.",
        syntax: "sha1 [sha1 ...]",
        ..BASE
    },
    run: EdgeRun::Now(|session, args| {
        let is_there = |name| Reply::flag(session.shared.scripts.contains(name));
        Ok(Reply::Array(args.words().skip(2).map(is_there).collect()))
    }),
};

static FLUSH: EdgeCommand = EdgeCommand {
    command: Command {
        name: "script|flush",
        arity: -2,
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        complexity: "O(N), N being the number of scripts",
        summary: "Forgets all scripts.",
        syntax: "[ASYNC | SYNC]",
        ..BASE
    },
    run: EdgeRun::Now(flush),
};

fn flush(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    args.seek(2);
    let _ = args.accept("SYNC") || args.accept("ASYNC");
    if !args.at_end() || args.len() > 3 {
        return Err(Refusal::Fixed("ERR", "SCRIPT FLUSH only support SYNC|ASYNC option"));
    }
    session.shared.scripts.flush();
    Ok(Reply::Ok)
}

static KILL: EdgeCommand = EdgeCommand {
    command: Command {
        name: "script|kill",
        arity: 2,
        flags: BASE.flags.with(Flags::ALLOW_BUSY),
        tips: &["request_policy:all_shards", "response_policy:one_succeeded"],
        summary: "Ends the script that runs, unless it has written.",
        ..BASE
    },
    run: EdgeRun::Now(|session, _| session.shared.scripts.kill().map(|()| Reply::Ok)),
};

static DEBUG: EdgeCommand = EdgeCommand {
    command: Command {
        name: "script|debug",
        arity: 3,
        since: "3.2.0",
        summary: "Refuses to debug scripts: there is no debugger, so that NO is what holds.",
        syntax: "(YES | SYNC | NO)",
        ..BASE
    },
    run: EdgeRun::Now(|_, args| {
        args.seek(2);
        match () {
            () if args.accept("NO") => Ok(Reply::Ok),
            () if args.accept("YES") || args.accept("SYNC") => {
                Err(Refusal::Fixed("ERR", "scripts cannot be debugged"))
            }
            () => Err(Refusal::Fixed("ERR", "Use SCRIPT DEBUG YES/SYNC/NO")),
        }
    }),
};

static SCRIPT_HELP: EdgeCommand = EdgeCommand {
    command: Command { name: "script|help", group: "scripting", ..HELP },
    run: EdgeRun::Now(help),
};
