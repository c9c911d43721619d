//! Removing entries by their ids, and changing what a stream knows of those that are no more.

use super::BASE;
use crate::call::Call;
use crate::collections::Stream;
use crate::collections::stream::StreamId;
use crate::command::{Flags, Runs};
use crate::key_events::events;
use crate::keyspace::Keyspace;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static XDEL: Command = Command {
    name: "xdel",
    arity: -3,
    access: &["RW delete"],
    complexity: "O(log N) for each id, with N entries",
    summary: "Removes entries of a stream and answers how many were there.",
    syntax: "key id [id …]",
    run: Runs { keyspace: Some(xdel), ..Runs::NONE },
    ..BASE
};

fn xdel(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let key = call.word(1);
    let Some(stream) = state.find_mut::<Stream>(call, key)? else {
        return Ok(Reply::Int(0));
    };
    // All ids are read before anything is removed.
    let ids: Result<Vec<_>, _> = call.words().skip(2).map(|id| StreamId::parse(id, 0)).collect();
    let removed = ids?.into_iter().filter(|id| stream.log.remove(*id)).count();
    if removed > 0 {
        call.altered(key);
        call.happened(events::XDEL, key);
    }
    Ok(Reply::len(removed))
}

pub(super) static XSETID: Command = Command {
    name: "xsetid",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    complexity: "O(1)",
    summary: "Sets the last id of a stream, and what it knows of entries that are no more.",
    syntax: "key last-id [ENTRIESADDED entries_added] [MAXDELETEDID max_deleted_entry_id]",
    run: Runs { keyspace: Some(xsetid), ..Runs::NONE },
    ..BASE
};

fn xsetid(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let last_id = StreamId::parse(call.word(2), 0)?;
    let (mut added, mut removed_max) = (None, StreamId::MIN);
    call.seek(3);
    while !call.at_end() {
        if call.left() > 1 && call.accept("ENTRIESADDED") {
            let refusal = Refusal::Fixed("ERR", "entries_added must be positive");
            added = Some(u64::try_from(call.next_int()?).map_err(|_| refusal)?);
        } else if call.left() > 1 && call.accept("MAXDELETEDID") {
            removed_max = StreamId::parse(call.next_word()?, 0)?;
            if last_id < removed_max {
                return Err(Refusal::Fixed("ERR", SMALLER_THAN_REMOVED));
            }
        } else {
            return Err(Refusal::Syntax);
        }
    }
    let stream = state.find_mut::<Stream>(call, call.word(1))?.ok_or(Refusal::NoSuchKey)?;
    stream.log.set_history(last_id, added, removed_max)?;
    call.happened(events::XSETID.after_reply(), call.word(1));
    Ok(Reply::Ok)
}

const SMALLER_THAN_REMOVED: &str =
    "The ID specified in XSETID is smaller than the provided max_deleted_entry_id";
