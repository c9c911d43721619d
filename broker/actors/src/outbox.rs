//! What is pushed to a connection without being asked for: published messages and the monitor's lines.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use parking_lot::Mutex;

/// How a subscriber came to get a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It subscribed to the channel.
    Channel,
    /// It subscribed to this pattern.
    Pattern(Bytes),
    /// It subscribed to the shard channel.
    Shard,
    /// It is a monitor; the payload is a line.
    Monitor,
    /// It keeps what was read, and is to forget it.
    Invalidated {
        /// What; `None` is everything.
        keys: Option<Arc<[Bytes]>>,
        /// Whether another connection has read it.
        redirected: bool,
    },
    /// The connection that was told in its place, whose id this is, is gone.
    RedirectionBroken(u64),
}

impl Reason {
    /// Whether a connection without pushes can be told, which depends on whether it is subscribed to anything: RESP2 knows
    /// nothing but subscribers' messages.
    pub fn is_for_resp2(&self, subscribed: bool) -> bool {
        match self {
            Self::Invalidated { redirected, .. } => *redirected && subscribed,
            Self::RedirectionBroken(_) => false,
            _ => true,
        }
    }
}

/// When a connection is shown something that its own request brought about. Whoever had no part in it is shown it at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// Before the reply to that request.
    BeforeReply,
    /// After it.
    AfterReply,
    /// When all else has been said.
    AtEnd,
}

/// A message on its way to subscribers. One value is shared by all of them, and so is its encoding: the first
/// connection that writes it leaves the bytes here for the others.
#[derive(Debug)]
pub struct Publication {
    /// Why the subscriber gets it.
    pub reason: Reason,
    /// The channel.
    pub channel: Bytes,
    /// The message.
    pub payload: Bytes,
    /// When who brought it about sees it.
    pub moment: Moment,
    /// Its encoding for RESP2 and for RESP3.
    pub encoded: [OnceLock<Box<[u8]>>; 2],
}

impl Publication {
    /// A publication that nobody has encoded yet.
    pub fn new(reason: Reason, channel: Bytes, payload: Bytes, moment: Moment) -> Arc<Self> {
        Arc::new(Self { reason, channel, payload, moment, encoded: Default::default() })
    }

    /// What it counts for against an outbox's bound, in bytes.
    pub fn weight(&self) -> usize {
        let keys = if let Reason::Invalidated { keys: Some(keys), .. } = &self.reason {
            keys.iter().map(|key| key.len() + 32).sum()
        } else {
            0
        };
        self.channel.len() + self.payload.len() + keys + 64
    }
}

/// The bounded queue between publishers and one connection. Publishing never waits: a subscriber that does not keep
/// up is closed, never skipped in silence.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: Mutex<Vec<Arc<Publication>>>,
    /// What the queue counts for. Written by who holds the queue, read by anybody.
    bytes: AtomicUsize,
    overflowed: AtomicBool,
    changed: AtomicBool,
    closed: AtomicBool,
    /// Wakes the connection, which is the same task as long as it lives.
    owner: OnceLock<Waker>,
}

impl Outbox {
    /// Queues a publication. False if that is more than `bytes_max`: the connection is to be closed, and gets no more.
    pub fn push(&self, publication: &Arc<Publication>, bytes_max: u64) -> bool {
        let weight = publication.weight();
        let mut queue = self.queue.lock();
        let bytes = self.bytes.load(Ordering::Relaxed) + weight;
        if bytes as u64 > bytes_max || self.overflowed() {
            self.overflowed.store(true, Ordering::Release);
            drop(queue);
            self.wake();
            return false;
        }
        self.bytes.store(bytes, Ordering::Relaxed);
        let first = queue.is_empty();
        queue.push(publication.clone());
        drop(queue);
        // Whoever drains takes everything, so only the first of a burst needs to wake it.
        if first {
            self.wake();
        }
        true
    }

    /// Takes everything that is queued, in exchange for the room of an empty vector.
    pub fn take(&self, room: &mut Vec<Arc<Publication>>) {
        let mut queue = self.queue.lock();
        std::mem::swap(&mut *queue, room);
        self.bytes.store(0, Ordering::Relaxed);
    }

    /// Whether the bound was passed.
    pub fn overflowed(&self) -> bool {
        self.overflowed.load(Ordering::Acquire)
    }

    /// Its connection has ended.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Whether its connection has ended.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// How many publications are queued.
    pub fn len(&self) -> usize {
        self.queue.lock().len()
    }

    /// What the queued publications count for, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether nothing is queued.
    pub fn is_empty(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) == 0
    }

    /// Wakes the connection though nothing was published: it has an order to look at.
    pub fn wake(&self) {
        self.changed.store(true, Ordering::Release);
        // Either the connection, which registers now, sees the change, or it is seen here that it has registered.
        fence(Ordering::SeqCst);
        if let Some(owner) = self.owner.get() {
            owner.wake_by_ref();
        }
    }

    /// Ready when something was queued, the bound was passed, or somebody called [`Outbox::wake`] since the last time.
    /// Only the connection itself may ask: the first asker is the one that is woken.
    pub fn poll_changed(&self, context: &mut Context<'_>) -> Poll<()> {
        if self.take_changed() {
            return Poll::Ready(());
        }
        if self.owner.get().is_some() {
            return Poll::Pending;
        }
        self.owner.get_or_init(|| context.waker().clone());
        fence(Ordering::SeqCst);
        // It may have changed between the look and the registration.
        if self.take_changed() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn take_changed(&self) -> bool {
        self.changed.load(Ordering::Acquire) && self.changed.swap(false, Ordering::AcqRel)
    }
}

/// A connection that gets what is published.
#[derive(Debug, Clone)]
pub struct Subscriber {
    /// The connection's id.
    pub client: u64,
    /// Its outbox.
    pub outbox: Arc<Outbox>,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Poll, Wake};

    use bytes::Bytes;

    use super::{Moment, Outbox, Publication, Reason};

    /// Counts how often a connection is woken.
    #[derive(Default)]
    struct Bell(AtomicUsize);

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_connection_is_woken_by_every_change_that_it_has_not_seen() {
        let (outbox, bell) = (Outbox::default(), Arc::new(Bell::default()));
        let waker = bell.clone().into();
        let mut context = Context::from_waker(&waker);
        let publication =
            Publication::new(Reason::Channel, Bytes::new(), Bytes::new(), Moment::AtEnd);
        outbox.wake();
        assert!(outbox.poll_changed(&mut context).is_ready(), "it was given an order before");
        for round in 1..4 {
            assert!(outbox.poll_changed(&mut context).is_pending());
            assert!(outbox.push(&publication, 1 << 20) && outbox.push(&publication, 1 << 20));
            assert_eq!(bell.0.load(Ordering::Relaxed), round, "the first of a burst wakes it");
            assert_eq!(outbox.poll_changed(&mut context), Poll::Ready(()));
            outbox.take(&mut Vec::new());
        }
    }
}
