//! Holding clients back, and letting them go on.

use std::sync::atomic::Ordering;

use clawlink_actors::collections::number;
use clawlink_actors::command::Command;
use clawlink_actors::owner::now_ms;
use clawlink_actors::{Args, Outcome, Refusal, Reply};

use super::{OTHERS, by_id};
use crate::clients::Order;
use crate::commands::{EdgeCommand, EdgeRun};
use crate::session::Session;

pub(super) static PAUSE: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|pause",
        arity: -3,
        since: "2.9.50",
        summary: "Holds all clients back for a while, or only writes.",
        syntax: "milliseconds [WRITE | ALL]",
        ..OTHERS
    },
    run: EdgeRun::Now(pause),
};

fn pause(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let writes_only = match args.len() {
        4 if args.word(3).eq_ignore_ascii_case(b"WRITE") => true,
        4 if args.word(3).eq_ignore_ascii_case(b"ALL") => false,
        4 => return Err(Refusal::Fixed("ERR", "CLIENT PAUSE mode must be WRITE or ALL")),
        3 => false,
        _ => return Err(args.wrong_subcommand()),
    };
    let time = number::parse_i64(args.word(2)).ok_or(Refusal::TimeoutNotInteger)?;
    let time = u64::try_from(time).map_err(|_| Refusal::TimeoutNegative)?;
    // As in Redis, an end beyond all times has passed.
    let until = now_ms().checked_add(time).filter(|until| i64::try_from(*until).is_ok());
    session.shared.pause.start(until.unwrap_or(0), writes_only);
    Ok(Reply::Ok)
}

pub(super) static UNPAUSE: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|unpause",
        arity: 2,
        since: "6.2.0",
        complexity: "O(N), N being the number of clients that are held back",
        summary: "Lets all clients go on.",
        ..OTHERS
    },
    run: EdgeRun::Now(|session, _| {
        session.shared.pause.end();
        Ok(Reply::Ok)
    }),
};

pub(super) static UNBLOCK: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|unblock",
        arity: -3,
        since: "5.0.0",
        complexity: "O(log N), N being the number of connections",
        summary: "Ends the blocking command of a client, as if its time were over or with an error.",
        syntax: "client-id [TIMEOUT | ERROR]",
        ..OTHERS
    },
    run: EdgeRun::Now(unblock),
};

fn unblock(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let order = match args.len() {
        4 if args.word(3).eq_ignore_ascii_case(b"TIMEOUT") => Order::TimeOut,
        4 if args.word(3).eq_ignore_ascii_case(b"ERROR") => Order::Unblock,
        4 => {
            let text = "CLIENT UNBLOCK reason should be TIMEOUT or ERROR";
            return Err(Refusal::Fixed("ERR", text));
        }
        3 => Order::TimeOut,
        _ => return Err(args.wrong_subcommand()),
    };
    let id = number::parse_i64(args.word(2)).ok_or(Refusal::NotInteger)?;
    let blocked = by_id(&session.shared, id).filter(|c| c.blocked.load(Ordering::Relaxed));
    if let Some(client) = &blocked {
        client.order(order);
    }
    Ok(Reply::flag(blocked.is_some()))
}
