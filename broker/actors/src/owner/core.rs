//! What an owner does, whoever asks for it: its mailbox, a borrower or a visitor.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::laps::{Stopwatch, clock, nanoseconds};
use super::messages::{Execute, Park};
use super::visit::Host;
use super::{Home, Served, Signals, State, now_ms};
use crate::call::{Call, Caller, Env};
use crate::command::Flags;
use crate::directory::{Counters, Directory};
use crate::request::Pipeline;
use crate::{Args, Command, Place, Refusal, Reply};

/// All of an owner but the actor.
#[derive(Debug)]
pub(super) struct Core<S: State> {
    pub(super) home: Home,
    pub(super) state: S,
    pub(super) env: Env,
}

/// The occasion on which a request runs.
#[derive(Debug, Clone, Copy)]
enum Attempt<'a> {
    /// It is answered whatever it finds.
    Only,
    /// It is parked if it finds nothing.
    First,
    /// It is parked, and this key changed.
    Again(&'a [u8]),
}

impl<S: State> Core<S> {
    pub(super) fn new(home: Home, state: S, directory: Arc<Directory>) -> Self {
        let env = Env { signals: Signals::new(directory.clone()), directory };
        Self { home, state, env }
    }

    /// Runs the requests of one message and answers them. `serve`: whether clients blocked on what they changed are served now.
    pub(super) fn execute(&mut self, message: Execute, serve: bool) {
        if !message.done.begin() {
            return;
        }
        Counters::count(&self.env.directory.counters.owner_messages);
        let Execute { pipeline, range, caller, mut answer, now, done, atomic, guard } = message;
        if guard.is_some() {
            self.catch_up(now);
        }
        if !guard.is_some_and(|dirty| dirty.load(Ordering::Acquire)) {
            let mut watch = Stopwatch::start();
            for index in range {
                watch.begin(pipeline.command(index), &mut answer.laps);
                answer.replies.push(self.run(&pipeline, index, &caller, now, Attempt::Only));
                if serve && !atomic && self.env.signals.any_ready() {
                    watch.cut(&mut answer.laps);
                    answer.woke_others |= self.serve_ready(now);
                    watch.restart();
                }
            }
            watch.cut(&mut answer.laps);
            if serve {
                // Who keeps copies is told what was changed with one message for all requests.
                answer.woke_others |= self.finish(now) || matches!(self.home, Home::Topics);
            }
        }
        // The asker reuses the pipeline, if nobody else holds it when the replies arrive.
        drop(pipeline);
        done.send(answer);
    }

