//! Mailboxes: tasks, responses and notices on their way to an agent, or to whoever has a capability.
//!
//! A mailbox is a list of byte strings in four lanes, as plain clients see it. Messages get an identity when they are
//! delegated, or when they are first polled; from then on the [`Ledger`] knows where each one is. A task goes this way
//! (`transitions` has it as a table):
//!
//! ```text
//!   DELEGATE .. DELAY               DELEGATE, LPUSH
//!          |                              |
//!          v            its time          v           POLL        +------- an agent has it -------+
//!       delayed --------------------->  queued -----------------> | delivered                     |
//!          ^                             ^  ^                     |     |                         |
//!          |                             |  |  lease lost,        |     | PROGRESS,               |
//!          |                             |  |  RELEASE,           |     v RESPOND .. in_progress   |
//!          |                             |  |  RESPOND .. failed,  | in_progress                   |
//!          |                             |  |  the agent is gone  |     |  ^                      |
//!          |                             |  +-------------------- |     |  | ANSWER               |
//!          |                             |                        |     v  |                      |
//!          |  RELEASE .. DELAY,           |                        | input_required                |
//!          |  failed after BACKOFF       |                        +-------------------------------+
//!          +-----------------------------|----------------------------+     |            |
//!                                        | REQUEUE                          |            | RESPOND
//!                                        |           the last attempt       |            v
//!                                      dead <-------------------------------+   completed, or failed (FATAL)
//!
//!       from any open state:  canceled (CANCEL),  expired (DEADLINE)
//! ```
//!
//! The state is pure: what a change entails elsewhere is noted as [`Effect`]s, which the actor carries out.

mod attempts;
mod closed;
mod commands;
mod effects;
mod keys;
mod lanes;
mod ledger;
mod life;
mod notices;
mod record;
mod state;
mod task;
#[cfg(test)]
mod tests;
mod timers;
mod transitions;

pub use attempts::{Attempt, AttemptEnd, Attempts};
pub use commands::{generic, plain};
pub use effects::{Change, Effect};
pub use lanes::{Lanes, lane_of};
pub use ledger::Ledger;
pub use record::body_bytes;
pub use task::{Ended, HandedOut, Stage, Task, Terms};

use std::sync::Arc;

use bytes::Bytes;

use crate::Command;
use crate::call::Env;
use crate::command::{Run, Runs};
use crate::owner::State;
use crate::place::INBOX;

pub use life::{Answer, Delegated, Poll, Progress, Room, Voice, split_receipt};
pub use state::{Mailbox, refuse_full};

/// Every family.
pub const COMMANDS: &[&[&Command]] = &[commands::COMMANDS];

/// What a mailbox is told.
#[derive(Debug)]
pub enum Notice {
    /// A message of the broker's own making, for the agent: a response.
    Deliver {
        /// Its id, as it stands in the record.
        id: String,
        /// The record.
        record: Bytes,
    },
    /// This agent starts anew, or has left: what it was handed goes back to the head of its lanes.
    Released {
        /// The agent.
        agent: Arc<str>,
        /// Whether it has left, and not started anew.
        left: bool,
    },
    /// Everything is to be forgotten.
    Flush,
}

impl State for Mailbox {
    type Notice = Notice;

    fn run(runs: &Runs) -> Option<Run<Self>> {
        runs.mailbox
    }

    fn notice(&mut self, notice: Notice, now: u64, env: &mut Env) {
        match notice {
            Notice::Deliver { id, record } => self.deliver(&id, &record),
            Notice::Released { agent, left } => {
                let (end, reason) = match left {
                    true => (AttemptEnd::Unregistered, "the agent left"),
                    false => (AttemptEnd::Resumed, "the agent registered anew"),
                };
                self.make(now, env, |mailbox, change| {
                    mailbox.release_all(&agent, end, reason, change);
                });
            }
            Notice::Flush => self.make(now, env, Self::flush),
        }
        self.changed(now, env);
    }

    fn deadline(&self) -> Option<u64> {
        self.next_due()
    }

    fn tick(&mut self, now: u64, env: &mut Env) {
        if self.make(now, env, Self::catch_up) {
            self.changed(now, env);
        } else {
            self.settle(&env.directory.clone(), now);
        }
    }
}

impl Mailbox {
    /// Tells everyone that this inbox changed: those who wait for it, and those who read its gauge.
    pub fn changed(&mut self, now: u64, env: &mut Env) {
        env.signals.modified(0, &[INBOX.as_bytes(), self.name_bytes()].concat());
        self.settle(&env.directory, now);
    }
}
