//! The history of a topic, read as a stream: each entry has the one field `message`, whose value is
//! what subscribers received. Replies and errors are those of Redis 7.0.15.

use std::sync::Arc;

use super::history::History;
use super::message::Message;
use super::stream_id::StreamId;
use super::{Topics, topic_of};
use crate::call::Call;
use crate::collections::number;
use crate::command::{Flags, Keys, Patience, Run, Runs, Span};
use crate::keyspace::Keyspace;
use crate::{Args, Command, Outcome, Refusal, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&XRANGE, &XREVRANGE, &XLEN, &XREAD];

impl Topics {
    /// The history that a key names.
    fn history(&self, key: &[u8]) -> Option<&History> {
        self.histories.get(topic_of(key)?)
    }
}

/// What both directions share.
const RANGE: Command = Command {
    arity: -4,
    flags: Flags::READONLY,
    keys: Keys::ONE,
    group: "stream",
    since: "5.0.0",
    complexity: "O(log N + M) with N kept messages and M given",
    ..Command::BASE
};

static XRANGE: Command = Command {
    name: "xrange",
    summary: "Gives the entries of a stream between two ids.",
    syntax: "key start-id end-id [COUNT count]",
    run: Runs {
        topics: Some(xrange),
        keyspace: Some(|state, call| on_plain_keys(xrange, state, call)),
        ..Runs::NONE
    },
    ..RANGE
};

fn xrange(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let (messages, count) = between(state, call, call.word(2), call.word(3))?;
    Ok(limited(messages, count))
}

static XREVRANGE: Command = Command {
    name: "xrevrange",
    summary: "Gives the entries of a stream between two ids, newest first.",
    syntax: "key end-id start-id [COUNT count]",
    run: Runs {
        topics: Some(xrevrange),
        keyspace: Some(|state, call| on_plain_keys(xrevrange, state, call)),
        ..Runs::NONE
    },
    ..RANGE
};

fn xrevrange(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let (messages, count) = between(state, call, call.word(3), call.word(2))?;
    Ok(limited(messages.rev(), count))
}

/// The messages of a topic between two ids, and how many of them are asked for.
fn between<'a>(
    state: &'a Topics,
    call: &mut Call<'_>,
    start: &[u8],
    end: &[u8],
) -> Result<(impl DoubleEndedIterator<Item = &'a Arc<Message>>, Option<usize>), Refusal> {
    let (start, end) = (StreamId::parse_start(start)?, StreamId::parse_end(end)?);
    let count = range_count(call)?;
    let history = state.history(call.key());
    // Where there is no stream, asking for none of it is not answered with a null.
    let count = count.filter(|_| history.is_some());
    let messages = history.into_iter().flat_map(move |history| history.range(start, end));
    Ok((messages, count))
}

static XLEN: Command = Command {
    name: "xlen",
    arity: 2,
    flags: Flags::READONLY.with(Flags::FAST),
    keys: Keys::ONE,
    access: &["RO"],
    group: "stream",
    since: "5.0.0",
    summary: "Counts the entries of a stream.",
    syntax: "key",
    run: Runs {
        topics: Some(xlen),
        keyspace: Some(|state, call| on_plain_keys(xlen, state, call)),
        ..Runs::NONE
    },
    ..Command::BASE
};

fn xlen(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::len(state.history(call.key()).map_or(0, History::message_count)))
}

static XREAD: Command = Command {
    name: "xread",
    arity: -4,
    flags: Flags::READONLY.with(Flags::BLOCKING).with(Flags::MOVABLEKEYS),
    keys: Keys::Streams,
    group: "stream",
    since: "5.0.0",
    complexity: "O(log N + M) for each stream, with N kept messages and M given",
    summary: "Gives the entries behind an id of one or more streams, and can wait for them.",
    syntax: "[COUNT count] [BLOCK milliseconds] STREAMS key [key …] id [id …]",
    span: Span::First,
    patience: Some(patience),
    run: Runs {
        topics: Some(xread),
        keyspace: Some(|state, call| on_plain_keys(xread, state, call)),
        ..Runs::NONE
    },
    ..Command::BASE
};

/// Reads plain keys, none of which holds a stream: the syntax is checked as for a topic, a key that is not there is an
/// empty stream, and one that is there has another type.
fn on_plain_keys(read: Run<Topics>, state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let nothing = read(&mut Topics::default(), call)?;
    match call.keys().find(|key| state.peek(call, call.word(*key)).is_some()) {
        Some(_) => Err(Refusal::WrongType),
        None => Ok(nothing),
    }
}

