//! The connection itself: greeting, authentication, databases, farewell.

use std::sync::atomic::Ordering;
use std::time::Duration;

use clawlink_actors::collections::number;
use clawlink_actors::command::{Command, Flags};
use clawlink_actors::owner::now_ms;
use clawlink_actors::{Args, Outcome, Refusal, Reply};
use subtle::ConstantTimeEq;

use super::client::client_line;
use super::{CONNECTION, EdgeCommand, EdgeRun, Later};
use crate::session::Session;
use crate::shared::Stats;

/// The Redis version whose behaviour is claimed.
pub(crate) const REDIS_VERSION: &str = "7.0.15";

/// How long the answer to a wrong token takes: guessing must be slow, and an honest mistake must not be.
const WRONG_TOKEN_DELAY: Duration = Duration::from_millis(200);

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] =
    &[&AUTH, &ECHO, &HELLO, &PING, &QUIT, &RESET, &SELECT];

static PING: EdgeCommand = EdgeCommand {
    command: Command {
        name: "ping",
        tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
        arity: -1,
        flags: Flags::FAST,
        group: "connection",
        summary: "Answers PONG, or the message.",
        syntax: "[message]",
        ..Command::BASE
    },
    run: EdgeRun::Now(ping),
};

fn ping(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    if args.len() > 2 {
        return Err(Refusal::WrongArity("ping".into()));
    }
    if !session.resp3 && !session.subscriptions.is_empty() {
        return Ok(Reply::Array(vec![Reply::text("pong"), Reply::Bulk(args.value(1))]));
    }
    Ok(if args.len() == 2 { Reply::Bulk(args.value(1)) } else { Reply::Status("PONG") })
}

static ECHO: EdgeCommand = EdgeCommand {
    command: Command {
        name: "echo",
        arity: 2,
        flags: Flags::LOADING.with(Flags::STALE).with(Flags::FAST),
        group: "connection",
        summary: "Answers the message.",
        syntax: "message",
        ..Command::BASE
    },
    run: EdgeRun::Now(|_, args| Ok(Reply::Bulk(args.value(1)))),
};

static SELECT: EdgeCommand = EdgeCommand {
    command: Command {
        name: "select",
        arity: 2,
        flags: Flags::LOADING.with(Flags::STALE).with(Flags::FAST),
        group: "connection",
        summary: "Selects the database of plain keys.",
        syntax: "index",
        ..Command::BASE
    },
    run: EdgeRun::Now(select),
};

fn select(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let db = args.next_db()?;
    session.select(db);
    Ok(Reply::Ok)
}

static QUIT: EdgeCommand = EdgeCommand {
    command: Command {
        name: "quit",
        arity: -1,
        flags: CONNECTION.with(Flags::NO_AUTH).with(Flags::ALLOW_BUSY),
        group: "connection",
        summary: "Closes the connection.",
        ..Command::BASE
    },
    run: EdgeRun::Now(|session, _| {
        session.closing = true;
        Ok(Reply::Ok)
    }),
};

static RESET: EdgeCommand = EdgeCommand {
    command: Command {
        name: "reset",
        arity: 1,
        flags: CONNECTION.with(Flags::NO_AUTH).with(Flags::ALLOW_BUSY),
        group: "connection",
        since: "6.2.0",
        summary: "Puts the connection back as it was when it opened.",
        ..Command::BASE
    },
    run: EdgeRun::Now(|session, _| {
        session.leave_everything();
        session.reset();
        Ok(Reply::Status("RESET"))
    }),
};

static AUTH: EdgeCommand = EdgeCommand {
    command: Command {
        name: "auth",
        arity: -2,
        flags: CONNECTION.with(Flags::NO_AUTH).with(Flags::ALLOW_BUSY),
        group: "connection",
        summary: "Gives the token, or as user agent:<id> that agent's key.",
        syntax: "[username] password",
        ..Command::BASE
    },
    run: EdgeRun::Later(auth),
};

fn auth<'a>(session: &'a mut Session, args: Args<'a>) -> Later<'a> {
    Box::pin(async move {
        let (user, token) = match args.len() {
            2 => (&b"default"[..], args.word(1)),
            3 => (args.word(1), args.word(2)),
            _ => return Err(Refusal::Syntax),
        };
        if args.len() == 2 && session.shared.config.read().token.is_none() {
            return Err(Refusal::Fixed(
                "ERR",
                "AUTH <password> called without any password configured for the default user. \
                 Are you sure your configuration is correct?",
            ));
        }
        authenticate(session, args.word(0), user, token).await?;
        Ok(Reply::Ok)
    })
}