    fn run(
        &mut self,
        pipeline: &Pipeline,
        index: usize,
        caller: &Caller,
        now: u64,
        attempt: Attempt<'_>,
    ) -> Reply {
        let Some(command) = pipeline.command(index) else { return Refusal::Internal.into() };
        let place = self.home.place();
        let Some(run) = S::run(&command.run) else { return refuse_on(command, place).into() };
        let args = pipeline.request(index);
        let (state, env) = (&mut self.state, &mut self.env);
        env.signals.begin(caller.client);
        let can_block = matches!(attempt, Attempt::First);
        let ready = if let Attempt::Again(key) = attempt { Some(key) } else { None };
        let mut call = Call { args, command, caller, now, place, env, can_block, ready };
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            call.check_actor()?;
            state.prepare(&mut call);
            run(state, &mut call)
        }));
        let reply = outcome.map_or_else(|_| self.caught_panic(command), Reply::from);
        if caller.tracks && !matches!(attempt, Attempt::Again(_)) {
            self.remember_reads(command, &pipeline.request(index), caller);
        }
        reply
    }

    /// Remembers that a client keeps copies of the keys of a command, if that only reads.
    fn remember_reads(&mut self, command: &Command, args: &Args<'_>, caller: &Caller) {
        if command.flags.has(Flags::READONLY) && !command.flags.has(Flags::PUBSUB) {
            let place = self.home.place();
            for index in command.keys.range(args) {
                let key = args.word(index);
                if Place::of_key(key) == place {
                    self.env.signals.remember(key, caller.client);
                }
            }
        }
    }

    #[cold]
    fn caught_panic(&self, command: &Command) -> Reply {
        self.env.directory.counters.caught_panics.fetch_add(1, Ordering::Relaxed);
        tracing::error!(command = command.name, "a command panicked; its client was told");
        Refusal::Internal.into()
    }

    /// Lets those know what was changed who wait for it or keep copies of it. Whether anybody who waited was served.
    pub(super) fn finish(&mut self, now: u64) -> bool {
        let served = self.serve_ready(now);
        self.env.signals.broadcast();
        served
    }

    /// The same where the time is not known yet, which is asked for only if somebody can be served.
    pub(super) fn finish_now(&mut self) {
        let now = if self.env.signals.any_ready() { now_ms() } else { 0 };
        self.finish(now);
    }

    /// Serves the clients that wait for keys that changed, longest waiting first, and then those of keys that serving them
    /// has changed (`BLMOVE`). Whether anybody was served.
    fn serve_ready(&mut self, now: u64) -> bool {
        let mut served = false;
        while let Some(key) = self.env.signals.next_ready() {
            let mut passed = 0;
            let mut found_nothing: Option<&'static Command> = None;
            while let Some(parked) = self.env.signals.longest_waiting(&key, passed) {
                let command = parked.request.command(0);
                // Two takers of the same kind: where the first found nothing the second finds nothing.
                let hopeless =
                    found_nothing.is_some_and(|c| command.is_some_and(|d| std::ptr::eq(c, d)));
                if !hopeless && self.serve(&parked, key.name(), now) {
                    self.env.signals.unpark(parked.waiter.id());
                    served = true;
                    continue;
                }
                // What is read in a stream or a topic is taken from nobody else's group, and each agent's poll
                // finds something else.
                let takes = |c: &&Command| {
                    let reads = c.group == "stream" || matches!(self.home, Home::Topics);
                    c.flags.has(Flags::WRITE) && !reads
                };
                found_nothing = command.filter(takes).or(found_nothing);
                passed += 1;
            }
        }
        served
    }

    /// Tries a parked request again, since `key` changed. True if it is over: answered, or its client is gone.
    fn serve(&mut self, parked: &super::Parked, key: &[u8], now: u64) -> bool {
        // Claim first, take after: nothing is ever taken for a client that somebody else has answered.
        let Some(claim) = parked.waiter.claim() else { return true };
        let served = self.serve_one(&parked.request, &parked.caller, now, Attempt::Again(key));
        if served.reply.is_nothing() {
            parked.waiter.give_back(claim);
            return false;
        }
        let took = Duration::from_nanos(served.time_ns);
        self.env.directory.delays.note("command-unblocking", now, took);
        if let Err(reply) = claim.answer(served) {
            self.put_back(&parked.request, &parked.caller, &reply, now);
        }
        true
    }

    fn serve_one(
        &mut self,
        request: &Pipeline,
        caller: &Caller,
        now: u64,
        attempt: Attempt<'_>,
    ) -> Served {
        let since = clock();
        let reply = self.run(request, 0, caller, now, attempt);
        Served { reply, time_ns: nanoseconds(since.elapsed()) }
    }

    /// Undoes what a request took for a client that went away before it could be told.
    fn put_back(&mut self, request: &Pipeline, caller: &Caller, reply: &Reply, now: u64) {
        let undo = request.command(0).and_then(|command| command.undo);
        if let Some(undo) = undo.and_then(|undo| undo(&request.request(0), reply)) {
            self.run(&undo, 0, caller, now, Attempt::Only);
        }
    }

    /// Takes a notice. Whoever is concerned by what it changes is told with [`finish`](Self::finish).
    pub(super) fn take(&mut self, notice: S::Notice) {
        self.state.notice(notice, now_ms(), &mut self.env);
    }

    pub(super) fn park(&mut self, message: Park, now: u64) {
        let Park { request, caller, waiter } = message;
        let Some(claim) = waiter.claim() else { return };
        let served = self.serve_one(&request, &caller, now, Attempt::First);
        if served.reply.is_nothing() {
            waiter.note_parked();
            waiter.give_back(claim);
            self.env.signals.park(waiter, request, caller);
            return;
        }
        self.env.signals.drop_waits();
        if let Err(reply) = claim.answer(served) {
            self.put_back(&request, &caller, &reply, now);
        }
        self.finish(now);
    }

    /// Does what is due, before the alarm that is on its way: whoever watches must not miss what time alone has changed.
    pub(super) fn catch_up(&mut self, now: u64) {
        if self.state.deadline().is_some_and(|due| due <= now) {
            self.tick(now);
        }
    }

    fn tick(&mut self, now: u64) {
        let since = clock();
        self.env.signals.begin(0);
        self.state.tick(now, &mut self.env);
        let (took, directory) = (since.elapsed(), &self.env.directory);
        // Redis's name for what the keyspace does here; the timers of others have none.
        let is_keyspace = matches!(self.home, Home::Keyspace);
        directory.delays.note(if is_keyspace { "expire-cycle" } else { "timers" }, now, took);
        if is_keyspace {
            directory.counters.expiring_ns.fetch_add(nanoseconds(took), Ordering::Relaxed);
        }
    }

    /// When the state has to be looked at though nobody asks.
    pub(super) fn next_alarm(&self) -> Option<u64> {
        let waits = self.env.directory.limits.lazy_expiry.holds();
        self.state.deadline().filter(|_| !(waits && matches!(self.home, Home::Keyspace)))
    }

    /// The alarm has rung.
    pub(super) fn wake(&mut self, now: u64) {
        if self.next_alarm().is_some() {
            self.tick(now);
        }
        self.finish(now);
    }
}

impl<S: State> Host for RefCell<Core<S>> {
    fn run(&self, request: &Pipeline, caller: &Caller, now: u64) -> Reply {
        self.borrow_mut().run(request, 0, caller, now, Attempt::Only)
    }

    fn remember(&self, key: &[u8], client: u64) {
        self.borrow_mut().env.signals.remember(key, client);
    }

    fn finish(&self, now: u64) {
        self.borrow_mut().finish(now);
    }
}

/// Why a command that has no function for this owner is refused: most often the key holds another type.
fn refuse_on(command: &Command, place: Place<'_>) -> Refusal {
    let natural = match place {
        Place::Registry => "hash",
        Place::Topics => "stream",
        Place::Files => "string",
        Place::Mailbox(_) => "list",
        Place::Keyspace => "",
    };
    let typed =
        matches!(command.group, "string" | "list" | "hash" | "set" | "sorted-set" | "stream");
    if typed && command.group != natural {
        Refusal::WrongType
    } else if command.flags.has(Flags::WRITE) && place == Place::Registry {
        Refusal::ReadOnly(place.prefix())
    } else {
        Refusal::NoMeaning(command.name, place.prefix())
    }
}
