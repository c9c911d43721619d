//! Requests to their owners, and replies back. The router alone decides who the owner is.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use clawlink_actors::command::{Command, Flags, Keys, Route, Span};
use clawlink_actors::owner::{Answer, Execute};
use clawlink_actors::topics::TOLD;
use clawlink_actors::{Args, Outcome, Pipeline, Place, Refusal, Reply};

use crate::session::{BUSY, Session};
use crate::spanning;

const UNBORROWED: Refusal =
    Refusal::Fixed("ERR", "a script asks no owner that it has not borrowed");

/// How requests are run.
#[derive(Debug)]
pub(crate) struct Run {
    /// Which requests of the pipeline.
    pub range: Range<usize>,
    /// Whether they are a transaction.
    pub atomic: bool,
    /// The transaction's watch.
    pub guard: Option<Arc<AtomicBool>>,
    /// If the keys have several owners: among which words this one is to pick its own.
    pub spanning: Option<Range<usize>>,
    /// Room for the answer, to save an allocation; there is nothing in it.
    pub room: Answer,
}

/// What has become of requests to an owner.
#[derive(Debug)]
pub(crate) enum Sent {
    /// They were answered, or cannot be run.
    Done(Result<Answer, Refusal>),
    /// The answer is to be waited for.
    Waiting(Waiting),
}

/// How the answer to requests is waited for.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// They are taken back if they turn out to wait behind a script that runs for long.
    behind_scripts: bool,
}

impl Run {
    /// These requests, one after the other.
    pub(crate) fn of(range: Range<usize>) -> Self {
        Self { range, atomic: false, guard: None, spanning: None, room: Answer::default() }
    }

    /// All requests of a pipeline.
    pub(crate) fn all(pipeline: &Pipeline) -> Self {
        Self::of(0..pipeline.len())
    }
}

/// The owner of a request that has exactly one and needs nothing but to be run there.
pub(crate) fn direct_place<'a>(command: &'static Command, args: &Args<'a>) -> Option<Place<'a>> {
    match (command.route, command.keys) {
        (Route::Keys, Keys::ONE) => Some(Place::of_key(args.word(1))),
        (Route::Keys, keys) => {
            let mut keys = keys.range(args);
            let Some(first) = keys.next() else {
                return Some(Place::Keyspace);
            };
            let place = Place::of_key(args.word(first));
            keys.all(|index| Place::of_key(args.word(index)) == place).then_some(place)
        }
        (Route::Registry, _) => Some(Place::Registry),
        (Route::Topics, _) => Some(Place::Topics),
        (Route::Files, _) => Some(Place::Files),
        (Route::Mailbox(word), _) => Some(Place::Mailbox(args.word(usize::from(word)))),
        (Route::Message(word), _) => Some(Place::of_message(args.word(usize::from(word)))),
        (Route::Mailboxes(word), _) => {
            let names = args.word(usize::from(word));
            (!names.contains(&b',')).then_some(Place::Mailbox(names))
        }
        (Route::Tasks, _) => {
            // All of its options have a value.
            let mut options = (1..args.len()).step_by(2);
            let to = options.find(|at| args.word(*at).eq_ignore_ascii_case(b"TO"));
            to.map(|at| Place::Mailbox(args.word(at + 1)))
        }
        (Route::Messages(_) | Route::Reader(_) | Route::Everywhere, _) => None,
    }
}

/// Whether a request brings the mailbox it names into being: pushing to an inbox does, delegating to an agent that
/// nobody registered does not, unless it says so.
pub(crate) fn creates(command: &Command, args: &Args<'_>) -> bool {
    match command.creates {
        Some(creates) => creates(args),
        None => command.route == Route::Keys && command.flags.has(Flags::DENYOOM),
    }
}

