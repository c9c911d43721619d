//! Keys that change their name or their database.

use crate::call::Call;
use crate::command::{Flags, Keys, Runs};
use crate::files::generic as files;
use crate::key_events::events;
use crate::keyspace::Keyspace;
use crate::{Command, Outcome, Refusal, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&RENAME, &RENAMENX, &COPY, &MOVE];

static RENAME: Command = Command {
    name: "rename",
    arity: 3,
    flags: Flags::WRITE,
    keys: Keys::TWO,
    access: &["RW access delete", "OW update"],
    complexity: "O(1), besides freeing what the new name held",
    summary: "Gives a key a new name; what had that name is gone.",
    syntax: "key newkey",
    run: Runs { keyspace: Some(rename), files: Some(files::rename), ..Runs::NONE },
    ..Command::BASE
};

fn rename(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let (from, to) = (call.word(1), call.word(2));
    let database = state.db(call);
    let entry = database.take(from, call.now).ok_or(Refusal::NoSuchKey)?;
    database.put(to, entry);
    // A key that takes its own name has not changed.
    if from != to {
        call.happened(events::NEW, to);
        call.changed(events::RENAME_FROM, from);
        call.changed(events::RENAME_TO, to);
    }
    Ok(Reply::Ok)
}

static RENAMENX: Command = Command {
    name: "renamenx",
    arity: 3,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::TWO,
    access: &["RW access delete", "OW insert"],
    summary: "Gives a key a new name unless that is taken.",
    syntax: "key newkey",
    run: Runs { keyspace: Some(renamenx), files: Some(files::renamenx), ..Runs::NONE },
    ..Command::BASE
};

fn renamenx(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let database = state.db(call);
    if !database.contains(call.word(1), call.now) {
        return Err(Refusal::NoSuchKey);
    }
    if database.contains(call.word(2), call.now) {
        return Ok(Reply::Int(0));
    }
    rename(state, call)?;
    Ok(Reply::Int(1))
}

static COPY: Command = Command {
    name: "copy",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    keys: Keys::TWO,
    access: &["RO access", "OW update"],
    since: "6.2.0",
    complexity: "O(N) for N elements of what is copied",
    summary: "Copies what a key holds, its expiry included, to another.",
    syntax: "source destination [DB destination-db] [REPLACE]",
    run: Runs { keyspace: Some(copy), ..Runs::NONE },
    ..Command::BASE
};

fn copy(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let (from, to, now) = (call.word(1), call.word(2), call.now);
    call.seek(3);
    let (mut db, mut replace) = (call.db(), false);
    while !call.at_end() {
        if call.accept("REPLACE") {
            replace = true;
        } else if call.left() > 1 && call.accept("DB") {
            db = call.next_db()?;
        } else {
            return Err(Refusal::Syntax);
        }
    }
    if db == call.db() && from == to {
        return Err(Refusal::SameObject);
    }
    let Some(entry) = state.read(call, from).cloned() else {
        return Ok(Reply::Int(0));
    };
    let database = state.database(db);
    if !replace && database.contains(to, now) {
        return Ok(Reply::Int(0));
    }
    database.put(to, entry);
    call.env.signals.modified(db, to);
    call.env.directory.happened(db, events::NEW, to);
    call.env.directory.happened(db, events::COPY_TO, to);
    Ok(Reply::Int(1))
}

static MOVE: Command = Command {
    name: "move",
    arity: 3,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::ONE,
    access: &["RW access update"],
    summary: "Moves a key to another database unless it is taken there.",
    syntax: "key db",
    run: Runs { keyspace: Some(move_), ..Runs::NONE },
    ..Command::BASE
};

fn move_(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let (key, now) = (call.word(1), call.now);
    call.seek(2);
    let db = call.next_db()?;
    if db == call.db() {
        return Err(Refusal::SameObject);
    }
    if !state.db(call).contains(key, now) || state.database(db).contains(key, now) {
        return Ok(Reply::Int(0));
    }
    if let Some(entry) = state.db(call).remove(key) {
        state.database(db).put(key, entry);
    }
    call.env.directory.happened(db, events::NEW, key);
    call.changed(events::MOVE_FROM, key);
    call.env.signals.modified(db, key);
    call.env.directory.happened(db, events::MOVE_TO, key);
    Ok(Reply::Int(1))
}
