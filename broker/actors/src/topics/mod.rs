//! Topics: the subscribers of every channel, and the history of those whose name begins with
//! `topic:`.
//!
//! A channel lives as long as somebody is subscribed to it; a history as long as it holds a
//! message. Neither knows of the other: publishing on `topic:x` does both, `Topics::publish`.

mod broadcast;
mod fallen;
mod follow;
mod key_events;
mod log;
mod missed;
mod overview;
mod pubsub;
mod recall;
mod records;
mod rules;
mod streams;

pub mod change;
pub mod channels;
pub mod generic;
pub mod histories;
pub mod history;
pub mod message;
pub mod poll;
pub mod readers;

#[cfg(test)]
mod tests;

pub use crate::collections::StreamId;
pub use change::{FileChange, FileEvent};
pub use channels::Kind;
pub use key_events::TOLD;
pub use readers::ReaderEvent;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;

use self::change::FileRecord;
use self::channels::{Channels, FannedOut};
use self::histories::{Histories, Leaves};
use self::history::Bounds;
use self::message::{Body, Labels, Message, New};
use self::readers::Readers;
use crate::call::{Call, Env};
use crate::command::{Run, Runs};
use crate::directory::Directory;
use crate::outbox::Subscriber;
use crate::owner::State;
use crate::place::TOPIC;
use crate::search::{Change, Source};
use crate::{Command, Outcome, Refusal, Reply};

/// Every family.
pub const COMMANDS: &[&[&Command]] = &[
    pubsub::COMMANDS,
    broadcast::COMMANDS,
    recall::COMMANDS,
    overview::COMMANDS,
    follow::COMMANDS,
];

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
    /// Something is told to the subscribers of a channel that keeps no history.
    Announce {
        /// The channel.
        channel: Bytes,
        /// What they get.
        payload: Bytes,
    },
    /// A file was changed, which is published on the topic `files`.
    FileChanged(Arc<FileChange>),
    /// Something happened to keys, which [`KeyEvents`](crate::key_events::KeyEvents) has.
    KeyEvents,
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

/// The channel of changes of files.
const FILES: &[u8] = b"topic:files";

impl Topics {
    /// Publishes a message: hands it to subscribers, and keeps it if the channel is a topic's.
    ///
    /// # Errors
    /// If there are as many topics as there may be and this would be a new one. Then nobody gets
    /// it.
    fn publish(
        &mut self,
        channel: &[u8],
        new: impl FnOnce(&Directory) -> New,
        payload: &Bytes,
        now: u64,
        env: &mut Env,
    ) -> Result<usize, Refusal> {
        if let Some(topic) = channel.strip_prefix(TOPIC.as_bytes()) {
            self.keep(topic, new(&env.directory), now, env)?;
            wake(channel, env);
        }
        Ok(self.fan_out(channel, payload, env))
    }

    /// Keeps a message of a topic, for those who poll and those who will.
    fn keep(&mut self, topic: &[u8], new: New, now: u64, env: &Env) -> Result<(), Refusal> {
        let bounds = bounds(&env.directory);
        let (readers, search) = (&mut self.readers, &env.directory.search);
        let searched = search.wants(Source::Topics);
        let leaves = |message: &Arc<Message>, how| {
            if how == Leaves::Fell {
                readers.fell(message);
            }
            if searched {
                search.note(Source::Topics, Change::Left(message.sequence));
            }
        };
        let kept = self.histories.keep(topic, new, now, &bounds, leaves);
        if let Some(message) = kept.filter(|_| searched) {
            search.note(Source::Topics, Change::Kept(message.clone()));
        } else if kept.is_none() {
            let text = format!("there are {} topics, the limit", bounds.topics);
            return Err(Refusal::Custom("ERR", text.into()));
        }
        self.count_topics(&env.directory);
        Ok(())
    }

    fn fan_out(&mut self, channel: &[u8], payload: &Bytes, env: &Env) -> usize {
        let bytes_max = env.directory.limits.outbox_bytes_max.get();
        let fanned = self.channels.publish(channel, payload, bytes_max);
        receivers(fanned, &env.directory)
    }

    fn count_topics(&self, directory: &Directory) {
        directory.counters.topics.store(self.histories.topics().len(), Ordering::Relaxed);
    }

    fn count_channels(&self, directory: &Directory) {
        for (counter, count) in directory.counters.subscribed.iter().zip(self.channels.counts()) {
            counter.store(count, Ordering::Relaxed);
        }
    }

