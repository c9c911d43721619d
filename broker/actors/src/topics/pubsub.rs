//! Publishing, and asking who is subscribed. Subscribing itself is the connections' business: it
//! arrives as a notice.

use super::message::{Body, New};
use super::{Kind, Topics, receivers};
use crate::call::Call;
use crate::command::{Flags, Keys, Route, Runs};
use crate::directory::Directory;
use crate::{Command, Outcome, Refusal, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&PUBLISH, &SPUBLISH, &PUBSUB];

const PUBLISHING: Flags = Flags::PUBSUB
    .with(Flags::LOADING)
    .with(Flags::STALE)
    .with(Flags::FAST)
    .with(Flags::MAY_REPLICATE);

const ASKING: Flags = Flags::PUBSUB.with(Flags::LOADING).with(Flags::STALE);

static PUBLISH: Command = Command {
    name: "publish",
    arity: 3,
    flags: PUBLISHING,
    group: "pubsub",
    since: "2.0.0",
    complexity: "O(N+M) with N subscribers of the channel and M patterns that anybody is subscribed to",
    summary: "Sends a message to a channel; a topic keeps it.",
    syntax: "channel message",
    route: Route::Topics,
    run: Runs { topics: Some(publish), ..Runs::NONE },
    ..Command::BASE
};

fn publish(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let (channel, payload) = (call.word(1), call.value(2));
    let agent = &call.caller.agent;
    let new = |directory: &Directory| New {
        from: agent.clone().unwrap_or_default(),
        body: Body::Raw(directory.message_number(), payload.clone()),
        labels: None,
    };
    let receivers = state.publish(channel, new, &payload, call.now, call.env)?;
    Ok(Reply::len(receivers))
}

static SPUBLISH: Command = Command {
    name: "spublish",
    arity: 3,
    flags: PUBLISHING,
    keys: Keys::ONE,
    access: &["not_key"],
    group: "pubsub",
    since: "7.0.0",
    complexity: "O(N) with N subscribers of the shard channel",
    summary: "Sends a message to a shard channel.",
    syntax: "shardchannel message",
    route: Route::Topics,
    run: Runs { topics: Some(spublish), ..Runs::NONE },
    ..Command::BASE
};

fn spublish(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let bytes_max = call.env.directory.limits.outbox_bytes_max.get();
    let fanned = state.channels.publish_on_shard(call.word(1), &call.value(2), bytes_max);
    Ok(Reply::len(receivers(fanned, &call.env.directory)))
}

static PUBSUB: Command = Command {
    name: "pubsub",
    arity: -2,
    group: "pubsub",
    since: "2.8.0",
    complexity: "as its subcommands",
    summary: "Tells who is subscribed to what.",
    subcommands: &[&CHANNELS, &NUMPAT, &NUMSUB, &SHARDCHANNELS, &SHARDNUMSUB],
    route: Route::Topics,
    ..Command::BASE
};

static CHANNELS: Command = Command {
    name: "pubsub|channels",
    arity: -2,
    flags: ASKING,
    group: "pubsub",
    since: "2.8.0",
    complexity: "O(N) with N channels that have subscribers",
    summary: "Lists the channels that have subscribers.",
    syntax: "[pattern]",
    route: Route::Topics,
    run: Runs { topics: Some(channels), ..Runs::NONE },
    ..Command::BASE
};

fn channels(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let active = state.channels.active(optional_pattern(call)?);
    Ok(Reply::Array(active.cloned().map(Reply::Bulk).collect()))
}

static SHARDCHANNELS: Command = Command {
    name: "pubsub|shardchannels",
    arity: -2,
    flags: ASKING,
    group: "pubsub",
    since: "7.0.0",
    complexity: "O(N) with N shard channels that have subscribers",
    summary: "Lists the shard channels that have subscribers.",
    syntax: "[pattern]",
    route: Route::Topics,
    run: Runs { topics: Some(shardchannels), ..Runs::NONE },
    ..Command::BASE
};

fn shardchannels(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let active = state.channels.active_shards(optional_pattern(call)?);
    Ok(Reply::Array(active.cloned().map(Reply::Bulk).collect()))
}

/// The pattern, if there is one. Redis has an error of its own for more words than that.
fn optional_pattern<'a>(call: &Call<'a>) -> Result<Option<&'a [u8]>, Refusal> {
    if call.len() <= 3 {
        return Ok((call.len() == 3).then(|| call.word(2)));
    }
    Err(call.wrong_subcommand())
}

static NUMSUB: Command = Command {
    name: "pubsub|numsub",
    arity: -2,
    flags: ASKING,
    group: "pubsub",
    since: "2.8.0",
    complexity: "O(N) with N channels asked for",
    summary: "Counts the subscribers of channels, patterns left aside.",
    syntax: "[channel [channel …]]",
    route: Route::Topics,
    run: Runs { topics: Some(numsub), ..Runs::NONE },
    ..Command::BASE
};

fn numsub(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    Ok(count_subscribers(state, call, Kind::Channel))
}

static SHARDNUMSUB: Command = Command {
    name: "pubsub|shardnumsub",
    arity: -2,
    flags: ASKING,
    group: "pubsub",
    since: "7.0.0",
    complexity: "O(N) with N shard channels asked for",
    summary: "Counts the subscribers of shard channels.",
    syntax: "[shardchannel [shardchannel …]]",
    route: Route::Topics,
    run: Runs { topics: Some(shardnumsub), ..Runs::NONE },
    ..Command::BASE
};

fn shardnumsub(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    Ok(count_subscribers(state, call, Kind::Shard))
}

/// Names and counts in turn: a flat array, also under RESP3.
fn count_subscribers(state: &Topics, call: &Call<'_>, kind: Kind) -> Reply {
    let named = |name| [Reply::copy(name), Reply::len(state.channels.subscribers(kind, name))];
    Reply::Array(call.words().skip(2).flat_map(named).collect())
}

static NUMPAT: Command = Command {
    name: "pubsub|numpat",
    arity: 2,
    flags: ASKING,
    group: "pubsub",
    since: "2.8.0",
    summary: "Counts the patterns that have subscribers.",
    route: Route::Topics,
    run: Runs { topics: Some(numpat), ..Runs::NONE },
    ..Command::BASE
};

fn numpat(state: &mut Topics, _: &mut Call<'_>) -> Outcome {
    Ok(Reply::len(state.channels.pattern_count()))
}
