//! One connection: bytes in, requests to their owners, replies out, in order.
//!
//! A connection is a plain task. The order of its code is the order of the protocol: it reads what is there, runs all
//! complete requests, writes all replies at once, and waits for more, or for something that is pushed to it.

mod blocking;
mod buffers;
mod output;
mod stream;

pub use stream::Stream;

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use clawlink_actors::command::{Command, Flags, Patience};
use clawlink_actors::outbox::{Moment, Publication};
use clawlink_actors::owner::now_ms;
use clawlink_actors::{Outcome, Pipeline, Place, Refusal, Reply};

use crate::clients::Order;
use crate::commands;
use crate::monitor;
use crate::router::{Run, creates, direct_place};
use crate::scripts::{self, Ended};
use crate::session::{Replies, Session, Target};
use crate::shared::Stats;
use crate::wire::{Decoder, Malformed, encode, encode_publication};
use buffers::{Buffers, Held};

/// How much is read at a time.
const READ_BYTES: usize = 16 * 1024;
/// Replies are sent when this much waits, although more requests are there to be run.
const SEND_BYTES: usize = 256 * 1024;
/// Room that is kept for publications after a burst.
const KEPT_PUBLICATIONS_MAX: usize = 256;

/// One connection.
#[derive(Debug)]
pub struct Connection {
    session: Session,
    stream: Stream,
    decoder: Decoder,
    buffers: Held,
}

/// What a connection waits for.
enum Event {
    /// So many bytes were read.
    Read(usize),
    /// The socket takes more output.
    Writable,
    /// Something was published to it, or it was given an order.
    Changed,
}

/// Whether a connection goes on.
type Turn = io::Result<()>;

impl Connection {
    /// A connection on this socket.
    pub fn new(session: Session, stream: Stream) -> Self {
        Self { session, stream, decoder: Decoder::default(), buffers: Held::default() }
    }

    /// Serves the client until it leaves, is told to leave, or breaks the protocol. Boxed, because a future keeps room
    /// for its argument besides the variable that it becomes.
    pub async fn serve(mut self: Box<Self>) {
        while !self.session.closing && self.turn().await.is_ok() {}
        // What the client is owed before it goes, as far as the socket takes it.
        let _ = self.send();
        self.session.leave_everything();
        self.session.shared.clients.close(self.session.client.id);
    }

    /// Waits for something to happen and deals with it.
    async fn turn(&mut self) -> Turn {
        match self.event().await? {
            Event::Read(count) => self.received(count).await,
            Event::Writable | Event::Changed => self.look_around(),
        }
    }

