//! A client that waits for something to appear.

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::Reply;

/// A blocked client. The same waiter is parked at every owner that the client named; whoever claims it first
/// answers it, and for all others it is gone.
///
/// Claiming comes before taking anything out of an owner's state, so a message is never taken for a client that
/// another owner, a timeout or a disconnection has already answered.
#[derive(Debug)]
pub struct Waiter {
    id: u64,
    answer: Mutex<Option<oneshot::Sender<Served>>>,
    /// Whether an owner has parked it.
    parked: AtomicBool,
}

/// The right to answer a waiter, held by one owner at a time.
#[derive(Debug)]
pub struct Claim(oneshot::Sender<Served>);

/// What a client is answered that waited.
#[derive(Debug, PartialEq)]
pub struct Served {
    /// The reply.
    pub reply: Reply,
    /// How long the owner worked for it, in nanoseconds; waiting is no work.
    pub time_ns: u64,
}

impl Waiter {
    /// A waiter for the client connection `id`, and where its answer arrives.
    pub fn new(id: u64) -> (Self, oneshot::Receiver<Served>) {
        let (answer, answered) = oneshot::channel();
        (Self { id, answer: Mutex::new(Some(answer)), parked: AtomicBool::new(false) }, answered)
    }

    /// The connection that waits.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// An owner has parked it.
    pub(super) fn note_parked(&self) {
        self.parked.store(true, Ordering::Relaxed);
    }

    /// Whether an owner has parked it. If not, none has looked yet whether there is an answer.
    pub fn is_parked(&self) -> bool {
        self.parked.load(Ordering::Relaxed)
    }

    /// Takes the right to answer. `None`: somebody else has answered, or the client no longer waits.
    pub fn claim(&self) -> Option<Claim> {
        let mut answer = self.answer.lock();
        if answer.as_ref().is_some_and(oneshot::Sender::is_closed) {
            *answer = None;
        }
        answer.take().map(Claim)
    }

    /// Gives the right to answer back: there was nothing to answer with after all.
    pub fn give_back(&self, claim: Claim) {
        *self.answer.lock() = Some(claim.0);
    }
}

impl Claim {
    /// Answers the client.
    ///
    /// # Errors
    /// The reply itself, if the client went away between the claim and now: what it carries must be put back.
    pub fn answer(self, served: Served) -> Result<(), Reply> {
        self.0.send(served).map_err(|served| served.reply)
    }
}

#[cfg(test)]
mod tests {
    use super::{Reply, Served, Waiter};

    #[test]
    fn only_one_owner_answers() {
        let (waiter, mut answered) = Waiter::new(1);
        let claim = waiter.claim().expect("nobody has claimed it");
        assert!(waiter.claim().is_none());
        assert!(claim.answer(Served { reply: Reply::Ok, time_ns: 7 }).is_ok());
        assert_eq!(answered.try_recv(), Ok(Served { reply: Reply::Ok, time_ns: 7 }));
        assert!(waiter.claim().is_none());
    }

    #[test]
    fn a_claim_given_back_can_be_claimed_again() {
        let (waiter, _answered) = Waiter::new(1);
        let claim = waiter.claim().expect("nobody has claimed it");
        waiter.give_back(claim);
        assert!(waiter.claim().is_some());
    }

    #[test]
    fn a_client_that_left_is_not_claimed() {
        let (waiter, answered) = Waiter::new(1);
        drop(answered);
        assert!(waiter.claim().is_none());
    }
}
