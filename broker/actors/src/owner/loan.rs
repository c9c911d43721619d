//! Loans: how work that spans owners is done as if they were one.
//!
//! A borrower asks each owner, in the order of [`Place`](crate::Place), for a loan. A lent owner stops its mailbox
//! and serves the borrower alone until the loan is dropped. Since all borrowers use the same order, no two can wait for
//! each other.

use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use actix::{ActorFuture, Context};
use tokio::sync::mpsc;

use super::actor::Owner;
use super::messages::Execute;
use super::{State, now_ms};

/// An owner, borrowed. Dropping it gives the owner back.
#[derive(Debug)]
pub struct Loan {
    requests: mpsc::UnboundedSender<Execute>,
}

impl Loan {
    /// Runs requests on the borrowed owner. The replies come through the message's own channel; if the owner is
    /// gone (only while the broker shuts down) that channel closes.
    pub fn execute(&self, requests: Execute) {
        let _ = self.requests.send(requests);
    }
}

/// The owner's side: serves the borrower until the loan ends.
pub(super) struct Lending {
    requests: mpsc::UnboundedReceiver<Execute>,
}

impl Lending {
    pub(super) fn new() -> (Loan, Self) {
        let (sender, requests) = mpsc::unbounded_channel();
        (Loan { requests: sender }, Self { requests })
    }
}

impl<S: State> ActorFuture<Owner<S>> for Lending {
    type Output = ();

    fn poll(
        mut self: Pin<&mut Self>,
        owner: &mut Owner<S>,
        ctx: &mut Context<Owner<S>>,
        task: &mut TaskContext<'_>,
    ) -> Poll<()> {
        while let Poll::Ready(next) = self.requests.poll_recv(task) {
            let Some(requests) = next else {
                // Clients that were blocked on what the borrower changed are served now that all of it is there.
                owner.serve_ready(now_ms());
                owner.arm(ctx);
                return Poll::Ready(());
            };
            // Inside a loan every message is atomic: nobody else may see the state between two of them.
            owner.execute(Execute { atomic: true, ..requests }, false);
        }
        Poll::Pending
    }
}
