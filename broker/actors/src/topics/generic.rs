//! What generic commands do on `topic:` keys. A key exists while its topic keeps a message.

use super::{Topics, topic_of};
use crate::call::Call;
use crate::listing::Listing;
use crate::place::TOPIC;
use crate::{Outcome, Reply};

const TYPE: &str = "stream";

impl Topics {
    fn has(&self, key: &[u8]) -> bool {
        topic_of(key).is_some_and(|topic| self.histories.get(topic).is_some())
    }

    fn listing(&self) -> Listing<'_, super::history::History> {
        Listing { names: self.histories.topics(), prefix: TOPIC, type_name: TYPE }
    }
}

/// `DEL`, `UNLINK`: forgets histories. Subscriptions are not touched.
pub fn del(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let gone = call.keys().filter(|key| state.forget_history(call.args.word(*key), call.env));
    Ok(Reply::len(gone.count()))
}

/// `EXISTS`.
pub fn exists(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::len(call.keys().filter(|key| state.has(call.word(*key))).count()))
}

/// `TOUCH`: histories have no idle time, so it only counts.
pub fn touch(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    exists(state, call)
}

/// `TYPE`.
pub fn type_(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::Status(if state.has(call.key()) { TYPE } else { "none" }))
}

/// `TTL`, `PTTL`, `EXPIRETIME`, `PEXPIRETIME`: histories do not expire.
pub fn ttl(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::Int(if state.has(call.key()) { -1 } else { -2 }))
}

/// `OBJECT ENCODING`.
pub fn encoding(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    Ok(if state.has(call.key()) { Reply::text(TYPE) } else { Reply::Nil })
}

/// `MEMORY USAGE`.
pub fn memory(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let history = topic_of(call.key()).and_then(|topic| state.histories.get(topic));
    Ok(history.map_or(Reply::Nil, |history| Reply::len(history.memory())))
}

/// `KEYS`.
pub fn keys(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    state.listing().keys(call)
}

/// `SCAN`.
pub fn scan(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    state.listing().scan(call)
}

/// `DBSIZE`.
pub fn dbsize(state: &mut Topics, _: &mut Call<'_>) -> Outcome {
    Ok(Reply::len(state.histories.topics().len()))
}
