//! Transactions: requests that run as one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clawlink_actors::command::{Command, Flags, Span};
use clawlink_actors::owner::{Answer, Unwatch, Watch};
use clawlink_actors::{Args, Composer, Outcome, Pipeline, Place, Refusal, Reply};

use crate::accounting::Ran;
use crate::loans::Homes;
use crate::monitor;
use crate::router::Run;
use crate::session::{Session, Target};
use crate::wire::{encode, write_refusal};

/// What a transaction may hold, in bytes: as much as may wait as input.
const QUEUE_BYTES_MAX: usize = 1 << 30;

/// A connection's transaction and what it watches.
#[derive(Debug, Default)]
pub struct Transaction {
    open: Option<Box<Queue>>,
    watching: Option<Box<Watching>>,
}

/// The queued requests.
#[derive(Debug)]
struct Queue {
    requests: Composer,
    /// Whether one was refused: `EXEC` then runs none.
    refused: bool,
    /// Whether one may need memory that is not there.
    grows: bool,
    /// Whether one may write.
    writes: bool,
}

/// The watched keys' owners have this flag and raise it.
#[derive(Debug, Default)]
struct Watching {
    dirty: Arc<AtomicBool>,
    homes: Homes,
}

impl Transaction {
    /// Whether requests are being queued.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether a command would need memory because of the transaction it stands in: to be queued, or to run what is. What
    /// ends it does not.
    pub fn grows_by(&self, command: &Command) -> bool {
        self.open.as_ref().is_some_and(|queue| match command.name {
            "exec" => queue.grows,
            name => !["discard", "quit", "reset"].contains(&name),
        })
    }

    /// Begins to queue.
    pub fn open(&mut self) {
        // Few transactions are larger.
        let requests = Composer::with_room(8, 32, 512);
        self.open = Some(Box::new(Queue { requests, refused: false, grows: false, writes: false }));
    }

    /// A request was refused: the transaction cannot run.
    pub fn refuse(&mut self) {
        if let Some(queue) = &mut self.open {
            queue.refused = true;
        }
    }

    /// Whether a command may write something, or send it to others: by itself, or as the end of the transaction.
    pub fn may_write(&self, command: &Command) -> bool {
        let queued = self.open.as_ref().is_some_and(|queue| queue.writes);
        writes(command) || queued && command.name == "exec"
    }

    /// Queues a request. `owned`: its command, if owners run it; `writes`: whether it may write something, or send it to
    /// others.
    ///
    /// # Errors
    /// When the queue is full.
    pub fn queue(
        &mut self,
        command: &Command,
        owned: Option<&'static Command>,
        args: &Args<'_>,
        writes: bool,
    ) -> Outcome {
        let Some(queue) = &mut self.open else {
            return Err(Refusal::Internal);
        };
        if queue.requests.bytes() > QUEUE_BYTES_MAX {
            queue.refused = true;
            return Err(Refusal::Fixed("ERR", "the transaction is too large"));
        }
        queue.grows |= command.flags.has(Flags::DENYOOM);
        queue.writes |= writes;
        queue.requests.push(owned, args.words());
        Ok(Reply::Status("QUEUED"))
    }

    fn len(&self) -> Option<usize> {
        self.open.as_ref().map(|queue| queue.requests.len())
    }
}

fn writes(command: &Command) -> bool {
    command.flags.has(Flags::WRITE) || command.flags.has(Flags::MAY_REPLICATE)
}

/// What the requests of a transaction were answered.
#[derive(Debug, Default)]
struct Replies {
    items: Vec<Reply>,
    /// For each, whether the connection spoke RESP3 then; empty if that cannot have changed.
    resp3: Vec<bool>,
}

impl Replies {
    /// The replies for a connection that now speaks RESP3 or does not: those from before it changed that are written already.
    fn written(mut self, resp3: bool) -> Vec<Reply> {
        for (reply, then) in self.items.iter_mut().zip(self.resp3) {
            if then != resp3 {
                let mut bytes = Vec::new();
                encode(reply, then, &mut bytes);
                *reply = Reply::Written(bytes.into());
            }
        }
        self.items
    }
}

/// What a transaction is answered whose `EXEC` was refused.
fn aborted(refusal: &Refusal) -> Refusal {
    let mut text = Vec::new();
    write_refusal(refusal, &mut text);
    let reason = text.strip_prefix(b"-ERR ").or(text.strip_prefix(b"-")).unwrap_or(&text);
    let because = [b"Transaction discarded because of: ", reason.trim_ascii_end()].concat();
    Refusal::Custom("EXECABORT", because.into())
}

impl Session {
    /// A refused request spoils the transaction it stands in; a refused `EXEC` ends it, and says so
    /// even where there is none.
    pub(crate) fn refuse_queued(
        &mut self,
        command: Option<&'static Command>,
        refusal: Refusal,
    ) -> Refusal {
        self.transaction.refuse();
        let ends = command.is_some_and(|command| command.name == "exec");
        if !ends {
            return refusal;
        }
        self.discard();
        aborted(&refusal)
    }

    /// Ends the transaction without running it.
    pub fn discard(&mut self) {
        self.transaction.open = None;
        self.show_queue();
        self.unwatch();
    }

    /// Makes the next `EXEC` fail if one of these keys changes.
    pub(crate) fn watch(&mut self, args: Args<'_>) -> Outcome {
        let watching = self.transaction.watching.get_or_insert_default();
        for key in args.words().skip(1) {
            let place = Place::of_key(key);
            // The mailbox has to exist to see the change.
            let owner = self.shared.directory.owner(place, true)?;
            let db = if place == Place::Keyspace { self.caller.db } else { 0 };
            let key = bytes::Bytes::copy_from_slice(key);
            owner.tell(Watch { db, key, dirty: watching.dirty.clone() });
            watching.homes.insert(place);
        }
        Ok(Reply::Ok)
    }

