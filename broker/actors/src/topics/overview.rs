//! What topics there are.

use clawlink_protocol::time::iso8601;

use super::history::History;
use super::message::Message;
use super::{Topics, generic::channel};
use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::listing::matches;
use crate::{Command, Outcome, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&TOPICS];

static TOPICS: Command = Command {
    name: "claw.topics",
    arity: -1,
    flags: Flags::READONLY,
    group: "agents",
    since: "0.1.0",
    complexity: "O(N log N + NM) with N topics, and M patterns that anybody is subscribed to or agents follow",
    summary: "Lists the topics that keep messages, in order of name.",
    syntax: "[pattern]",
    route: Route::Topics,
    run: Runs { topics: Some(topics), ..Runs::NONE },
    ..Command::BASE
};

fn topics(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let pattern = if call.at_end() { &b"*"[..] } else { call.next_word()? };
    call.finish()?;
    let all = state.histories.topics().iter();
    let mut found: Vec<_> = all.filter(|(topic, _)| matches(pattern, topic)).collect();
    found.sort_unstable_by_key(|(topic, _)| *topic);
    let entries = found.into_iter().map(|(_, history)| state.about(history));
    Ok(Reply::Array(entries.collect()))
}

impl Topics {
    fn about(&self, history: &History) -> Reply {
        let topic = history.name();
        let id = |message: Option<&_>| {
            message
                .map_or(Reply::Nil, |message: &std::sync::Arc<Message>| message.message_id().into())
        };
        let last_ms = history.newest_id().ms;
        let subscribers = self.channels.reached(&channel(topic));
        Reply::Map(vec![
            (Reply::text("topic"), Reply::copy(topic)),
            (Reply::text("messages"), Reply::len(history.message_count())),
            (Reply::text("bytes"), Reply::len(history.bytes())),
            (Reply::text("keys"), Reply::len(history.key_count())),
            (Reply::text("first_id"), id(history.first())),
            (Reply::text("last_id"), id(history.last())),
            (Reply::text("last_timestamp"), iso8601(last_ms).into()),
            (Reply::text("subscribers"), Reply::len(subscribers)),
            (Reply::text("followers"), Reply::len(self.readers.followers(topic, ""))),
        ])
    }
}
