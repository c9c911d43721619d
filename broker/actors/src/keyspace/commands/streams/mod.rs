//! Streams. What reads entries by their ids runs on topics too, whose histories are streams; what changes a stream or
//! concerns groups is for plain keys alone.

mod add;
mod claim;
mod edit;
mod groups;
mod info;
mod pending;
mod range;
mod read;
mod read_group;
mod reading;
mod trim_options;

use crate::call::Call;
use crate::collections::stream::{ConsumerId, Group, Log, NodeBounds, Stream, c_str};
use crate::command::{Flags, Keys};
use crate::key_events::events;
use crate::keyspace::Keyspace;
use crate::{Command, Refusal};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[
    &add::XADD,
    &add::XTRIM,
    &edit::XDEL,
    &edit::XSETID,
    &range::XLEN,
    &range::XRANGE,
    &range::XREVRANGE,
    &read::XREAD,
    &read_group::XREADGROUP,
    &pending::XACK,
    &pending::XPENDING,
    &claim::XCLAIM,
    &claim::XAUTOCLAIM,
    &groups::XGROUP,
    &info::XINFO,
];

/// What most commands on one stream share.
const BASE: Command = Command {
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::ONE,
    group: "stream",
    since: "5.0.0",
    ..Command::BASE
};

/// The word of the key in `XGROUP CREATE key …` and `XINFO STREAM key …`.
const SUBCOMMAND_KEY: Keys = Keys::Range { first: 2, last: 2, step: 1 };

/// As [`group_mut`], for a command that counts as a reader of the stream.
fn read_group_mut<'s>(
    state: &'s mut Keyspace,
    call: &Call<'_>,
) -> Result<(&'s Log, &'s mut Group), Refusal> {
    state.find::<Stream>(call, call.word(1))?;
    group_mut(state, call)
}

/// The stream at the call's key and the group that the second argument names, to be changed.
fn group_mut<'s>(
    state: &'s mut Keyspace,
    call: &Call<'_>,
) -> Result<(&'s Log, &'s mut Group), Refusal> {
    let found = state.find_mut::<Stream>(call, call.word(1))?.and_then(|stream| {
        let Stream { log, groups } = stream;
        groups.get_mut(call.word(2)).map(|group| (&*log, group))
    });
    found.ok_or_else(|| no_group(call.word(1), call.word(2), ""))
}

/// The consumer of this name in a group of the stream at `key`; it is seen now, and made if it is not there.
fn see_consumer(group: &mut Group, key: &[u8], name: &[u8], call: &Call<'_>) -> ConsumerId {
    let before = group.consumer_count();
    let id = group.see_consumer(name, call.now);
    if group.consumer_count() > before {
        call.happened(events::XGROUP_CREATECONSUMER, key);
    }
    id
}

/// That there is no such group, or no stream that could have one.
fn no_group(key: &[u8], group: &[u8], rest: &str) -> Refusal {
    let (key, group) = (c_str(key), c_str(group));
    let middle = b"' or consumer group '";
    let text = [b"No such key '", key, middle, group, b"'", rest.as_bytes()].concat();
    Refusal::Custom("NOGROUP", text.into())
}

/// That there is no such group in a stream that is there.
fn no_group_in(key: &[u8], group: &[u8]) -> Refusal {
    let (key, group) = (c_str(key), c_str(group));
    let text = [b"No such consumer group '", group, b"' for key name '", key, b"'"].concat();
    Refusal::Custom("NOGROUP", text.into())
}

/// The bounds of the nodes of a stream.
fn node_bounds(call: &Call<'_>) -> NodeBounds {
    let limits = &call.env.directory.limits;
    NodeBounds {
        entries: limits.stream_node_entries_max.get(),
        bytes: limits.stream_node_bytes_max.get(),
    }
}
