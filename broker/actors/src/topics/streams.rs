//! The history of a topic, read as a stream: each entry has the one field `message`, whose value is
//! what subscribers received. Replies and errors are those of Redis 7.0.15.

use std::time::Duration;

use super::history::{History, Message};
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

static XRANGE: Command = Command {
    name: "xrange",
    arity: -4,
    flags: Flags::READONLY,
    keys: Keys::ONE,
    group: "stream",
    since: "5.0.0",
    complexity: "O(log N + M) with N kept messages and M given",
    summary: "Gives the entries of a stream between two ids.",
    syntax: "key start-id end-id [COUNT count]",
    run: Runs {
        topics: Some(xrange),
        keyspace: Some(|state, call| on_plain_keys(xrange, state, call)),
        ..Runs::NONE
    },
    ..Command::BASE
};

fn xrange(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let start = StreamId::parse_start(call.word(2))?;
    let end = StreamId::parse_end(call.word(3))?;
    let count = range_count(call)?;
    let Some(history) = state.history(call.key()) else {
        return Ok(Reply::Array(Vec::new()));
    };
    Ok(limited(history.range(start, end), count))
}

static XREVRANGE: Command = Command {
    name: "xrevrange",
    arity: -4,
    flags: Flags::READONLY,
    keys: Keys::ONE,
    group: "stream",
    since: "5.0.0",
    complexity: "O(log N + M) with N kept messages and M given",
    summary: "Gives the entries of a stream between two ids, newest first.",
    syntax: "key end-id start-id [COUNT count]",
    run: Runs {
        topics: Some(xrevrange),
        keyspace: Some(|state, call| on_plain_keys(xrevrange, state, call)),
        ..Runs::NONE
    },
    ..Command::BASE
};

fn xrevrange(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let start = StreamId::parse_start(call.word(3))?;
    let end = StreamId::parse_end(call.word(2))?;
    let count = range_count(call)?;
    let Some(history) = state.history(call.key()) else {
        return Ok(Reply::Array(Vec::new()));
    };
    Ok(limited(history.range(start, end).rev(), count))
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
    block_ms: Option<u64>,
    /// The word of the first key; the ids follow the keys.
    first_key: usize,
}

impl Reading {
    fn parse(mut args: Args<'_>) -> Result<Self, Refusal> {
        let (mut count, mut block_ms) = (None, None);
        while !args.at_end() {
            let more = args.left() - 1;
            if more > 0 && args.accept("BLOCK") {
                block_ms = Some(block_timeout(args.next_word()?)?);
            } else if more > 0 && args.accept("COUNT") {
                count = usize::try_from(args.next_int()?).ok().filter(|count| *count > 0);
            } else if more > 0 && args.accept("STREAMS") {
                if !args.left().is_multiple_of(2) {
                    return Err(UNBALANCED);
                }
                return Ok(Self { count, block_ms, first_key: args.position() });
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

fn block_timeout(word: &[u8]) -> Result<u64, Refusal> {
    let ms = number::parse_i64(word).ok_or(Refusal::TimeoutNotInteger)?;
    u64::try_from(ms).map_err(|_| Refusal::TimeoutNegative)
}

fn patience(args: &Args<'_>) -> Result<Patience, Refusal> {
    Ok(match Reading::parse(*args)?.block_ms {
        None => Patience::Never,
        Some(0) => Patience::Forever,
        Some(ms) => Patience::For(Duration::from_millis(ms)),
    })
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

fn limited<'a>(
    messages: impl Iterator<Item = &'a std::sync::Arc<Message>>,
    count: Option<usize>,
) -> Reply {
    if count == Some(0) { Reply::NilArray } else { take(messages, count) }
}

fn take<'a>(
    messages: impl Iterator<Item = &'a std::sync::Arc<Message>>,
    count: Option<usize>,
) -> Reply {
    Reply::Array(messages.take(count.unwrap_or(usize::MAX)).map(|message| entry(message)).collect())
}

fn entry(message: &Message) -> Reply {
    let fields = vec![Reply::text("message"), Reply::Bulk(message.payload().clone())];
    Reply::Array(vec![message.id.to_string().into(), Reply::Array(fields)])
}
