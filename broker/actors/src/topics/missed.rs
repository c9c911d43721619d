//! What an agent missed: messages that fell off the end of their topics' histories before they had ever
//! been handed to it.
//!
//! Nothing is noted for an agent while it is away but what it sent itself; what fell meanwhile is looked
//! up in each topic when it polls again.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fallen::Mark;
use super::histories::Histories;

/// So many messages of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The topic.
    pub topic: Arc<[u8]>,
    /// How many were missed.
    pub missed: u64,
    /// The number in the id of the last of them.
    pub last_number: u64,
}

type Gaps = BTreeMap<Arc<[u8]>, Gap>;

/// What one agent missed.
#[derive(Debug, Default)]
pub(super) struct Missed {
    /// Everything up to here was handed out once, or passed over; a resumption does not undo that.
    reached: u64,
    /// How many messages of all topics had fallen when that was last looked at.
    falls: u64,
    rest: Option<Box<Rest>>,
}

/// What few agents have.
#[derive(Debug, Default)]
struct Rest {
    /// What the agent is still to be told.
    due: Gaps,
    /// What it was told and has not acknowledged.
    told: Gaps,
    /// Messages that fell without being missed since that was last looked at: the agent sent them itself,
    /// or had acknowledged them one by one.
    own: BTreeMap<Arc<[u8]>, u64>,
}

impl Missed {
    /// Nothing is missed of what was published and what had fallen so far.
    pub(super) fn since(reached: u64, falls: u64) -> Self {
        Self { reached, falls, rest: None }
    }

    /// Everything up to this sequence number was handed out.
    pub(super) fn reach(&mut self, sequence: u64) {
        self.reached = self.reached.max(sequence);
    }

    /// Takes note of a message that fell without being missed.
    pub(super) fn own_fell(&mut self, sequence: u64, topic: &Arc<[u8]>) {
        if sequence > self.reached {
            *self.rest().own.entry(topic.clone()).or_default() += 1;
        }
    }

    /// Whether anything fell that is to be noted: for an agent that polls regularly, nothing ever does.
    pub(super) fn is_news(&mut self, histories: &Histories) -> bool {
        if self.falls < histories.falls() && histories.last_fallen() > self.reached {
            return true;
        }
        self.falls = histories.falls();
        false
    }

    /// Notes what fell since the last time.
    pub(super) fn note(&mut self, histories: &Histories) {
        let (reached, seen) = (self.reached, self.falls);
        self.falls = histories.falls();
        let own = std::mem::take(&mut self.rest().own);
        for (topic, history) in histories.topics().iter() {
            let fallen = history.fallen();
            let news = |last: &Mark| last.fall > seen && last.sequence > reached;
            let Some(last) = fallen.last().filter(news) else { continue };
            // In a topic messages fall in the order of their numbers: both are counts of the last few.
            let behind = fallen.after(reached, |mark| mark.sequence);
            let since = fallen.after(seen, |mark| mark.fall);
            let missed = behind.min(since).saturating_sub(own.get(topic).copied().unwrap_or(0));
            if missed > 0 {
                let topic = history.name().clone();
                add(&mut self.rest().due, Gap { topic, missed, last_number: last.number });
            }
        }
    }

    /// Up to so many topics of which something was missed, of those that are followed. The agent is told
    /// once.
    pub(super) fn hand_out(&mut self, count: usize, follows: impl Fn(&[u8]) -> bool) -> Vec<Gap> {
        let Some(rest) = self.rest.as_mut() else {
            return Vec::new();
        };
        rest.due.retain(|topic, _| follows(topic));
        let mut gaps = Vec::new();
        while gaps.len() < count
            && let Some((_, gap)) = rest.due.pop_first()
        {
            add(&mut rest.told, gap.clone());
            gaps.push(gap);
        }
        gaps
    }

    /// What the agent was told has arrived.
    pub(super) fn acknowledge(&mut self) {
        let Some(rest) = self.rest.as_mut() else { return };
        rest.told.clear();
        if rest.due.is_empty() && rest.own.is_empty() {
            self.rest = None;
        }
    }

    /// What the agent was told and has not acknowledged it is to be told again.
    pub(super) fn take_back(&mut self) {
        if let Some(rest) = self.rest.as_mut() {
            std::mem::take(&mut rest.told).into_values().for_each(|gap| add(&mut rest.due, gap));
        }
    }

    fn rest(&mut self) -> &mut Rest {
        self.rest.get_or_insert_default()
    }
}

fn add(gaps: &mut Gaps, gap: Gap) {
    let Some(same) = gaps.get_mut(&gap.topic) else {
        gaps.insert(gap.topic.clone(), gap);
        return;
    };
    same.missed += gap.missed;
    same.last_number = same.last_number.max(gap.last_number);
}
