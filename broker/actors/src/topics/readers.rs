//! How far each agent has read, and what it follows.
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
//! before them is done too. What falls off the end of a topic's history before it was handed out is
//! missed, and the agent is told how much that was: see `super::missed`.

use std::collections::BTreeMap;
use std::sync::Arc;

use ahash::{AHashMap, AHashSet};

use super::histories::Histories;
use super::message::Message;
use super::missed::{Gap, Missed};
use super::rules::Rules;
use crate::Refusal;

/// What becomes of an agent, as far as its reading goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReaderEvent {
    /// It registered: it reads what is published from now on, on all topics.
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
    /// What is done behind `acknowledged`, and its topic.
    done: BTreeMap<u64, Arc<[u8]>>,
    missed: Missed,
    rules: Rules,
}

/// What a poll hands out.
#[derive(Debug, Default)]
pub struct Given {
    /// The topics of which the agent missed something: how much is the first thing it is to read.
    pub gaps: Vec<Gap>,
    /// Messages, oldest first.
    pub messages: Vec<Arc<Message>>,
}

impl Given {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.gaps.is_empty() && self.messages.is_empty()
    }
}

/// All agents' positions.
#[derive(Debug, Default)]
pub struct Readers {
    readers: AHashMap<Box<str>, Reader>,
    /// Those that do not simply follow every topic.
    choosy: AHashSet<Box<str>>,
}

impl Readers {
    /// Takes note of what became of an agent.
    pub fn event(&mut self, agent: &str, event: ReaderEvent, histories: &Histories) {
        match event {
            ReaderEvent::Joined => {
                self.choosy.remove(agent);
                self.readers.insert(agent.into(), Reader::new(histories));
            }
            ReaderEvent::Resumed => {
                let fresh = || Reader::new(histories);
                self.readers.entry(agent.into()).or_insert_with(fresh).resume();
            }
            ReaderEvent::Left => {
                self.choosy.remove(agent);
                self.readers.remove(agent);
            }
        }
    }

    /// Whether this agent is registered.
    pub fn contains(&self, agent: &str) -> bool {
        self.readers.contains_key(agent)
    }

    /// How many agents will be handed a message on this topic from `from`.
    pub fn followers(&self, topic: &[u8], from: &str) -> usize {
        let follows = |agent: &str| self.rules(agent).is_some_and(|rules| rules.follow(topic));
        let aside = self.choosy.iter().filter(|agent| !follows(agent)).count();
        self.readers.len() - aside - usize::from(follows(from))
    }

    /// What an agent follows. `None` if it is not registered.
    pub fn rules(&self, agent: &str) -> Option<&Rules> {
        self.readers.get(agent).map(|reader| &reader.rules)
    }

