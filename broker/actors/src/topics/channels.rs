//! Who is subscribed to what.

use std::sync::Arc;

use ahash::{AHashMap, AHashSet, RandomState};
use bytes::Bytes;
use indexmap::IndexMap;

use crate::collections::glob;
use crate::outbox::{Moment, Outbox, Publication, Reason, Subscriber};

/// What a subscription names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A channel: `SUBSCRIBE`.
    Channel,
    /// Every channel that matches a glob pattern: `PSUBSCRIBE`.
    Pattern,
    /// A shard channel: `SSUBSCRIBE`. They and channels of the same name are worlds apart.
    Shard,
}

/// The connections subscribed to one thing. An entry for each: publishing walks a plain vector of
/// them.
type Subscribers = IndexMap<u64, Arc<Outbox>, RandomState>;

/// What has subscribers, and who they are. Nothing without a subscriber is kept.
type Subscribed = IndexMap<Bytes, Subscribers, RandomState>;

/// All subscriptions.
#[derive(Debug, Default)]
pub struct Channels {
    channels: Subscribed,
    patterns: Subscribed,
    shards: Subscribed,
    /// What each connection is subscribed to, for the moment it goes away.
    clients: AHashMap<u64, AHashSet<(Kind, Bytes)>>,
}

/// What became of a publication.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FannedOut {
    /// How many subscriptions got it; a connection counts once for its channel and once for each
    /// pattern.
    pub receivers: usize,
    /// The connections that did not keep up: they get nothing more.
    pub slow: Vec<u64>,
}

impl Channels {
    /// Subscribes a connection. Doing so twice changes nothing.
    pub fn subscribe(&mut self, kind: Kind, name: Bytes, subscriber: Subscriber) {
        let Subscriber { client, outbox } = subscriber;
        self.of(kind).entry(name.clone()).or_default().insert(client, outbox);
        self.clients.entry(client).or_default().insert((kind, name));
    }

    /// Ends one subscription of a connection, if it has it.
    pub fn unsubscribe(&mut self, kind: Kind, name: &Bytes, client: u64) {
        self.remove(kind, name, client);
        if let Some(own) = self.clients.get_mut(&client) {
            own.remove(&(kind, name.clone()));
            if own.is_empty() {
                self.clients.remove(&client);
            }
        }
    }

    /// Ends all subscriptions of a connection.
    pub fn forget(&mut self, client: u64) {
        for (kind, name) in self.clients.remove(&client).unwrap_or_default() {
            self.remove(kind, &name, client);
        }
    }

    /// Hands a message to everyone who is subscribed to `channel`, and to a pattern that matches
    /// it. `bytes_max` bounds each outbox. Subscribers who did not keep up are forgotten.
    pub fn publish(&mut self, channel: &[u8], payload: &Bytes, bytes_max: u64) -> FannedOut {
        self.publish_at(Moment::BeforeReply, channel, payload, bytes_max)
    }

    /// As [`publish`](Self::publish); `moment` says when a subscriber who brought it about sees it.
    pub fn publish_at(
        &mut self,
        moment: Moment,
        channel: &[u8],
        payload: &Bytes,
        bytes_max: u64,
    ) -> FannedOut {
        let mut fanned = FannedOut::default();
        if let Some((channel, subscribers)) = self.channels.get_key_value(channel) {
            let (channel, payload) = (channel.clone(), payload.clone());
            let publication = Publication::new(Reason::Channel, channel, payload, moment);
            fan_out(subscribers, &publication, bytes_max, &mut fanned);
        }
        for (pattern, subscribers) in &self.patterns {
            if glob::matches(pattern, channel) {
                let reason = Reason::Pattern(pattern.clone());
                let channel = Bytes::copy_from_slice(channel);
                let publication = Publication::new(reason, channel, payload.clone(), moment);
                fan_out(subscribers, &publication, bytes_max, &mut fanned);
            }
        }
        self.close_slow(fanned)
    }

    /// Hands a message to everyone who is subscribed to a shard channel.
    pub fn publish_on_shard(
        &mut self,
        channel: &[u8],
        payload: &Bytes,
        bytes_max: u64,
    ) -> FannedOut {
        let mut fanned = FannedOut::default();
        if let Some((channel, subscribers)) = self.shards.get_key_value(channel) {
            let (channel, payload) = (channel.clone(), payload.clone());
            let moment = Moment::BeforeReply;
            let publication = Publication::new(Reason::Shard, channel, payload, moment);
            fan_out(subscribers, &publication, bytes_max, &mut fanned);
        }
        self.close_slow(fanned)
    }