impl Session {
    /// Shows every owner that a request concerns, in the order of its keys; an owner may be shown more than once.
    pub(crate) fn each_place<'a>(
        &self,
        command: &'static Command,
        args: &Args<'a>,
        mut show: impl FnMut(Place<'_>),
    ) {
        match command.route {
            Route::Keys if command.keys.range(args).next().is_some() => {
                command.keys.range(args).for_each(|i| show(Place::of_key(args.word(i))));
            }
            Route::Messages(from) => {
                let ids = args.words().skip(usize::from(from));
                ids.filter(|id| id.contains(&b'.')).for_each(|id| show(Place::of_message(id)));
            }
            Route::Mailboxes(word) => {
                let names = args.word(usize::from(word)).split(|byte| *byte == b',');
                names.for_each(|name| show(Place::Mailbox(name)));
            }
            Route::Reader(word) => self.each_reader_place(args.word(usize::from(word)), show),
            Route::Tasks => self.each_task_place(show),
            Route::Everywhere => {
                let run = &command.run;
                let singles = [
                    (Place::Registry, run.registry.is_some()),
                    (Place::Topics, run.topics.is_some()),
                    (Place::Files, run.files.is_some()),
                    (Place::Keyspace, run.keyspace.is_some()),
                ];
                singles.iter().filter(|(_, runs)| *runs).for_each(|(place, _)| show(*place));
            }
            _ => show(direct_place(command, args).unwrap_or(Place::Keyspace)),
        }
    }