    /// Publishes a record that the broker made.
    fn publish_record(
        &mut self,
        record: BrokerRecord,
        now: u64,
        env: &mut Env,
    ) -> Result<usize, Refusal> {
        let BrokerRecord { topic, from, message_id, payload, labels } = record;
        let channel = [TOPIC.as_bytes(), topic.as_bytes()].concat();
        let kept = payload.clone();
        let new = |_: &Directory| New { from, body: Body::Record(message_id, kept), labels };
        self.publish(&channel, new, &payload, now, env)
    }

    /// Publishes the record of a change of a file, which is written only for those who are there.
    fn publish_change(
        &mut self,
        change: Arc<FileChange>,
        now: u64,
        env: &mut Env,
    ) -> Result<(), Refusal> {
        let (from, is_kept) = (change.editor.clone(), change.event.is_kept());
        let record = Box::new(FileRecord::new(change));
        let heard = self.channels.pattern_count() > 0
            || self.channels.subscribers(Kind::Channel, FILES) > 0;
        let payload = heard.then(|| record.json().clone());
        if is_kept {
            let new = New { from, body: Body::File(record), labels: None };
            self.keep(change::TOPIC.as_bytes(), new, now, env)?;
            wake(FILES, env);
        }
        if let Some(payload) = payload {
            self.fan_out(FILES, &payload, env);
        }
        Ok(())
    }

    /// Forgets a topic's history. False if there was none.
    fn forget_history(&mut self, key: &[u8], env: &mut Env) -> bool {
        let removed = topic_of(key).and_then(|topic| self.histories.remove(topic));
        let Some(removed) = removed else { return false };
        let search = &env.directory.search;
        if search.wants(Source::Topics) {
            let left = removed.messages().map(|message| Change::Left(message.sequence));
            left.for_each(|change| search.note(Source::Topics, change));
        }
        self.count_topics(&env.directory);
        env.signals.modified(0, key);
        true
    }

    fn flush(&mut self, env: &mut Env) {
        self.histories.clear();
        self.readers.clear();
        env.directory.search.note(Source::Topics, Change::Cleared(Source::Topics));
        self.count_topics(&env.directory);
        env.signals.all_modified();
    }
}

/// Gives the search all that is kept; from then on it is told what changes.
pub(crate) fn feed(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let all = state.histories.after(0).map(|message| Change::Kept(message.clone()));
    call.env.directory.search.begin(Source::Topics, all)?;
    Ok(Reply::Ok)
}

/// A record that the broker made, on its way to a topic.
struct BrokerRecord {
    topic: String,
    from: Arc<str>,
    message_id: Box<str>,
    payload: Bytes,
    labels: Option<Box<Labels>>,
}

impl State for Topics {
    type Notice = Notice;

    fn run(runs: &Runs) -> Option<Run<Self>> {
        runs.topics
    }

    fn prepare(&mut self, call: &mut Call<'_>) {
        self.tell_key_events(call.env);
    }

    fn notice(&mut self, notice: Notice, now: u64, env: &mut Env) {
        match notice {
            Notice::Subscribe { kind, name, subscriber } => {
                self.channels.subscribe(kind, name, subscriber);
                self.count_channels(&env.directory);
            }
            Notice::Unsubscribe { kind, name, client } => {
                self.channels.unsubscribe(kind, &name, client);
                self.count_channels(&env.directory);
            }
            Notice::Gone { client } => {
                self.channels.forget(client);
                self.count_channels(&env.directory);
            }
            Notice::Publish { topic, from, message_id, payload } => {
                let (from, message_id) = (from.into(), message_id.into());
                let record = BrokerRecord { topic, from, message_id, payload, labels: None };
                // Nobody waits for the answer; a topic too many is not kept.
                let _ = self.publish_record(record, now, env);
            }
            Notice::Announce { channel, payload } => {
                self.fan_out(&channel, &payload, env);
            }
            Notice::FileChanged(change) => {
                // Nobody waits for the answer here either.
                let _ = self.publish_change(change, now, env);
            }
            Notice::KeyEvents => self.tell_key_events(env),
            Notice::Reader { agent, event } => self.readers.event(&agent, event, &self.histories),
            Notice::Flush => self.flush(env),
        }
    }
}

/// Those who wait for a topic, and those who wait for any, are to look again.
fn wake(channel: &[u8], env: &mut Env) {
    env.signals.modified(0, channel);
    env.signals.wake(0, ANY_TOPIC);
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
