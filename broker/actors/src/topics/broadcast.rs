//! What an agent tells everyone.

use std::sync::Arc;

use bytes::Bytes;
use clawlink_protocol::name;

use super::message::Labels;
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
    syntax: "topic content [FROM id] [TAGS tags] [KEY key]",
    route: Route::Topics,
    run: Runs { topics: Some(broadcast), ..Runs::NONE },
    ..Command::BASE
};

fn broadcast(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let (topic, content) = (call.next_word()?, call.next_word()?);
    let Options { from, labels } = Options::parse(call)?;
    let topic = valid_topic(topic)?;
    let from = sender(state, call, from)?;
    let id = call.env.directory.message_id(&format!("#{topic}"));
    let supersedes = labels.key.as_ref().and_then(|key| state.fact(topic, key));
    let told = Told {
        message_id: &id,
        from: &from,
        topic,
        content,
        labels: &labels,
        supersedes: supersedes.clone(),
        now: call.now,
    };
    let payload = record(told)?;
    let followers = state.readers.followers(topic.as_bytes(), &from);
    let message_id = id.as_str().into();
    let labels = (labels != Labels::default()).then(|| Box::new(labels));
    let record = BrokerRecord { topic: topic.to_owned(), from, message_id, payload, labels };
    let receivers = state.publish_record(record, call.now, call.env)?;
    let mut answer = vec![
        (Reply::text("message_id"), id.into()),
        (Reply::text("receivers"), Reply::len(receivers)),
        (Reply::text("followers"), Reply::len(followers)),
    ];
    answer.extend(supersedes.map(|older| (Reply::text("supersedes"), older.into())));
    Ok(Reply::Map(answer))
}

#[derive(Default)]
struct Options {
    from: Option<Bytes>,
    labels: Labels,
}

/// The longest key of a fact in bytes: it is a name, not a content.
const KEY_BYTES_MAX: usize = 256;

impl Options {
    fn parse(call: &mut Call<'_>) -> Result<Self, Refusal> {
        let mut options = Self::default();
        while !call.at_end() {
            if call.accept("FROM") {
                options.from = Some(call.next_value()?);
            } else if call.accept("TAGS") {
                let tags = call.next_text()?;
                let words = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty());
                options.labels.tags = words.map(Box::from).collect();
            } else if call.accept("KEY") {
                options.labels.key = Some(valid_key(call.next_word()?)?);
            } else {
                return Err(Refusal::Syntax);
            }
        }
        Ok(options)
    }
}

fn valid_key(key: &[u8]) -> Result<Box<str>, Refusal> {
    let text = std::str::from_utf8(key).ok();
    let fits = |key: &&str| (1..=KEY_BYTES_MAX).contains(&key.len());
    let refusal = Refusal::Fixed("ERR", "the key must have 1 to 256 bytes of UTF-8");
    text.filter(fits).map(Box::from).ok_or(refusal)
}

fn valid_topic(topic: &[u8]) -> Result<&str, Refusal> {
    let text = std::str::from_utf8(topic).ok().filter(|_| name::is_valid(topic));
    text.ok_or_else(|| Refusal::InvalidName("topic", String::from_utf8_lossy(topic).into()))
}

impl Topics {
    /// The id of the newest fact about a key.
    fn fact(&self, topic: &str, key: &str) -> Option<String> {
        Some(self.histories.get(topic.as_bytes())?.fact(key)?.message_id())
    }
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
