//! What generic commands do alike wherever keys do not expire and have no idle time: in the agents' world.

use crate::call::Call;
use crate::{Outcome, Reply};

/// An owner that a client sees as keys, each of some Redis type.
pub trait ShowsKeys {
    /// The type of what is at a key; nothing if the key is not there.
    fn type_at(&self, key: &[u8]) -> Option<&'static str>;
}

/// `EXISTS`.
pub fn exists<S: ShowsKeys>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    let found = call.keys().filter(|index| state.type_at(call.word(*index)).is_some());
    Ok(Reply::len(found.count()))
}

/// `TOUCH`: it only counts.
pub fn touch<S: ShowsKeys>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    exists(state, call)
}

/// `TYPE`.
pub fn type_<S: ShowsKeys>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::Status(state.type_at(call.key()).unwrap_or("none")))
}

/// `TTL`, `PTTL`, `EXPIRETIME`, `PEXPIRETIME`: never, or that there is no key.
pub fn ttl<S: ShowsKeys>(state: &mut S, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::Int(if state.type_at(call.key()).is_some() { -1 } else { -2 }))
}