    /// The next thing that happens. Until it does, an idle connection holds no buffers.
    async fn event(&mut self) -> io::Result<Event> {
        poll_fn(|context| {
            let event = self.poll_event(context);
            if event.is_pending() {
                self.buffers.release();
            }
            event
        })
        .await
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Event>> {
        let buffers = self.buffers.get();
        buffers.input.reserve(READ_BYTES);
        match self.stream.poll_read(&mut buffers.input, context) {
            Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            Poll::Ready(read) => return Poll::Ready(read.map(Event::Read)),
            Poll::Pending => {}
        }
        if self.session.client.outbox.poll_changed(context).is_ready() {
            return Poll::Ready(Ok(Event::Changed));
        }
        if !buffers.output.is_empty()
            && let Poll::Ready(ready) = self.stream.poll_writable(context)
        {
            return Poll::Ready(ready.map(|()| Event::Writable));
        }
        Poll::Pending
    }

    /// Runs all requests that are complete now that so many bytes have been read.
    async fn received(&mut self, count: usize) -> Turn {
        let shared = &self.session.shared;
        Stats::add(&shared.stats.bytes_in, count as u64);
        shared.memory.received(count);
        self.session.sign_of_life();
        self.session.spare_replies = std::mem::take(&mut self.buffers.get().replies);
        self.run_input().await?;
        self.buffers.get().replies = std::mem::take(&mut self.session.spare_replies);
        Ok(())
    }

    /// Runs all complete requests of the read buffer, those included that arrive while one of them blocks.
    async fn run_input(&mut self) -> Turn {
        loop {
            let buffers = self.buffers.get();
            let mut pipeline = buffers.pipeline.take().unwrap_or_default();
            // Nobody else holds it, so this copies nothing.
            let room = Arc::make_mut(&mut pipeline);
            let malformed =
                self.decoder.decode(&mut buffers.input, room, self.session.authenticated);
            let more = !pipeline.is_empty();
            self.run_pipeline(&mut pipeline).await?;
            if let Some(room) = Arc::get_mut(&mut pipeline) {
                room.clear();
                self.buffers.get().pipeline = Some(pipeline);
            }
            match malformed {
                Some(_) if self.session.closing => {}
                Some(Malformed::Protocol(text)) => {
                    let line = [b"-ERR Protocol error: ", &text[..], b"\r\n"].concat();
                    self.buffers.get().output.buffer().extend_from_slice(&line);
                    self.session.closing = true;
                }
                Some(Malformed::TooMuch) => return Err(io::ErrorKind::InvalidData.into()),
                // While a request blocked, more may have been read.
                None if more && !self.buffers.has_no_input() && !self.session.closing => continue,
                None => {}
            }
            return self.look_around();
        }
    }

    async fn run_pipeline(&mut self, pipeline: &mut Arc<Pipeline>) -> Turn {
        let mut index = 0;
        // A request that blocks may end the pipeline early: it is the last then.
        while index < pipeline.len() && !self.session.closing {
            let end = match self.neighbours(pipeline, index) {
                Some((place, create, end)) => {
                    let run = Run::of(index..end);
                    let started = Instant::now();
                    let mut replies =
                        self.session.execute(place, create, pipeline.clone(), run).await;
                    self.session.account(pipeline, index, &replies, started.elapsed());
                    self.session.hear_of_keys().await;
                    self.answer(replies.drain(..), false);
                    self.session.spare_replies = replies;
                    end
                }
                None => match scripts::neighbours(&self.session, pipeline, index) {
                    Some(scripts) => Box::pin(self.run_scripts(pipeline, index, scripts)).await,
                    None => {
                        // Boxed: its state is larger than all else that an idle connection would hold room for.
                        Box::pin(self.run_one(pipeline, index)).await?;
                        index + 1
                    }
                },
            };
            index = end;
            if self.buffers.get().output.len() > SEND_BYTES {
                self.send()?;
            }
        }
        Ok(())
    }

    /// The requests from `from` on that go to one owner without further questions: the owner, whether its mailbox is
    /// to be created, and the end of the run.
    fn neighbours<'a>(
        &self,
        pipeline: &'a Pipeline,
        from: usize,
    ) -> Option<(Place<'a>, bool, usize)> {
        if !self.session.is_plain() {
            return None;
        }
        let guarded = self.session.is_guarded();
        let direct = |index| {
            direct(pipeline, index).filter(|(_, command)| {
                !guarded || self.session.check_identity(command, &pipeline.request(index)).is_ok()
            })
        };
        let (place, first) = direct(from)?;
        let mut create = creates(first, &pipeline.request(from));
        let mut end = from + 1;
        // What a subscriber publishes reaches itself before the reply does, so it is run one by one.
        while end < pipeline.len() && self.session.subscriptions.is_empty() {
            match direct(end) {
                Some((next, command)) if next == place => {
                    create |= creates(command, &pipeline.request(end));
                }
                _ => break,
            }
            end += 1;
        }
        Some((place, create, end))
    }