    fn each_reader_place(&self, agent: &[u8], mut show: impl FnMut(Place<'_>)) {
        show(Place::Mailbox(agent));
        if let Some(mailbox) = self.shared.directory.mailbox(agent) {
            let capabilities = mailbox.gauge.capabilities.read().clone();
            for capability in capabilities.iter() {
                show(Place::Mailbox(format!("@{capability}").as_bytes()));
            }
        }
        show(Place::Topics);
    }

    /// Shows the mailboxes that know tasks, in order of name. All others, however many, are only counted over.
    fn each_task_place(&self, mut show: impl FnMut(Place<'_>)) {
        let mut names = Vec::new();
        self.shared.directory.each_mailbox(|name, gauge| {
            if gauge.tasks.load(Ordering::Relaxed) > 0 {
                names.push(name.clone());
            }
        });
        names.sort();
        // With no task anywhere the request is still to be read.
        if names.is_empty() {
            show(Place::Mailbox(b""));
        }
        names.iter().for_each(|name| show(Place::Mailbox(name)));
    }

    /// Runs a request on its owners, however many it has.
    pub(crate) async fn ask_owners(
        &mut self,
        command: &'static Command,
        args: Args<'_>,
    ) -> Outcome {
        match direct_place(command, &args) {
            Some(place) => {
                let request = args.detach(Some(command));
                self.ask(place, creates(command, &args), request, None).await
            }
            None => Box::pin(spanning::run(self, command, args)).await,
        }
    }

    /// Runs one request, alone in its pipeline, on one owner.
    pub(crate) async fn ask(
        &mut self,
        place: Place<'_>,
        create: bool,
        request: Arc<Pipeline>,
        spanning: Option<Range<usize>>,
    ) -> Outcome {
        let run = Run { spanning, ..Run::of(0..1) };
        let reply = self.execute(place, create, request, run).await.replies.pop();
        match reply.unwrap_or(Reply::Error(Refusal::Internal)) {
            Reply::Error(refusal) => Err(refusal),
            reply => Ok(reply),
        }
    }

    /// Runs requests on one owner: through the loan if the connection has borrowed it. When they cannot be run, that is the
    /// reply to each.
    pub(crate) async fn execute(
        &mut self,
        place: Place<'_>,
        create: bool,
        pipeline: Arc<Pipeline>,
        run: Run,
    ) -> Answer {
        let count = run.range.len();
        let answer = self.try_execute(place, create, pipeline, run).await;
        answer.unwrap_or_else(|refusal| Answer::to_all(&Reply::Error(refusal), count))
    }

    /// As [`execute`](Self::execute).
    ///
    /// # Errors
    /// Why none of the requests was run.
    pub(crate) async fn try_execute(
        &mut self,
        place: Place<'_>,
        create: bool,
        pipeline: Arc<Pipeline>,
        run: Run,
    ) -> Result<Answer, Refusal> {
        match self.send(place, create, pipeline, run) {
            Sent::Done(answer) => answer,
            Sent::Waiting(waiting) => self.answered(waiting).await,
        }
    }

    /// Sends requests to one owner: through the loan if the connection has borrowed it. An owner on this thread that is
    /// free answers at once.
    pub(crate) fn send(
        &mut self,
        place: Place<'_>,
        create: bool,
        pipeline: Arc<Pipeline>,
        run: Run,
    ) -> Sent {
        let loan = self.loans.as_ref().and_then(|loans| loans.of(place));
        // A script's request waits for nobody who could wait for the script.
        if loan.is_none() && self.confined {
            return Sent::Done(Err(UNBORROWED));
        }
        let behind_scripts =
            self.loans.is_none() && place == Place::Keyspace && self.shared.scripts.is_expected();
        // Who keeps a copy of an inbox that is not there is told when it comes into being, so somebody must know of it.
        let create = create || self.caller.tracks;
        let mut caller = self.caller.clone();
        caller.spanning = run.spanning;
        let message = Execute {
            pipeline,
            range: run.range,
            caller,
            answer: run.room,
            now: self.now,
            done: self.answers.ask(behind_scripts),
            atomic: run.atomic,
            guard: run.guard,
        };
        match loan {
            Some(loan) => loan.execute(message),
            None => {
                // Behind scripts the turn would be that of the one that runs.
                let sent = self.shared.directory.execute(place, create, message, !behind_scripts);
                if let Err(refusal) = sent {
                    return Sent::Done(Err(refusal));
                }
            }
        }
        match self.answers.take() {
            Poll::Ready(answer) => Sent::Done(self.accept(answer)),
            Poll::Pending => Sent::Waiting(Waiting { behind_scripts }),
        }
    }

    /// Waits for the answer to requests that were sent to one owner.
    ///
    /// # Errors
    /// Why none of the requests was run.
    pub(crate) async fn answered(&mut self, waiting: Waiting) -> Result<Answer, Refusal> {
        if waiting.behind_scripts && Box::pin(self.is_left_by_busy_script()).await {
            return Err(BUSY);
        }
        let answer = self.answers.wait().await;
        self.accept(answer)
    }

    fn accept(&mut self, answer: Option<Answer>) -> Result<Answer, Refusal> {
        let answer = answer.ok_or(Refusal::ShuttingDown)?;
        self.owners_ns += answer.time_ns();
        Ok(answer)
    }

    /// What waits for the keyspace behind a script is taken back when that turns out to run for long: true then. False:
    /// the answer is there or on its way.
    async fn is_left_by_busy_script(&mut self) -> bool {
        let shared = self.shared.clone();
        let is_there = shared.scripts.unless_busy(self.answers.is_there()).await;
        is_there.is_none() && self.answers.withdraw()
    }

    /// Whether this client may hear of what happens to keys.
    pub(crate) fn hears_of_keys(&self) -> bool {
        !self.subscriptions.is_empty() && self.shared.directory.told_events().tells()
    }

    /// A client that listens hears what its own request did to keys together with the reply: waits until it is told.
    pub(crate) async fn hear_of_keys(&mut self) {
        if self.hears_of_keys() {
            let told = Pipeline::of(Some(&TOLD), &[TOLD.name.as_bytes()]);
            // The topics have nothing to refuse.
            let _ = self.ask(Place::Topics, false, Arc::new(told), None).await;
        }
    }
}

/// Whether a command's replies can be put together when its keys have several owners.
pub(crate) fn can_span(command: &Command) -> bool {
    command.span != Span::Refuse
}
