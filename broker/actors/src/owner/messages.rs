//! What an owner can be asked. Every message carries where its answer goes, so one actor serves all askers alike.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use actix::Message;
use bytes::Bytes;
use tokio::sync::oneshot;

use super::answer::{Answer, ReplyTo};
use super::loan::Loan;
use super::visit::Visitor;
use super::waiter::Waiter;
use crate::call::Caller;
use crate::request::Pipeline;

/// Runs neighbouring requests of one pipeline: one message for all of them.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Execute {
    /// The requests.
    pub pipeline: Arc<Pipeline>,
    /// Which of them.
    pub range: Range<usize>,
    /// On whose behalf.
    pub caller: Caller,
    /// Room for the answer, to save an allocation; there is nothing in it.
    pub answer: Answer,
    /// The time at which the connection read them, in milliseconds since 1970.
    pub now: u64,
    /// Where the replies go: one for each request, in order.
    pub done: ReplyTo,
    /// Whether the requests are a transaction: blocked clients are served when all are done.
    pub atomic: bool,
    /// A transaction's watch. If it is raised nothing runs and there are no replies.
    pub guard: Option<Arc<AtomicBool>>,
}

/// Runs a blocking request, and parks it if it finds nothing. The answer goes to the waiter.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Park {
    /// The request, alone in its pipeline.
    pub request: Arc<Pipeline>,
    /// On whose behalf.
    pub caller: Caller,
    /// Who waits.
    pub waiter: Arc<Waiter>,
}

/// Forgets the parked request of this connection.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Unpark(pub u64);

/// Raises `dirty` when the key changes.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Watch {
    /// The database of a plain key; 0 for all other owners.
    pub db: u8,
    /// The key.
    pub key: Bytes,
    /// What is raised.
    pub dirty: Arc<AtomicBool>,
}

/// Ends all watches that raise this.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Unwatch(pub Arc<AtomicBool>);

/// Asks for a loan: the owner serves nobody but the borrower until the loan is dropped.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Borrow(pub oneshot::Sender<Loan>);

/// Lets a visitor work in the owner.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Visit(pub Box<dyn Visitor>);

/// Something that another owner lets this one know.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Tell<N: Send + 'static>(pub N);
