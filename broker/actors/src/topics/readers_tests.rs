//! How far agents read, against sets of messages.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::histories::Leaves;
use super::super::history::Bounds;
use super::super::message::{Body, Labels, New};
use super::*;

const BOUNDS: Bounds = Bounds { topics: 9, messages: 5, bytes: 1 << 20 };
const AGENTS: [&str; 3] = ["a", "b", "c"];

/// What topics do with a message: the readers see what falls for it.
fn publish(
    (histories, readers): (&mut Histories, &mut Readers),
    topic: u8,
    from: &str,
    key: Option<u8>,
) -> Vec<(u64, Leaves)> {
    let id = (histories.last_sequence() + 1).to_string();
    let body = Body::Record(format!("#{topic}.b.{id}").into(), "".into());
    let labels = Labels { key: key.map(|key| key.to_string().into()), tags: [].into() };
    let new = New { from: from.into(), body, labels: Some(Box::new(labels)) };
    let mut left = Vec::new();
    let leaves = |message: &Arc<Message>, how| {
        left.push((message.sequence, how));
        if how == Leaves::Fell {
            readers.fell(message);
        }
    };
    assert!(histories.keep(&[topic], new, 1, &BOUNDS, leaves).is_some());
    left
}

fn sequences(given: &Given) -> Vec<u64> {
    given.messages.iter().map(|message| message.sequence).collect()
}

fn missed(given: &Given) -> Vec<(u8, u64)> {
    given.gaps.iter().map(|gap| (gap.topic[0], gap.missed)).collect()
}

#[test]
fn each_message_is_handed_out_once_and_own_ones_never() {
    let (mut histories, mut readers) = (Histories::default(), Readers::default());
    publish((&mut histories, &mut readers), 1, "b", None);
    readers.event("a", ReaderEvent::Joined, &histories);
    for from in ["b", "a", "", "b"] {
        publish((&mut histories, &mut readers), 1, from, None);
    }
    assert_eq!(sequences(&readers.poll("a", 2, &histories)), [2, 4]);
    assert_eq!(sequences(&readers.poll("a", 2, &histories)), [5]);
    assert!(readers.poll("a", 2, &histories).is_empty());
    assert!(readers.poll("nobody", 2, &histories).is_empty());
    assert_eq!((readers.followers(b"t", "a"), readers.followers(b"t", "b")), (0, 1));
}

#[test]
fn who_resumes_gets_again_what_was_not_acknowledged() {
    let (mut histories, mut readers) = (Histories::default(), Readers::default());
    readers.event("a", ReaderEvent::Joined, &histories);
    (0..4).for_each(|_| drop(publish((&mut histories, &mut readers), 1, "b", None)));
    assert_eq!(sequences(&readers.poll("a", 3, &histories)), [1, 2, 3]);
    let second = histories.after(1).next().cloned().expect("it is kept");
    assert!(readers.acknowledge("a", &second, &histories));
    assert!(!readers.acknowledge("a", &second, &histories));
    readers.event("a", ReaderEvent::Resumed, &histories);
    assert_eq!(sequences(&readers.poll("a", 9, &histories)), [1, 3, 4]);
    readers.event("a", ReaderEvent::Left, &histories);
    assert!(readers.poll("a", 9, &histories).is_empty());
}

#[test]
fn who_comes_too_late_is_told_once_and_again_when_it_resumes() {
    let (mut histories, mut readers) = (Histories::default(), Readers::default());
    readers.event("a", ReaderEvent::Joined, &histories);
    for topic in [1, 2] {
        (0..8).for_each(|_| drop(publish((&mut histories, &mut readers), topic, "b", None)));
    }
    let first = readers.poll("a", 1, &histories);
    assert_eq!((missed(&first), sequences(&first)), (vec![(1, 3)], vec![]));
    readers.event("a", ReaderEvent::Resumed, &histories);
    publish((&mut histories, &mut readers), 2, "b", None);
    let again = readers.poll("a", 3, &histories);
    assert_eq!((missed(&again), sequences(&again)), (vec![(1, 3), (2, 4)], vec![4]));
    let then = readers.poll("a", 99, &histories);
    assert_eq!((missed(&then), sequences(&then).len()), (vec![], 9));
}

