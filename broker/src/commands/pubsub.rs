//! Subscribing: what a connection listens to. Publishing is the topics' own.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use clawlink_actors::command::{Command, Flags, Keys};
use clawlink_actors::topics::{Kind, Notice};
use clawlink_actors::{Args, Refusal, Reply};

use super::{EdgeCommand, EdgeRun};
use crate::session::Session;

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] =
    &[&PSUBSCRIBE, &PUNSUBSCRIBE, &SSUBSCRIBE, &SUBSCRIBE, &SUNSUBSCRIBE, &UNSUBSCRIBE];

/// The flags of the whole family.
const FLAGS: Flags = Flags::PUBSUB.with(Flags::NOSCRIPT).with(Flags::LOADING).with(Flags::STALE);

/// What the family's declarations share.
const BASE: Command = Command { group: "pubsub", since: "2.0.0", flags: FLAGS, ..Command::BASE };

static SUBSCRIBE: EdgeCommand = EdgeCommand {
    command: Command {
        name: "subscribe",
        arity: -2,
        complexity: "O(1) for every channel",
        summary: "Listens to channels.",
        syntax: "channel [channel ...]",
        ..BASE
    },
    run: EdgeRun::Now(|session, args| Ok(session.subscribe(Kind::Channel, args))),
};

static PSUBSCRIBE: EdgeCommand = EdgeCommand {
    command: Command {
        name: "psubscribe",
        arity: -2,
        complexity: "O(1) for every pattern",
        summary: "Listens to all channels that match a glob pattern.",
        syntax: "pattern [pattern ...]",
        ..BASE
    },
    run: EdgeRun::Now(|session, args| Ok(session.subscribe(Kind::Pattern, args))),
};

static SSUBSCRIBE: EdgeCommand = EdgeCommand {
    command: Command {
        name: "ssubscribe",
        arity: -2,
        keys: Keys::ALL,
        access: &["not_key"],
        since: "7.0.0",
        complexity: "O(1) for every shard channel",
        summary: "Listens to shard channels.",
        syntax: "shardchannel [shardchannel ...]",
        ..BASE
    },
    run: EdgeRun::Now(|session, args| {
        // Of all that subscribe, Redis refuses this one in a transaction.
        if session.loans.is_some() {
            let text = "SSUBSCRIBE isn't allowed for a DENY BLOCKING client";
            return Err(Refusal::Fixed("ERR", text));
        }
        Ok(session.subscribe(Kind::Shard, args))
    }),
};

static UNSUBSCRIBE: EdgeCommand = EdgeCommand {
    command: Command {
        name: "unsubscribe",
        arity: -1,
        complexity: "O(1) for every channel",
        summary: "Stops listening to channels, or to all.",
        syntax: "[channel [channel ...]]",
        ..BASE
    },
    run: EdgeRun::Now(|session, args| Ok(session.unsubscribe(Kind::Channel, args))),
};

static PUNSUBSCRIBE: EdgeCommand = EdgeCommand {
    command: Command {
        name: "punsubscribe",
        arity: -1,
        complexity: "O(1) for every pattern",
        summary: "Stops listening to patterns, or to all.",
        syntax: "[pattern [pattern ...]]",
        ..BASE
    },
    run: EdgeRun::Now(|session, args| Ok(session.unsubscribe(Kind::Pattern, args))),
};

static SUNSUBSCRIBE: EdgeCommand = EdgeCommand {
    command: Command {
        name: "sunsubscribe",
        arity: -1,
        keys: Keys::ALL,
        access: &["not_key"],
        since: "7.0.0",
        complexity: "O(1) for every shard channel",
        summary: "Stops listening to shard channels, or to all.",
        syntax: "[shardchannel [shardchannel ...]]",
        ..BASE
    },
    run: EdgeRun::Now(|session, args| Ok(session.unsubscribe(Kind::Shard, args))),
};

/// The first words of the confirmations, by kind.
const fn words(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Channel => ("subscribe", "unsubscribe"),
        Kind::Pattern => ("psubscribe", "punsubscribe"),
        Kind::Shard => ("ssubscribe", "sunsubscribe"),
    }
}

impl Session {
    fn subscribe(&mut self, kind: Kind, args: &Args<'_>) -> Reply {
        let mut confirmed = Vec::new();
        for index in 1..args.len() {
            let name = Bytes::copy_from_slice(args.word(index));
            if self.subscriptions.of(kind as usize).insert(name.clone()) {
                let subscriber = self.client.subscriber();
                let name = name.clone();
                self.tell_topics(Notice::Subscribe { kind, name, subscriber });
            }
            confirmed.push(self.confirmation(words(kind).0, kind, Some(name)));
        }
        self.show_subscriptions();
        Reply::Many(confirmed)
    }

    fn unsubscribe(&mut self, kind: Kind, args: &Args<'_>) -> Reply {
        let names: Vec<Bytes> = match args.len() {
            1 => self.subscriptions.of(kind as usize).iter().cloned().collect(),
            _ => args.words().skip(1).map(Bytes::copy_from_slice).collect(),
        };
        if names.is_empty() {
            return self.confirmation(words(kind).1, kind, None);
        }
        let mut confirmed = Vec::new();
        for name in names {
            if self.subscriptions.of(kind as usize).remove(&name) {
                let (client, name) = (self.client.id, name.clone());
                self.tell_topics(Notice::Unsubscribe { kind, name, client });
            }
            confirmed.push(self.confirmation(words(kind).1, kind, Some(name)));
        }
        self.show_subscriptions();
        Reply::Many(confirmed)
    }

    fn confirmation(&self, word: &'static str, kind: Kind, name: Option<Bytes>) -> Reply {
        let count = |kind: Kind| self.subscriptions.count(kind as usize);
        // Channels and patterns are counted together, as in Redis.
        let count = match kind {
            Kind::Shard => count(Kind::Shard),
            _ => count(Kind::Channel) + count(Kind::Pattern),
        };
        Reply::Push(vec![Reply::text(word), Reply::bulk_or_nil(name), Reply::len(count)])
    }

    fn show_subscriptions(&self) {
        for kind in [Kind::Channel, Kind::Pattern, Kind::Shard] {
            let count = self.subscriptions.count(kind as usize);
            self.client.subscriptions[kind as usize].store(count, Ordering::Relaxed);
        }
    }

    /// Ends everything that others hold for this connection: subscriptions, watches, the monitor.
    pub(crate) fn leave_everything(&mut self) {
        self.discard();
        if !self.subscriptions.is_empty() {
            self.shared.directory.tell_topics(Notice::Gone { client: self.client.id });
            self.subscriptions.clear();
            self.show_subscriptions();
        }
        self.shared.monitors.remove(self.client.id);
        self.stop_tracking();
    }
}