    /// The number of connections subscribed to exactly this.
    pub fn subscribers(&self, kind: Kind, name: &[u8]) -> usize {
        let subscribed = match kind {
            Kind::Channel => &self.channels,
            Kind::Pattern => &self.patterns,
            Kind::Shard => &self.shards,
        };
        subscribed.get(name).map_or(0, IndexMap::len)
    }

    /// The number of subscriptions that a message on this channel would reach.
    pub fn reached(&self, channel: &[u8]) -> usize {
        let matching = self.patterns.iter().filter(|(pattern, _)| glob::matches(pattern, channel));
        let by_pattern: usize = matching.map(|(_, subscribers)| subscribers.len()).sum();
        self.subscribers(Kind::Channel, channel) + by_pattern
    }

    /// The channels that have subscribers, and match the pattern if there is one.
    pub fn active<'a>(&'a self, pattern: Option<&'a [u8]>) -> impl Iterator<Item = &'a Bytes> {
        matching(&self.channels, pattern)
    }

    /// The shard channels that have subscribers, and match the pattern if there is one.
    pub fn active_shards<'a>(
        &'a self,
        pattern: Option<&'a [u8]>,
    ) -> impl Iterator<Item = &'a Bytes> {
        matching(&self.shards, pattern)
    }

    /// The number of patterns that have subscribers.
    pub fn pattern_count(&self) -> usize {
        self.patterns.len()
    }

    /// How many things of each [`Kind`] have subscribers.
    pub fn counts(&self) -> [usize; 3] {
        [self.channels.len(), self.patterns.len(), self.shards.len()]
    }

    fn of(&mut self, kind: Kind) -> &mut Subscribed {
        match kind {
            Kind::Channel => &mut self.channels,
            Kind::Pattern => &mut self.patterns,
            Kind::Shard => &mut self.shards,
        }
    }

    fn remove(&mut self, kind: Kind, name: &Bytes, client: u64) {
        let subscribed = self.of(kind);
        if let Some(subscribers) = subscribed.get_mut(name) {
            subscribers.swap_remove(&client);
            if subscribers.is_empty() {
                subscribed.swap_remove(name);
            }
        }
    }

    fn close_slow(&mut self, mut fanned: FannedOut) -> FannedOut {
        // One connection may have refused the message as often as it was subscribed to it.
        fanned.slow.sort_unstable();
        fanned.slow.dedup();
        fanned.slow.iter().for_each(|client| self.forget(*client));
        fanned
    }
}

fn fan_out(
    to: &Subscribers,
    publication: &Arc<Publication>,
    bytes_max: u64,
    fanned: &mut FannedOut,
) {
    fanned.receivers += to.len();
    for (client, outbox) in to {
        if !outbox.push(publication, bytes_max) {
            fanned.slow.push(*client);
        }
    }
}

