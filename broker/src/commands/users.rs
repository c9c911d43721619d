//! `ACL`. There is one user, `default`, who may do everything, and there are no rules that could be changed. Who is
//! which agent is another matter: see [`crate::identity`].

use clawlink_actors::command::{CATEGORIES, Command, Flags};
use clawlink_actors::{Args, Outcome, Refusal, Reply};

use super::help::{HELP, help};
use super::{EdgeCommand, EdgeRun, catalog};
use crate::session::Session;

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] =
    &[&CAT, &GETUSER, &USERS_HELP, &LIST, &USERS, &WHOAMI];

/// The one user there is.
const USER: &str = "default";

pub(super) static CONTAINER: Command = Command {
    name: "acl",
    arity: -2,
    summary: "About users.",
    complexity: "That of the subcommand",
    ..BASE
};

const BASE: Command = Command {
    arity: 2,
    flags: Flags::NOSCRIPT.with(Flags::LOADING).with(Flags::STALE),
    group: "server",
    since: "6.0.0",
    ..Command::BASE
};

/// What tells of others.
const ADMIN: Command = Command { flags: BASE.flags.with(Flags::ADMIN), ..BASE };

static WHOAMI: EdgeCommand = EdgeCommand {
    command: Command { name: "acl|whoami", summary: "Answers the connection's user.", ..BASE },
    run: EdgeRun::Now(|_, _| Ok(Reply::text(USER))),
};

static USERS: EdgeCommand = EdgeCommand {
    command: Command { name: "acl|users", summary: "Lists all users: there is one.", ..ADMIN },
    run: EdgeRun::Now(|_, _| Ok(Reply::Array(vec![Reply::text(USER)]))),
};

static LIST: EdgeCommand = EdgeCommand {
    command: Command {
        name: "acl|list",
        complexity: "O(1)",
        summary: "Lists what each user may do.",
        ..ADMIN
    },
    run: EdgeRun::Now(list),
};

/// With a token, Redis would show its digest. It is the whole secret here, so nothing of it is shown.
fn list(session: &mut Session, _args: &mut Args<'_>) -> Outcome {
    let user = format!("user {USER} {} ~* &* +@all", entry(session).join(" "));
    Ok(Reply::Array(vec![Reply::Bulk(user.into())]))
}

/// How the user gets in.
fn entry(session: &Session) -> Vec<&'static str> {
    let open = session.shared.config.read().token.is_none();
    if open { vec!["on", "nopass"] } else { vec!["on"] }
}

static GETUSER: EdgeCommand = EdgeCommand {
    command: Command {
        name: "acl|getuser",
        arity: 3,
        complexity: "O(1)",
        summary: "Answers what a user may do.",
        syntax: "username",
        ..ADMIN
    },
    run: EdgeRun::Now(getuser),
};

fn getuser(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    if args.word(2) != USER.as_bytes() {
        return Ok(Reply::Nil);
    }
    let flags = entry(session).into_iter().map(Reply::text).collect();
    let rules = [
        ("flags", Reply::Set(flags)),
        ("passwords", Reply::Array(Vec::new())),
        ("commands", Reply::text("+@all")),
        ("keys", Reply::text("~*")),
        ("channels", Reply::text("&*")),
        ("selectors", Reply::Array(Vec::new())),
    ];
    Ok(Reply::Map(rules.into_iter().map(|(name, rule)| (Reply::text(name), rule)).collect()))
}

static CAT: EdgeCommand = EdgeCommand {
    command: Command {
        name: "acl|cat",
        arity: -2,
        complexity: "O(N), N being the number of commands",
        summary: "Lists the categories of commands, or the commands of one.",
        syntax: "[category]",
        ..BASE
    },
    run: EdgeRun::Now(cat),
};

fn cat(_session: &mut Session, args: &mut Args<'_>) -> Outcome {
    args.seek(2);
    if args.at_end() {
        return Ok(Reply::Array(CATEGORIES.map(Reply::text).into()));
    }
    let wanted = args.next_text()?;
    if !args.at_end() {
        let sent = String::from_utf8_lossy(args.word(1));
        let text =
            format!("unknown subcommand or wrong number of arguments for '{sent}'. Try ACL HELP.");
        return Err(Refusal::Custom("ERR", text.into()));
    }
    match CATEGORIES.iter().find(|category| category.eq_ignore_ascii_case(&wanted)) {
        Some(category) => Ok(catalog::names(|command| command.is_in(category))),
        None => Err(Refusal::Custom("ERR", format!("Unknown category '{wanted}'").into())),
    }
}

static USERS_HELP: EdgeCommand = EdgeCommand {
    command: Command { name: "acl|help", since: "6.0.0", ..HELP },
    run: EdgeRun::Now(help),
};