#[test]
fn who_follows_a_topic_is_counted_and_told_what_it_missed_there() {
    let (mut histories, mut readers) = (Histories::default(), Readers::default());
    for agent in AGENTS {
        readers.event(agent, ReaderEvent::Joined, &histories);
    }
    assert!(readers.follow("a", false, [&b"*"[..]].into_iter()).is_ok());
    assert!(readers.follow("a", true, [&[1u8][..]].into_iter()).is_ok());
    assert!(readers.follow("x", true, [&b"*"[..]].into_iter()).is_err());
    let counts = [&[1u8][..], &[2]].map(|topic| readers.followers(topic, "b"));
    assert_eq!(counts, [2, 1]);
    assert_eq!(readers.followers(&[2], "a"), 2, "it would not have got it anyway");
    for topic in [1, 2] {
        (0..8).for_each(|_| drop(publish((&mut histories, &mut readers), topic, "b", None)));
    }
    let given = readers.poll("a", 99, &histories);
    assert_eq!((missed(&given), sequences(&given)), (vec![(1, 3)], (4..=8).collect()));
    readers.event("a", ReaderEvent::Left, &histories);
    assert_eq!(readers.followers(&[2], ""), 2);
}

#[derive(Debug, Clone)]
enum Step {
    Publish(u8, usize, Option<u8>),
    Poll(usize, usize),
    Acknowledge(usize, u64),
    Resume(usize),
    Join(usize),
    Follow(usize, bool, u8),
}

fn step() -> impl Strategy<Value = Step> {
    let agent = 0..AGENTS.len();
    let publish = (1..4u8, 0..4usize, prop::option::weighted(0.3, 0..3u8));
    prop_oneof![
        8 => publish.prop_map(|(topic, from, key)| Step::Publish(topic, from, key)),
        4 => (agent.clone(), 0..9usize).prop_map(|(agent, count)| Step::Poll(agent, count)),
        3 => (agent.clone(), 0..9u64).prop_map(|(agent, back)| Step::Acknowledge(agent, back)),
        1 => agent.clone().prop_map(Step::Resume),
        1 => agent.clone().prop_map(Step::Join),
        1 => (agent, any::<bool>(), 1..4u8).prop_map(|(agent, on, topic)| Step::Follow(agent, on, topic)),
    ]
}

/// The simple model of an agent: what it still is to get, what it was handed, what it missed of each
/// topic and was told of that, and the topics that it does not follow. What leaves a history is noted for
/// every agent the moment it does.
#[derive(Default)]
struct Model {
    due: BTreeSet<u64>,
    handed: BTreeSet<u64>,
    /// What was passed over when that was handed out, because the agent did not follow it.
    passed: BTreeSet<u64>,
    /// What was handed out, or passed over, before and is due again.
    again: BTreeSet<u64>,
    missed: BTreeMap<u8, u64>,
    told: BTreeMap<u8, u64>,
    aside: BTreeSet<u8>,
}

/// The topic of each message, as `topics[sequence - 1]`.
type Topics = Vec<u8>;

impl Model {
    /// What is handed out: which gaps, and which messages.
    fn poll(&mut self, count: usize, topics: &Topics) -> (Vec<(u8, u64)>, Vec<u64>) {
        self.handed.clear();
        self.passed.clear();
        self.told.clear();
        if count == 0 {
            return (Vec::new(), Vec::new());
        }
        let aside = &self.aside;
        self.missed.retain(|topic, _| !aside.contains(topic));
        let gaps: Vec<_> = self.missed.iter().take(count).map(|(t, n)| (*t, *n)).collect();
        self.missed = self.missed.split_off(&gaps.last().map_or(0, |(topic, _)| topic + 1));
        self.told.extend(gaps.iter().copied());
        let left = count - gaps.len();
        if left == 0 {
            return (gaps, Vec::new());
        }
        let wanted =
            self.due.iter().copied().filter(|at| !aside.contains(&topics[*at as usize - 1]));
        let given: Vec<u64> = wanted.take(left).collect();
        let last = if given.len() == left { given[left - 1] } else { u64::MAX };
        self.handed.extend(given.iter().copied());
        self.passed =
            self.due.iter().copied().filter(|at| *at <= last && !given.contains(at)).collect();
        self.due.retain(|at| *at > last);
        self.again.retain(|at| *at > last);
        (gaps, given)
    }

