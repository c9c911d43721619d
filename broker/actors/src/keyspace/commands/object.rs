//! What a key looks like from inside.

use crate::call::Call;
use crate::command::{Flags, Keys, Runs};
use crate::keyspace::{Entry, Keyspace, Value};
use crate::{Command, Outcome, Refusal, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&OBJECT, &MEMORY];

static OBJECT: Command = Command {
    name: "object",
    arity: -2,
    since: "2.2.3",
    complexity: "O(1)",
    summary: "Questions about how a key is kept.",
    subcommands: &[&ENCODING, &FREQ, &IDLETIME, &REFCOUNT],
    ..Command::BASE
};

/// What the questions about one key share.
const QUESTION: Command = Command {
    arity: 3,
    flags: Flags::READONLY,
    keys: Keys::Range { first: 2, last: 2, step: 1 },
    access: &["RO"],
    tips: &["nondeterministic_output"],
    since: "2.2.3",
    syntax: "key",
    ..Command::BASE
};

static ENCODING: Command = Command {
    name: "object|encoding",
    summary: "Answers the form in which Redis would keep what the key holds.",
    run: on_every_key!(encoding, encoding),
    ..QUESTION
};

fn encoding(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let found = state.inspect(call, call.word(2)).map(|entry| encoding_of(&entry.value, call));
    Ok(found.map_or(Reply::Nil, Reply::text))
}

/// The form in which Redis would keep a value.
pub(super) fn encoding_of(value: &Value, call: &Call<'_>) -> &'static str {
    let limits = &call.env.directory.limits;
    match value {
        Value::Str(string) => string.encoding(),
        Value::List(_) => "quicklist",
        Value::Hash(hash) => hash
            .encoding(limits.hash_listpack_entries_max.get(), limits.hash_listpack_value_max.get()),
        Value::Set(set) => set.encoding(),
        Value::SortedSet(sorted) => sorted.encoding(),
        Value::Stream(_) => "stream",
    }
}

static FREQ: Command = Command {
    name: "object|freq",
    since: "4.0.0",
    summary: "Refused: how often keys are used is not counted.",
    run: Runs { keyspace: Some(freq), ..Runs::NONE },
    ..QUESTION
};

/// Redis's answer under every policy that does not evict by frequency.
const NO_FREQUENCY: &str = "An LFU maxmemory policy is not selected, access frequency not tracked. \
    Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.";

fn freq(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let found = state.inspect(call, call.word(2)).is_some();
    if found { Err(Refusal::Fixed("ERR", NO_FREQUENCY)) } else { Ok(Reply::Nil) }
}

static IDLETIME: Command = Command {
    name: "object|idletime",
    summary: "Answers for how many seconds nobody has used the key.",
    run: Runs { keyspace: Some(idletime), ..Runs::NONE },
    ..QUESTION
};

fn idletime(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let idle = state.inspect(call, call.word(2)).map(|entry| entry.idle_s(call.now));
    Ok(idle.map_or(Reply::Nil, |seconds| Reply::Int(seconds.into())))
}

static REFCOUNT: Command = Command {
    name: "object|refcount",
    summary: "Answers how many references to the value Redis would count.",
    run: Runs { keyspace: Some(refcount), ..Runs::NONE },
    ..QUESTION
};

fn refcount(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    Ok(state.inspect(call, call.word(2)).map_or(Reply::Nil, |entry| Reply::Int(references(entry))))
}

/// How many references to a value Redis would count.
pub(super) fn references(entry: &Entry) -> i64 {
    entry.value.as_str().map_or(1, |string| string.references())
}

static MEMORY: Command = Command {
    name: "memory",
    arity: -2,
    group: "server",
    since: "4.0.0",
    summary: "Questions about memory.",
    subcommands: &[&USAGE],
    ..Command::BASE
};

static USAGE: Command = Command {
    name: "memory|usage",
    arity: -3,
    tips: &[],
    group: "server",
    since: "4.0.0",
    complexity: "O(1); O(N) for the N fields of a hash",
    summary: "Answers about how many bytes a key and what it holds take.",
    syntax: "key [SAMPLES count]",
    run: on_every_key!(usage, memory),
    ..QUESTION
};

fn usage(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    call.seek(3);
    while !call.at_end() {
        // Nothing is sampled here: what is asked is known exactly, or counted.
        if !call.accept("SAMPLES") || call.next_int()? < 0 {
            return Err(Refusal::Syntax);
        }
    }
    let key = call.word(2);
    // Asking this is no use of the key: it is not even counted.
    let bytes = state.db(call).peek(key, call.now).map(|entry| entry_bytes(key, entry));
    Ok(bytes.map_or(Reply::Nil, Reply::len))
}

/// Estimate of the bytes that a key takes: its name, its place in the table (the hash, the name's box, the entry, and
/// the index beside it), and what it holds.
fn entry_bytes(key: &[u8], entry: &Entry) -> usize {
    let place =
        size_of::<u64>() + size_of::<Box<[u8]>>() + size_of::<Entry>() + size_of::<usize>() + 1;
    key.len() + place + entry.value.memory()
}
