//! What a connection says of itself and wants for itself.

use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use clawlink_actors::command::{Command, Flags};
use clawlink_actors::{Args, Outcome, Refusal, Reply};

use super::{OWN, on_or_off};
use crate::commands::{EdgeCommand, EdgeRun, valid_name};
use crate::session::{Replies, Session};

pub(super) static ID: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|id",
        arity: 2,
        since: "5.0.0",
        summary: "Answers the connection's id.",
        ..OWN
    },
    run: EdgeRun::Now(|session, _| Ok(Reply::Int(session.client.id as i64))),
};

pub(super) static GETNAME: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|getname",
        arity: 2,
        since: "2.6.9",
        summary: "Answers the connection's name.",
        ..OWN
    },
    run: EdgeRun::Now(|session, _| {
        let name = session.client.labels().name;
        Ok(if name.is_empty() { Reply::Nil } else { Reply::Bulk(name) })
    }),
};

pub(super) static SETNAME: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|setname",
        arity: 3,
        since: "2.6.9",
        summary: "Names the connection.",
        syntax: "connection-name",
        ..OWN
    },
    run: EdgeRun::Now(|session, args| {
        let name = valid_name(args.value(2))?;
        session.client.label(|labels| labels.name = name);
        Ok(Reply::Ok)
    }),
};

pub(super) static SETINFO: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|setinfo",
        arity: 4,
        since: "7.2.0",
        summary: "Says which client library the connection uses.",
        syntax: "attribute value",
        ..OWN
    },
    run: EdgeRun::Now(setinfo),
};

/// Redis has this command since 7.2; the libraries of today send it when they connect.
fn setinfo(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let (attribute, value) = (args.word(2), args.value(3));
    let client = &session.client;
    if attribute.eq_ignore_ascii_case(b"LIB-NAME") {
        let name = plain(value, "lib-name")?;
        client.label(|labels| labels.lib_name = name);
    } else if attribute.eq_ignore_ascii_case(b"LIB-VER") {
        let version = plain(value, "lib-ver")?;
        client.label(|labels| labels.lib_version = version);
    } else {
        let text = format!("Unrecognized option '{}'", String::from_utf8_lossy(attribute));
        return Err(Refusal::Custom("ERR", text.into()));
    }
    Ok(Reply::Ok)
}

fn plain(value: Bytes, attribute: &str) -> Result<Bytes, Refusal> {
    valid_name(value).map_err(|_| {
        let text = format!("{attribute} cannot contain spaces, newlines or special characters.");
        Refusal::Custom("ERR", text.into())
    })
}

pub(super) static NO_EVICT: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|no-evict",
        arity: 3,
        flags: OWN.flags.with(Flags::ADMIN),
        since: "7.0.0",
        summary: "Protects the connection from being closed to save memory.",
        syntax: "(ON | OFF)",
        ..OWN
    },
    run: EdgeRun::Now(|session, args| set(&session.client.no_evict, args)),
};

pub(super) static NO_TOUCH: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|no-touch",
        arity: 3,
        since: "7.2.0",
        summary: "Lets the connection's commands leave no trace in OBJECT IDLETIME.",
        syntax: "(ON | OFF)",
        ..OWN
    },
    run: EdgeRun::Now(|session, args| {
        session.caller.no_touch = on_or_off(args.word(2))?;
        set(&session.client.no_touch, args)
    }),
};

fn set(flag: &AtomicBool, args: &Args<'_>) -> Outcome {
    flag.store(on_or_off(args.word(2))?, Ordering::Relaxed);
    Ok(Reply::Ok)
}

pub(super) static REPLY: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|reply",
        arity: 3,
        since: "3.2.0",
        summary: "Chooses which replies the connection gets.",
        syntax: "(ON | OFF | SKIP)",
        ..OWN
    },
    run: EdgeRun::Now(reply),
};

fn reply(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    if args.word(2).eq_ignore_ascii_case(b"SKIP") {
        // Where nothing is answered there is nothing to skip.
        if session.replies != Replies::Off {
            session.replies = Replies::SkipNext;
        }
        return Ok(Reply::Silence);
    }
    session.replies = if on_or_off(args.word(2))? { Replies::On } else { Replies::Off };
    Ok(Reply::Ok)
}
