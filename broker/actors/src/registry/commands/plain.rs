//! Agents as hashes: what `HGETALL agent:<id>` and its kin answer. They are maintained by the broker and read-only.

use bytes::Bytes;

use crate::call::Call;
use crate::place::AGENT;
use crate::registry::{Agent, Registry};
use crate::{Outcome, Reply};

/// The fields of an agent, in order. Capabilities are joined by commas, as `CAPS` takes them.
fn fields(agent: &Agent, stale: bool) -> Vec<(&'static str, Bytes)> {
    let record = agent.record(stale);
    vec![
        ("agent_id", record.agent_id.into()),
        ("name", record.name.into()),
        ("capabilities", record.capabilities.join(",").into()),
        ("machine", record.machine.into()),
        ("description", record.description.into()),
        ("registered_at", record.registered_at.into()),
        ("last_heartbeat", record.last_heartbeat.to_string().into()),
        ("status", record.status.word().into()),
        ("queued", agent.queued().to_string().into()),
    ]
}

/// The agent that a key names.
pub(super) fn agent<'a>(registry: &'a Registry, key: &[u8]) -> Option<&'a Agent> {
    registry.agent(key.strip_prefix(AGENT.as_bytes())?)
}

/// The fields of the agent that the call's key names; none if there is no such agent.
fn hash(registry: &Registry, call: &Call<'_>) -> Vec<(&'static str, Bytes)> {
    let stale_ms = call.env.directory.limits.agent_stale_ms.get();
    let agent = agent(registry, call.key());
    agent.map_or_else(Vec::new, |agent| fields(agent, agent.is_stale(call.now, stale_ms)))
}

fn value(fields: &[(&'static str, Bytes)], name: &[u8]) -> Reply {
    let found = fields.iter().find(|(field, _)| field.as_bytes() == name);
    Reply::bulk_or_nil(found.map(|(_, value)| value.clone()))
}

/// `HGETALL`
pub fn hgetall(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    let fields = hash(registry, call).into_iter();
    Ok(Reply::Map(fields.map(|(name, value)| (Reply::text(name), Reply::Bulk(value))).collect()))
}

/// `HGET`
pub fn hget(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    Ok(value(&hash(registry, call), call.word(2)))
}

/// `HMGET`
pub fn hmget(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    let fields = hash(registry, call);
    Ok(Reply::Array(call.words().skip(2).map(|name| value(&fields, name)).collect()))
}

/// `HKEYS`
pub fn hkeys(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    let fields = hash(registry, call).into_iter();
    Ok(Reply::Array(fields.map(|(name, _)| Reply::text(name)).collect()))
}

/// `HVALS`
pub fn hvals(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    let fields = hash(registry, call).into_iter();
    Ok(Reply::Array(fields.map(|(_, value)| Reply::Bulk(value)).collect()))
}

/// `HLEN`
pub fn hlen(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::len(hash(registry, call).len()))
}

/// `HEXISTS`
pub fn hexists(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    let found = value(&hash(registry, call), call.word(2));
    Ok(Reply::flag(!found.is_nothing()))
}
