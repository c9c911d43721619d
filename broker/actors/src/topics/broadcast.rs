//! What an agent tells everyone.

use std::sync::Arc;

use bytes::Bytes;
use clawlink_protocol::name;

use super::records::{Told, broadcast as record};
use super::{BrokerRecord, Topics};
use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::{Command, Outcome, Refusal, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&BROADCAST];

static BROADCAST: Command = Command {
    name: "claw.broadcast",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::PUBSUB),
    group: "agents",
    since: "0.1.0",
    complexity: "O(N+M) with N subscribers of the topic and M patterns that anybody is subscribed to",
    summary: "Publishes a knowledge_broadcast record on a topic, which keeps it.",
    syntax: "topic content [FROM id] [TAGS tags]",
    route: Route::Topics,
    run: Runs { topics: Some(broadcast), ..Runs::NONE },
    ..Command::BASE
};

fn broadcast(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let (topic, content) = (call.next_word()?, call.next_word()?);
    let Options { from, tags } = Options::parse(call)?;
    let topic = valid_topic(topic)?;
    let from = sender(state, call, from)?;
    let id = call.env.directory.message_id(&format!("#{topic}"));
    let payload =
        record(Told { message_id: &id, from: &from, topic, content, tags, now: call.now })?;
    let followers = state.readers.followers(&from);
    let message_id = id.as_str().into();
    let record = BrokerRecord { topic: topic.to_owned(), from, message_id, payload };
    let receivers = state.publish_record(record, call.now, call.env)?;
    Ok(Reply::Map(vec![
        (Reply::text("message_id"), id.into()),
        (Reply::text("receivers"), Reply::len(receivers)),
        (Reply::text("followers"), Reply::len(followers)),
    ]))
}

#[derive(Default)]
struct Options {
    from: Option<Bytes>,
    tags: Vec<String>,
}

impl Options {
    fn parse(call: &mut Call<'_>) -> Result<Self, Refusal> {
        let mut options = Self::default();
        while !call.at_end() {
            if call.accept("FROM") {
                options.from = Some(call.next_value()?);
            } else if call.accept("TAGS") {
                let tags = call.next_text()?;
                let words = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty());
                options.tags = words.map(str::to_owned).collect();
            } else {
                return Err(Refusal::Syntax);
            }
        }
        Ok(options)
    }
}

fn valid_topic(topic: &[u8]) -> Result<&str, Refusal> {
    let text = std::str::from_utf8(topic).ok().filter(|_| name::is_valid(topic));
    text.ok_or_else(|| Refusal::InvalidName("topic", String::from_utf8_lossy(topic).into()))
}

/// Who speaks. A name that is given must be a registered agent's, so that nobody speaks as an agent
/// that is none.
fn sender(state: &Topics, call: &Call<'_>, from: Option<Bytes>) -> Result<Arc<str>, Refusal> {
    let named = from.is_some();
    let speaker = call.speaker(from)?;
    if named && !name::is_valid(speaker.as_bytes()) {
        return Err(Refusal::InvalidName("agent id", speaker.as_ref().into()));
    }
    if named && !state.readers.contains(&speaker) {
        return Err(Refusal::NoAgent(speaker.as_ref().into()));
    }
    Ok(speaker)
}