    /// Whether the message waited. What comes before the first one that is still wanted is passed over.
    fn acknowledge(&mut self, sequence: u64, topics: &Topics) -> bool {
        let aside = |at: &u64| self.aside.contains(&topics[*at as usize - 1]);
        let waits =
            [&self.due, &self.handed, &self.passed].iter().any(|set| set.contains(&sequence));
        if aside(&sequence) || !waits {
            return false;
        }
        for set in [&mut self.due, &mut self.handed, &mut self.passed] {
            set.remove(&sequence);
        }
        let aside = |at: &u64| self.aside.contains(&topics[*at as usize - 1]);
        let wanted =
            [&self.due, &self.handed, &self.passed].map(|set| set.iter().find(|at| !aside(at)));
        let first = wanted.into_iter().flatten().min().copied().unwrap_or(u64::MAX);
        self.due = self.due.split_off(&first);
        self.handed = self.handed.split_off(&first);
        self.passed = self.passed.split_off(&first);
        true
    }

    fn resume(&mut self) {
        self.handed.append(&mut self.passed);
        self.again.extend(self.handed.iter().copied());
        self.due.append(&mut self.handed);
        for (topic, missed) in std::mem::take(&mut self.told) {
            *self.missed.entry(topic).or_default() += missed;
        }
    }

    fn leaves(&mut self, sequence: u64, how: Leaves, topics: &Topics) {
        self.handed.remove(&sequence);
        self.passed.remove(&sequence);
        let due = self.due.remove(&sequence) && !self.again.remove(&sequence);
        if due && how == Leaves::Fell {
            *self.missed.entry(topics[sequence as usize - 1]).or_default() += 1;
        }
    }
}

proptest! {
    #[test]
    fn behaves_as_sets_of_messages_for_each_agent(steps in prop::collection::vec(step(), 0..120)) {
        let (mut histories, mut readers) = (Histories::default(), Readers::default());
        let mut model: BTreeMap<usize, Model> = BTreeMap::new();
        let mut topics = Topics::new();
        for step in steps {
            match step {
                Step::Publish(topic, from, key) => {
                    let sender = AGENTS.get(from).copied().unwrap_or("");
                    let left = publish((&mut histories, &mut readers), topic, sender, key);
                    topics.push(topic);
                    for (agent, m) in &mut model {
                        if *agent != from {
                            m.due.insert(histories.last_sequence());
                        }
                        left.iter().for_each(|(sequence, how)| m.leaves(*sequence, *how, &topics));
                    }
                }
                Step::Poll(agent, count) => {
                    let given = readers.poll(AGENTS[agent], count, &histories);
                    let given = (missed(&given), sequences(&given));
                    let expected = model.get_mut(&agent).map(|m| m.poll(count, &topics));
                    prop_assert_eq!(given, expected.unwrap_or_default());
                }
                Step::Acknowledge(agent, back) => {
                    let sequence = histories.last_sequence().saturating_sub(back);
                    // A fact that was acknowledged ahead of its turn, then superseded, may count as one that
                    // fell: nobody keeps track of those.
                    let own = |m: &&Arc<Message>| m.sequence == sequence && m.key().is_none();
                    let Some(message) = histories.after(0).find(own).cloned() else {
                        continue;
                    };
                    let waited = readers.acknowledge(AGENTS[agent], &message, &histories);
                    let expected = model.get_mut(&agent).map(|m| m.acknowledge(sequence, &topics));
                    prop_assert_eq!(waited, expected.unwrap_or(false));
                }
                Step::Resume(agent) => {
                    readers.event(AGENTS[agent], ReaderEvent::Resumed, &histories);
                    model.entry(agent).or_default().resume();
                }
                Step::Join(agent) => {
                    readers.event(AGENTS[agent], ReaderEvent::Joined, &histories);
                    model.insert(agent, Model::default());
                }
                Step::Follow(agent, on, topic) => {
                    let done = readers.follow(AGENTS[agent], on, [&[topic][..]].into_iter());
                    prop_assert_eq!(done.is_ok(), model.contains_key(&agent));
                    let aside = model.get_mut(&agent).map(|m| &mut m.aside);
                    aside.map(|a| if on { a.remove(&topic) } else { a.insert(topic) });
                }
            }
            for topic in 1..4 {
                let follow = model.values().filter(|m| !m.aside.contains(&topic)).count();
                prop_assert_eq!(readers.followers(&[topic], ""), follow);
            }
            for reader in readers.readers.values() {
                prop_assert!(reader.acknowledged <= reader.handed_out);
                prop_assert!(reader.done.len() <= 2 * histories.message_count());
            }
        }
    }
}