/// What `XREAD` asks for.
struct Reading {
    count: Option<usize>,
    patience: Patience,
    /// The word of the first key; the ids follow the keys.
    first_key: usize,
}

impl Reading {
    fn parse(mut args: Args<'_>) -> Result<Self, Refusal> {
        let (mut count, mut patience) = (None, Patience::Never);
        while !args.at_end() {
            let more = args.left() - 1;
            if more > 0 && args.accept("BLOCK") {
                patience = block(args.next_word()?)?;
            } else if more > 0 && args.accept("COUNT") {
                count = usize::try_from(args.next_int()?).ok().filter(|count| *count > 0);
            } else if more > 0 && args.accept("STREAMS") {
                if !args.left().is_multiple_of(2) {
                    return Err(UNBALANCED);
                }
                return Ok(Self { count, patience, first_key: args.position() });
            } else if more > 1 && args.accept("GROUP") {
                return Err(GROUP_NOT_HERE);
            } else if args.accept("NOACK") {
                return Err(NOACK_NOT_HERE);
            } else {
                return Err(Refusal::Syntax);
            }
        }
        Err(Refusal::Syntax)
    }
}

const UNBALANCED: Refusal = Refusal::Fixed(
    "ERR",
    "Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.",
);

const GROUP_NOT_HERE: Refusal = Refusal::Fixed(
    "ERR",
    "The GROUP option is only supported by XREADGROUP. You called XREAD instead.",
);

const NOACK_NOT_HERE: Refusal = Refusal::Fixed(
    "ERR",
    "The NOACK option is only supported by XREADGROUP. You called XREAD instead.",
);

const ONLY_FOR_GROUPS: Refusal = Refusal::Fixed(
    "ERR",
    "The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
);

fn block(word: &[u8]) -> Result<Patience, Refusal> {
    Patience::milliseconds(number::parse_i64(word).ok_or(Refusal::TimeoutNotInteger)?)
}

fn patience(args: &Args<'_>) -> Result<Patience, Refusal> {
    Ok(Reading::parse(*args)?.patience)
}

fn xread(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let reading = Reading::parse(call.args)?;
    let keys = (call.len() - reading.first_key) / 2;
    let words = (reading.first_key..).take(keys);
    let behind: Result<Vec<StreamId>, Refusal> =
        words.clone().map(|key| state.read_from(call.word(key), call.word(key + keys))).collect();
    let behind = behind?;
    let mut found = Vec::new();
    for (word, after) in words.zip(&behind) {
        let history = state.history(call.word(word)).filter(|history| history.last_id() > *after);
        if let (Some(history), Some(start)) = (history, after.successor()) {
            let entries = take(history.range(start, StreamId::MAX), reading.count);
            found.push((Reply::copy(call.word(word)), entries));
        }
    }
    if found.is_empty() {
        wait(call, &reading, &behind);
        return Ok(Reply::NilArray);
    }
    Ok(Reply::Named(found))
}

impl Topics {
    /// The id that a reading starts behind; `$` is the newest there is.
    fn read_from(&self, key: &[u8], word: &[u8]) -> Result<StreamId, Refusal> {
        match word {
            b"$" => Ok(self.history(key).map_or(StreamId::MIN, History::last_id)),
            b">" => Err(ONLY_FOR_GROUPS),
            word => StreamId::parse(word, 0),
        }
    }
}

/// Waits for the streams. By the time that one has grown `$` would mean another id, so the ids are
/// written out.
fn wait(call: &mut Call<'_>, reading: &Reading, behind: &[StreamId]) {
    let (first, keys) = (reading.first_key, behind.len());
    (first..first + keys).for_each(|word| call.wait_on(call.word(word)));
    let ids: Vec<String> = behind.iter().map(StreamId::to_string).collect();
    let before = call.words().take(first + keys);
    let words: Vec<&[u8]> = before.chain(ids.iter().map(String::as_bytes)).collect();
    call.retry_as(&words);
}

/// How many entries a range may give. `Some(0)` when asked for none, which Redis answers with a
/// null.
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

fn limited<'a>(messages: impl Iterator<Item = &'a Arc<Message>>, count: Option<usize>) -> Reply {
    if count == Some(0) { Reply::NilArray } else { take(messages, count) }
}

fn take<'a>(messages: impl Iterator<Item = &'a Arc<Message>>, count: Option<usize>) -> Reply {
    Reply::Array(messages.take(count.unwrap_or(usize::MAX)).map(|message| entry(message)).collect())
}

fn entry(message: &Message) -> Reply {
    let fields = vec![Reply::text("message"), Reply::Bulk(message.payload().clone())];
    Reply::Array(vec![message.id.to_string().into(), Reply::Array(fields)])
}
