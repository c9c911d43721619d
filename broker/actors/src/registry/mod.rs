//! The registry: who is in the mesh, what each can do, and whether it is alive.
//!
//! It tells the other owners what they need to know of agents, and never asks them: mailboxes read from their gauge
//! whether anybody of their name is registered, and every sign of life is a time stored in that gauge.
//!
//! It also keeps the [`Groups`]: what became of tasks that were sent to several mailboxes, which tell it.

mod agent;
mod commands;
mod groups;
mod state;
#[cfg(test)]
mod tests;

pub use agent::Agent;
pub(crate) use commands::{GATHER, no_agent};
pub use commands::{generic, plain};
pub use groups::{Group, Groups, check_name as check_group_name};
pub use state::{Left, Registered, Registration, Registry};

use std::sync::Arc;

use bytes::Bytes;
use clawlink_protocol::time::iso8601;
use clawlink_protocol::{AgentNotice, Message};

use crate::Command;
use crate::call::Env;
use crate::command::{Run, Runs};
use crate::owner::State;
use crate::place::AGENT;
use crate::topics;

/// Every family.
pub const COMMANDS: &[&[&Command]] = &[commands::COMMANDS];

/// What the registry is told.
#[derive(Debug)]
pub enum Notice {
    /// An agent that was found stale has given a sign of life.
    Awake {
        /// Which.
        agent: Arc<str>,
    },
    /// A task was created in a group, or a dead one of it was queued again: there will be a response.
    GroupJoined {
        /// The sender of the task; empty if nobody said.
        from: Arc<str>,
        /// The group, among the sender's.
        group: Arc<str>,
        /// The task.
        id: Arc<str>,
    },
    /// A task of a group has ended.
    GroupEnded {
        /// The sender of the task; empty if nobody said.
        from: Arc<str>,
        /// The group, among the sender's.
        group: Arc<str>,
        /// The task.
        id: Arc<str>,
        /// Its `task_response`.
        response: Bytes,
    },
}

impl State for Registry {
    type Notice = Notice;

    fn run(runs: &Runs) -> Option<Run<Self>> {
        runs.registry
    }

    fn notice(&mut self, notice: Notice, now: u64, env: &mut Env) {
        match notice {
            Notice::Awake { agent } => self.woke(&agent, now, env),
            Notice::GroupJoined { from, group, id } => {
                self.groups_mut().join(&from, &group, id, now);
                self.group_changed(&from, &group, env);
            }
            Notice::GroupEnded { from, group, id, response } => {
                self.groups_mut().end(&from, &group, &id, response, now);
                self.group_changed(&from, &group, env);
            }
        }
    }

    fn deadline(&self) -> Option<u64> {
        let lapse = self.groups().next_lapse();
        self.next_check().into_iter().chain(lapse).min()
    }

    fn tick(&mut self, now: u64, env: &mut Env) {
        let stale_ms = env.directory.limits.agent_stale_ms.get();
        for id in self.find_stale(now, stale_ms) {
            if let Some(agent) = self.agent(id.as_bytes()) {
                publish(agent, Event::Stale, now, env);
            }
        }
        for (from, group) in self.groups_mut().lapse(now) {
            env.signals.wake(0, &group_key(&from, &group));
        }
    }
}

impl Registry {
    fn woke(&mut self, agent: &str, now: u64, env: &mut Env) {
        if self.awake(agent, now, env.directory.limits.agent_stale_ms.get())
            && let Some(agent) = self.agent(agent.as_bytes())
        {
            publish(agent, Event::Online, now, env);
        }
    }

    /// Tells those who gather this group's results, and those whose groups had to make room for it.
    fn group_changed(&mut self, from: &str, group: &str, env: &mut Env) {
        env.signals.wake(0, &group_key(from, group));
        for (from, group) in self.groups_mut().make_room() {
            env.signals.wake(0, &group_key(&from, &group));
        }
    }
}

/// The key of a group: who gathers its results waits for a change of it. No name has a zero byte.
fn group_key(from: &str, group: &str) -> Vec<u8> {
    [b"group:", from.as_bytes(), b"\0", group.as_bytes()].concat()
}

/// What is published about an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Joined,
    Left,
    Stale,
    Online,
}

/// The topic that all agents' comings and goings are published on.
const TOPIC: &str = "agents";

/// Publishes what became of an agent on `topic:agents`, and tells those who watch its key.
fn publish(agent: &Agent, event: Event, now: u64, env: &mut Env) {
    env.signals.modified(0, &[AGENT.as_bytes(), agent.id.as_bytes()].concat());
    let message_id = env.directory.message_id(&format!("#{TOPIC}"));
    let notice = AgentNotice {
        message_id: message_id.clone(),
        agent: agent.record(event == Event::Stale),
        timestamp: iso8601(now),
        ..AgentNotice::default()
    };
    let message = match event {
        Event::Joined => Message::AgentJoined(notice),
        Event::Left => Message::AgentLeft(notice),
        Event::Stale => Message::AgentStale(notice),
        Event::Online => Message::AgentOnline(notice),
    };
    // The record has only text keys and no streams, so it can be written.
    let payload = serde_json::to_vec(&message).unwrap_or_default().into();
    env.directory.tell_topics(topics::Notice::Publish {
        topic: TOPIC.to_owned(),
        from: agent.id.to_string(),
        message_id,
        payload,
    });
}
