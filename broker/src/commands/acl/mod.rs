//! `ACL`: the one user there is, which may do everything, and who was turned away.

mod log;
mod rights;

use clawlink_actors::collections::number;
use clawlink_actors::command::{Command, Flags};
use clawlink_actors::{Args, Outcome, Refusal, Reply};

use super::help::{HELP, help};
use super::{EdgeCommand, EdgeRun};
use crate::session::Session;

pub(crate) use log::Denials;

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] = &[
    &rights::CAT,
    &rights::DRYRUN,
    &DELUSER,
    &GENPASS,
    &GETUSER,
    &ACL_HELP,
    &LIST,
    &LOAD,
    &log::LOG,
    &SAVE,
    &SETUSER,
    &USERS,
    &WHOAMI,
];

/// The container.
pub(super) static CONTAINER: Command = Command {
    name: "acl",
    arity: -2,
    group: "server",
    since: "6.0.0",
    complexity: "That of the subcommand",
    summary: "About users.",
    ..Command::BASE
};

/// What everybody may ask.
const OPEN: Command = Command {
    flags: Flags::NOSCRIPT.with(Flags::LOADING).with(Flags::STALE),
    group: "server",
    since: "6.0.0",
    ..Command::BASE
};

const ADMIN: Command = Command { arity: 2, flags: OPEN.flags.with(Flags::ADMIN), ..OPEN };

/// The one user, whom connections are without saying so. Agents that have shown their key are users of the same rights.
const USER: &str = "default";

static WHOAMI: EdgeCommand = EdgeCommand {
    command: Command {
        name: "acl|whoami",
        arity: 2,
        summary: "Answers the connection's user: default, or agent:<id> where that agent's key was shown.",
        ..OPEN
    },
    run: EdgeRun::Now(|session, _| {
        let agent = session.caller.agent.as_deref().filter(|_| session.caller.identified);
        Ok(agent.map_or(Reply::text(USER), |id| Reply::Bulk(format!("agent:{id}").into())))
    }),
};

static USERS: EdgeCommand = EdgeCommand {
    command: Command { name: "acl|users", summary: "Lists all users: there is one.", ..ADMIN },
    run: EdgeRun::Now(|_, _| Ok(Reply::Array(vec![Reply::text(USER)]))),
};

static LIST: EdgeCommand = EdgeCommand {
    command: Command {
        name: "acl|list",
        summary: "Describes all users as configuration files of Redis do: there is one.",
        ..ADMIN
    },
    run: EdgeRun::Now(|session, _| {
        let line = format!("user {USER} {} ~* &* +@all", flags(session).join(" "));
        Ok(Reply::Array(vec![Reply::Bulk(line.into())]))
    }),
};

static GETUSER: EdgeCommand = EdgeCommand {
    command: Command {
        name: "acl|getuser",
        arity: 3,
        summary: "Describes a user; of the token nothing is shown.",
        syntax: "username",
        ..ADMIN
    },
    run: EdgeRun::Now(get_user),
};

fn get_user(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    if args.word(2) != USER.as_bytes() {
        return Ok(Reply::Nil);
    }
    let text = Reply::text;
    let flags = flags(session).iter().map(|flag| text(flag)).collect();
    Ok(Reply::Map(vec![
        (text("flags"), Reply::Set(flags)),
        (text("passwords"), Reply::Array(Vec::new())),
        (text("commands"), text("+@all")),
        (text("keys"), text("~*")),
        (text("channels"), text("&*")),
        (text("selectors"), Reply::Array(Vec::new())),
    ]))
}

/// How the user gets in. With a token Redis would show its digest as well; that is all that a guesser needs, and an agent
/// who comes in with a key of its own is not to learn the token.
fn flags(session: &Session) -> &'static [&'static str] {
    let open = session.shared.config.read().token.is_none();
    if open { &["on", "nopass"] } else { &["on"] }
}

static SETUSER: EdgeCommand = EdgeCommand {
    command: Command {
        name: "acl|setuser",
        arity: -3,
        complexity: "O(1)",
        summary: "Refuses: there is one user, whose token is given when the broker starts.",
        syntax: "username [rule [rule ...]]",
        ..ADMIN
    },
    run: EdgeRun::Now(|_, _| {
        let text =
            "users cannot be changed: there is one, whose token is given when the broker starts";
        Err(Refusal::Fixed("ERR", text))
    }),
};

static DELUSER: EdgeCommand = EdgeCommand {
    command: Command {
        name: "acl|deluser",
        arity: -3,
        summary: "Removes users, of whom there are none but the one that cannot be removed.",
        syntax: "username [username ...]",
        ..ADMIN
    },
    run: EdgeRun::Now(|_, args| match args.words().skip(2).any(|user| user == USER.as_bytes()) {
        true => Err(Refusal::Fixed("ERR", "The 'default' user cannot be removed")),
        false => Ok(Reply::Int(0)),
    }),
};

const NO_FILE: EdgeRun = EdgeRun::Now(|_, _| {
    Err(Refusal::Fixed(
        "ERR",
        "This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER \
         command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store \
         users in the Redis configuration.",
    ))
});

static LOAD: EdgeCommand = EdgeCommand {
    command: Command { name: "acl|load", summary: "Refuses: there is no file of users.", ..ADMIN },
    run: NO_FILE,
};

static SAVE: EdgeCommand = EdgeCommand {
    command: Command { name: "acl|save", summary: "Refuses: there is no file of users.", ..ADMIN },
    run: NO_FILE,
};

static GENPASS: EdgeCommand = EdgeCommand {
    command: Command {
        name: "acl|genpass",
        arity: -2,
        summary: "Makes up a password of 256 random bits, or of as many as asked for, in hexadecimal.",
        syntax: "[bits]",
        ..OPEN
    },
    run: EdgeRun::Now(generate),
};

/// How many bits a password may have, and how many it has if nobody says: Redis's bounds.
const BITS_MAX: i64 = 4096;
const BITS: i64 = 256;

fn generate(_session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let bits = match args.len() {
        2 => BITS,
        3 => number::parse_i64(args.word(2)).ok_or(Refusal::NotInteger)?,
        _ => return Err(unknown_form(args)),
    };
    if !(1..=BITS_MAX).contains(&bits) {
        let text = "ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096";
        return Err(Refusal::Fixed("ERR", text));
    }
    // Four bits a digit.
    let digits = usize::try_from(bits).unwrap_or(0).div_ceil(4);
    let mut random = vec![0; digits];
    getrandom::fill(&mut random).map_err(|_| Refusal::Internal)?;
    let digit = |byte: &u8| char::from_digit(u32::from(byte & 15), 16).unwrap_or('0');
    Ok(Reply::Bulk(random.iter().map(digit).collect::<String>().into()))
}

/// What Redis says where a subcommand gets more words than it knows.
fn unknown_form(args: &Args<'_>) -> Refusal {
    let sent = String::from_utf8_lossy(args.word(1));
    let text =
        format!("unknown subcommand or wrong number of arguments for '{sent}'. Try ACL HELP.");
    Refusal::Custom("ERR", text.into())
}

static ACL_HELP: EdgeCommand = EdgeCommand {
    command: Command { name: "acl|help", since: "6.0.0", ..HELP },
    run: EdgeRun::Now(help),
};