/// What stands before an agent's id where a user's name is expected.
const AGENT_USER: &[u8] = b"agent:";

/// Lets a connection in that knows the token, or an agent's key: that was given to somebody who had the token. With a
/// key the connection is that agent from then on.
///
/// `command`: the word that brought them.
async fn authenticate(
    session: &mut Session,
    command: &[u8],
    user: &[u8],
    secret: &[u8],
) -> Result<(), Refusal> {
    let known = match user.strip_prefix(AGENT_USER) {
        Some(id) => session.identify(id, secret).await.is_ok(),
        None => user == b"default" && knows_token(session, secret),
    };
    if known {
        session.authenticated = true;
        return Ok(());
    }
    Stats::add(&session.shared.stats.wrong_tokens, 1);
    let (now, tracker) = (now_ms(), session.caching.tracker.as_deref());
    let client = client_line(&session.client, tracker, now);
    session.shared.denials.note(command, user, client, now);
    tokio::time::sleep(WRONG_TOKEN_DELAY).await;
    Err(Refusal::Fixed("WRONGPASS", "invalid username-password pair or user is disabled."))
}

fn knows_token(session: &Session, token: &[u8]) -> bool {
    let config = session.shared.config.read();
    // The time that this takes tells nothing about where a guess goes wrong.
    config.token.as_ref().is_none_or(|right| right.as_bytes().ct_eq(token).into())
}

static HELLO: EdgeCommand = EdgeCommand {
    command: Command {
        name: "hello",
        arity: -1,
        flags: CONNECTION.with(Flags::NO_AUTH).with(Flags::ALLOW_BUSY),
        group: "connection",
        since: "6.0.0",
        summary: "Chooses the protocol version, and says who is there.",
        syntax: "[protover [AUTH username password] [SETNAME clientname]]",
        ..Command::BASE
    },
    run: EdgeRun::Later(hello),
};

fn hello<'a>(session: &'a mut Session, mut args: Args<'a>) -> Later<'a> {
    Box::pin(async move {
        let mut version = None;
        if let Some(word) = args.peek() {
            let asked = number::parse_i64(word).ok_or(Refusal::Fixed(
                "ERR",
                "Protocol version is not an integer or out of range",
            ))?;
            if !(2..=3).contains(&asked) {
                return Err(Refusal::Fixed("NOPROTO", "unsupported protocol version"));
            }
            version = Some(asked);
            args.next_word()?;
        }
        let mut name = None;
        let mut credentials = None;
        while let Some(option) = args.peek() {
            if args.left() >= 3 && args.accept("AUTH") {
                credentials = Some((args.next_word()?, args.next_word()?));
            } else if args.left() >= 2 && args.accept("SETNAME") {
                name = Some(super::valid_name(args.next_value()?)?);
            } else {
                let option = String::from_utf8_lossy(option).into_owned();
                let text = format!("Syntax error in HELLO option '{option}'");
                return Err(Refusal::Custom("ERR", text.into()));
            }
        }
        if let Some((user, token)) = credentials {
            authenticate(session, args.word(0), user, token).await?;
        }
        if !session.authenticated {
            return Err(Refusal::Fixed(
                "NOAUTH",
                "HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> \
                 <pass> option can be used to authenticate the client and select the RESP protocol \
                 version at the same time",
            ));
        }
        if let Some(name) = name {
            session.client.label(|labels| labels.name = name);
        }
        if let Some(version) = version {
            session.resp3 = version == 3;
            session.client.protocol.store(version as u8, Ordering::Relaxed);
        }
        Ok(greeting(session))
    })
}

fn greeting(session: &Session) -> Reply {
    let text = Reply::text;
    Reply::Map(vec![
        (text("server"), text("redis")),
        (text("version"), text(REDIS_VERSION)),
        (text("proto"), Reply::Int(if session.resp3 { 3 } else { 2 })),
        (text("id"), Reply::Int(session.client.id as i64)),
        (text("mode"), text("standalone")),
        (text("role"), text("master")),
        (text("modules"), Reply::Array(Vec::new())),
    ])
}
