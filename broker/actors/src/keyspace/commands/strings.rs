//! Strings as a whole: reading and setting one.

use super::expire_at::{Clock, Timing, until};
use super::set_options::{Kind, SetOptions};
use crate::call::Call;
use crate::command::{Deprecated, Flags, Keys, Runs};
use crate::files::plain;
use crate::key_events::{Event, events};
use crate::keyspace::{Entry, Keyspace, Str, Value};
use crate::{Command, Outcome, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] =
    &[&GET, &SET, &SETNX, &SETEX, &PSETEX, &GETSET, &GETDEL, &GETEX, &STRLEN];

/// What all commands here share.
const STRING: Command = Command { keys: Keys::ONE, group: "string", ..Command::BASE };

static GET: Command = Command {
    name: "get",
    arity: 2,
    flags: Flags::READONLY.with(Flags::FAST),
    summary: "Answers the string at a key.",
    syntax: "key",
    run: Runs { keyspace: Some(get), files: Some(plain::get), ..Runs::NONE },
    ..STRING
};

fn get(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    read_string(state, call)
}

/// The string at the first argument, or nil.
fn read_string(state: &mut Keyspace, call: &Call<'_>) -> Outcome {
    let entry = state.read(call, call.word(1));
    entry.map_or(Ok(Reply::Nil), |entry| entry.value.as_str().map(Str::reply))
}

static SET: Command = Command {
    name: "set",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    access: &["RW access update variable_flags: RW and ACCESS due to the optional `GET` argument"],
    summary: "Sets a key to a string, whatever it held before.",
    syntax: "key value [NX | XX] [GET] \
             [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]",
    run: Runs { keyspace: Some(set), files: Some(plain::set), ..Runs::NONE },
    ..STRING
};

fn set(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    if call.len() > 3 {
        return set_with_options(state, call);
    }
    let key = call.word(1);
    let value = Value::Str(Str::of_word(call, 2));
    state.announce_new(call, key, events::NEW);
    state.db(call).set(key, value, call.now);
    call.changed(events::SET, key);
    Ok(Reply::Ok)
}

fn set_with_options(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    call.seek(3);
    let options = SetOptions::read(call, Kind::Set)?;
    let until = options.until(call)?;
    let answer = if options.get { Some(read_string(state, call)?) } else { None };
    let (key, now) = (call.word(1), call.now);
    let database = state.db(call);
    let old = database.peek(key, now);
    if (options.nx && old.is_some()) || (options.xx && old.is_none()) {
        return Ok(answer.unwrap_or(Reply::Nil));
    }
    let kept = old.filter(|_| options.keep_ttl).and_then(|entry| entry.expires);
    let value = Value::Str(Str::of_word(call, 2));
    // What the key held is answered before it is changed.
    let told = |event: Event| if options.get { event.after_reply() } else { event };
    state.announce_new(call, key, told(events::NEW));
    state.db(call).put(key, Entry::new(value, until.or(kept), now));
    call.changed(told(events::SET), key);
    if until.is_some() {
        call.happened(told(events::EXPIRE), key);
    }
    Ok(answer.unwrap_or(Reply::Ok))
}

static SETNX: Command = Command {
    name: "setnx",
    arity: 3,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    access: &["OW insert"],
    summary: "Sets a key that is not there to a string.",
    syntax: "key value",
    run: Runs { keyspace: Some(setnx), files: Some(plain::setnx), ..Runs::NONE },
    ..STRING
};

fn setnx(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let key = call.word(1);
    if state.db(call).contains(key, call.now) {
        return Ok(Reply::Int(0));
    }
    call.happened(events::NEW, key);
    state.db(call).set(key, Value::Str(Str::of_word(call, 2)), call.now);
    call.changed(events::SET, key);
    Ok(Reply::Int(1))
}

static SETEX: Command = Command {
    name: "setex",
    arity: 4,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    access: &["OW update"],
    since: "2.0.0",
    summary: "Sets a key to a string and lets it expire after some seconds.",
    syntax: "key seconds value",
    run: Runs { keyspace: Some(setex), ..Runs::NONE },
    ..STRING
};

fn setex(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    set_for(state, call, Clock::SECONDS)
}

