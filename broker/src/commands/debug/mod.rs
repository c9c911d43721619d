//! `DEBUG`: for tests. Nobody may use it unless the configuration says so.

mod protocol;

use std::time::Duration;

use clawlink_actors::command::{Command, Flags};
use clawlink_actors::{Args, Outcome, Refusal, Reply};

use super::config::memory;
use super::{EdgeCommand, EdgeRun, Later};
use crate::accounting::nanoseconds;
use crate::session::Session;

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] = &[&DEBUG];

static DEBUG: EdgeCommand = EdgeCommand {
    command: Command {
        name: "debug",
        arity: -2,
        flags: Flags::ADMIN
            .with(Flags::NOSCRIPT)
            .with(Flags::LOADING)
            .with(Flags::STALE)
            .with(Flags::PROTECTED),
        group: "server",
        complexity: "That of the subcommand",
        summary: "Things that only tests need.",
        syntax: "subcommand [arg ...]",
        ..Command::BASE
    },
    run: EdgeRun::Later(debug),
};

/// The longest sleep, in seconds: a day.
const SLEEP_MAX_S: f64 = 86_400.0;

fn debug<'a>(session: &'a mut Session, mut args: Args<'a>) -> Later<'a> {
    Box::pin(async move {
        if args.accept("HELP") && args.at_end() {
            return help();
        }
        args.seek(1);
        if args.accept("SLEEP") && args.left() == 1 {
            // As in Redis, what is no number is no time.
            let seconds = args.next_text()?.parse::<f64>().unwrap_or(0.0);
            let seconds = if seconds > 0.0 { seconds.min(SLEEP_MAX_S) } else { 0.0 };
            // Unlike Redis only this connection sleeps: others are not made to wait.
            let time = Duration::from_secs_f64(seconds);
            tokio::time::sleep(time).await;
            // It stands for work: whoever tests what is slow uses it.
            session.owners_ns += nanoseconds(time);
            return Ok(Reply::Ok);
        }
        if args.accept("QUICKLIST-PACKED-THRESHOLD") && args.left() == 1 {
            return packed_threshold(args.word(2));
        }
        if args.accept("SET-ACTIVE-EXPIRE") && args.left() == 1 {
            // As in Redis, what is no number is 0.
            let active = args.next_text()?.parse::<i64>().unwrap_or(0) != 0;
            session.shared.directory.limits.lazy_expiry.set(!active);
            return Ok(Reply::Ok);
        }
        if args.accept("PROTOCOL") && args.left() == 1 {
            return protocol::reply(session, args.word(2));
        }
        Err(args.wrong_subcommand())
    })
}

/// From which size on Redis keeps an element of a list apart. Lists have one form here, so nothing follows.
fn packed_threshold(size: &[u8]) -> Outcome {
    // Redis's limit, whatever the text of its error says.
    if memory(size).is_some_and(|bytes| bytes <= (1 << 32) - (1 << 20)) {
        return Ok(Reply::Ok);
    }
    let text = "argument must be a memory value bigger than 1 and smaller than 4gb";
    Err(Refusal::Fixed("ERR", text))
}

fn help() -> Outcome {
    let lines = [
        "DEBUG <subcommand>. The subcommands are:",
        "PANIC key",
        "    Lets the owner of the key panic, to show that this costs one command alone.",
        "PROTOCOL kind",
        "    Answers a reply of this kind: string, integer, double, bignum, null, array, set, map, attrib, push,",
        "    verbatim, true or false.",
        "QUICKLIST-PACKED-THRESHOLD size",
        "    Has no effect: it is about a form of lists that Redis has.",
        "SET-ACTIVE-EXPIRE 0 | 1",
        "    Whether keys whose time is over go by themselves, or only when somebody asks for them.",
        "SLEEP seconds",
        "    Answers after that time. Other connections are served meanwhile.",
        "HELP",
        "    Lists the subcommands.",
    ];
    Ok(Reply::Array(lines.map(Reply::Status).into()))
}
