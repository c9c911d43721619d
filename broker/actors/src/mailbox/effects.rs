//! What a change of a mailbox's state entails elsewhere. The state notes it as data; the actor carries it out.

use std::sync::Arc;

use bytes::Bytes;

use super::{Mailbox, Notice};
use crate::call::Env;
use crate::directory::Directory;
use crate::limits::Limits;
use crate::place::TASK;
use crate::{registry, topics};

/// Something to be done outside of the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A message of the broker's own making goes to an agent's inbox.
    Send {
        /// The agent.
        to: Arc<str>,
        /// The message's id.
        id: String,
        /// Its record.
        record: Bytes,
        /// Whether it is left out if the inbox is full.
        optional: bool,
    },
    /// Whoever waits for this task, or watches it, is to look again.
    Wake(Arc<str>),
    /// A task of a group was sent.
    Joined {
        /// Who gathers the group.
        from: Arc<str>,
        /// The group.
        group: Arc<str>,
        /// The task.
        id: Arc<str>,
    },
    /// A task of a group has ended.
    Ended {
        /// Who gathers the group.
        from: Arc<str>,
        /// The group.
        group: Arc<str>,
        /// The task.
        id: Arc<str>,
        /// The response.
        response: Bytes,
    },
    /// An agent has a task from now on.
    Holds {
        /// The agent.
        agent: Arc<str>,
        /// The task.
        id: Arc<str>,
        /// How many tasks there are above it.
        hops: u64,
    },
    /// An agent has a task no longer.
    LetsGo {
        /// The agent.
        agent: Arc<str>,
        /// The task.
        id: Arc<str>,
    },
    /// A task is a part of another one.
    Hops(Arc<str>, u64),
    /// A task that is a part of another one is forgotten.
    ForgetHops(Arc<str>),
    /// A report of progress, for those who subscribe to the task's channel.
    Publish {
        /// The task.
        id: Arc<str>,
        /// The record.
        record: Bytes,
    },
}

/// A change being made: when, by which limits, where new ids come from, and what it entails.
pub struct Change<'a> {
    /// The time, in milliseconds since 1970.
    pub now: u64,
    /// The limits.
    pub limits: &'a Limits,
    /// Makes the id of a message to a place.
    pub mint: &'a dyn Fn(&str) -> String,
    /// When an agent last gave a sign of life, in milliseconds since 1970.
    pub last_seen: &'a dyn Fn(&str) -> u64,
    /// What is to be done when the change is over.
    pub effects: Vec<Effect>,
}

impl Mailbox {
    /// Makes a change and carries out what it entails.
    pub(super) fn make<T>(
        &mut self,
        now: u64,
        env: &mut Env,
        make: impl FnOnce(&mut Self, &mut Change<'_>) -> T,
    ) -> T {
        let directory = env.directory.clone();
        let mint = |place: &str| directory.message_id(place);
        let last_seen = |agent: &str| directory.last_seen(agent.as_bytes());
        let limits = &directory.limits;
        let mut change =
            Change { now, limits, mint: &mint, last_seen: &last_seen, effects: Vec::new() };
        let made = make(self, &mut change);
        for effect in change.effects {
            self.carry_out(effect, &directory, env);
        }
        made
    }

    fn carry_out(&self, effect: Effect, directory: &Arc<Directory>, env: &mut Env) {
        match effect {
            Effect::Send { to, optional: true, record, .. }
                if directory.check_room(&to, record.len()).is_err() => {}
            Effect::Send { to, id, record, .. } => {
                directory.tell_mailbox(to.as_bytes(), Notice::Deliver { id, record });
            }
            Effect::Wake(id) => {
                env.signals.modified(0, &[TASK.as_bytes(), id.as_bytes()].concat());
            }
            Effect::Joined { from, group, id } => {
                directory.tell_registry(registry::Notice::GroupJoined { from, group, id });
            }
            Effect::Ended { from, group, id, response } => {
                let ended = registry::Notice::GroupEnded { from, group, id, response };
                directory.tell_registry(ended);
            }
            Effect::Holds { agent, id, hops } => {
                self.gauge_of(&agent, directory, |gauge| gauge.holds(id, hops));
            }
            Effect::LetsGo { agent, id } => {
                self.gauge_of(&agent, directory, |gauge| gauge.lets_go(&id));
            }
            Effect::Hops(id, hops) => directory.note_hops(id, hops),
            Effect::ForgetHops(id) => directory.forget_hops(&id),
            Effect::Publish { id, record } => {
                let channel = [TASK.as_bytes(), id.as_bytes()].concat().into();
                directory.tell_topics(topics::Notice::Announce { channel, payload: record });
            }
        }
    }
}
