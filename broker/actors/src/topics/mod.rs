//! Topics: the subscribers of every channel, and the history of those whose name begins with
//! `topic:`.
//!
//! A channel lives as long as somebody is subscribed to it; a history as long as it holds a
//! message. Neither knows of the other: publishing on `topic:x` does both, `Topics::publish`.

mod broadcast;
mod pubsub;
mod records;
mod streams;

pub mod channels;
pub mod generic;
pub mod history;
pub mod poll;
pub mod readers;
pub mod stream_id;

#[cfg(test)]
mod tests;

pub use channels::Kind;
pub use readers::ReaderEvent;
pub use stream_id::StreamId;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;

use self::channels::{Channels, FannedOut};
use self::history::{Bounds, Form, Histories, New};
use self::readers::Readers;
use crate::call::Env;
use crate::command::{Run, Runs};
use crate::directory::Directory;
use crate::outbox::Subscriber;
use crate::owner::State;
use crate::place::TOPIC;
use crate::{Command, Refusal};

/// Every family.
pub const COMMANDS: &[&[&Command]] = &[pubsub::COMMANDS, broadcast::COMMANDS, streams::COMMANDS];

/// The subscriptions, the histories, and how far agents have read them.
#[derive(Debug, Default)]
pub struct Topics {
    channels: Channels,
    histories: Histories,
    readers: Readers,
}

/// What others let the topics know. Notices and commands are taken in the order sent, so a
/// subscription that was made before a `PUBLISH` was sent gets its message.
#[derive(Debug)]
pub enum Notice {
    /// A connection subscribes.
    Subscribe {
        /// To what kind of thing.
        kind: Kind,
        /// Its name.
        name: Bytes,
        /// The connection.
        subscriber: Subscriber,
    },
    /// A connection ends a subscription.
    Unsubscribe {
        /// To what kind of thing.
        kind: Kind,
        /// Its name.
        name: Bytes,
        /// The connection.
        client: u64,
    },
    /// A connection went away: all its subscriptions end.
    Gone {
        /// The connection.
        client: u64,
    },
    /// The broker publishes a complete record on `topic:<topic>`.
    Publish {
        /// The topic, without the prefix.
        topic: String,
        /// The agent who caused it, whose own polls do not give it; may be empty.
        from: String,
        /// The record's `message_id`.
        message_id: String,
        /// The record.
        payload: Bytes,
    },
    /// Something became of an agent.
    Reader {
        /// Which.
        agent: String,
        /// What.
        event: ReaderEvent,
    },
    /// All histories and all agents' positions are forgotten. Subscriptions stay.
    Flush,
}

/// What a blocked `CLAW.POLL` waits for: any message on any topic.
const ANY_TOPIC: &[u8] = b"topic:*";

impl Topics {
    /// Publishes a message: hands it to subscribers, and keeps it if the channel is a topic's.
    ///
    /// # Errors
    /// If there are as many topics as there may be and this would be a new one. Then nobody gets
    /// it.
    fn publish(
        &mut self,
        channel: &[u8],
        new: impl FnOnce(&[u8]) -> New,
        payload: &Bytes,
        now: u64,
        env: &mut Env,
    ) -> Result<usize, Refusal> {
        if let Some(topic) = channel.strip_prefix(TOPIC.as_bytes()) {
            let bounds = bounds(&env.directory);
            if !self.histories.keep(topic, new(topic), now, &bounds) {
                let text = format!("there are {} topics, the limit", bounds.topics);
                return Err(Refusal::Custom("ERR", text.into()));
            }
            self.count_topics(&env.directory);
            env.signals.modified(0, channel);
            env.signals.modified(0, ANY_TOPIC);
        }
        let bytes_max = env.directory.limits.outbox_bytes_max.get();
        let fanned = self.channels.publish(channel, payload, bytes_max);
        Ok(receivers(fanned, &env.directory))
    }

    fn count_topics(&self, directory: &Directory) {
        directory.counters.topics.store(self.histories.topics().len(), Ordering::Relaxed);
    }

    /// Publishes a record that the broker made.
    fn publish_record(
        &mut self,
        record: BrokerRecord,
        now: u64,
        env: &mut Env,
    ) -> Result<usize, Refusal> {
        let BrokerRecord { topic, from, message_id, payload } = record;
        let channel = [TOPIC.as_bytes(), topic.as_bytes()].concat();
        let kept = payload.clone();
        let new = |_: &[u8]| New { from, message_id, form: Form::Record, payload: kept };
        self.publish(&channel, new, &payload, now, env)
    }

    /// Forgets a topic's history. False if there was none.
    fn forget_history(&mut self, key: &[u8], env: &mut Env) -> bool {
        let removed = topic_of(key).is_some_and(|topic| self.histories.remove(topic));
        if removed {
            self.count_topics(&env.directory);
            env.signals.modified(0, key);
        }
        removed
    }

    fn flush(&mut self, env: &mut Env) {
        self.histories.clear();
        self.readers.clear();
        self.count_topics(&env.directory);
        env.signals.all_modified(None);
    }
}

/// A record that the broker made, on its way to a topic.
struct BrokerRecord {
    topic: String,
    from: Arc<str>,
    message_id: Box<str>,
    payload: Bytes,
}

impl State for Topics {
    type Notice = Notice;

    fn run(runs: &Runs) -> Option<Run<Self>> {
        runs.topics
    }

    fn notice(&mut self, notice: Notice, now: u64, env: &mut Env) {
        match notice {
            Notice::Subscribe { kind, name, subscriber } => {
                self.channels.subscribe(kind, name, subscriber);
            }
            Notice::Unsubscribe { kind, name, client } => {
                self.channels.unsubscribe(kind, &name, client);
            }
            Notice::Gone { client } => self.channels.forget(client),
            Notice::Publish { topic, from, message_id, payload } => {
                let (from, message_id) = (from.into(), message_id.into());
                let record = BrokerRecord { topic, from, message_id, payload };
                // Nobody waits for the answer; a topic too many is not kept.
                let _ = self.publish_record(record, now, env);
            }
            Notice::Reader { agent, event } => self.readers.event(&agent, event, &self.histories),
            Notice::Flush => self.flush(env),
        }
    }
}

/// The topic that a key names.
fn topic_of(key: &[u8]) -> Option<&[u8]> {
    key.strip_prefix(TOPIC.as_bytes())
}

fn bounds(directory: &Directory) -> Bounds {
    let limits = &directory.limits;
    Bounds {
        topics: limits.topics_max.get(),
        messages: limits.topic_messages_max.get(),
        bytes: limits.topic_bytes_max.get(),
    }
}

/// Counts the subscribers that did not keep up; their connections see it in their outboxes and close.
/// The number of those who got the message.
fn receivers(fanned: FannedOut, directory: &Directory) -> usize {
    if !fanned.slow.is_empty() {
        let closed = fanned.slow.len() as u64;
        directory.counters.slow_subscribers.fetch_add(closed, Ordering::Relaxed);
    }
    fanned.receivers
}