    /// Lets an agent follow what matches the patterns, or no longer.
    ///
    /// # Errors
    /// Those of `Rules::add`; then nothing has changed. `Refusal::NoAgent`.
    pub fn follow<'a>(
        &mut self,
        agent: &str,
        follow: bool,
        mut patterns: impl Iterator<Item = &'a [u8]>,
    ) -> Result<&Rules, Refusal> {
        let reader = self.readers.get_mut(agent).ok_or_else(|| Refusal::NoAgent(agent.into()))?;
        let mut rules = reader.rules.clone();
        patterns.try_for_each(|pattern| rules.add(follow, pattern))?;
        if rules.is_default() {
            self.choosy.remove(agent);
        } else {
            self.choosy.insert(agent.into());
        }
        reader.rules = rules;
        Ok(&reader.rules)
    }

    /// Forgets everyone.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes note that a message fell off the end of its topic's history.
    pub fn fell(&mut self, message: &Message) {
        if let Some(sender) = self.readers.get_mut(&*message.from) {
            sender.missed.own_fell(message.sequence, &message.topic);
        }
    }

    /// Hands out up to `count` messages that were published since the last time on topics that the
    /// agent follows, but not its own; first of all, of which topics it missed some. What was handed
    /// out before is thereby acknowledged. An agent that nobody registered gets nothing.
    pub fn poll(&mut self, agent: &str, count: usize, histories: &Histories) -> Given {
        let Some(reader) = self.readers.get_mut(agent) else {
            return Given::default();
        };
        reader.acknowledge_handed_out();
        if count == 0 {
            return Given::default();
        }
        reader.note_missed(histories);
        let rules = &reader.rules;
        let gaps = reader.missed.hand_out(count, |topic| rules.follow(topic));
        let left = count - gaps.len();
        let messages = if left > 0 { reader.hand_out(agent, left, histories) } else { Vec::new() };
        Given { gaps, messages }
    }

    /// Marks a message as done. False if it did not wait for this agent: it was done before, or is
    /// its own, or on a topic that it does not follow.
    pub fn acknowledge(&mut self, agent: &str, message: &Message, histories: &Histories) -> bool {
        let Some(reader) = self.readers.get_mut(agent) else {
            return false;
        };
        if message.sequence <= reader.acknowledged || !reader.wants(agent, message) {
            return false;
        }
        reader.note_missed(histories);
        reader.done.insert(message.sequence, message.topic.clone());
        reader.advance(agent, histories);
        true
    }
}

impl Reader {
    fn new(histories: &Histories) -> Self {
        let at = histories.last_sequence();
        let missed = Missed::since(at, histories.falls());
        Self { acknowledged: at, handed_out: at, missed, ..Self::default() }
    }

    fn resume(&mut self) {
        self.handed_out = self.acknowledged;
        self.missed.take_back();
    }

    fn wants(&self, agent: &str, message: &Message) -> bool {
        *message.from != *agent
            && !self.done.contains_key(&message.sequence)
            && (self.rules.is_default() || self.rules.follow(&message.topic))
    }

    fn acknowledge_handed_out(&mut self) {
        self.acknowledged = self.handed_out;
        self.done = self.done.split_off(&(self.acknowledged + 1));
        self.missed.acknowledge();
    }

    /// Looks what has fallen before it was handed out. What the agent had done already it did not miss.
    fn note_missed(&mut self, histories: &Histories) {
        if !self.missed.is_news(histories) {
            return;
        }
        let missed = &mut self.missed;
        self.done.retain(|sequence, topic| {
            let kept = histories.keeps(*sequence);
            // One that was superseded is not kept either, though it did not fall.
            if !kept && histories.fallen_to(topic) >= *sequence {
                missed.own_fell(*sequence, topic);
            }
            kept
        });
        missed.note(histories);
    }

    fn hand_out(&mut self, agent: &str, count: usize, histories: &Histories) -> Vec<Arc<Message>> {
        let mut given = Vec::new();
        for message in histories.after(self.handed_out) {
            if self.wants(agent, message) {
                given.push(message.clone());
            }
            if given.len() == count {
                self.reach(message.sequence);
                return given;
            }
        }
        self.reach(histories.last_sequence());
        given
    }

    fn reach(&mut self, sequence: u64) {
        self.handed_out = sequence;
        self.missed.reach(sequence);
    }

    /// Moves `acknowledged` on over everything that is done, not wanted, or no longer kept, so that
    /// `done` stays small. What is done in a busy topic while an old message of a quiet one waits
    /// leaves `done` when its topic drops it.
    fn advance(&mut self, agent: &str, histories: &Histories) {
        let waiting = histories.after(self.acknowledged).find(|message| self.wants(agent, message));
        let done_to = waiting.map_or(histories.last_sequence(), |message| message.sequence - 1);
        self.acknowledged = done_to;
        self.reach(self.handed_out.max(done_to));
        self.done = self.done.split_off(&(done_to + 1));
        if self.done.len() > 2 * histories.message_count() {
            self.done.retain(|sequence, _| histories.keeps(*sequence));
        }
    }
}

#[cfg(test)]
#[path = "readers_tests.rs"]
mod tests;