static PSETEX: Command = Command {
    name: "psetex",
    arity: 4,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    access: &["OW update"],
    since: "2.6.0",
    summary: "Sets a key to a string and lets it expire after some milliseconds.",
    syntax: "key milliseconds value",
    run: Runs { keyspace: Some(psetex), ..Runs::NONE },
    ..STRING
};

fn psetex(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    set_for(state, call, Clock::MILLISECONDS)
}

fn set_for(state: &mut Keyspace, call: &mut Call<'_>, clock: Clock) -> Outcome {
    let timing = Timing { clock, time: call.word(2) };
    let until = until(&timing, call)?;
    let key = call.word(1);
    let value = Value::Str(Str::of_word(call, 3));
    state.announce_new(call, key, events::NEW);
    state.db(call).put(key, Entry::new(value, Some(until), call.now));
    call.changed(events::SET, key);
    call.happened(events::EXPIRE, key);
    Ok(Reply::Ok)
}

static GETSET: Command = Command {
    name: "getset",
    arity: 3,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    access: &["RW access update"],

    deprecated: Some(Deprecated { since: "6.2.0", replaced_by: "`SET` with the `!GET` argument" }),
    summary: "Sets a key to a string and answers the one it held.",
    syntax: "key value",
    run: Runs { keyspace: Some(getset), files: Some(plain::getset), ..Runs::NONE },
    ..STRING
};

fn getset(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let old = read_string(state, call)?;
    let key = call.word(1);
    let value = Value::Str(Str::of_word(call, 2));
    state.announce_new(call, key, events::NEW.after_reply());
    state.db(call).set(key, value, call.now);
    call.changed(events::SET.after_reply(), key);
    Ok(old)
}

static GETDEL: Command = Command {
    name: "getdel",
    arity: 2,
    flags: Flags::WRITE.with(Flags::FAST),
    access: &["RW access delete"],
    since: "6.2.0",
    summary: "Answers the string at a key and removes the key.",
    syntax: "key",
    run: Runs { keyspace: Some(getdel), files: Some(plain::getdel), ..Runs::NONE },
    ..STRING
};

fn getdel(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let old = read_string(state, call)?;
    if !old.is_nothing() {
        let key = call.word(1);
        state.db(call).remove(key);
        call.changed(events::DEL.after_reply(), key);
    }
    Ok(old)
}

static GETEX: Command = Command {
    name: "getex",
    arity: -2,
    flags: Flags::WRITE.with(Flags::FAST),
    access: &["RW access update: RW and UPDATE because it changes the TTL"],
    since: "6.2.0",
    summary: "Answers the string at a key and sets or ends the key's expiry.",
    syntax: "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | \
             PXAT unix-time-milliseconds | PERSIST]",
    run: Runs { keyspace: Some(getex), ..Runs::NONE },
    ..STRING
};

fn getex(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    call.seek(2);
    let options = SetOptions::read(call, Kind::GetEx)?;
    let value = read_string(state, call)?;
    if value.is_nothing() {
        return Ok(value);
    }
    let until = options.until(call)?;
    let (key, now) = (call.word(1), call.now);
    let database = state.db(call);
    let persisted =
        || options.persist && database.peek(key, now).is_some_and(|e| e.expires.is_some());
    let event = if until.is_some_and(|at| at.get() <= now) {
        database.remove(key);
        events::DEL
    } else if until.is_some() {
        database.expire(key, until);
        events::EXPIRE
    } else if persisted() {
        database.expire(key, None);
        events::PERSIST
    } else {
        return Ok(value);
    };
    call.changed(event.after_reply(), key);
    Ok(value)
}

static STRLEN: Command = Command {
    name: "strlen",
    arity: 2,
    flags: Flags::READONLY.with(Flags::FAST),
    access: &["RO"],
    since: "2.2.0",
    summary: "Answers the length of the string at a key, in bytes.",
    syntax: "key",
    run: Runs { keyspace: Some(strlen), files: Some(plain::strlen), ..Runs::NONE },
    ..STRING
};

fn strlen(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let entry = state.read(call, call.word(1));
    entry.map_or(Ok(Reply::Int(0)), |entry| Ok(Reply::len(entry.value.as_str()?.len())))
}
