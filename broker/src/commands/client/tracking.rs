//! Client-side caching. The broker does not track what clients have read: it says so, and it says it the way that
//! clients understand when they only ask.

use clawlink_actors::command::Command;
use clawlink_actors::{Args, Outcome, Refusal, Reply};

use super::{OWN, on_or_off};
use crate::commands::{EdgeCommand, EdgeRun};
use crate::session::Session;

pub(super) static TRACKING: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|tracking",
        arity: -3,
        since: "6.0.0",
        summary: "Switches tracking of what the client has read; only off is possible.",
        syntax: "(ON | OFF)",
        ..OWN
    },
    run: EdgeRun::Now(tracking),
};

fn tracking(_session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let on = on_or_off(args.word(2))?;
    if on {
        return Err(Refusal::Fixed("ERR", "client tracking is not supported"));
    }
    args.seek(3);
    args.finish()?;
    Ok(Reply::Ok)
}

pub(super) static TRACKINGINFO: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|trackinginfo",
        arity: 2,
        since: "6.2.0",
        summary: "Says how the connection is tracked.",
        ..OWN
    },
    run: EdgeRun::Now(|_, _| {
        Ok(Reply::Map(vec![
            (Reply::text("flags"), Reply::Set(vec![Reply::text("off")])),
            (Reply::text("redirect"), Reply::Int(-1)),
            (Reply::text("prefixes"), Reply::Array(Vec::new())),
        ]))
    }),
};

pub(super) static CACHING: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|caching",
        arity: 3,
        since: "6.0.0",
        summary: "Chooses whether the keys of the next command are tracked.",
        syntax: "(YES | NO)",
        ..OWN
    },
    run: EdgeRun::Now(|_, _| {
        Err(Refusal::Fixed(
            "ERR",
            "CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or \
             OPTOUT mode enabled",
        ))
    }),
};

pub(super) static GETREDIR: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|getredir",
        arity: 2,
        since: "6.0.0",
        summary: "Answers where the connection's invalidations go: -1, for tracking is off.",
        ..OWN
    },
    run: EdgeRun::Now(|_, _| Ok(Reply::Int(-1))),
};