fn matching<'a>(
    subscribed: &'a Subscribed,
    pattern: Option<&'a [u8]>,
) -> impl Iterator<Item = &'a Bytes> {
    subscribed.keys().filter(move |name| pattern.is_none_or(|p| glob::matches(p, name)))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    const UNBOUNDED: u64 = u64::MAX;

    fn subscriber(client: u64) -> Subscriber {
        Subscriber { client, outbox: Arc::default() }
    }

    fn taken(subscriber: &Subscriber) -> Vec<(Reason, Bytes)> {
        let mut got = Vec::new();
        subscriber.outbox.take(&mut got);
        got.iter().map(|p| (p.reason.clone(), p.payload.clone())).collect()
    }

    #[test]
    fn a_channel_comes_before_the_patterns_that_match_it() {
        let mut channels = Channels::default();
        let bob = subscriber(1);
        channels.subscribe(Kind::Pattern, "n*".into(), bob.clone());
        channels.subscribe(Kind::Channel, "news".into(), bob.clone());
        channels.subscribe(Kind::Shard, "news".into(), bob.clone());
        let payload = Bytes::from("x");
        assert_eq!(channels.publish(b"news", &payload, UNBOUNDED).receivers, 2);
        assert_eq!(channels.publish_on_shard(b"news", &payload, UNBOUNDED).receivers, 1);
        assert_eq!(channels.publish(b"other", &payload, UNBOUNDED).receivers, 0);
        let reasons = [Reason::Channel, Reason::Pattern("n*".into()), Reason::Shard];
        let expected = reasons.map(|reason| (reason, payload.clone()));
        assert_eq!(taken(&bob), expected);
    }

    #[test]
    fn a_subscriber_who_does_not_keep_up_is_forgotten_alone() {
        let mut channels = Channels::default();
        let (slow, quick) = (subscriber(1), subscriber(2));
        for reader in [&slow, &quick] {
            channels.subscribe(Kind::Channel, "c".into(), reader.clone());
        }
        channels.subscribe(Kind::Pattern, "*".into(), slow.clone());
        let payload = Bytes::from(vec![b'x'; 500]);
        assert!(channels.publish(b"c", &payload, 1_200).slow.is_empty());
        taken(&quick);
        assert_eq!(channels.publish(b"c", &payload, 1_200).slow, [1]);
        assert!(slow.outbox.overflowed());
        assert_eq!(channels.pattern_count(), 0);
        assert_eq!(
            channels.publish(b"c", &payload, 1_200),
            FannedOut { receivers: 1, slow: vec![] }
        );
    }

    #[derive(Debug, Clone)]
    enum Step {
        Subscribe(Kind, u8, u64),
        Unsubscribe(Kind, u8, u64),
        Forget(u64),
        Publish(u8),
    }

    fn step() -> impl Strategy<Value = Step> {
        let kind = prop_oneof![Just(Kind::Channel), Just(Kind::Pattern), Just(Kind::Shard)];
        let one = (kind, 0..4u8, 0..4u64);
        prop_oneof![
            4 => one.clone().prop_map(|(kind, name, client)| Step::Subscribe(kind, name, client)),
            2 => one.prop_map(|(kind, name, client)| Step::Unsubscribe(kind, name, client)),
            1 => (0..4u64).prop_map(Step::Forget),
            3 => (0..4u8).prop_map(Step::Publish),
        ]
    }

    proptest! {
        /// The model is a set of subscriptions; pattern `c1*` matches channel `c1` alone.
        #[test]
        fn behaves_as_a_set_of_subscriptions(steps in prop::collection::vec(step(), 0..80)) {
            let name = |kind, n: u8| match kind {
                Kind::Pattern => Bytes::from(format!("c{n}*")),
                Kind::Channel | Kind::Shard => Bytes::from(format!("c{n}")),
            };
            let mut channels = Channels::default();
            let readers: BTreeMap<u64, Subscriber> = (0..4).map(|c| (c, subscriber(c))).collect();
            let mut model: BTreeSet<(u8, u8, u64)> = BTreeSet::new();
            for step in steps {
                match step {
                    Step::Subscribe(kind, n, client) => {
                        channels.subscribe(kind, name(kind, n), readers[&client].clone());
                        model.insert((kind as u8, n, client));
                    }
                    Step::Unsubscribe(kind, n, client) => {
                        channels.unsubscribe(kind, &name(kind, n), client);
                        model.remove(&(kind as u8, n, client));
                    }
                    Step::Forget(client) => {
                        channels.forget(client);
                        model.retain(|(_, _, c)| *c != client);
                    }
                    Step::Publish(n) => {
                        let got = channels.publish(&name(Kind::Channel, n), &Bytes::new(), UNBOUNDED);
                        let due = |client| {
                            let to = |kind| usize::from(model.contains(&(kind as u8, n, client)));
                            to(Kind::Channel) + to(Kind::Pattern)
                        };
                        prop_assert_eq!(got.receivers, channels.reached(&name(Kind::Channel, n)));
                        prop_assert_eq!(got.receivers, readers.keys().map(|c| due(*c)).sum::<usize>());
                        for (client, reader) in &readers {
                            prop_assert_eq!(taken(reader).len(), due(*client));
                        }
                    }
                }
                let named = |kind| {
                    let names = model.iter().filter(|(k, ..)| *k == kind as u8).map(|(_, n, _)| *n);
                    names.collect::<BTreeSet<u8>>().len()
                };
                prop_assert_eq!(channels.active(None).count(), named(Kind::Channel));
                prop_assert_eq!(channels.active_shards(None).count(), named(Kind::Shard));
                prop_assert_eq!(channels.pattern_count(), named(Kind::Pattern));
                let connected = model.iter().map(|(.., c)| *c).collect::<BTreeSet<u64>>();
                prop_assert_eq!(channels.clients.len(), connected.len());
            }
        }
    }
}
