//! `CLAW.FILE LOCK`, `UNLOCK` and `LOCKS`: reservations that lapse.

use std::sync::Arc;

use clawlink_protocol::time::iso8601;

use super::BASE;
use crate::call::Call;
use crate::collections::number;
use crate::command::{Flags, Runs};
use crate::files::state::{Files, LOCK_MS, LOCK_MS_MAX, LOCKS_MAX, Lock, NotLocked};
use crate::files::{announce, locked};
use crate::topics::FileEvent;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static LOCK: Command = Command {
    name: "claw.file|lock",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    complexity: "O(log N) with N locks",
    summary: "Reserves a file: until the lock lapses only its holder changes it.",
    syntax: "key [TTL seconds] [BY id]",
    run: Runs { files: Some(lock), ..Runs::NONE },
    ..BASE
};

fn lock(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let (mut by, mut ms) = (None, LOCK_MS);
    call.seek(3);
    while !call.at_end() {
        if call.accept("TTL") {
            ms = parse_ttl(call.next_word()?)?;
        } else if call.accept("BY") {
            by = Some(call.next_value()?);
        } else {
            return Err(Refusal::Syntax);
        }
    }
    let holder = call.speaker(by)?;
    if holder.is_empty() {
        return Err(Refusal::Fixed("ERR", "a lock needs a holder: give BY, or register"));
    }
    let path = call.word(2);
    let renewed = state.locks.get(path, call.now).is_some();
    let taken = state.locks.lock(path, holder.clone(), ms, call.now);
    let lock = taken.map_err(|not_locked| match not_locked {
        NotLocked::Held(held) => locked(path, &held, call.now),
        NotLocked::TooMany => {
            Refusal::Custom("ERR", format!("there are {LOCKS_MAX} locks, the limit").into())
        }
    })?;
    if !renewed {
        announce(state, &call.env.directory, path, FileEvent::Locked, (holder, call.now));
    }
    Ok(entry(path, &lock, call.now))
}

/// Milliseconds, of a decimal number of seconds.
fn parse_ttl(word: &[u8]) -> Result<u64, Refusal> {
    let seconds = number::parse_f64(word).ok_or(Refusal::NotFloat)?;
    let ms = (seconds * 1000.0).ceil();
    if (1.0..=LOCK_MS_MAX as f64).contains(&ms) {
        Ok(ms as u64)
    } else {
        Err(Refusal::Fixed("ERR", "the TTL is more than 0 and at most 86400 seconds"))
    }
}

pub(super) static UNLOCK: Command = Command {
    name: "claw.file|unlock",
    arity: -3,
    flags: Flags::WRITE,
    complexity: "O(log N) with N locks",
    summary: "Gives a reserved file free.",
    syntax: "key [BY id]",
    run: Runs { files: Some(unlock), ..Runs::NONE },
    ..BASE
};

fn unlock(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    call.seek(3);
    let by = if call.accept("BY") { Some(call.next_value()?) } else { None };
    call.finish()?;
    let holder: Arc<str> = call.speaker(by)?;
    let path = call.word(2);
    let freed = state.locks.unlock(path, &holder, call.now);
    let freed = freed.map_err(|held| locked(path, &held, call.now))?.is_some();
    if freed {
        announce(state, &call.env.directory, path, FileEvent::Unlocked, (holder, call.now));
    }
    Ok(Reply::flag(freed))
}

pub(super) static LOCKS: Command = Command {
    name: "claw.file|locks",
    arity: -2,
    flags: Flags::READONLY,
    complexity: "O(N log N) with N locks",
    summary: "Lists the locks that are held, in order of key.",
    syntax: "[pattern]",
    run: Runs { files: Some(locks), ..Runs::NONE },
    ..BASE
};

fn locks(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    call.seek(2);
    let pattern = if call.at_end() { None } else { Some(call.next_word()?) };
    call.finish()?;
    let held = state.locks.list(pattern, call.now);
    let entry = |(key, lock): (&[u8], &Lock)| entry(key, lock, call.now);
    Ok(Reply::Array(held.into_iter().map(entry).collect()))
}

fn entry(path: &[u8], lock: &Lock, now: u64) -> Reply {
    Reply::Map(vec![
        (Reply::text("file_key"), Reply::copy(path)),
        (Reply::text("holder"), Reply::copy(lock.holder.as_bytes())),
        (Reply::text("locked_at"), iso8601(lock.since).into()),
        (Reply::text("lock_ends"), iso8601(lock.until).into()),
        (Reply::text("seconds_left"), Reply::Int(lock.seconds_left(now) as i64)),
    ])
}
