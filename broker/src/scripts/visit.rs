//! A script in the keyspace: enters its stack, runs what it asks for, and leaves when it has ended.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use clawlink_actors::command::{Command, Flags, Route};
use clawlink_actors::owner::{Host, Loan, Visitor};
use clawlink_actors::{Caller, Outcome, Pipeline, Place, Refusal, Reply};
use tokio::sync::oneshot;

use super::context::{Asked, Job};
use super::engine::{self, Input, Output};
use crate::accounting::{Ran, nanoseconds};
use crate::monitor;
use crate::router::direct_place;
use crate::session::Target;
use crate::shared::Shared;

/// What the connection is told.
#[derive(Debug)]
pub(super) enum Told {
    /// The script has ended. `compiled`: whether it could be compiled.
    /// `time_ns`: how long it worked in the keyspace, in nanoseconds.
    Over { outcome: Outcome, compiled: bool, time_ns: u64 },
    /// The script makes a request that the keyspace cannot run.
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

/// A script in the keyspace.
#[derive(Debug)]
pub(super) struct ScriptVisit {
    shared: Arc<Shared>,
    caller: Caller,
    /// The script's keys, if the client keeps copies of what is read.
    tracked: Option<Tracked>,
    now: u64,
    loan: Option<Loan>,
    tell: Option<oneshot::Sender<Told>>,
    state: State,
    /// How long it has worked.
    worked: Duration,
}

/// The keys of a script whose client keeps copies of what is read.
#[derive(Debug)]
struct Tracked {
    request: Arc<Pipeline>,
    keys: usize,
}

impl Tracked {
    fn remember(&self, host: &mut dyn Host, client: u64) {
        let args = self.request.request(0);
        let keys = (3..3 + self.keys).map(|at| args.word(at));
        for key in keys.filter(|key| Place::of_key(key) == Place::Keyspace) {
            host.remember(key, client);
        }
    }
}

#[derive(Debug)]
enum State {
    /// It has not begun.
    New(Box<Job>),
    /// It gave others a turn.
    Ticked,
    /// It makes a request that the connection is to run, and has not said so yet.
    Asking(Asked),
    /// It waits for the connection's answer.
    Waiting(oneshot::Receiver<Answer>),
    /// It has ended.
    Over,
}

impl ScriptVisit {
    /// A visit by a script. `tell`: where its connection is told what becomes of it.
    pub(super) fn new(job: Job, mut caller: Caller, now: u64, tell: oneshot::Sender<Told>) -> Self {
        let tracks = std::mem::take(&mut caller.tracks);
        let keys = job.keys.filter(|_| tracks);
        let tracked = keys.map(|keys| Tracked { request: job.request.clone(), keys });
        let (shared, state) = (job.shared.clone(), State::New(Box::new(job)));
        Self {
            shared,
            caller,
            tracked,
            now,
            loan: None,
            tell: Some(tell),
            state,
            worked: Duration::ZERO,
        }
    }

    fn ask(&mut self, asked: Asked) {
        let (answer, answered) = oneshot::channel();
        let Asked { target, request } = asked;
        let (loan, db) = (self.loan.take(), self.caller.db);
        let question = Question { target, request, loan, db, answer };
        // A connection that has gone drops the question, and that is the answer.
        if let Some(tell) = self.tell.take() {
            let _ = tell.send(Told::Ask(question));
        }
        self.state = State::Waiting(answered);
    }

    /// Runs a request at once if the keyspace can.
    fn run(&self, host: &mut dyn Host, asked: Asked) -> Result<Reply, Asked> {
        let Target::Owner(command) = asked.target else { return Err(asked) };
        let args = asked.request.request(0);
        // What is about all keys is about the plain ones here: other owners are not lent.
        if command.route != Route::Everywhere
            && direct_place(command, &args) != Some(Place::Keyspace)
        {
            return Err(asked);
        }
        let started = Instant::now();
        let reply = host.run(&asked.request, &self.caller, self.now);
        // As in Redis, a script that reads anything keeps copies of all its keys.
        if let Some(tracked) = &self.tracked
            && command.flags.has(Flags::READONLY)
        {
            tracked.remember(host, self.caller.client);
        }
        self.account(command, &asked.request, &reply, started);
        Ok(reply)
    }

    fn account(
        &self,
        command: &'static Command,
        request: &Pipeline,
        reply: &Reply,
        started: Instant,
    ) {
        let time_ns = nanoseconds(started.elapsed());
        let args = request.request(0);
        self.shared.account(None, &Ran { command, args, reply, time_ns });
        if self.shared.monitors.any() {
            monitor::show_script(&self.shared, self.caller.db, &request.request(0));
        }
    }

    fn over(&mut self, outcome: Outcome, compiled: bool) {
        self.state = State::Over;
        self.shared.scripts.end();
        if let Some(tell) = self.tell.take() {
            let time_ns = nanoseconds(self.worked);
            let _ = tell.send(Told::Over { outcome, compiled, time_ns });
        }
    }
}

impl ScriptVisit {
    fn go(&mut self, host: &mut dyn Host, context: &mut Context<'_>, since: Instant) -> Poll<()> {
        loop {
            let mut input = match std::mem::replace(&mut self.state, State::Over) {
                State::New(job) => {
                    self.shared.scripts.begin();
                    Input::Job(job)
                }
                State::Ticked => Input::Go,
                State::Asking(asked) => {
                    self.ask(asked);
                    continue;
                }
                State::Waiting(mut answered) => match Pin::new(&mut answered).poll(context) {
                    Poll::Pending => {
                        self.state = State::Waiting(answered);
                        return Poll::Pending;
                    }
                    Poll::Ready(Ok(Answer { reply, db, tell })) => {
                        self.caller.db = db;
                        self.tell = Some(tell);
                        Input::Reply(reply)
                    }
                    Poll::Ready(Err(_)) => Input::Reply(Refusal::ShuttingDown.into()),
                },
                State::Over => return Poll::Ready(()),
            };
            loop {
                // Until it is left in order, the stack is in the middle of something.
                self.state = State::Ticked;
                match engine::enter(input) {
                    Output::Over { outcome, compiled } => {
                        self.worked += since.elapsed();
                        self.over(outcome, compiled);
                        return Poll::Ready(());
                    }
                    Output::Tick => {
                        context.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    Output::Ask(asked) => match self.run(host, asked) {
                        Ok(reply) => input = Input::Reply(reply),
                        Err(asked) => {
                            // It is asked in the next step: a loan may be needed, and the first step has none.
                            self.state = State::Asking(asked);
                            context.waker().wake_by_ref();
                            return Poll::Pending;
                        }
                    },
                }
            }
        }
    }
}

impl Visitor for ScriptVisit {
    fn step(&mut self, host: &mut dyn Host, context: &mut Context<'_>) -> Poll<()> {
        let since = Instant::now();
        let poll = self.go(host, context, since);
        if poll.is_pending() {
            self.worked += since.elapsed();
        }
        poll
    }

    fn stay(&mut self, loan: Loan) {
        self.loan = Some(loan);
    }
}

impl Drop for ScriptVisit {
    fn drop(&mut self) {
        if !matches!(self.state, State::Over | State::New(_)) {
            self.shared.scripts.end();
            engine::abandon();
        }
    }
}
