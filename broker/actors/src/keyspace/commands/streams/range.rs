//! Reading the entries between two ids.

use crate::call::Call;
use crate::collections::StreamId;
use crate::command::{Flags, Keys, Runs};
use crate::stream_owner::{Readable, StreamOwner};
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static XLEN: Command = Command {
    name: "xlen",
    arity: 2,
    flags: Flags::READONLY.with(Flags::FAST),
    keys: Keys::ONE,
    access: &["RO"],
    group: "stream",
    since: "5.0.0",
    summary: "Counts the entries of a stream.",
    syntax: "key",
    run: Runs { keyspace: Some(xlen), topics: Some(xlen), ..Runs::NONE },
    ..Command::BASE
};

fn xlen<S: StreamOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::len(state.stream(call.key(), call)?.map_or(0, Readable::entry_count)))
}

/// What both directions share.
const RANGE: Command = Command {
    arity: -4,
    flags: Flags::READONLY,
    keys: Keys::ONE,
    group: "stream",
    since: "5.0.0",
    complexity: "O(log N + M) with N entries and M given",
    ..Command::BASE
};

pub(super) static XRANGE: Command = Command {
    name: "xrange",
    summary: "Gives the entries of a stream between two ids.",
    syntax: "key start-id end-id [COUNT count]",
    run: Runs { keyspace: Some(xrange), topics: Some(xrange), ..Runs::NONE },
    ..RANGE
};

fn xrange<S: StreamOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    between(state, call, call.word(2), call.word(3), false)
}

pub(super) static XREVRANGE: Command = Command {
    name: "xrevrange",
    summary: "Gives the entries of a stream between two ids, newest first.",
    syntax: "key end-id start-id [COUNT count]",
    run: Runs { keyspace: Some(xrevrange), topics: Some(xrevrange), ..Runs::NONE },
    ..RANGE
};

fn xrevrange<S: StreamOwner>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    between(state, call, call.word(3), call.word(2), true)
}

fn between<S: StreamOwner>(
    state: &mut S,
    call: &mut Call<'_>,
    start: &[u8],
    end: &[u8],
    back: bool,
) -> Outcome {
    let (start, end) = (StreamId::parse_start(start)?, StreamId::parse_end(end)?);
    let count = range_count(call)?;
    let Some(stream) = state.stream(call.key(), call)? else {
        return Ok(Reply::Array(Vec::new()));
    };
    Ok(match count {
        // Asking for none of a stream is answered with a null.
        Some(0) => Reply::NilArray,
        count => stream.read(start, end, count.unwrap_or(usize::MAX), back),
    })
}

/// How many entries a range may give.
fn range_count(call: &mut Call<'_>) -> Result<Option<usize>, Refusal> {
    call.seek(4);
    let mut count = None;
    while !call.at_end() {
        if call.left() < 2 || !call.accept("COUNT") {
            return Err(Refusal::Syntax);
        }
        count = Some(usize::try_from(call.next_int()?).unwrap_or(0));
    }
    Ok(count)
}