    /// Ends all watches.
    pub fn unwatch(&mut self) {
        let Some(watching) = self.transaction.watching.take() else {
            return;
        };
        for place in watching.homes.places() {
            if let Ok(owner) = self.shared.directory.owner(place, false) {
                owner.tell(Unwatch(watching.dirty.clone()));
            }
        }
    }

    /// Shows in `CLIENT LIST` how many requests are queued.
    pub(crate) fn show_queue(&self) {
        let queued = self.transaction.len().map_or(-1, |len| len as i64);
        self.client.queued.store(queued, Ordering::Relaxed);
        let bytes = self.transaction.open.as_ref().map_or(0, |queue| queue.requests.bytes());
        self.client.sizes.queued.set(bytes);
    }

    /// Runs the transaction.
    pub(crate) async fn exec(&mut self) -> Outcome {
        let Some(queue) = self.transaction.open.take() else {
            return Err(Refusal::Fixed("ERR", "EXEC without MULTI"));
        };
        self.show_queue();
        if queue.refused {
            self.unwatch();
            let text = "Transaction discarded because of previous errors.";
            return Err(Refusal::Fixed("EXECABORT", text));
        }
        let requests = Arc::new(queue.requests.finish());
        let outcome = self.exec_queue(requests.clone()).await;
        self.unwatch();
        let Some(replies) = outcome.map_err(|refusal| aborted(&refusal))? else {
            return Ok(Reply::NilArray);
        };
        self.after_exec(&requests, &replies.items);
        Ok(Reply::Array(replies.written(self.resp3)))
    }

    /// Shows to monitors what has run, and takes on the identity that it brought.
    fn after_exec(&mut self, requests: &Pipeline, replies: &[Reply]) {
        let monitored = self.shared.monitors.any();
        for (index, reply) in replies.iter().enumerate() {
            let command = requests.command(index);
            let secret = command.is_some_and(|command| command.flags.has(Flags::SKIP_MONITOR));
            if monitored && !secret {
                monitor::show(self, &requests.request(index));
            }
            if let Some(command) = command {
                self.adopt(command, reply);
            }
        }
    }

    /// `None`: a watched key has changed.
    async fn exec_queue(&mut self, requests: Arc<Pipeline>) -> Result<Option<Replies>, Refusal> {
        let dirty = self.transaction.watching.as_ref().map(|watching| watching.dirty.clone());
        let mut homes = self.homes_of(&requests);
        // Without watches elsewhere, a transaction of one owner is one message to it.
        let watched = self.transaction.watching.as_ref().map(|watching| &watching.homes);
        if let (Some(place), false) = (homes.single(), homes.spans()) {
            let local = watched.is_none_or(|homes| homes.single() == Some(place));
            if local {
                let guard = dirty.clone();
                let room = Answer::with_room(requests.len());
                let run = Run { atomic: true, guard, room, ..Run::all(&requests) };
                let answer = self.try_execute(place, true, requests.clone(), run).await?;
                self.account(&requests, 0, &answer);
                // An owner whose guard is raised runs nothing and gives no replies.
                let aborted = dirty.is_some() && answer.replies.is_empty();
                let replies = Replies { items: answer.replies, resp3: Vec::new() };
                return Ok((!aborted).then_some(replies));
            }
        }
        if let Some(watched) = watched {
            watched.places().for_each(|place| {
                homes.insert(place);
            });
        }
        self.borrow(&homes).await?;
        let is_dirty = dirty.is_some_and(|dirty| dirty.load(Ordering::Acquire));
        let replies = if is_dirty { None } else { Some(self.exec_each(&requests).await) };
        self.loans = None;
        Ok(replies)
    }

    async fn exec_each(&mut self, requests: &Pipeline) -> Replies {
        let mut replies = Replies::default();
        for index in 0..requests.len() {
            let args = requests.request(index);
            let reply = match self.target(requests, index) {
                Ok(target) => {
                    // Boxed: a queued request cannot be a transaction, but its type could.
                    let (outcome, time_ns) = Box::pin(self.run_timed(target, args)).await;
                    let (command, reply) = (target.command(), Reply::from(outcome));
                    self.account_one(&Ran { command, args, reply: &reply, time_ns });
                    reply
                }
                Err(refusal) => refusal.into(),
            };
            replies.items.push(reply);
            replies.resp3.push(self.resp3);
        }
        replies
    }

    /// The owners that a transaction's requests need. It spans owners if it has more than one, and also if it has a
    /// request that the edge runs, which may need any.
    fn homes_of(&self, requests: &Pipeline) -> Homes {
        let mut homes = Homes::default();
        for index in 0..requests.len() {
            let args = requests.request(index);
            match self.target(requests, index) {
                Ok(Target::Owner(command)) if command.span != Span::Cursor => {
                    self.each_place(command, &args, |place| {
                        homes.insert(place);
                    });
                    // Whose capabilities a poll looks into must not change any more.
                    if command.span == Span::Gather {
                        homes.insert_all_singles();
                    }
                }
                Ok(target) => {
                    // A script's keys may be of any owner.
                    for at in target.command().keys.range(&args) {
                        homes.insert(Place::of_key(args.word(at)));
                    }
                    homes.insert_all_singles();
                }
                Err(_) => homes.insert_all_singles(),
            }
        }
        homes
    }
}
