//! Where an owner is.

use std::rc::Rc;

use actix::Addr;

use crate::owner::{Execute, Owner, Runner, RunnerId, State};

/// Where an owner is: its actor, and what runs it.
#[derive(Debug)]
pub(super) struct Seat<S: State> {
    pub(super) addr: Addr<Owner<S>>,
    pub(super) runner: RunnerId,
}

// Derived, it would ask for a state that can be cloned.
impl<S: State> Clone for Seat<S> {
    fn clone(&self) -> Self {
        Self { addr: self.addr.clone(), runner: self.runner }
    }
}

impl<S: State> Seat<S> {
    /// Sends requests there. If the owner is to have its turn `at_once` and lives on this thread, what runs it is handed
    /// back: its turn has to follow.
    pub(super) fn execute(&self, requests: Execute, at_once: bool) -> Option<Rc<Runner>> {
        let here = if at_once { Runner::here(self.runner) } else { None };
        match &here {
            Some(runner) => runner.send_quietly(|| self.addr.do_send(requests)),
            None => self.addr.do_send(requests),
        }
        here
    }
}
