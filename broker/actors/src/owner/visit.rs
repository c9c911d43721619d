//! Visits: work that is done inside an owner, with as many requests to it as it takes, for one message.
//!
//! A visitor is handed the owner and runs requests on it at once, without a message for each. What it cannot finish in
//! one go it goes on with later; until it has ended, the owner serves nobody else.

use std::fmt::Debug;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::loan::Loan;
use crate::Reply;
use crate::call::Caller;
use crate::request::Pipeline;

/// The owner, as its visitor sees it.
pub trait Host: Debug {
    /// Runs the first request of a pipeline. Nobody sees the state between two of them.
    fn run(&self, request: &Pipeline, caller: &Caller, now: u64) -> Reply;

    /// Remembers that a client keeps a copy of a key of this owner.
    fn remember(&self, key: &[u8], client: u64);

    /// Lets everybody know of what has changed: between two things that are not to be seen as one.
    fn finish(&self, now: u64);
}

/// Work inside an owner.
pub trait Visitor: Send + Debug {
    /// Goes on with it. `Pending`: it has not ended; `context` is woken when it can go on. A visitor may keep the host
    /// from one step to the next, and uses it in its steps alone.
    fn step(&mut self, host: &Rc<dyn Host>, context: &mut Context<'_>) -> Poll<()>;

    /// The first step did not end it, so the owner is lent: this loan is for others who work for the same borrower,
    /// and the owner goes on with its own work when it, too, is dropped.
    fn stay(&mut self, loan: Loan);
}
