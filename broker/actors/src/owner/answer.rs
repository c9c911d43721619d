//! The way back of an owner's replies.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use atomic_waker::AtomicWaker;
use parking_lot::Mutex;

use crate::Reply;

/// Where a connection gets its replies. A connection asks one thing at a time, so it has one of these for all it
/// asks: no allocation, no channel for each message.
#[derive(Debug, Default)]
pub struct Answers(Arc<Slot>);

#[derive(Default)]
struct Slot {
    state: Mutex<State>,
    asker: AtomicWaker,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    Asked,
    Answered(Vec<Reply>),
    /// The owner went away without answering.
    Dropped,
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Slot").field(&self.state).finish()
    }
}

/// The owner's end: carries the replies to one message.
#[derive(Debug)]
pub struct ReplyTo(Option<Arc<Slot>>);

impl Answers {
    /// Begins to ask. The answer to an earlier question must have been waited for: a connection never gives one up.
    pub fn ask(&mut self) -> ReplyTo {
        *self.0.state.lock() = State::Asked;
        ReplyTo(Some(self.0.clone()))
    }

    /// Waits for the answer. `None`: the owner went away, which happens only when the broker stops.
    pub async fn wait(&mut self) -> Option<Vec<Reply>> {
        poll_fn(|context| {
            self.0.asker.register(context.waker());
            let mut state = self.0.state.lock();
            match std::mem::take(&mut *state) {
                State::Answered(replies) => Poll::Ready(Some(replies)),
                State::Dropped | State::Idle => Poll::Ready(None),
                State::Asked => {
                    *state = State::Asked;
                    Poll::Pending
                }
            }
        })
        .await
    }
}

impl ReplyTo {
    /// Hands the replies over: one for each request, in order. If the asker has gone nobody reads them; what a blocked
    /// client is owed never travels this way.
    pub fn send(mut self, replies: Vec<Reply>) {
        if let Some(slot) = self.0.take() {
            *slot.state.lock() = State::Answered(replies);
            slot.asker.wake();
        }
    }
}

impl Drop for ReplyTo {
    fn drop(&mut self) {
        if let Some(slot) = self.0.take() {
            *slot.state.lock() = State::Dropped;
            slot.asker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Answers;
    use crate::Reply;

    #[actix_rt::test]
    async fn replies_come_back_and_the_slot_is_used_again() {
        let mut answers = Answers::default();
        for number in 0..3 {
            let reply_to = answers.ask();
            actix_rt::spawn(async move { reply_to.send(vec![Reply::Int(number)]) });
            assert_eq!(answers.wait().await, Some(vec![Reply::Int(number)]));
        }
    }

    #[actix_rt::test]
    async fn an_owner_that_goes_away_ends_the_wait() {
        let mut answers = Answers::default();
        drop(answers.ask());
        assert_eq!(answers.wait().await, None);
    }
}
