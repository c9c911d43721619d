//! What generic commands do on `topic:` keys. A key exists while its topic keeps a message.

use super::{Topics, topic_of};
use crate::call::Call;
use crate::generic::ShowsKeys;
use crate::listing::Listing;
use crate::place::TOPIC;
use crate::{Outcome, Reply};

pub use crate::generic::{exists, touch, ttl, type_};

const TYPE: &str = "stream";

impl Topics {
    fn listing(&self) -> Listing<'_, super::history::History> {
        Listing { names: self.histories.topics(), prefix: TOPIC, type_name: TYPE }
    }
}

impl ShowsKeys for Topics {
    fn type_at(&self, key: &[u8]) -> Option<&'static str> {
        topic_of(key).and_then(|topic| self.histories.get(topic)).map(|_| TYPE)
    }
}

/// The channel of a topic, which is its key too.
pub(super) fn channel(topic: &[u8]) -> Vec<u8> {
    [TOPIC.as_bytes(), topic].concat()
}

/// `DEL`, `UNLINK`: forgets histories. Subscriptions are not touched.
pub fn del(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let gone = call.keys().filter(|key| state.forget_history(call.args.word(*key), call.env));
    Ok(Reply::len(gone.count()))
}

/// `OBJECT ENCODING`.
pub fn encoding(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    Ok(state.type_at(call.key()).map_or(Reply::Nil, Reply::text))
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
