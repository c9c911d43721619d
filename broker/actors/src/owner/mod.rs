//! The actor around each owner's state: one line from a message to the state, and what all owners share.
//!
//! An owner runs one command at a time, to its end. It never waits for another owner: it may tell one something
//! and go on. A command that panics costs itself alone.

mod actor;
mod answer;
mod core;
mod laps;
mod loan;
mod messages;
mod runner;
mod signals;
mod visit;
mod waiter;

pub use actor::Owner;
pub use answer::{Answer, Answers, ReplyTo};
pub use laps::Lap;
pub use loan::Loan;
pub use messages::{Borrow, Execute, Park, Tell, Unpark, Unwatch, Visit, Watch};
pub(crate) use runner::{Runner, RunnerId, start};
pub use signals::{Key, Parked, Signals};
pub use visit::{Host, Visitor};
pub use waiter::{Claim, Served, Waiter};

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::Place;
use crate::call::{Call, Env};
use crate::command::{Run, Runs};

/// The state of an owner: no clock, no I/O, no actix. Its commands are functions on it.
pub trait State: Sized + Unpin + Debug + 'static {
    /// What other owners may tell it. Nobody waits for the effect.
    type Notice: Send + 'static;

    /// The function that runs a command on this kind of owner.
    fn run(runs: &Runs) -> Option<Run<Self>>;

    /// What is to be done before a command runs, since it may concern it.
    fn prepare(&mut self, _call: &mut Call<'_>) {}

    /// Takes a notice. Times are in milliseconds since 1970.
    fn notice(&mut self, notice: Self::Notice, now: u64, env: &mut Env);

    /// When it next has something to do by itself, in milliseconds since 1970.
    fn deadline(&self) -> Option<u64> {
        None
    }

    /// Does what is due. Called at the deadline or a little later.
    fn tick(&mut self, _now: u64, _env: &mut Env) {}
}

/// Which owner an actor is; the owned form of [`Place`].
#[derive(Debug, Clone)]
pub enum Home {
    /// The registry.
    Registry,
    /// The topics.
    Topics,
    /// The files.
    Files,
    /// The keyspace.
    Keyspace,
    /// The mailbox of this name.
    Mailbox(Arc<[u8]>),
}

impl Home {
    /// The place of this owner's keys.
    pub fn place(&self) -> Place<'_> {
        match self {
            Self::Registry => Place::Registry,
            Self::Topics => Place::Topics,
            Self::Files => Place::Files,
            Self::Keyspace => Place::Keyspace,
            Self::Mailbox(name) => Place::Mailbox(name),
        }
    }
}

/// The time in milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the one clock, read where messages arrive")]
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
