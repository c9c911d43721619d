//! What a stream, its groups and their consumers look like from inside.

use super::{BASE, SUBCOMMAND_KEY, no_group_in};
use crate::call::Call;
use crate::collections::stream::{Consumer, Group, Log, Stream, StreamId};
use crate::command::{Flags, Runs};
use crate::keyspace::Keyspace;
use crate::stream_owner::Readable;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static XINFO: Command = Command {
    name: "xinfo",
    arity: -2,
    group: "stream",
    since: "5.0.0",
    complexity: "That of the subcommand",
    summary: "Questions about a stream, its groups and their consumers.",
    subcommands: &[&CONSUMERS, &GROUPS, &STREAM],
    ..Command::BASE
};

const QUESTION: Command = Command { flags: Flags::READONLY, keys: SUBCOMMAND_KEY, ..BASE };

/// What is known by name.
type Facts = Vec<(Reply, Reply)>;

static STREAM: Command = Command {
    name: "xinfo|stream",
    arity: -3,
    complexity: "O(N) for a stream of N hundred entries",
    summary: "Answers what is known of a stream; with FULL, its entries and its groups too.",
    syntax: "key [FULL [COUNT count]]",
    run: Runs { keyspace: Some(stream_info), ..Runs::NONE },
    ..QUESTION
};

/// How many entries are shown in full, unless the request says otherwise.
const FULL_COUNT: i64 = 10;

fn stream_info(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let stream = stream(state, call)?;
    call.seek(3);
    if call.at_end() {
        let mut facts = facts(&stream.log);
        facts.push((Reply::text("groups"), Reply::len(stream.groups.len())));
        facts.push((Reply::text("first-entry"), edge(&stream.log, false)));
        facts.push((Reply::text("last-entry"), edge(&stream.log, true)));
        return Ok(Reply::Map(facts));
    }
    let known = matches!(call.left(), 1 | 3) && call.accept("FULL");
    if !known || !(call.at_end() || call.accept("COUNT")) {
        return Err(call.wrong_subcommand());
    }
    let count = if call.at_end() { FULL_COUNT } else { call.next_int()? };
    let count = usize::try_from(count).unwrap_or(FULL_COUNT as usize);
    // None is asked for by asking for all.
    let count = if count == 0 { usize::MAX } else { count };
    let mut facts = facts(&stream.log);
    let entries = stream.read(StreamId::MIN, StreamId::MAX, count, false);
    facts.push((Reply::text("entries"), entries));
    let groups = stream.groups.iter().map(|(name, group)| full(name, group, &stream.log, count));
    facts.push((Reply::text("groups"), Reply::Array(groups.collect())));
    Ok(Reply::Map(facts))
}

/// What both forms of `XINFO STREAM` begin with.
fn facts(log: &Log) -> Facts {
    vec![
        (Reply::text("length"), Reply::len(log.len())),
        (Reply::text("radix-tree-keys"), Reply::len(log.node_count())),
        (Reply::text("radix-tree-nodes"), Reply::len(log.radix_node_count())),
        (Reply::text("last-generated-id"), log.last_id().into()),
        (Reply::text("max-deleted-entry-id"), log.removed_max().into()),
        (Reply::text("entries-added"), Reply::Int(log.added() as i64)),
        (Reply::text("recorded-first-entry-id"), log.first_id().into()),
    ]
}

/// The first entry, or the last.
fn edge(log: &Log, last: bool) -> Reply {
    let id = if last { log.newest() } else { log.first_id() };
    let Some(entry) = log.range(id, id).next() else { return Reply::Nil };
    let words = entry.fields.flat_map(|(field, value)| [Reply::copy(field), Reply::copy(value)]);
    Reply::Array(vec![id.into(), Reply::Array(words.collect())])
}