    /// Runs scripts that need nothing but the keyspace. Answers where the requests behind them begin.
    async fn run_scripts(
        &mut self,
        pipeline: &Pipeline,
        from: usize,
        scripts: scripts::Neighbours,
    ) -> usize {
        self.session.now = now_ms();
        let end = from + scripts.len();
        let ended = scripts.run(&mut self.session).await;
        for (index, Ended { outcome, took }) in (from..).zip(ended) {
            let args = pipeline.request(index);
            let command = commands::find(args.word(0), b"").map(|edge| &edge.command);
            let reply = Reply::from(outcome);
            self.session.account_one(command, &args, true, &reply, took);
            if let Some(command) = command {
                *self.session.client.last_command.lock() = command.name;
            }
            self.answer([reply], true);
        }
        end
    }

    /// Runs a request that needs more than its owner: it is refused, queued, blocked, spans owners, or is about the
    /// connection itself.
    async fn run_one(&mut self, pipeline: &mut Arc<Pipeline>, index: usize) -> Turn {
        self.session.now = now_ms();
        let args = pipeline.request(index);
        let started = Instant::now();
        let target = self.session.resolve(&args);
        let named = target.as_ref().ok().map(|target| target.command());
        let checked = target.and_then(|target| {
            self.session.refuse(target.command(), &args)?;
            Ok(target)
        });
        let ran = checked.is_ok();
        let outcome = match checked {
            Err(refusal) => Err(self.session.refuse_queued(named, refusal)),
            Ok(target) => {
                let command = target.command();
                if self.session.transaction.is_open() && !commands::during_transaction(command) {
                    self.queue(target, pipeline, index)
                } else {
                    self.run_now(target, pipeline, index).await?
                }
            }
        };
        let reply = Reply::from(outcome);
        // A request that blocked has left its pipeline; it is not one to be logged as slow either.
        let args = pipeline.request(index);
        self.session.account_one(named, &args, ran, &reply, started.elapsed());
        self.session.hear_of_keys().await;
        let whole =
            named.is_some_and(|command| matches!(command.group, "transactions" | "scripting"));
        self.answer([reply], whole);
        Ok(())
    }

    fn queue(&mut self, target: Target, pipeline: &Pipeline, index: usize) -> Outcome {
        if target.command().flags.has(Flags::NO_MULTI) {
            self.session.transaction.refuse();
            return Err(Refusal::Fixed("ERR", "Command not allowed inside a transaction"));
        }
        let args = pipeline.request(index);
        *self.session.client.last_command.lock() = target.command().name;
        let outcome = self.session.transaction.queue(pipeline.command(index), &args);
        self.session.show_queue();
        outcome
    }

