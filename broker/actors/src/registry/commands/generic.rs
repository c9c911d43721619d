//! What generic commands do on `agent:` keys. A key exists while its agent is registered.

use super::plain::agent;
use crate::call::Call;
use crate::generic::ShowsKeys;
use crate::listing::Listing;
use crate::place::AGENT;
use crate::registry::{Agent, Registry};
use crate::{Outcome, Refusal, Reply};

pub use crate::generic::{exists, touch, ttl, type_};

const TYPE: &str = "hash";

impl ShowsKeys for Registry {
    fn type_at(&self, key: &[u8]) -> Option<&'static str> {
        agent(self, key).map(|_| TYPE)
    }
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

/// `OBJECT ENCODING`
pub fn encoding(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    Ok(agent(registry, call.key()).map_or(Reply::Nil, |_| Reply::text("hashtable")))
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
