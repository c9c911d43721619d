//! The way back of an owner's replies.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};

use parking_lot::Mutex;

use super::laps::Lap;
use crate::Reply;

/// What an owner answers to a message.
#[derive(Debug, Default, PartialEq)]
pub struct Answer {
    /// One for each request, in order.
    pub replies: Vec<Reply>,
    /// How long the requests took, in order.
    pub laps: Vec<Lap>,
    /// Whether the requests woke others: subscribers, or clients that were blocked. Those have waited longer, so they are
    /// let to their turn before the replies are sent.
    pub woke_others: bool,
}

impl Answer {
    /// Room for the answer to so many requests, each of which may have a lap of its own.
    pub fn with_room(requests: usize) -> Self {
        let (replies, laps) = (Vec::with_capacity(requests), Vec::with_capacity(requests));
        Self { replies, laps, woke_others: false }
    }

    /// The same reply to so many requests, which were not run.
    pub fn to_all(reply: &Reply, requests: usize) -> Self {
        let lap = Lap { requests: 1, time_ns: 0 };
        let (replies, laps) = (vec![reply.clone(); requests], vec![lap; requests]);
        Self { replies, laps, woke_others: false }
    }

    /// What all requests took, in nanoseconds.
    pub fn time_ns(&self) -> u64 {
        self.laps.iter().map(|lap| lap.time_ns).sum()
    }
}

/// Where a connection gets its replies. A connection asks one thing at a time, so it has one of these for all it
/// asks: no allocation, no channel for each message. While no question is under way nobody else holds the slot, and it
/// needs no lock.
#[derive(Debug, Default)]
pub struct Answers(Arc<Slot>);

type Slot = Mutex<State>;

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    /// There is no answer yet. Who waits for it is woken by it.
    Asked(Option<Waker>),
    Answered(Answer),
    /// The asker has changed its mind before the owner began.
    Withdrawn,
    /// The owner is at it.
    Begun(Option<Waker>),
    /// The owner went away without answering.
    Dropped,
}

/// The owner's end: carries the replies to one message.
#[derive(Debug)]
pub struct ReplyTo {
    slot: Option<Arc<Slot>>,
    may_be_withdrawn: bool,
}

impl Answers {
    /// Begins to ask. The answer to an earlier question must have been waited for: a connection never gives one up.
    /// `may_be_withdrawn`: whether [`Answers::withdraw`] may be called before there is an answer.
    pub fn ask(&mut self, may_be_withdrawn: bool) -> ReplyTo {
        match Arc::get_mut(&mut self.0) {
            Some(slot) => *slot.get_mut() = State::Asked(None),
            None => *self.0.lock() = State::Asked(None),
        }
        ReplyTo { slot: Some(self.0.clone()), may_be_withdrawn }
    }

    /// Takes the answer if it is there. `None`: the owner went away, which happens only when the broker stops.
    pub fn take(&mut self) -> Poll<Option<Answer>> {
        // As long as the owner holds the slot, it has not done with it.
        let Some(slot) = Arc::get_mut(&mut self.0) else { return Poll::Pending };
        Poll::Ready(match std::mem::take(slot.get_mut()) {
            State::Answered(answer) => Some(answer),
            _ => None,
        })
    }

    /// Waits for the answer. `None`: the owner went away, which happens only when the broker stops.
    pub async fn wait(&mut self) -> Option<Answer> {
        poll_fn(|context| {
            let mut state = self.0.lock();
            match std::mem::take(&mut *state) {
                State::Answered(answer) => Poll::Ready(Some(answer)),
                State::Dropped | State::Idle | State::Withdrawn => Poll::Ready(None),
                State::Asked(_) => {
                    *state = State::Asked(Some(context.waker().clone()));
                    Poll::Pending
                }
                State::Begun(_) => {
                    *state = State::Begun(Some(context.waker().clone()));
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// Waits until there is an answer, or will never be one, and leaves it for `wait`.
    pub async fn is_there(&mut self) {
        poll_fn(|context| match &mut *self.0.lock() {
            State::Asked(waker) | State::Begun(waker) => {
                *waker = Some(context.waker().clone());
                Poll::Pending
            }
            _ => Poll::Ready(()),
        })
        .await;
    }

    /// Takes the question back, unless the owner has begun with it. Whether it was taken back.
    pub fn withdraw(&mut self) -> bool {
        let mut state = self.0.lock();
        let waits = matches!(*state, State::Asked(_));
        if waits {
            *state = State::Withdrawn;
            drop(state);
            // The owner still holds that one.
            self.0 = Arc::default();
        }
        waits
    }
}

impl ReplyTo {
    /// The owner begins: false if the question was taken back.
    pub fn begin(&self) -> bool {
        let Some(slot) = &self.slot else { return false };
        if !self.may_be_withdrawn {
            return true;
        }
        let mut state = slot.lock();
        match std::mem::take(&mut *state) {
            State::Asked(waker) => {
                *state = State::Begun(waker);
                true
            }
            other => {
                *state = other;
                false
            }
        }
    }

    /// Hands the answer over. If the asker has gone nobody reads it; what a blocked client is owed never travels this
    /// way.
    pub fn send(mut self, answer: Answer) {
        self.end(State::Answered(answer));
    }

    fn end(&mut self, end: State) {
        let Some(slot) = self.slot.take() else { return };
        let asked = std::mem::replace(&mut *slot.lock(), end);
        if let State::Asked(Some(waker)) | State::Begun(Some(waker)) = asked {
            waker.wake();
        }
    }
}

impl Drop for ReplyTo {
    fn drop(&mut self) {
        self.end(State::Dropped);
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use super::{Answer, Answers};
    use crate::Reply;

    #[actix_rt::test]
    async fn replies_come_back_and_the_slot_is_used_again() {
        let mut answers = Answers::default();
        for number in 0..3 {
            let reply_to = answers.ask(false);
            assert!(answers.take().is_pending());
            actix_rt::spawn(async move { reply_to.send(Answer::to_all(&Reply::Int(number), 1)) });
            let answer = answers.wait().await;
            assert_eq!(answer.map(|answer| answer.replies), Some(vec![Reply::Int(number)]));
        }
    }

    #[actix_rt::test]
    async fn a_question_is_taken_back_until_the_owner_begins() {
        let mut answers = Answers::default();
        let late = answers.ask(true);
        assert!(answers.withdraw() && !late.begin());
        let reply_to = answers.ask(true);
        drop(late);
        assert!(reply_to.begin() && !answers.withdraw());
        let answer = Answer { replies: vec![Reply::Ok], ..Answer::default() };
        reply_to.send(answer);
        let replies = answers.wait().await.map(|answer| answer.replies);
        assert_eq!(replies, Some(vec![Reply::Ok]));
    }

    #[actix_rt::test]
    async fn an_owner_that_goes_away_ends_the_wait() {
        let mut answers = Answers::default();
        drop(answers.ask(false));
        assert_eq!(answers.take(), Poll::Ready(None));
        drop(answers.ask(false));
        assert_eq!(answers.wait().await, None);
    }
}
