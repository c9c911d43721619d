//! The task that runs an owner, and the short cut to it.
//!
//! A message waits in an owner's mailbox until the owner's task gets its turn. The asker would give up its own turn
//! meanwhile, be woken by the answer, and find what it had in hand gone from the processor's cache. So an asker on the
//! owners' thread gives the owner its turn at once. That is an earlier turn and nothing else: the owner takes the messages
//! of its mailbox in their order, and one that is lent or at work already is left alone.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context as TaskContext, Poll, Wake, Waker};

use actix::dev::channel::channel;
use actix::{Addr, Context};
use actix_rt::ArbiterHandle;

use super::State;
use super::actor::Owner;

/// Which runner an owner has. No two in the process are the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunnerId(u32);

/// An owner and its mailbox at work.
pub(crate) struct Runner {
    owner: RefCell<Pin<Box<dyn Future<Output = ()>>>>,
    /// Wakes the owner's task, whoever gave it its last turn. `None`: it has had none.
    waker: RefCell<Option<Waker>>,
}

/// Wakes an owner's task, but not for a message whose sender is about to give the owner its turn.
struct Bell(Waker);

/// The owner's task.
struct Task {
    id: RunnerId,
    runner: Rc<Runner>,
}

thread_local! {
    /// The runners of the owners that live on this thread, by id.
    static RUNNERS: RefCell<Vec<Option<Rc<Runner>>>> = const { RefCell::new(Vec::new()) };
    /// Whether such a message is being sent.
    static HUSHED: Cell<bool> = const { Cell::new(false) };
}

/// Actix's own bound, which does not count for what is sent as all is sent here.
const MAILBOX_MESSAGES: usize = 16;

static NEXT_ID: AtomicU32 = AtomicU32::new(0);

/// Starts an owner on an arbiter.
pub(crate) fn start<S: State>(
    arbiter: &ArbiterHandle,
    make: impl FnOnce() -> Owner<S> + Send + 'static,
) -> (Addr<Owner<S>>, RunnerId) {
    let id = RunnerId(NEXT_ID.fetch_add(1, Ordering::Relaxed));
    let (sender, receiver) = channel(MAILBOX_MESSAGES);
    arbiter.spawn_fn(move || {
        let owner = Context::with_receiver(receiver).into_future(make());
        let owner = RefCell::new(Box::pin(owner) as Pin<Box<dyn Future<Output = ()>>>);
        let runner = Rc::new(Runner { owner, waker: RefCell::default() });
        RUNNERS.with_borrow_mut(|runners| {
            let at = id.0 as usize;
            if runners.len() <= at {
                runners.resize(at + 1, None);
            }
            runners[at] = Some(runner.clone());
        });
        actix_rt::spawn(Task { id, runner });
    });
    (Addr::new(sender), id)
}

impl Runner {
    /// The runner of an owner that lives on this thread and has started.
    pub(crate) fn here(id: RunnerId) -> Option<Rc<Self>> {
        let runner = RUNNERS.with_borrow(|runners| runners.get(id.0 as usize).cloned().flatten());
        runner.filter(|runner| runner.waker.borrow().is_some())
    }

    /// Sends the owner something without waking its task. [`Runner::turn`] has to follow.
    pub(crate) fn send_quietly(&self, send: impl FnOnce()) {
        HUSHED.set(true);
        send();
        HUSHED.set(false);
    }

    /// Gives the owner its turn now, unless it is at work: then its task gets another one.
    pub(crate) fn turn(&self) {
        let waker = self.waker.borrow();
        let Some(waker) = &*waker else { return };
        match self.owner.try_borrow_mut() {
            // Its end, if this is it, is for its task to see.
            Ok(mut owner) => drop(owner.as_mut().poll(&mut TaskContext::from_waker(waker))),
            Err(_) => waker.wake_by_ref(),
        }
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !HUSHED.get() {
            self.0.wake_by_ref();
        }
    }
}

impl Future for Task {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<()> {
        // A task that tokio runs is woken by the same waker as long as it lives.
        let bell = || Waker::from(Arc::new(Bell(context.waker().clone())));
        let waker = self.runner.waker.borrow_mut().get_or_insert_with(bell).clone();
        let mut owner = self.runner.owner.borrow_mut();
        owner.as_mut().poll(&mut TaskContext::from_waker(&waker))
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        RUNNERS.with_borrow_mut(|runners| runners[self.id.0 as usize] = None);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::Poll;

    use tokio::sync::oneshot;

    use crate::call::Caller;
    use crate::directory::Directory;
    use crate::limits::Limits;
    use crate::owner::{Answer, Answers, Borrow, Execute, now_ms};
    use crate::{Pipeline, Place, Reply, command};

    /// Sends a request to the keyspace, gives that its turn, and takes the answer if it is there.
    fn ask(
        directory: &Arc<Directory>,
        answers: &mut Answers,
        words: &[&[u8]],
    ) -> Poll<Option<Answer>> {
        let request = Execute {
            pipeline: Arc::new(Pipeline::of(command::find(words[0], b""), words)),
            range: 0..1,
            caller: Caller::default(),
            answer: Answer::default(),
            now: now_ms(),
            done: answers.ask(false),
            atomic: false,
            guard: None,
        };
        directory.execute(Place::Keyspace, false, request, true).expect("it is always there");
        answers.take()
    }

    fn replies(answer: Option<Answer>) -> Vec<Reply> {
        answer.expect("an answer").replies
    }

    #[actix_rt::test]
    async fn an_owner_that_is_free_answers_at_once() {
        let directory = Directory::start(actix_rt::Arbiter::current(), Limits::default());
        let mut answers = Answers::default();
        let early = ask(&directory, &mut answers, &[b"get", b"a"]);
        assert!(early.is_pending(), "it is only about to start");
        assert_eq!(replies(answers.wait().await), [Reply::Nil]);
        let Poll::Ready(set) = ask(&directory, &mut answers, &[b"set", b"a", b"1"]) else {
            panic!("it did not have its turn");
        };
        assert_eq!(replies(set), [Reply::Ok]);
    }

    #[actix_rt::test]
    async fn a_lent_owner_is_left_to_its_borrower() {
        let directory = Directory::start(actix_rt::Arbiter::current(), Limits::default());
        let (granted, loan) = oneshot::channel();
        let keyspace = directory.owner(Place::Keyspace, false).expect("it is always there");
        keyspace.tell(Borrow(granted));
        let loan = loan.await.expect("a loan");
        let mut answers = Answers::default();
        assert!(ask(&directory, &mut answers, &[b"get", b"a"]).is_pending());
        drop(loan);
        assert_eq!(replies(answers.wait().await), [Reply::Nil]);
    }
}
