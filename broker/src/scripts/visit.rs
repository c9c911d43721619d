//! Scripts in the keyspace: enters their stack, and passes on what they ask of others, until all have ended.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};

use clawlink_actors::owner::{Host, Loan, Visitor};
use clawlink_actors::{Caller, Pipeline, Refusal, Reply};
use tokio::sync::oneshot;

use super::context::{Asked, Ended, Job};
use super::engine::{self, Input, Output};
use super::site::Site;
use crate::session::Target;
use crate::shared::Shared;

/// What the connection is told.
#[derive(Debug)]
pub(super) enum Told {
    /// All scripts have ended: what became of each.
    Over(Vec<Ended>),
    /// A script makes a request that the keyspace cannot run.
    Ask(Question),
}

/// A request that the connection is to run.
#[derive(Debug)]
pub(super) struct Question {
    /// What it names.
    pub target: Target,
    /// The request.
    pub request: Pipeline,
    /// The keyspace's loan, if the connection has none: it may ask the keyspace by it.
    pub loan: Option<Loan>,
    /// The database that the script has selected.
    pub db: u8,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Answer>,
}

/// What the connection answers.
#[derive(Debug)]
pub(super) struct Answer {
    /// The reply.
    pub reply: Reply,
    /// The database that is selected now.
    pub db: u8,
    /// Where the connection is told what is next.
    pub tell: oneshot::Sender<Told>,
}

/// The right of scripts to run, which their connection may take back until the first of them begins.
#[derive(Debug, Clone, Default)]
pub(super) struct Ticket(Arc<AtomicU8>);

impl Ticket {
    const VALID: u8 = 0;
    const USED: u8 = 1;
    const WITHDRAWN: u8 = 2;

    /// Takes it back. False: they have begun.
    pub(super) fn withdraw(&self) -> bool {
        self.0.compare_exchange(Self::VALID, Self::WITHDRAWN, Relaxed, Relaxed).is_ok()
    }

    /// They begin, or go on. False: it was taken back.
    fn begin(&self) -> bool {
        let used = self.0.compare_exchange(Self::VALID, Self::USED, Relaxed, Relaxed);
        used != Err(Self::WITHDRAWN)
    }
}

/// Scripts in the keyspace, one after the other.
#[derive(Debug)]
pub(super) struct ScriptVisit {
    shared: Arc<Shared>,
    caller: Caller,
    now: u64,
    loan: Option<Loan>,
    tell: Option<oneshot::Sender<Told>>,
    ticket: Ticket,
    state: State,
}

#[derive(Debug)]
enum State {
    /// They have not begun.
    New(Vec<Job>),
    /// One gave others a turn.
    Ticked,
    /// One makes a request that the connection is to run, and has not said so yet.
    Asking(Asked),
    /// It waits for the connection's answer.
    Waiting(oneshot::Receiver<Answer>),
    /// All have ended.
    Over,
}

impl ScriptVisit {
    /// A visit by scripts. `tell`: where their connection is told what becomes of them; `ticket`: what it may take back.
    pub(super) fn new(
        jobs: Vec<Job>,
        shared: Arc<Shared>,
        caller: Caller,
        now: u64,
        tell: oneshot::Sender<Told>,
        ticket: Ticket,
    ) -> Self {
        shared.scripts.expect();
        Self { shared, caller, now, loan: None, tell: Some(tell), ticket, state: State::New(jobs) }
    }

    fn ask(&mut self, asked: Asked) {
        let (answer, answered) = oneshot::channel();
        let Asked { target, request, db } = asked;
        let loan = self.loan.take();
        let question = Question { target, request, loan, db, answer };
        // A connection that has gone drops the question, and that is the answer.
        if let Some(tell) = self.tell.take() {
            let _ = tell.send(Told::Ask(question));
        }
        self.state = State::Waiting(answered);
    }

    fn over(&mut self, ended: Vec<Ended>) {
        self.state = State::Over;
        if let Some(tell) = self.tell.take() {
            let _ = tell.send(Told::Over(ended));
        }
    }
}

impl Visitor for ScriptVisit {
    fn step(&mut self, host: &Rc<dyn Host>, context: &mut Context<'_>) -> Poll<()> {
        if !self.ticket.begin() {
            return Poll::Ready(());
        }
        // Until it is left in order, the stack is in the middle of something.
        let input = match std::mem::replace(&mut self.state, State::Ticked) {
            State::New(jobs) => {
                let (shared, caller) = (self.shared.clone(), self.caller.clone());
                Input::Jobs(jobs, Box::new(Site::new(host.clone(), shared, caller, self.now)))
            }
            State::Ticked => Input::Go,
            State::Asking(asked) => {
                self.ask(asked);
                return self.step(host, context);
            }
            State::Waiting(mut answered) => match Pin::new(&mut answered).poll(context) {
                Poll::Pending => {
                    self.state = State::Waiting(answered);
                    return Poll::Pending;
                }
                Poll::Ready(Ok(Answer { reply, db, tell })) => {
                    self.tell = Some(tell);
                    Input::Reply(reply, Some(db))
                }
                Poll::Ready(Err(_)) => Input::Reply(Refusal::ShuttingDown.into(), None),
            },
            State::Over => {
                self.state = State::Over;
                return Poll::Ready(());
            }
        };
        match engine::enter(input) {
            Output::Over(ended) => {
                self.over(ended);
                return Poll::Ready(());
            }
            Output::Tick => {}
            // It is asked in the next step: a loan may be needed, and the first step has none.
            Output::Ask(asked) => self.state = State::Asking(asked),
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn stay(&mut self, loan: Loan) {
        self.loan = Some(loan);
    }
}

impl Drop for ScriptVisit {
    fn drop(&mut self) {
        self.shared.scripts.expect_no_more();
        if !matches!(self.state, State::Over | State::New(_)) {
            self.shared.scripts.end();
            engine::abandon();
        }
    }
}