    async fn run_now(
        &mut self,
        target: Target,
        pipeline: &mut Arc<Pipeline>,
        index: usize,
    ) -> io::Result<Outcome> {
        let (command, args) = (target.command(), pipeline.request(index));
        *self.session.client.last_command.lock() = command.name;
        let shared = self.session.shared.clone();
        if shared.pause.is_on() && !commands::passes_pause(command) {
            self.send()?;
            let flags = command.flags;
            shared.pause.pass(flags.has(Flags::WRITE) || flags.has(Flags::MAY_REPLICATE)).await;
        }
        let shown = !command.flags.has(Flags::SKIP_MONITOR) && !command.flags.has(Flags::ADMIN);
        let shown = shown && shared.monitors.any();
        // As in Redis a request is shown when it has run, and one that may block when it begins.
        if shown && command.patience.is_some() {
            monitor::show(&self.session, &args);
        }
        if let Some(patience) = command.patience {
            match patience(&args) {
                Ok(patience) => {
                    let request = args.detach(Some(command));
                    if index + 1 == pipeline.len() {
                        // A blocked client holds no read buffer.
                        *pipeline = Arc::default();
                    }
                    return self.run_blocking(command, request, patience).await;
                }
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        let outcome = self.session.run(target, args).await;
        if shown {
            monitor::show(&self.session, &args);
        }
        if let Ok(reply) = &outcome {
            self.session.adopt(command, reply);
        }
        let follow = command.follow.zip(outcome.as_ref().ok());
        let follow = follow.and_then(|(follow, reply)| (follow.request)(&args, reply));
        let Some(request) = follow else { return Ok(outcome) };
        if index + 1 == pipeline.len() {
            *pipeline = Arc::default();
        }
        Ok(self.run_following(request).await?.map_or(outcome, Ok))
    }

    /// Encodes a reply, if the client wants it.
    fn reply(&mut self, reply: Reply) {
        let wanted = match self.session.replies {
            Replies::On => true,
            Replies::Off => false,
            Replies::SkipNext => {
                self.session.replies = Replies::Skip;
                false
            }
            Replies::Skip => {
                self.session.replies = Replies::On;
                false
            }
        };
        // Pushes are not replies: they come even where replies are turned off.
        if wanted || matches!(reply, Reply::Push(_)) {
            encode(&reply, self.session.resp3, self.buffers.get().output.buffer());
        }
    }

    /// Encodes what was published to this connection, but what it is to see at this moment or later: that is handed back.
    fn push_published(&mut self, hold: Option<Moment>) -> Vec<Arc<Publication>> {
        let mut held = Vec::new();
        if self.session.client.outbox.is_empty() {
            return held;
        }
        let Buffers { published, output, .. } = self.buffers.get();
        // What a client does not read stays in its outbox, whose bound closes it.
        if output.len() > SEND_BYTES {
            return held;
        }
        self.session.client.outbox.take(published);
        for publication in published.drain(..) {
            if hold.is_some_and(|moment| publication.moment >= moment) {
                held.push(publication);
            } else {
                encode_publication(&publication, self.session.resp3, output.buffer());
            }
        }
        published.shrink_to(KEPT_PUBLICATIONS_MAX);
        held.sort_by_key(|publication| publication.moment);
        held
    }

    /// Encodes what came of a request beside its reply, and the reply in the midst of it, as Redis orders them.
    /// `whole`: whether the reply is that of a transaction or a script, which Redis would interrupt.
    fn answer(&mut self, replies: impl IntoIterator<Item = Reply>, whole: bool) {
        let hold = if whole { Moment::AtEnd } else { Moment::AfterReply };
        let held = self.push_published(Some(hold));
        replies.into_iter().for_each(|reply| self.reply(reply));
        for publication in held {
            encode_publication(
                &publication,
                self.session.resp3,
                self.buffers.get().output.buffer(),
            );
        }
    }

    /// Pushes what was published, sends what waits, and follows orders.
    fn look_around(&mut self) -> Turn {
        if self.session.client.take_order() == Order::Close {
            self.session.closing = true;
        }
        if self.session.client.outbox.overflowed() {
            tracing::warn!(
                client = self.session.client.id,
                "closed a subscriber that did not keep up"
            );
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.push_published(None);
        self.send()
    }

    fn send(&mut self) -> Turn {
        if !self.buffers.has_no_output() && !self.session.discarding {
            let sent = self.buffers.get().output.send(&self.stream)?;
            Stats::add(&self.session.shared.stats.bytes_out, sent as u64);
        }
        Ok(())
    }
}

/// The owner and the command of a request that needs nothing but to be run there.
fn direct(pipeline: &Pipeline, index: usize) -> Option<(Place<'_>, &'static Command)> {
    let command = pipeline.command(index)?;
    let args = pipeline.request(index);
    let plain = command.patience.is_none()
        && command.subcommands.is_empty()
        && !command.flags.has(Flags::ADOPTS_AGENT)
        && !command.flags.has(Flags::PROTECTED)
        && command.follow.is_none_or(|follow| (follow.patience)(&args) == Ok(Patience::Never))
        && command.takes(args.len());
    if !plain {
        return None;
    }
    direct_place(command, &args).map(|place| (place, command))
}
