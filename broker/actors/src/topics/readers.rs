//! How far each agent has read.
//!
//! ```text
//!    acknowledged            handed out              newest
//!  ───────┴───────────────────────┴─────────────────────┴──────▶ sequence
//!    done        waits for an          still to be
//!                acknowledgement       handed out
//! ```
//!
//! A poll acknowledges what the former one handed out; a resumption takes `handed out` back to
//! `acknowledged`. Messages that an agent acknowledges one by one stand in a set until everything
//! before them is done too.

use std::collections::BTreeSet;
use std::sync::Arc;

use ahash::AHashMap;

use super::history::{Histories, Message};

/// What becomes of an agent, as far as its reading goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReaderEvent {
    /// It registered: it reads what is published from now on.
    Joined,
    /// It registered again as the same: what it had not acknowledged is given again.
    Resumed,
    /// It unregistered.
    Left,
}

/// The positions of one agent.
#[derive(Debug, Default)]
struct Reader {
    /// Everything up to here is done.
    acknowledged: u64,
    /// Everything up to here was handed out.
    handed_out: u64,
    /// What is done behind `acknowledged`.
    done: BTreeSet<u64>,
}

/// All agents' positions.
#[derive(Debug, Default)]
pub struct Readers {
    readers: AHashMap<Box<str>, Reader>,
}

impl Readers {
    /// Takes note of what became of an agent.
    pub fn event(&mut self, agent: &str, event: ReaderEvent, histories: &Histories) {
        let at = histories.last_sequence();
        let fresh = Reader { acknowledged: at, handed_out: at, done: BTreeSet::new() };
        match event {
            ReaderEvent::Joined => {
                self.readers.insert(agent.into(), fresh);
            }
            ReaderEvent::Resumed => {
                let reader = self.readers.entry(agent.into()).or_insert(fresh);
                reader.handed_out = reader.acknowledged;
            }
            ReaderEvent::Left => {
                self.readers.remove(agent);
            }
        }
    }

    /// Whether this agent is registered.
    pub fn contains(&self, agent: &str) -> bool {
        self.readers.contains_key(agent)
    }

    /// How many agents will be handed a message from `from`.
    pub fn followers(&self, from: &str) -> usize {
        self.readers.len() - usize::from(self.contains(from))
    }

    /// Forgets everyone.
    pub fn clear(&mut self) {
        self.readers.clear();
    }

    /// Hands out up to `count` messages that were published since the last time, but not the
    /// agent's own. What was handed out before is thereby acknowledged. An agent that nobody
    /// registered gets nothing.
    pub fn poll(&mut self, agent: &str, count: usize, histories: &Histories) -> Vec<Arc<Message>> {
        let Some(reader) = self.readers.get_mut(agent) else {
            return Vec::new();
        };
        reader.acknowledge_handed_out();
        let mut given = Vec::new();
        if count == 0 {
            return given;
        }
        for message in histories.after(reader.handed_out) {
            if reader.wants(agent, message) {
                given.push(message.clone());
            }
            if given.len() == count {
                reader.handed_out = message.sequence;
                return given;
            }
        }
        reader.handed_out = histories.last_sequence();
        given
    }

    /// Marks a message as done. False if it did not wait for this agent: it was done before, or is
    /// its own.
    pub fn acknowledge(&mut self, agent: &str, message: &Message, histories: &Histories) -> bool {
        let Some(reader) = self.readers.get_mut(agent) else {
            return false;
        };
        if message.sequence <= reader.acknowledged || !reader.wants(agent, message) {
            return false;
        }
        reader.done.insert(message.sequence);
        reader.advance(agent, histories);
        true
    }
}

impl Reader {
    fn wants(&self, agent: &str, message: &Message) -> bool {
        *message.from != *agent && !self.done.contains(&message.sequence)
    }

    fn acknowledge_handed_out(&mut self) {
        self.acknowledged = self.handed_out;
        self.done = self.done.split_off(&(self.acknowledged + 1));
    }

