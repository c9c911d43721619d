//! Mailboxes: tasks, responses and notices on their way to an agent, or to whoever has a capability.
//!
//! A mailbox is a list of byte strings in four lanes, as plain clients see it. Messages get an identity when they are
//! delegated, or when they are first polled; from then on the [`Ledger`] knows where each one is:
//!
//! ```text
//!              delegate, push                        answered
//!                    |          poll                 (result kept for late askers)
//!                    v    ---------------->  out  ------------>  finished
//!                 queued                      |
//!                    |    <----------------   |  acknowledged
//!                    |    lease over, or      +------------>  gone
//!                    |    the agent resumes
//!                    +---- plain pop ---->  taken  (can still be answered)
//! ```

mod commands;
mod lanes;
mod ledger;
mod life;
mod record;
mod state;
#[cfg(test)]
mod tests;

pub use commands::{generic, plain};
pub use lanes::{Lanes, lane_of};
pub use ledger::{Entry, HandedOut, Ledger, Stage};

use std::sync::Arc;

use bytes::Bytes;

use crate::Command;
use crate::call::Env;
use crate::command::{Run, Runs};
use crate::owner::State;
use crate::place::{INBOX, TASK};

pub use life::{Answer, Delegated, Poll, Sent};
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
    },
    /// Everything is to be forgotten.
    Flush,
}

impl State for Mailbox {
    type Notice = Notice;

    fn run(runs: &Runs) -> Option<Run<Self>> {
        runs.mailbox
    }

    fn notice(&mut self, notice: Notice, _now: u64, env: &mut Env) {
        match notice {
            Notice::Deliver { id, record } => self.deliver(&id, &record),
            Notice::Released { agent } => self.release(&agent),
            Notice::Flush => {
                for id in self.flush() {
                    env.signals.modified(0, &[TASK.as_bytes(), id.as_bytes()].concat());
                }
            }
        }
        self.changed(env);
    }

    fn deadline(&self) -> Option<u64> {
        self.next_lapse()
    }

    fn tick(&mut self, now: u64, env: &mut Env) {
        if self.lapse(now) {
            self.changed(env);
        }
    }
}

impl Mailbox {
    /// Tells everyone that this inbox changed: those who wait for it, and those who read its gauge.
    pub fn changed(&mut self, env: &mut Env) {
        env.signals.modified(0, &[INBOX.as_bytes(), self.name_bytes()].concat());
        self.settle(&env.directory);
    }
}
