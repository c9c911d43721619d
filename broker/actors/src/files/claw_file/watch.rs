//! `CLAW.FILE WATCH`: waits until a file changes.

use clawlink_protocol::time::iso8601;

use super::BASE;
use crate::call::Call;
use crate::collections::number;
use crate::command::{Flags, Nothing, Patience, Runs};
use crate::files::state::{Files, Next};
use crate::files::{ANY_FILE, key_of};
use crate::topics::FileEvent;
use crate::{Args, Command, Outcome, Refusal, Reply};

pub(super) static WATCH: Command = Command {
    name: "claw.file|watch",
    arity: -3,
    flags: Flags::READONLY.with(Flags::NOSCRIPT).with(Flags::BLOCKING),
    complexity: "O(N) with N changes after the one that is named",
    summary: "Waits until a file is saved, moved or deleted, and answers what happened.",
    syntax: "pattern [SINCE version | AFTER change] [TIMEOUT seconds]",
    patience: Some(patience),
    nothing: Nothing::Nil,
    run: Runs { files: Some(watch), ..Runs::NONE },
    ..BASE
};

/// What a request waits for.
struct Watching {
    /// Anything but this version of the one file; 0: anything but that there is none.
    since: Option<u64>,
    /// The first change after the one of this number. Left out: after those there are now.
    after: Option<u64>,
    patience: Patience,
}

impl Watching {
    fn parse(mut args: Args<'_>) -> Result<Self, Refusal> {
        let mut watching = Self { since: None, after: None, patience: Patience::Forever };
        args.seek(3);
        while !args.at_end() {
            if args.accept("SINCE") {
                watching.since = Some(next_number(&mut args)?);
            } else if args.accept("AFTER") {
                watching.after = Some(next_number(&mut args)?);
            } else if args.accept("TIMEOUT") {
                watching.patience = Patience::seconds(args.next_word()?)?;
            } else {
                return Err(Refusal::Syntax);
            }
        }
        if watching.since.is_some() && is_pattern(args.word(2)) {
            return Err(Refusal::Fixed("ERR", "SINCE is for one file, not for a pattern"));
        }
        let both = watching.since.is_some() && watching.after.is_some();
        if both { Err(Refusal::Syntax) } else { Ok(watching) }
    }
}

fn next_number(args: &mut Args<'_>) -> Result<u64, Refusal> {
    let number = number::parse_i64(args.next_word()?).ok_or(Refusal::NotInteger)?;
    u64::try_from(number).map_err(|_| Refusal::NotInteger)
}

fn is_pattern(word: &[u8]) -> bool {
    word.iter().any(|byte| b"*?[\\".contains(byte))
}

fn patience(args: &Args<'_>) -> Result<Patience, Refusal> {
    Ok(Watching::parse(*args)?.patience)
}

fn watch(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let Watching { since, after, .. } = Watching::parse(call.args)?;
    let pattern = call.word(2);
    let newest = state.changes.newest();
    let found = match since {
        Some(since) => differs(state, pattern, since),
        None => {
            // A number from before the broker started again says nothing.
            let after = after.unwrap_or(newest).min(newest);
            let next = match call.ready {
                Some(_) => state.changes.next_fresh(pattern, after),
                None => state.changes.next(pattern, after),
            };
            next.map(changed)
        }
    };
    if let Some(reply) = found {
        return Ok(reply);
    }
    let key = if is_pattern(pattern) { ANY_FILE.to_vec() } else { key_of(pattern) };
    call.wait_on(&key);
    if since.is_none() && after.is_none() {
        // "From now on" goes on meaning the moment it was sent.
        let now = newest.to_string();
        call.retry_as(&[b"CLAW.FILE", b"WATCH", pattern, b"AFTER", now.as_bytes()]);
    }
    Ok(Reply::Nil)
}

/// What there is in place of the version that the asker knows; 0 stands for no file.
fn differs(state: &Files, path: &[u8], since: u64) -> Option<Reply> {
    let newest = state.changes.newest();
    if let Some(version) = state.get(path) {
        let now = What {
            event: FileEvent::Updated,
            path,
            version: version.number,
            by: &version.editor,
            at: version.at,
            moved_to: None,
        };
        return (version.number != since).then(|| answer(now, newest, 0));
    }
    if since == 0 {
        return None;
    }
    let gone = state.past(path).map(|file| file.newest());
    let end = gone.and_then(|last| last.end.as_deref());
    let now = What {
        event: FileEvent::Deleted,
        path,
        version: gone.map_or(since, |last| last.number),
        by: end.map_or("", |end| &end.by),
        at: end.map_or(0, |end| end.at),
        moved_to: end.and_then(|end| end.moved_to.as_deref()),
    };
    Some(answer(now, newest, 0))
}

fn changed(next: Next<'_>) -> Reply {
    let change = next.change;
    let what = What {
        event: change.event,
        path: &change.path,
        version: change.version,
        by: &change.editor,
        at: change.at,
        moved_to: change.moved_to.as_deref(),
    };
    answer(what, next.number, next.missed)
}

/// What became of a file.
struct What<'a> {
    event: FileEvent,
    path: &'a [u8],
    version: u64,
    by: &'a str,
    at: u64,
    moved_to: Option<&'a [u8]>,
}

fn answer(what: What<'_>, change: u64, missed: u64) -> Reply {
    Reply::Map(vec![
        (Reply::text("type"), Reply::text(what.event.name())),
        (Reply::text("file_key"), Reply::copy(what.path)),
        (Reply::text("version"), Reply::Int(what.version as i64)),
        (Reply::text("last_editor"), Reply::copy(what.by.as_bytes())),
        (Reply::text("timestamp"), iso8601(what.at).into()),
        (Reply::text("moved_to"), what.moved_to.map_or(Reply::Nil, Reply::copy)),
        (Reply::text("change"), Reply::Int(change as i64)),
        (Reply::text("missed"), Reply::Int(missed as i64)),
    ])
}