    /// Moves `acknowledged` on over everything that is done, the agent's own, or no longer kept, so
    /// that `done` stays small. What is done in a busy topic while an old message of a quiet one
    /// waits leaves `done` when its topic drops it.
    fn advance(&mut self, agent: &str, histories: &Histories) {
        let waiting = histories.after(self.acknowledged).find(|message| self.wants(agent, message));
        let done_to = waiting.map_or(histories.last_sequence(), |message| message.sequence - 1);
        self.acknowledged = done_to;
        self.handed_out = self.handed_out.max(done_to);
        self.done = self.done.split_off(&(done_to + 1));
        if self.done.len() > 2 * histories.message_count() {
            self.done.retain(|sequence| histories.keeps(*sequence));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::super::history::{Body, Bounds, New};
    use super::*;

    const BOUNDS: Bounds = Bounds { topics: 9, messages: 5, bytes: 1 << 20 };
    const AGENTS: [&str; 3] = ["a", "b", "c"];

    fn publish(histories: &mut Histories, topic: u8, from: &str) {
        let id = (histories.last_sequence() + 1).to_string();
        let new = New { from: from.into(), body: Body::Record(id.into(), "".into()) };
        assert!(histories.keep(&[topic], new, 1, &BOUNDS));
    }

    fn sequences(given: &[Arc<Message>]) -> Vec<u64> {
        given.iter().map(|message| message.sequence).collect()
    }

    #[test]
    fn each_message_is_handed_out_once_and_own_ones_never() {
        let (mut histories, mut readers) = (Histories::default(), Readers::default());
        publish(&mut histories, 1, "b");
        readers.event("a", ReaderEvent::Joined, &histories);
        for from in ["b", "a", "", "b"] {
            publish(&mut histories, 1, from);
        }
        assert_eq!(sequences(&readers.poll("a", 2, &histories)), [2, 4]);
        assert_eq!(sequences(&readers.poll("a", 2, &histories)), [5]);
        assert!(readers.poll("a", 2, &histories).is_empty());
        assert!(readers.poll("nobody", 2, &histories).is_empty());
        assert_eq!((readers.followers("a"), readers.followers("b")), (0, 1));
    }

    #[test]
    fn who_resumes_gets_again_what_was_not_acknowledged() {
        let (mut histories, mut readers) = (Histories::default(), Readers::default());
        readers.event("a", ReaderEvent::Joined, &histories);
        (0..4).for_each(|_| publish(&mut histories, 1, "b"));
        assert_eq!(sequences(&readers.poll("a", 3, &histories)), [1, 2, 3]);
        let second = histories.after(1).next().cloned().expect("it is kept");
        assert!(readers.acknowledge("a", &second, &histories));
        assert!(!readers.acknowledge("a", &second, &histories));
        readers.event("a", ReaderEvent::Resumed, &histories);
        assert_eq!(sequences(&readers.poll("a", 9, &histories)), [1, 3, 4]);
        readers.event("a", ReaderEvent::Left, &histories);
        assert!(readers.poll("a", 9, &histories).is_empty());
    }

    #[derive(Debug, Clone)]
    enum Step {
        Publish(u8, usize),
        Poll(usize, usize),
        Acknowledge(usize, u64),
        Resume(usize),
        Join(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let agent = 0..AGENTS.len();
        prop_oneof![
            6 => (0..3u8, 0..4usize).prop_map(|(topic, from)| Step::Publish(topic, from)),
            4 => (agent.clone(), 0..4usize).prop_map(|(agent, count)| Step::Poll(agent, count)),
            3 => (agent.clone(), 0..9u64).prop_map(|(agent, back)| Step::Acknowledge(agent, back)),
            1 => agent.clone().prop_map(Step::Resume),
            1 => agent.prop_map(Step::Join),
        ]
    }

    /// The simple model: each agent has a set of what it still is to get, and a set of what it was
    /// handed.
    #[derive(Default)]
    struct Model {
        due: BTreeSet<u64>,
        handed: BTreeSet<u64>,
    }

    proptest! {
        #[test]
        fn behaves_as_a_set_of_messages_for_each_agent(steps in prop::collection::vec(step(), 0..80)) {
            let (mut histories, mut readers) = (Histories::default(), Readers::default());
            let mut model: BTreeMap<usize, Model> = BTreeMap::new();
            for step in steps {
                match step {
                    Step::Publish(topic, from) => {
                        publish(&mut histories, topic, AGENTS.get(from).copied().unwrap_or(""));
                        let others = model.iter_mut().filter(|(agent, _)| **agent != from);
                        others.for_each(|(_, m)| { m.due.insert(histories.last_sequence()); });
                    }
                    Step::Poll(agent, count) => {
                        let given = sequences(&readers.poll(AGENTS[agent], count, &histories));
                        let Some(m) = model.get_mut(&agent) else {
                            prop_assert!(given.is_empty());
                            continue;
                        };
                        let kept: BTreeSet<u64> = histories.after(0).map(|k| k.sequence).collect();
                        m.handed.clear();
                        let expected: Vec<u64> = m.due.intersection(&kept).take(count).copied().collect();
                        prop_assert_eq!(&given, &expected);
                        m.due.retain(|sequence| kept.contains(sequence) && !given.contains(sequence));
                        m.handed.extend(given);
                    }
                    Step::Acknowledge(agent, back) => {
                        let sequence = histories.last_sequence().saturating_sub(back);
                        let Some(message) = histories.after(0).find(|m| m.sequence == sequence).cloned() else {
                            continue;
                        };
                        let waited = readers.acknowledge(AGENTS[agent], &message, &histories);
                        let expected = model.get_mut(&agent).is_some_and(|m| {
                            m.due.remove(&sequence) | m.handed.remove(&sequence)
                        });
                        prop_assert_eq!(waited, expected);
                    }
                    Step::Resume(agent) => {
                        readers.event(AGENTS[agent], ReaderEvent::Resumed, &histories);
                        let m = model.entry(agent).or_default();
                        let again = std::mem::take(&mut m.handed);
                        m.due.extend(again);
                    }
                    Step::Join(agent) => {
                        readers.event(AGENTS[agent], ReaderEvent::Joined, &histories);
                        model.insert(agent, Model::default());
                    }
                }
                for reader in readers.readers.values() {
                    prop_assert!(reader.acknowledged <= reader.handed_out);
                    prop_assert!(reader.done.len() <= 2 * histories.message_count());
                }
            }
        }
    }
}
