//! Loans: how work that spans owners is done as if they were one.
//!
//! A borrower asks each owner, in the order of [`Place`](crate::Place), for a loan. A lent owner stops its mailbox
//! and serves the borrower alone until the loan is dropped. Since all borrowers use the same order, no two can wait for
//! each other.

use std::any::Any;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use actix::{ActorFuture, Context};
use tokio::sync::mpsc;

use super::State;
use super::actor::Owner;
use super::messages::Execute;
use super::visit::Visitor;

/// What a borrower may ask of a lent owner.
#[derive(Debug)]
enum Wish {
    Execute(Execute),
    Visit(Box<dyn Visitor>),
    /// A notice of the kind that the owner takes.
    Notice(Box<dyn Any + Send>),
}

/// An owner, borrowed. Dropping it gives the owner back.
#[derive(Debug)]
pub struct Loan {
    wishes: mpsc::UnboundedSender<Wish>,
}

impl Loan {
    /// Runs requests on the borrowed owner. The replies come through the message's own channel; if the owner is
    /// gone (only while the broker shuts down) that channel closes.
    pub fn execute(&self, requests: Execute) {
        let _ = self.wishes.send(Wish::Execute(requests));
    }

    /// Lets a visitor work in the borrowed owner. If the owner is gone the visitor is dropped.
    pub fn visit(&self, visitor: Box<dyn Visitor>) {
        let _ = self.wishes.send(Wish::Visit(visitor));
    }

    /// Lets the borrowed owner know something, in the order of what is asked of it. An owner that takes other notices than
    /// these passes it over.
    pub fn tell<N: Send + 'static>(&self, notice: N) {
        let _ = self.wishes.send(Wish::Notice(Box::new(notice)));
    }
}

/// The owner's side: serves the borrower until the loan ends.
pub(super) struct Lending {
    wishes: mpsc::UnboundedReceiver<Wish>,
    visitor: Option<Box<dyn Visitor>>,
}

impl Lending {
    pub(super) fn new() -> (Loan, Self) {
        let (sender, wishes) = mpsc::unbounded_channel();
        (Loan { wishes: sender }, Self { wishes, visitor: None })
    }

    /// A loan to a visitor that has made its first step.
    pub(super) fn to(mut visitor: Box<dyn Visitor>) -> Self {
        let (loan, lending) = Self::new();
        visitor.stay(loan);
        Self { visitor: Some(visitor), ..lending }
    }

    /// Does what the borrower wishes. True: it has ended the loan.
    fn serve<S: State>(&mut self, owner: &mut Owner<S>, task: &mut TaskContext<'_>) -> bool {
        loop {
            match self.wishes.poll_recv(task) {
                // Inside a loan every message is atomic: nobody else may see the state between two of them.
                Poll::Ready(Some(Wish::Execute(requests))) => {
                    owner.core().execute(Execute { atomic: true, ..requests }, false);
                }
                Poll::Ready(Some(Wish::Visit(visitor))) => self.visitor = Some(visitor),
                Poll::Ready(Some(Wish::Notice(notice))) => {
                    if let Ok(notice) = notice.downcast() {
                        owner.core().take(*notice);
                    }
                }
                Poll::Ready(None) => return self.visitor.is_none(),
                Poll::Pending => return false,
            }
            if self.visitor.is_some() {
                return false;
            }
        }
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
        loop {
            if self.serve(owner, task) {
                // Clients that were blocked on what the borrower changed are served now that all of it is there.
                owner.core().finish_now();
                owner.arm(ctx);
                return Poll::Ready(());
            }
            let Some(visitor) = &mut self.visitor else { return Poll::Pending };
            if visitor.step(&owner.host(), task).is_pending() {
                return Poll::Pending;
            }
            self.visitor = None;
        }
    }
}
