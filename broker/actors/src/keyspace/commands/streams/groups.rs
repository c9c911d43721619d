//! The groups of a stream and their consumers.

use super::{BASE, SUBCOMMAND_KEY, no_group_in};
use crate::call::Call;
use crate::collections::Stream;
use crate::collections::stream::{Group, StreamId};
use crate::command::{Flags, Runs};
use crate::key_events::events;
use crate::keyspace::Keyspace;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static XGROUP: Command = Command {
    name: "xgroup",
    arity: -2,
    group: "stream",
    since: "5.0.0",
    complexity: "That of the subcommand",
    summary: "About the groups of a stream.",
    subcommands: &[&CREATE, &CREATECONSUMER, &DELCONSUMER, &DESTROY, &SETID],
    ..Command::BASE
};

const OF_GROUPS: Command = Command { flags: Flags::WRITE, keys: SUBCOMMAND_KEY, ..BASE };

static CREATE: Command = Command {
    name: "xgroup|create",
    arity: -5,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    access: &["RW insert"],
    complexity: "O(1)",
    summary: "Makes a group that reads a stream behind an id, or behind its last one.",
    syntax: "key groupname (id | $) [MKSTREAM] [ENTRIESREAD entries_read]",
    run: Runs { keyspace: Some(create), ..Runs::NONE },
    ..OF_GROUPS
};

fn create(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let options = Options::parse(call, true)?;
    let key = call.word(2);
    let exists = state.find_mut::<Stream>(call, key)?.is_some();
    if !exists && !options.make_stream {
        return Err(KEY_MISSING);
    }
    // Redis knows no more than the two options once each.
    if call.len() > 8 {
        return Err(call.wrong_subcommand());
    }
    let behind = (call.word(4) != b"$").then(|| StreamId::parse(call.word(4), 0)).transpose()?;
    let stream = state.open::<Stream>(call, key)?;
    let behind = behind.unwrap_or(stream.log.last_id());
    let added = stream.groups.add(call.word(3), behind, options.read_count);
    if !exists {
        call.modified(key);
    }
    if added {
        call.happened(events::XGROUP_CREATE.after_reply(), key);
        Ok(Reply::Ok)
    } else {
        Err(Refusal::Fixed("BUSYGROUP", "Consumer Group name already exists"))
    }
}

static SETID: Command = Command {
    name: "xgroup|setid",
    arity: -5,
    complexity: "O(1)",
    summary: "Sets the id behind which a group reads on.",
    syntax: "key groupname (id | $) [ENTRIESREAD entries_read]",
    run: Runs { keyspace: Some(setid), ..Runs::NONE },
    ..OF_GROUPS
};

fn setid(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let options = Options::parse(call, false)?;
    let key = call.word(2);
    let stream = state.find_mut::<Stream>(call, key)?.ok_or(KEY_MISSING)?;
    let last_id = stream.log.last_id();
    let group = stream
        .groups
        .get_mut(call.word(3))
        .ok_or_else(|| no_group_in(call.word(2), call.word(3)))?;
    if call.len() > 7 {
        return Err(call.wrong_subcommand());
    }
    group.last_id = match call.word(4) {
        b"$" => last_id,
        b"-" => StreamId::MIN,
        b"+" => StreamId::MAX,
        word => StreamId::parse(word, 0)?,
    };
    group.read_count = options.read_count;
    call.happened(events::XGROUP_SETID.after_reply(), key);
    Ok(Reply::Ok)
}

/// What may stand behind the id.
#[derive(Default)]
struct Options {
    make_stream: bool,
    read_count: Option<i64>,
}

impl Options {
    fn parse(call: &mut Call<'_>, creates: bool) -> Result<Self, Refusal> {
        let mut options = Self::default();
        call.seek(5);
        while !call.at_end() {
            if creates && call.accept("MKSTREAM") {
                options.make_stream = true;
            } else if call.left() > 1 && call.accept("ENTRIESREAD") {
                let count = call.next_int()?;
                if count < -1 {
                    let text = "value for ENTRIESREAD must be positive or -1";
                    return Err(Refusal::Fixed("ERR", text));
                }
                options.read_count = Some(count).filter(|count| *count >= 0);
            } else {
                return Err(call.wrong_subcommand());
            }
        }
        Ok(options)
    }
}

static DESTROY: Command = Command {
    name: "xgroup|destroy",
    arity: 4,
    access: &["RW delete"],
    complexity: "O(N) for N pending entries",
    summary: "Removes a group with all that is pending in it.",
    syntax: "key groupname",
    run: Runs { keyspace: Some(destroy), ..Runs::NONE },
    ..OF_GROUPS
};

fn destroy(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let key = call.word(2);
    let removed =
        state.find_mut::<Stream>(call, key)?.ok_or(KEY_MISSING)?.groups.remove(call.word(3));
    if removed {
        // Consumers that wait are told.
        call.wake(key);
        call.happened(events::XGROUP_DESTROY.after_reply(), key);
    }
    Ok(Reply::flag(removed))
}

static CREATECONSUMER: Command = Command {
    name: "xgroup|createconsumer",
    arity: 5,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    access: &["RW insert"],
    since: "6.2.0",
    complexity: "O(1)",
    summary: "Makes a consumer of a group, unless it is there.",
    syntax: "key groupname consumername",
    run: Runs { keyspace: Some(createconsumer), ..Runs::NONE },
    ..OF_GROUPS
};

fn createconsumer(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let added = group(state, call)?.add_consumer(call.word(4), call.now);
    if added {
        call.happened(events::XGROUP_CREATECONSUMER, call.word(2));
    }
    Ok(Reply::flag(added))
}

static DELCONSUMER: Command = Command {
    name: "xgroup|delconsumer",
    arity: 5,
    access: &["RW delete"],
    complexity: "O(N) for N entries that are pending for it",
    summary: "Removes a consumer of a group and answers how many entries were pending for it.",
    syntax: "key groupname consumername",
    run: Runs { keyspace: Some(delconsumer), ..Runs::NONE },
    ..OF_GROUPS
};

fn delconsumer(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let removed = group(state, call)?.remove_consumer(call.word(4));
    if removed.is_some() {
        call.happened(events::XGROUP_DELCONSUMER, call.word(2));
    }
    Ok(Reply::len(removed.unwrap_or(0)))
}

/// The group that a subcommand names.
fn group<'s>(state: &'s mut Keyspace, call: &Call<'_>) -> Result<&'s mut Group, Refusal> {
    let stream = state.find_mut::<Stream>(call, call.word(2))?.ok_or(KEY_MISSING)?;
    let group = stream.groups.get_mut(call.word(3));
    group.ok_or_else(|| no_group_in(call.word(2), call.word(3)))
}

const KEY_MISSING: Refusal = Refusal::Fixed(
    "ERR",
    "The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to \
     create an empty stream automatically.",
);