/// A group with what is pending in it.
fn full(name: &[u8], group: &Group, log: &Log, count: usize) -> Reply {
    let pending = group.pending(StreamId::MIN..=StreamId::MAX).take(count).map(|(id, pending)| {
        Reply::Array(vec![
            id.into(),
            Reply::copy(group.name(pending)),
            Reply::Int(pending.delivered_ms as i64),
            Reply::Int(pending.deliveries as i64),
        ])
    });
    let consumers = group.consumers().map(|consumer| full_consumer(consumer, group, count));
    Reply::Map(vec![
        (Reply::text("name"), Reply::copy(name)),
        (Reply::text("last-delivered-id"), group.last_id.into()),
        (Reply::text("entries-read"), known(group.read_count)),
        (Reply::text("lag"), known(log.lag(group))),
        (Reply::text("pel-count"), Reply::len(group.pending_count())),
        (Reply::text("pending"), Reply::Array(pending.collect())),
        (Reply::text("consumers"), Reply::Array(consumers.collect())),
    ])
}

fn full_consumer(consumer: &Consumer, group: &Group, count: usize) -> Reply {
    let pending = consumer.pending.iter().take(count).filter_map(|id| {
        let pending = group.pending_at(*id)?;
        let (given, deliveries) = (pending.delivered_ms as i64, pending.deliveries as i64);
        Some(Reply::Array(vec![(*id).into(), given.into(), deliveries.into()]))
    });
    Reply::Map(vec![
        (Reply::text("name"), Reply::copy(&consumer.name)),
        (Reply::text("seen-time"), Reply::Int(consumer.seen_ms as i64)),
        (Reply::text("pel-count"), Reply::len(consumer.pending.len())),
        (Reply::text("pending"), Reply::Array(pending.collect())),
    ])
}

static GROUPS: Command = Command {
    name: "xinfo|groups",
    arity: 3,
    complexity: "O(N) for N groups",
    summary: "Answers what is known of the groups of a stream.",
    syntax: "key",
    run: Runs { keyspace: Some(groups), ..Runs::NONE },
    ..QUESTION
};

fn groups(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let Stream { log, groups } = stream(state, call)?;
    let shown = groups.iter().map(|(name, group)| {
        Reply::Map(vec![
            (Reply::text("name"), Reply::copy(name)),
            (Reply::text("consumers"), Reply::len(group.consumer_count())),
            (Reply::text("pending"), Reply::len(group.pending_count())),
            (Reply::text("last-delivered-id"), group.last_id.into()),
            (Reply::text("entries-read"), known(group.read_count)),
            (Reply::text("lag"), known(log.lag(group))),
        ])
    });
    Ok(Reply::Array(shown.collect()))
}

static CONSUMERS: Command = Command {
    name: "xinfo|consumers",
    arity: 4,
    tips: &["nondeterministic_output"],
    complexity: "O(N) for N consumers",
    summary: "Answers what is known of the consumers of a group.",
    syntax: "key groupname",
    run: Runs { keyspace: Some(consumers), ..Runs::NONE },
    ..QUESTION
};

fn consumers(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let group = stream(state, call)?.groups.get(call.word(3));
    let group = group.ok_or_else(|| no_group_in(call.word(2), call.word(3)))?;
    let shown = group.consumers().map(|consumer| {
        let idle_ms = (call.now as i64 - consumer.seen_ms as i64).max(0);
        Reply::Map(vec![
            (Reply::text("name"), Reply::copy(&consumer.name)),
            (Reply::text("pending"), Reply::len(consumer.pending.len())),
            (Reply::text("idle"), Reply::Int(idle_ms)),
        ])
    });
    Ok(Reply::Array(shown.collect()))
}

/// The stream that a question is about.
fn stream<'s>(state: &'s mut Keyspace, call: &Call<'_>) -> Result<&'s Stream, Refusal> {
    state.read(call, call.word(2)).ok_or(Refusal::NoSuchKey)?.value.as_stream()
}

/// A number, if it is known.
fn known(number: Option<i64>) -> Reply {
    number.map_or(Reply::Nil, Reply::Int)
}
