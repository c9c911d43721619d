//! `MULTI`, `EXEC`, `DISCARD`, `WATCH`, `UNWATCH`.

use clawlink_actors::command::{Command, Flags, Keys};
use clawlink_actors::{Args, Refusal, Reply};

use super::{CONNECTION, EdgeCommand, EdgeRun, Later};
use crate::session::Session;

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] = &[&DISCARD, &EXEC, &MULTI, &UNWATCH, &WATCH];

static MULTI: EdgeCommand = EdgeCommand {
    command: Command {
        name: "multi",
        arity: 1,
        flags: CONNECTION.with(Flags::ALLOW_BUSY),
        group: "transactions",
        since: "1.2.0",
        summary: "Begins a transaction: requests are queued until EXEC.",
        ..Command::BASE
    },
    run: EdgeRun::Now(|session, _| {
        if session.transaction.is_open() {
            return Err(Refusal::Fixed("ERR", "MULTI calls can not be nested"));
        }
        session.transaction.open();
        session.show_queue();
        Ok(Reply::Ok)
    }),
};

static DISCARD: EdgeCommand = EdgeCommand {
    command: Command {
        name: "discard",
        arity: 1,
        flags: CONNECTION.with(Flags::ALLOW_BUSY),
        group: "transactions",
        since: "2.0.0",
        complexity: "O(N), N being the number of queued requests",
        summary: "Drops the transaction and its watches.",
        ..Command::BASE
    },
    run: EdgeRun::Now(|session, _| {
        if !session.transaction.is_open() {
            return Err(Refusal::Fixed("ERR", "DISCARD without MULTI"));
        }
        session.discard();
        Ok(Reply::Ok)
    }),
};

static EXEC: EdgeCommand = EdgeCommand {
    command: Command {
        name: "exec",
        arity: 1,
        flags: Flags::NOSCRIPT.with(Flags::LOADING).with(Flags::STALE).with(Flags::SKIP_SLOWLOG),
        group: "transactions",
        since: "1.2.0",
        complexity: "That of the queued requests",
        summary: "Runs the queued requests; nobody sees a half of it.",
        ..Command::BASE
    },
    run: EdgeRun::Later(|session, _| Box::pin(session.exec())),
};

static WATCH: EdgeCommand = EdgeCommand {
    command: Command {
        name: "watch",
        access: &["RO"],
        arity: -2,
        flags: CONNECTION.with(Flags::ALLOW_BUSY),
        keys: Keys::ALL,
        group: "transactions",
        since: "2.2.0",
        complexity: "O(1) for every key",
        summary: "Makes the next EXEC fail if one of these keys changes before it.",
        syntax: "key [key ...]",
        ..Command::BASE
    },
    run: EdgeRun::Later(watch),
};

fn watch<'a>(session: &'a mut Session, args: Args<'a>) -> Later<'a> {
    Box::pin(async move {
        if session.transaction.is_open() {
            return Err(Refusal::Fixed("ERR", "WATCH inside MULTI is not allowed"));
        }
        session.watch(args)
    })
}

static UNWATCH: EdgeCommand = EdgeCommand {
    command: Command {
        name: "unwatch",
        arity: 1,
        flags: CONNECTION.with(Flags::ALLOW_BUSY),
        group: "transactions",
        since: "2.2.0",
        summary: "Ends all watches of this connection.",
        ..Command::BASE
    },
    run: EdgeRun::Now(|session, _| {
        session.unwatch();
        Ok(Reply::Ok)
    }),
};
