//! When keys expire.

use std::num::NonZeroU64;

use super::expire_at::Clock;
use crate::call::Call;
use crate::command::{Flags, Keys, Runs};
use crate::key_events::events;
use crate::keyspace::{Expiry, Keyspace};
use crate::{Args, Command, Outcome, Refusal, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] =
    &[&EXPIRE, &PEXPIRE, &EXPIREAT, &PEXPIREAT, &TTL, &PTTL, &EXPIRETIME, &PEXPIRETIME, &PERSIST];

/// What the commands that set an expiry share.
const SETTER: Command =
    Command { arity: -3, flags: Flags::WRITE.with(Flags::FAST), keys: Keys::ONE, ..Command::BASE };

static EXPIRE: Command = Command {
    name: "expire",
    summary: "Lets a key expire after some seconds.",
    syntax: "key seconds [NX | XX | GT | LT]",
    run: Runs { keyspace: Some(|s, call| expire(s, call, Clock::SECONDS)), ..Runs::NONE },
    ..SETTER
};

static PEXPIRE: Command = Command {
    name: "pexpire",
    since: "2.6.0",
    summary: "Lets a key expire after some milliseconds.",
    syntax: "key milliseconds [NX | XX | GT | LT]",
    run: Runs { keyspace: Some(|s, call| expire(s, call, Clock::MILLISECONDS)), ..Runs::NONE },
    ..SETTER
};

static EXPIREAT: Command = Command {
    name: "expireat",
    since: "1.2.0",
    summary: "Lets a key expire at a time in seconds since 1970.",
    syntax: "key unix-time-seconds [NX | XX | GT | LT]",
    run: Runs { keyspace: Some(|s, call| expire(s, call, Clock::UNIX_SECONDS)), ..Runs::NONE },
    ..SETTER
};

static PEXPIREAT: Command = Command {
    name: "pexpireat",
    since: "2.6.0",
    summary: "Lets a key expire at a time in milliseconds since 1970.",
    syntax: "key unix-time-milliseconds [NX | XX | GT | LT]",
    run: Runs { keyspace: Some(|s, call| expire(s, call, Clock::UNIX_MILLISECONDS)), ..Runs::NONE },
    ..SETTER
};

fn expire(state: &mut Keyspace, call: &mut Call<'_>, clock: Clock) -> Outcome {
    call.seek(3);
    let condition = Condition::read(call)?;
    call.seek(2);
    let at = clock.resolve(call.next_int()?, call.now);
    let at = at.ok_or(Refusal::InvalidExpire(call.command.name))?;
    let (key, now) = (call.word(1), call.now);
    let database = state.db(call);
    let Some(entry) = database.peek(key, now) else {
        return Ok(Reply::Int(0));
    };
    if !condition.allows(entry.expires, at) {
        return Ok(Reply::Int(0));
    }
    // What is in the past, before 1970 included, is over at once.
    match u64::try_from(at).ok().filter(|at| *at > now).and_then(NonZeroU64::new) {
        Some(at) => {
            database.expire(key, Some(at));
            call.changed(events::EXPIRE.after_reply(), key);
        }
        None => {
            database.remove(key);
            call.changed(events::DEL, key);
        }
    }
    Ok(Reply::Int(1))
}

/// On what condition an expiry is set.
#[derive(Debug, Default)]
struct Condition {
    nx: bool,
    xx: bool,
    gt: bool,
    lt: bool,
}

impl Condition {
    fn read(args: &mut Args<'_>) -> Result<Self, Refusal> {
        let mut condition = Self::default();
        while let Some(word) = args.peek() {
            if args.accept("NX") {
                condition.nx = true;
            } else if args.accept("XX") {
                condition.xx = true;
            } else if args.accept("GT") {
                condition.gt = true;
            } else if args.accept("LT") {
                condition.lt = true;
            } else {
                let word = String::from_utf8_lossy(word);
                return Err(Refusal::Custom("ERR", format!("Unsupported option {word}").into()));
            }
        }
        if condition.nx && (condition.xx || condition.gt || condition.lt) {
            Err(Refusal::ExpireNxAndOthers)
        } else if condition.gt && condition.lt {
            Err(Refusal::ExpireGtAndLt)
        } else {
            Ok(condition)
        }
    }

    /// A key without an expiry lives for ever: nothing is later, everything is earlier.
    fn allows(&self, old: Expiry, new: i64) -> bool {
        let Some(old) = old else {
            return !self.xx && !self.gt;
        };
        let old = i64::try_from(old.get()).unwrap_or(i64::MAX);
        !(self.nx || self.gt && new <= old || self.lt && new >= old)
    }
}

/// What the commands that read an expiry share.
const READER: Command = Command {
    arity: 2,
    flags: Flags::READONLY.with(Flags::FAST),
    keys: Keys::ONE,
    syntax: "key",
    ..Command::BASE
};

static TTL: Command = Command {
    name: "ttl",
    tips: &["nondeterministic_output"],
    summary: "Answers in how many seconds a key expires: -1 is never, -2 that there is no key.",
    run: on_every_key!(
        |s, call| expires(s, call, |at, now| (at.saturating_sub(now) + 500) / 1000),
        ttl
    ),
    ..READER
};

static PTTL: Command = Command {
    name: "pttl",
    tips: &["nondeterministic_output"],
    since: "2.6.0",
    summary: "Answers in how many milliseconds a key expires: -1 is never, -2 that there is no key.",
    run: on_every_key!(|s, call| expires(s, call, |at, now| at.saturating_sub(now)), ttl),
    ..READER
};

static EXPIRETIME: Command = Command {
    name: "expiretime",
    since: "7.0.0",
    summary: "Answers when a key expires, in seconds since 1970: -1 is never, -2 that there is no key.",
    run: on_every_key!(|s, call| expires(s, call, |at, _| at.saturating_add(500) / 1000), ttl),
    ..READER
};

static PEXPIRETIME: Command = Command {
    name: "pexpiretime",
    since: "7.0.0",
    summary: "Answers when a key expires, in milliseconds since 1970: -1 is never, -2 that there is no key.",
    run: on_every_key!(|s, call| expires(s, call, |at, _| at), ttl),
    ..READER
};

/// Answers with the form that `show` gives to the expiry and the time.
fn expires(state: &mut Keyspace, call: &mut Call<'_>, show: fn(u64, u64) -> u64) -> Outcome {
    let now = call.now;
    let Some(entry) = state.peek(call, call.word(1)) else {
        return Ok(Reply::Int(-2));
    };
    let shown = entry.expires.map(|at| i64::try_from(show(at.get(), now)).unwrap_or(i64::MAX));
    Ok(Reply::Int(shown.unwrap_or(-1)))
}

static PERSIST: Command = Command {
    name: "persist",
    arity: 2,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::ONE,
    since: "2.2.0",
    summary: "Ends the expiry of a key.",
    syntax: "key",
    run: Runs { keyspace: Some(persist), ..Runs::NONE },
    ..Command::BASE
};

fn persist(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let key = call.word(1);
    let database = state.db(call);
    if database.peek(key, call.now).is_none_or(|entry| entry.expires.is_none()) {
        return Ok(Reply::Int(0));
    }
    database.expire(key, None);
    call.changed(events::PERSIST, key);
    Ok(Reply::Int(1))
}
