//! What a user may do: everything.

use clawlink_actors::command::{CATEGORIES, Command};
use clawlink_actors::{Args, Outcome, Pipeline, Refusal, Reply};

use super::{ADMIN, OPEN, USER, unknown_form};
use crate::commands::{EdgeCommand, EdgeRun, catalog};
use crate::session::Session;

pub(super) static CAT: EdgeCommand = EdgeCommand {
    command: Command {
        name: "acl|cat",
        arity: -2,
        summary: "Lists the categories of commands, or the commands of one.",
        syntax: "[category]",
        ..OPEN
    },
    run: EdgeRun::Now(cat),
};

fn cat(_session: &mut Session, args: &mut Args<'_>) -> Outcome {
    match args.len() {
        2 => return Ok(Reply::Array(CATEGORIES.map(Reply::text).into())),
        3 => {}
        _ => return Err(unknown_form(args)),
    }
    let word = String::from_utf8_lossy(args.word(2)).into_owned();
    let known = CATEGORIES.into_iter().find(|category| category.eq_ignore_ascii_case(&word));
    let Some(category) = known else {
        return Err(Refusal::Custom("ERR", format!("Unknown category '{word}'").into()));
    };
    Ok(catalog::names(|command| command.is_in(category)))
}

pub(super) static DRYRUN: EdgeCommand = EdgeCommand {
    command: Command {
        name: "acl|dryrun",
        arity: -4,
        summary: "Answers whether the user may make this request: it may make every one that is well-formed.",
        syntax: "username command [arg [arg ...]]",
        ..ADMIN
    },
    run: EdgeRun::Now(dry_run),
};

fn dry_run(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let text = |word: &[u8]| String::from_utf8_lossy(word).into_owned();
    if args.word(2) != USER.as_bytes() {
        let text = format!("User '{}' not found", text(args.word(2)));
        return Err(Refusal::Custom("ERR", text.into()));
    }
    let words: Vec<&[u8]> = args.words().skip(3).collect();
    let request = Pipeline::of(None, &words);
    let request = request.request(0);
    let command = match session.resolve(&request) {
        Ok(target) => target.command(),
        Err(refusal @ Refusal::WrongArity(_)) => return Err(refusal),
        Err(_) => {
            let text = format!("Command '{}' not found", text(request.word(0)));
            return Err(Refusal::Custom("ERR", text.into()));
        }
    };
    command.check_arity(request.len())?;
    Ok(Reply::Ok)
}
