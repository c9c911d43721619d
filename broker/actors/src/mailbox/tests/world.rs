//! What is around a mailbox in tests: the time, new ids, signs of life, and what came of changes.

use std::cell::Cell;
use std::collections::HashMap;

use clawlink_protocol::{Priority, TaskResponse};

use super::envelope_to_bob;
use crate::limits::Limits;
use crate::mailbox::record::{self, empty_object};
use crate::mailbox::{Change, Delegated, Effect, Mailbox, Poll, Terms};

#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) now: u64,
    pub(super) limits: Limits,
    /// All effects since they were last taken.
    pub(super) effects: Vec<Effect>,
    ids: Cell<usize>,
    seen: HashMap<String, u64>,
}

impl World {
    pub(super) fn mint(&self, place: &str) -> String {
        self.ids.set(self.ids.get() + 1);
        format!("{place}.t.{}", self.ids.get())
    }

    pub(super) fn saw(&mut self, agent: &str) {
        self.seen.insert(agent.to_owned(), self.now);
    }

    pub(super) fn make<T>(
        &mut self,
        mailbox: &mut Mailbox,
        make: impl FnOnce(&mut Mailbox, &mut Change<'_>) -> T,
    ) -> T {
        let mint = |place: &str| self.mint(place);
        let last_seen = |agent: &str| self.seen.get(agent).copied().unwrap_or(0);
        let effects = Vec::new();
        let (now, limits) = (self.now, &self.limits);
        let mut change = Change { now, limits, mint: &mint, last_seen: &last_seen, effects };
        let made = make(mailbox, &mut change);
        let effects = change.effects;
        self.effects.extend(effects);
        made
    }

    /// Lets time pass, and what is due happen.
    pub(super) fn pass(&mut self, mailbox: &mut Mailbox, ms: u64) {
        self.now += ms;
        self.make(mailbox, Mailbox::catch_up);
    }

    /// Alice delegates a task on some terms.
    pub(super) fn delegate(
        &mut self,
        mailbox: &mut Mailbox,
        delay_ms: u64,
        terms: Terms,
    ) -> String {
        let id = self.mint(mailbox.name());
        let (priority, envelope) = (Priority::Normal, envelope_to_bob(&id));
        let record = record::task(envelope, b"work", empty_object(), priority, Some(&terms));
        let due = (delay_ms > 0).then_some(self.now + delay_ms);
        let (from, terms) = ("alice".into(), Some(Box::new(terms)));
        let id: std::sync::Arc<str> = id.into();
        let new = Delegated { id: id.clone(), from, record: &record, priority, due, terms };
        self.make(mailbox, |mailbox, change| mailbox.delegate(new, change));
        id.to_string()
    }

    /// Alice delegates a task as most are.
    pub(super) fn delegate_text(
        &mut self,
        mailbox: &mut Mailbox,
        id: &str,
        text: &str,
        priority: Priority,
    ) {
        let envelope = envelope_to_bob(id);
        let record = record::task(envelope, text.as_bytes(), empty_object(), priority, None);
        let (id, from) = (id.into(), "alice".into());
        let new = Delegated { id, from, record: &record, priority, due: None, terms: None };
        self.make(mailbox, |mailbox, change| mailbox.delegate(new, change));
    }

    /// The records that an agent gets, which is thereby alive.
    pub(super) fn poll(&mut self, mailbox: &mut Mailbox, agent: &str) -> Vec<String> {
        self.saw(agent);
        let poll = Poll { agent, count: 10, lease_ms: None, room: None };
        let records = self.make(mailbox, |mailbox, change| mailbox.poll(&poll, change));
        records.iter().map(|record| String::from_utf8_lossy(record).into_owned()).collect()
    }

    /// The records that were sent to an agent since this was last asked for any agent.
    pub(super) fn sent_to(&mut self, agent: &str) -> Vec<String> {
        let sent =
            std::mem::take(&mut self.effects).into_iter().filter_map(|effect| match effect {
                Effect::Send { to, record, .. } if *to == *agent => {
                    Some(String::from_utf8_lossy(&record).into_owned())
                }
                _ => None,
            });
        sent.collect()
    }

    /// The tasks that final responses to alice were about.
    pub(super) fn responses(&self) -> impl Iterator<Item = String> {
        self.effects.iter().filter_map(|effect| {
            let Effect::Send { to, record, .. } = effect else { return None };
            let response: TaskResponse = serde_json::from_slice(record).ok()?;
            (**to == *"alice" && response.status.is_end()).then_some(response.message_id)
        })
    }
}
