//! What generic commands do on `agent:` keys. A key exists while its agent is registered.

use super::plain::agent;
use crate::call::Call;
use crate::listing::Listing;
use crate::place::AGENT;
use crate::registry::{Agent, Registry};
use crate::{Outcome, Refusal, Reply};

const TYPE: &str = "hash";

fn has(registry: &Registry, call: &Call<'_>) -> bool {
    agent(registry, call.key()).is_some()
}

fn listing(registry: &Registry) -> Listing<'_, Agent> {
    Listing { names: registry.agents(), prefix: AGENT, type_name: TYPE }
}

/// `DEL`, `UNLINK`: agents leave by `CLAW.UNREGISTER`.
///
/// # Errors
/// [`Refusal::ReadOnly`] always.
pub fn del(_: &mut Registry, _: &mut Call<'_>) -> Outcome {
    Err(Refusal::ReadOnly(AGENT))
}

/// `EXISTS`
pub fn exists(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    let found = call.keys().filter(|index| agent(registry, call.word(*index)).is_some());
    Ok(Reply::len(found.count()))
}

/// `TOUCH`: agents have no idle time, so it only counts.
pub fn touch(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    exists(registry, call)
}

/// `TYPE`
pub fn type_(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::Status(if has(registry, call) { TYPE } else { "none" }))
}

/// `TTL`, `PTTL`, `EXPIRETIME`, `PEXPIRETIME`: agents do not expire.
pub fn ttl(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::Int(if has(registry, call) { -1 } else { -2 }))
}

/// `OBJECT ENCODING`
pub fn encoding(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    Ok(if has(registry, call) { Reply::text("hashtable") } else { Reply::Nil })
}

/// `MEMORY USAGE`
pub fn memory(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    Ok(agent(registry, call.key()).map_or(Reply::Nil, |agent| Reply::len(agent.memory())))
}

/// `KEYS`
pub fn keys(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    listing(registry).keys(call)
}

/// `SCAN`
pub fn scan(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    listing(registry).scan(call)
}

/// `DBSIZE`
pub fn dbsize(registry: &mut Registry, _: &mut Call<'_>) -> Outcome {
    Ok(Reply::len(registry.agents().len()))
}
