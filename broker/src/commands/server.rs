//! The broker itself: its clock, its end, and its monitors.

use std::sync::atomic::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

use clawlink_actors::call::Call;
use clawlink_actors::collections::number;
use clawlink_actors::command::{Command, Flags, Nothing, Patience, Runs};
use clawlink_actors::keyspace::Keyspace;
use clawlink_actors::{Args, Outcome, Refusal, Reply};

use super::connection::REDIS_VERSION;
use super::{EdgeCommand, EdgeRun};
use crate::session::Session;

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] = &[&LOLWUT, &MONITOR, &SHUTDOWN, &TIME, &WAIT];

const BASE: Command = Command {
    flags: Flags::ADMIN.with(Flags::NOSCRIPT).with(Flags::LOADING).with(Flags::STALE),
    group: "server",
    ..Command::BASE
};

static TIME: EdgeCommand = EdgeCommand {
    command: Command {
        name: "time",
        flags: Flags::LOADING.with(Flags::STALE).with(Flags::FAST),
        since: "2.6.0",
        tips: &["nondeterministic_output"],
        summary: "Answers the broker's time: seconds since 1970, and microseconds.",
        ..BASE
    },
    run: EdgeRun::Now(|_, _| {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let parts = [time.as_secs().to_string(), time.subsec_micros().to_string()];
        Ok(Reply::Array(parts.map(Reply::from).into()))
    }),
};

static SHUTDOWN: EdgeCommand = EdgeCommand {
    command: Command {
        name: "shutdown",
        arity: -1,
        flags: BASE.flags.with(Flags::NO_MULTI).with(Flags::ALLOW_BUSY),
        summary: "Stops the broker. What clients are owed is sent before; nothing is saved.",
        syntax: "[NOSAVE | SAVE] [NOW] [FORCE] [ABORT]",
        ..BASE
    },
    run: EdgeRun::Now(shutdown),
};

fn shutdown(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let (mut save, mut nosave, mut abort) = (false, false, false);
    let options = args.left();
    while !args.at_end() {
        if args.accept("SAVE") {
            save = true;
        } else if args.accept("NOSAVE") {
            nosave = true;
        } else if args.accept("ABORT") {
            abort = true;
        } else if !args.accept("NOW") && !args.accept("FORCE") {
            return Err(Refusal::Syntax);
        }
    }
    if save && nosave || abort && options > 1 {
        return Err(Refusal::Syntax);
    }
    if abort {
        return Err(Refusal::Fixed("ERR", "No shutdown in progress."));
    }
    tracing::info!(client = session.client.id, "SHUTDOWN was sent");
    session.shared.stopping.send_replace(true);
    // As in Redis there is no answer but the end of the connection.
    session.closing = true;
    Ok(Reply::Silence)
}

static MONITOR: EdgeCommand = EdgeCommand {
    command: Command {
        name: "monitor",
        summary: "Shows this connection every command that the broker gets.",
        ..BASE
    },
    run: EdgeRun::Now(|session, _| {
        if session.loans.is_some() {
            let text = "MONITOR isn't allowed for DENY BLOCKING client";
            return Err(Refusal::Fixed("ERR", text));
        }
        if !session.client.monitor.swap(true, Ordering::Relaxed) {
            session.shared.monitors.add(session.client.subscriber());
        }
        Ok(Reply::Ok)
    }),
};

/// Waits like a blocking command, at the keyspace, for something that never comes: there are no replicas.
static WAIT: EdgeCommand = EdgeCommand {
    command: Command {
        name: "wait",
        arity: 3,
        flags: Flags::NOSCRIPT,
        group: "connection",
        since: "3.0.0",
        tips: &["request_policy:all_shards", "response_policy:agg_min"],
        summary: "Waits until replicas have what was written; there are none.",
        syntax: "numreplicas milliseconds",
        patience: Some(wait_patience),
        nothing: Nothing::Zero,
        run: Runs { keyspace: Some(wait), ..Runs::NONE },
        ..Command::BASE
    },
    run: EdgeRun::Now(|_, args| wait_patience(args).map(|_| Reply::Int(0))),
};

fn wait_patience(args: &Args<'_>) -> Result<Patience, Refusal> {
    let replicas = number::parse_i64(args.word(1)).ok_or(Refusal::NotInteger)?;
    let timeout = number::parse_i64(args.word(2)).ok_or(Refusal::TimeoutNotInteger)?;
    let patience = Patience::milliseconds(timeout)?;
    Ok(if replicas <= 0 { Patience::Never } else { patience })
}

fn wait(_keyspace: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    Ok(if call.can_block { Reply::Nil } else { Reply::Int(0) })
}

static LOLWUT: EdgeCommand = EdgeCommand {
    command: Command {
        name: "lolwut",
        arity: -1,
        flags: Flags::READONLY.with(Flags::FAST),
        since: "5.0.0",
        summary: "Draws a picture.",
        syntax: "[VERSION version]",
        ..BASE
    },
    run: EdgeRun::Now(|_, args| {
        if args.len() > 2 && args.word(1).eq_ignore_ascii_case(b"VERSION") {
            number::parse_i64(args.word(2)).ok_or(Refusal::NotInteger)?;
        }
        Ok(Reply::Verbatim(format!("{CLAW}Redis ver. {REDIS_VERSION}\n")))
    }),
};

const CLAW: &str = r"
   __       __
  /  \ ___ /  \
  \_  V   V  _/      two claws, one link
    \_     _/
   ---\_o_/---

";
