//! Reading what follows an id, and waiting for it.

use super::reading::Reading;
use crate::call::Call;
use crate::collections::StreamId;
use crate::command::{Flags, Keys, Runs, Span};
use crate::stream_owner::{Readable, StreamOwner};
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static XREAD: Command = Command {
    name: "xread",
    arity: -4,
    flags: Flags::READONLY.with(Flags::BLOCKING).with(Flags::MOVABLEKEYS),
    keys: Keys::Streams { from: 1 },
    group: "stream",
    since: "5.0.0",
    complexity: "O(log N + M) for each stream, with N entries and M given",
    summary: "Gives the entries behind an id of one or more streams, and can wait for them.",
    syntax: "[COUNT count] [BLOCK milliseconds] STREAMS key [key …] id [id …]",
    span: Span::Named,
    patience: Some(|args| Ok(Reading::parse(*args, false, false)?.patience)),
    run: Runs { keyspace: Some(xread), topics: Some(xread), ..Runs::NONE },
    ..Command::BASE
};

fn xread<S: StreamOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    let reading = Reading::parse(call.args, false, call.caller.scripted)?;
    if let Some(ready) = call.ready {
        return read_ready(state, &reading, ready, call);
    }
    let mut behind = Vec::with_capacity(1);
    for (key, id) in reading.streams() {
        let stream = state.stream(call.word(key), call)?;
        behind.push(match call.word(id) {
            b"$" => stream.map_or(StreamId::MIN, Readable::last_id),
            b">" => return Err(ONLY_FOR_GROUPS),
            word => StreamId::parse(word, 0)?,
        });
    }
    let mut found = Vec::new();
    for ((key, _), behind) in reading.streams().zip(&behind) {
        let stream = state.stream(call.word(key), call)?.filter(|s| s.newest() > *behind);
        if let (Some(stream), Some(start)) = (stream, behind.successor()) {
            let entries = stream.read(start, StreamId::MAX, reading.count_max(), false);
            found.push((Reply::copy(call.word(key)), entries));
        }
    }
    if found.is_empty() {
        reading.wait(call, &behind);
        return Ok(Reply::NilArray);
    }
    Ok(Reply::Named(found))
}

/// Reads the stream that a client has waited for. It is told that something was added even if that is gone by now.
fn read_ready<S: StreamOwner>(
    state: &mut S,
    reading: &Reading<'_>,
    ready: &[u8],
    call: &mut Call<'_>,
) -> Outcome {
    let found = reading.streams().find(|(key, _)| call.word(*key) == ready);
    let Some((_, id)) = found else { return Ok(Reply::NilArray) };
    let behind = StreamId::parse(call.word(id), 0)?;
    // A key that has become another type is not what was waited for.
    let stream = state.stream(ready, call).ok().flatten().filter(|s| s.last_id() > behind);
    let (Some(stream), Some(start)) = (stream, behind.successor()) else {
        return Ok(Reply::NilArray);
    };
    let entries = stream.read(start, StreamId::MAX, reading.count_after_waiting(), false);
    Ok(Reply::Named(vec![(Reply::copy(ready), entries)]))
}

const ONLY_FOR_GROUPS: Refusal = Refusal::Fixed(
    "ERR",
    "The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
);
