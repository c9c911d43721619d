//! Where the broker's single owners are.

use actix::Addr;

use crate::owner::{Execute, Owner, RunnerId, State};

/// Where an owner is: its actor, and what runs it.
#[derive(Debug)]
pub(super) struct Seat<S: State> {
    pub(super) addr: Addr<Owner<S>>,
    pub(super) runner: RunnerId,
}

impl<S: State> Seat<S> {
    /// Sends requests there. Answers what runs them.
    pub(super) fn execute(&self, requests: Execute) -> RunnerId {
        self.addr.do_send(requests);
        self.runner
    }
}
