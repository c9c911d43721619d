//! Reading on behalf of a group: each entry is given to one of its consumers.

use super::reading::Reading;
use super::{no_group, see_consumer};
use crate::call::Call;
use crate::collections::StreamId;
use crate::collections::stream::{Entries, Stream};
use crate::command::{Flags, Keys, Runs};
use crate::keyspace::Keyspace;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static XREADGROUP: Command = Command {
    name: "xreadgroup",
    arity: -7,
    flags: Flags::WRITE.with(Flags::BLOCKING).with(Flags::MOVABLEKEYS),
    keys: Keys::Streams { from: 4 },
    access: &["RO access"],
    group: "stream",
    since: "5.0.0",
    complexity: "O(log N + M) for each stream, with N entries and M given",
    summary: "Gives a consumer of a group entries that no other consumer was given, and can wait for them; or again those \
              it has not acknowledged.",
    syntax: "(GROUP group consumer) [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key [key …] id [id …]",
    patience: Some(|args| Ok(Reading::parse(*args, true, false)?.patience)),
    run: Runs { keyspace: Some(xreadgroup), ..Runs::NONE },
    ..Command::BASE
};

/// What is asked of one stream.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// What no consumer was given yet: `>`.
    New,
    /// What the consumer has not acknowledged, behind an id.
    Again(StreamId),
}

fn xreadgroup(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let reading = Reading::parse(call.args, true, call.caller.scripted)?;
    if let Some(ready) = call.ready {
        return read_ready(state, &reading, ready, call);
    }
    // Nothing is given to anybody before all streams and ids are found to be good.
    let wanted: Result<Vec<_>, _> =
        reading.streams().map(|(key, id)| wanted(state, &reading, key, id, call)).collect();
    let mut found = Vec::new();
    for ((key, _), wanted) in reading.streams().zip(wanted?) {
        let key = call.word(key);
        // Redis looks it up twice, and counts that.
        state.find::<Stream>(call, key)?;
        if let Some(stream) = state.find_mut::<Stream>(call, key)?
            && let Some(entries) = read(stream, &reading, wanted, (key, &*call))
        {
            found.push((Reply::copy(key), Reply::Entries(entries)));
        }
    }
    if found.is_empty() {
        reading.wait(call, &[]);
        return Ok(Reply::NilArray);
    }
    Ok(Reply::Named(found))
}

/// What the id at a word asks of the stream at another word.
fn wanted(
    state: &mut Keyspace,
    reading: &Reading<'_>,
    key: usize,
    id: usize,
    call: &Call<'_>,
) -> Result<Wanted, Refusal> {
    let (group, _) = reading.group.unwrap_or_default();
    let key = call.word(key);
    let stream = state.find::<Stream>(call, key)?;
    if stream.and_then(|stream| stream.groups.get(group)).is_none() {
        return Err(no_group(key, group, " in XREADGROUP with GROUP option"));
    }
    match call.word(id) {
        b"$" => Err(MEANINGLESS),
        b">" => Ok(Wanted::New),
        // Redis takes the greatest id for `>`.
        word => Ok(match StreamId::parse(word, 0)? {
            StreamId::MAX => Wanted::New,
            id => Wanted::Again(id),
        }),
    }
}

/// What a stream has for the reader. `None`: nothing new, for which the reader may wait.
fn read(
    stream: &mut Stream,
    reading: &Reading<'_>,
    wanted: Wanted,
    (key, call): (&[u8], &Call<'_>),
) -> Option<Entries> {
    let now = call.now;
    let (group, consumer) = reading.group?;
    let Stream { log, groups } = stream;
    let group = groups.get_mut(group)?;
    if wanted == Wanted::New && log.newest() <= group.last_id {
        return None;
    }
    let id = see_consumer(group, key, consumer, call);
    Some(match wanted {
        Wanted::New => group.deliver(log, id, reading.count_max(), reading.keep, now),
        Wanted::Again(behind) => group.deliver_again(log, id, behind, reading.count_max(), now),
    })
}

/// Reads the stream that a client has waited for. It is told that something was added even if that is gone by now, or
/// that what it waited for is no more.
fn read_ready(
    state: &mut Keyspace,
    reading: &Reading<'_>,
    ready: &[u8],
    call: &mut Call<'_>,
) -> Outcome {
    let Ok(Some(Stream { log, groups })) = state.find_mut::<Stream>(call, ready) else {
        return Err(STREAM_GONE);
    };
    let (group, consumer) = reading.group.unwrap_or_default();
    let group = groups.get_mut(group).ok_or(GROUP_GONE)?;
    if log.last_id() <= group.last_id {
        return Ok(Reply::NilArray);
    }
    let id = see_consumer(group, ready, consumer, call);
    let entries = group.deliver(log, id, reading.count_after_waiting(), reading.keep, call.now);
    Ok(Reply::Named(vec![(Reply::copy(ready), Reply::Entries(entries))]))
}

const MEANINGLESS: Refusal = Refusal::Fixed(
    "ERR",
    "The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying \
     a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.",
);

const STREAM_GONE: Refusal = Refusal::Fixed("UNBLOCKED", "the stream key no longer exists");

const GROUP_GONE: Refusal =
    Refusal::Fixed("NOGROUP", "the consumer group this client was blocked on no longer exists");
