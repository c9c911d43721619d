//! Scripts in the keyspace: enters their stack, runs what they ask for, and leaves when all have ended.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::Relaxed;
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
    /// All scripts have ended: what became of each.
    Over(Vec<Ended>),
    /// A script makes a request that the keyspace cannot run.
    Ask(Question),
}

/// What became of a script.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its answer.
    pub outcome: Outcome,
    /// How long it worked in the keyspace, in nanoseconds.
    pub time_ns: u64,
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
    /// Whether the client keeps copies of what is read.
    tracks: bool,
    /// The keys of the script that runs, if it does.
    tracked: Option<Tracked>,
    now: u64,
    loan: Option<Loan>,
    tell: Option<oneshot::Sender<Told>>,
    ticket: Ticket,
    state: State,
    /// The scripts that have not begun.
    jobs: std::vec::IntoIter<Job>,
    ended: Vec<Ended>,
    /// Since when this step, or the script that runs in it, has worked.
    since: Instant,
    /// How long the script worked in earlier steps.
    worked: Duration,
    /// The database in which each begins.
    db: u8,
}

/// The keys of a script whose client keeps copies of what is read.
#[derive(Debug)]
struct Tracked {
    pipeline: Arc<Pipeline>,
    index: usize,
    keys: usize,
}

impl Tracked {
    fn remember(&self, host: &mut dyn Host, client: u64) {
        let args = self.pipeline.request(self.index);
        let keys = (3..3 + self.keys).map(|at| args.word(at));
        for key in keys.filter(|key| Place::of_key(key) == Place::Keyspace) {
            host.remember(key, client);
        }
    }
}

#[derive(Debug)]
enum State {
    /// The next one has not begun.
    New,
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
    /// A visit by scripts. `tell`: where their connection is told what becomes of them; `ticket`: what it may take back.
    pub(super) fn new(
        jobs: Vec<Job>,
        shared: Arc<Shared>,
        mut caller: Caller,
        now: u64,
        tell: oneshot::Sender<Told>,
        ticket: Ticket,
    ) -> Self {
        let (db, tracks) = (caller.db, std::mem::take(&mut caller.tracks));
        shared.scripts.expect();
        Self {
            shared,
            caller,
            tracks,
            tracked: None,
            now,
            loan: None,
            tell: Some(tell),
            ticket,
            state: State::New,
            ended: Vec::with_capacity(jobs.len()),
            jobs: jobs.into_iter(),
            since: Instant::now(),
            worked: Duration::ZERO,
            db,
        }
    }

    /// The next script, if there is one.
    fn begin(&mut self) -> Option<Input> {
        let job = self.jobs.next()?;
        self.caller.db = self.db;
        let keys = job.keys.filter(|_| self.tracks);
        self.tracked =
            keys.map(|keys| Tracked { pipeline: job.pipeline.clone(), index: job.index, keys });
        self.shared.scripts.begin();
        Some(Input::Job(Box::new(job)))
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

    /// A script has ended.
    fn end(&mut self, host: &mut dyn Host, outcome: Outcome) {
        self.shared.scripts.end();
        let worked = std::mem::take(&mut self.worked) + self.since.elapsed();
        self.ended.push(Ended { outcome, time_ns: nanoseconds(worked) });
        self.state = State::New;
        // After the last one the owner does it.
        if self.jobs.len() > 0 {
            host.finish(self.now);
            self.since = Instant::now();
        }
    }

    /// All have ended.
    fn over(&mut self) {
        self.state = State::Over;
        if let Some(tell) = self.tell.take() {
            let _ = tell.send(Told::Over(std::mem::take(&mut self.ended)));
        }
    }
}

impl ScriptVisit {
    fn go(&mut self, host: &mut dyn Host, context: &mut Context<'_>) -> Poll<()> {
        loop {
            let mut input = match std::mem::replace(&mut self.state, State::Over) {
                State::New => match self.begin() {
                    Some(input) => input,
                    None => {
                        self.over();
                        return Poll::Ready(());
                    }
                },
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
                    Output::Over(outcome) => {
                        self.end(host, outcome);
                        break;
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
        self.since = Instant::now();
        if !self.ticket.begin() {
            return Poll::Ready(());
        }
        let poll = self.go(host, context);
        if poll.is_pending() {
            self.worked += self.since.elapsed();
        }
        poll
    }

    fn stay(&mut self, loan: Loan) {
        self.loan = Some(loan);
    }
}

impl Drop for ScriptVisit {
    fn drop(&mut self) {
        self.shared.scripts.expect_no_more();
        if !matches!(self.state, State::Over | State::New) {
            self.shared.scripts.end();
            engine::abandon();
        }
    }
}
