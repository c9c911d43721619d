//! One connection: bytes in, requests to their owners, replies out, in order.
//!
//! A connection is a plain task. The order of its code is the order of the protocol: it reads what is there, runs all
//! complete requests, writes all replies at once, and waits for more, or for something that is pushed to it.

mod blocking;
mod buffers;
mod held_back;
mod neighbours;
mod output;
mod scripted;
mod single;
mod stream;

pub use stream::Stream;

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use clawlink_actors::outbox::{Moment, Publication};
use clawlink_actors::owner::Answer;
use clawlink_actors::{Pipeline, Reply};

use crate::clients::Order;
use crate::router::{Run, Sent};
use crate::scripts;
use crate::session::{Replies, Session};
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
        let (shared, id) = (self.session.shared.clone(), self.session.client.id);
        // Who is told that the connection has ended may rely on its socket being closed.
        drop(self);
        shared.clients.close(id);
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
                self.buffers.show(0, &self.session.client.sizes);
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
        Stats::add(&shared.stats.reads, 1);
        self.session.sign_of_life();
        self.run_input().await
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
            if more {
                // Connections that are ready together read first, and then send: so what does the one finds itself in the
                // processor's cache.
                turn_of_others().await;
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
                    let room = std::mem::take(&mut self.buffers.get().answer);
                    let run = Run { room, ..Run::of(index..end) };
                    let sent = self.session.send(place, create, pipeline.clone(), run);
                    let answer = match sent {
                        Sent::Done(answer) => answer,
                        Sent::Waiting(waiting) => {
                            self.session.show_command(pipeline.command(end - 1));
                            self.session.answered(waiting).await
                        }
                    };
                    let mut answer = answer.unwrap_or_else(|refusal| {
                        Answer::to_all(&Reply::Error(refusal), end - index)
                    });
                    if std::mem::take(&mut answer.woke_others) {
                        turn_of_others().await;
                    }
                    self.session.account(pipeline, index, &answer);
                    if self.session.hears_of_keys() {
                        Box::pin(self.session.hear_of_keys()).await;
                    }
                    self.take_replies(answer);
                    self.session.end_caching(pipeline.command(index));
                    end
                }
                None => match scripts::neighbours(&self.session, pipeline, index) {
                    Some(scripts) => Box::pin(self.run_scripts(pipeline, index, scripts)).await,
                    None if self.run_at_once(pipeline, index) => index + 1,
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
        // Others look only now. What is no owner's command was shown when it ran.
        let last = pipeline.len().checked_sub(1).and_then(|last| pipeline.command(last));
        if last.is_some() {
            self.session.show_command(last);
        }
        Ok(())
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
        let (resp3, output) = (self.session.resp3, self.buffers.get().output.buffer());
        if wanted {
            encode(&reply, resp3, output);
        } else {
            encode_pushes(&reply, resp3, output);
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
        let (resp3, subscribed) = (self.session.resp3, !self.session.subscriptions.is_empty());
        for publication in published.drain(..) {
            if !(resp3 || publication.reason.is_for_resp2(subscribed)) {
                continue;
            }
            if hold.is_some_and(|moment| publication.moment >= moment) {
                held.push(publication);
            } else {
                encode_publication(&publication, resp3, output.buffer());
            }
        }
        published.shrink_to(KEPT_PUBLICATIONS_MAX);
        held.sort_by_key(|publication| publication.moment);
        held
    }

    /// Encodes what came of a request beside its reply, and the reply in the midst of it, as Redis orders them.
    /// `whole`: whether the reply is that of a transaction or a script, which Redis would interrupt.
    fn answer(&mut self, replies: impl IntoIterator<Item = Reply>, whole: bool) {
        if self.session.client.outbox.is_empty() {
            return replies.into_iter().for_each(|reply| self.reply(reply));
        }
        let hold = if whole { Moment::AtEnd } else { Moment::AfterReply };
        let held = self.push_published(Some(hold));
        replies.into_iter().for_each(|reply| self.reply(reply));
        for publication in held {
            let output = self.buffers.get().output.buffer();
            encode_publication(&publication, self.session.resp3, output);
        }
    }

    /// Encodes the replies of an owner, and keeps the room for the next.
    fn take_replies(&mut self, mut answer: Answer) {
        self.answer(answer.replies.drain(..), false);
        answer.laps.clear();
        self.buffers.get().answer = answer;
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
            Stats::add(&self.session.shared.stats.writes, 1);
            Stats::add(&self.session.shared.stats.bytes_out, sent as u64);
        }
        Ok(())
    }
}

/// Lets all tasks that were woken before have their turn.
async fn turn_of_others() {
    let mut waited = false;
    poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Encodes what a client sees that wants no replies: pushes, as confirmations of subscriptions are, come all the same.
fn encode_pushes(reply: &Reply, resp3: bool, output: &mut Vec<u8>) {
    match reply {
        Reply::Push(_) => encode(reply, resp3, output),
        Reply::Many(replies) | Reply::Array(replies) => {
            replies.iter().for_each(|reply| encode_pushes(reply, resp3, output));
        }
        _ => {}
    }
}
