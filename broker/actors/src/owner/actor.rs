//! The actor.

use std::cell::{RefCell, RefMut};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context as TaskContext, Waker};
use std::time::Duration;

use actix::{Actor, AsyncContext, Context, Handler, SpawnHandle};

use super::core::Core;
use super::loan::Lending;
use super::messages::{Borrow, Execute, Park, Tell, Unpark, Unwatch, Visit, Watch};
use super::visit::Host;
use super::{Home, State, now_ms};
use crate::directory::{Counters, Directory};

/// The actor that owns a state.
#[derive(Debug)]
pub struct Owner<S: State> {
    /// Visitors hold it too: they may have to work on another stack than the actor's. Nobody keeps it borrowed.
    core: Rc<RefCell<Core<S>>>,
    alarm: Option<(u64, SpawnHandle)>,
}

impl<S: State> Owner<S> {
    /// The owner of `state` among the others in `directory`.
    pub fn new(home: Home, state: S, directory: Arc<Directory>) -> Self {
        Self { core: Rc::new(RefCell::new(Core::new(home, state, directory))), alarm: None }
    }

    /// All of it but the actor.
    pub(super) fn core(&self) -> RefMut<'_, Core<S>> {
        self.core.borrow_mut()
    }

    /// What its visitors see.
    pub(super) fn host(&self) -> Rc<dyn Host> {
        self.core.clone()
    }

    /// Sets the alarm for the state's next deadline, if it is earlier than the one that is set.
    pub(super) fn arm(&mut self, ctx: &mut Context<Self>) {
        let Some(deadline) = self.core().next_alarm() else { return };
        if let Some((armed, handle)) = self.alarm {
            if armed <= deadline {
                return;
            }
            ctx.cancel_future(handle);
        }
        let wait = Duration::from_millis(deadline.saturating_sub(now_ms()).max(1));
        let handle = ctx.run_later(wait, |owner, ctx| {
            owner.alarm = None;
            let now = now_ms();
            owner.core().wake(now);
            owner.arm(ctx);
        });
        self.alarm = Some((deadline, handle));
    }
}

// Actix's mailbox bound counts per address and not at all for `do_send`. What may wait for an owner is bounded at
// the edge: a connection asks one thing at a time.
impl<S: State> Actor for Owner<S> {
    type Context = Context<Self>;
}

impl<S: State> Handler<Execute> for Owner<S> {
    type Result = ();

    fn handle(&mut self, message: Execute, ctx: &mut Self::Context) {
        self.core().execute(message, true);
        self.arm(ctx);
    }
}

impl<S: State> Handler<Park> for Owner<S> {
    type Result = ();

    fn handle(&mut self, message: Park, ctx: &mut Self::Context) {
        self.core().park(message, now_ms());
        self.arm(ctx);
    }
}

impl<S: State> Handler<Unpark> for Owner<S> {
    type Result = ();

    fn handle(&mut self, message: Unpark, _: &mut Self::Context) {
        self.core().env.signals.unpark(message.0);
    }
}

impl<S: State> Handler<Watch> for Owner<S> {
    type Result = ();

    fn handle(&mut self, Watch { db, key, dirty }: Watch, _: &mut Self::Context) {
        let mut core = self.core();
        core.catch_up(now_ms());
        core.env.signals.watch(db, &key, dirty);
    }
}

impl<S: State> Handler<Unwatch> for Owner<S> {
    type Result = ();

    fn handle(&mut self, message: Unwatch, _: &mut Self::Context) {
        self.core().env.signals.unwatch(&message.0);
    }
}

impl<S: State> Handler<Borrow> for Owner<S> {
    type Result = ();

    fn handle(&mut self, message: Borrow, ctx: &mut Self::Context) {
        let mut core = self.core();
        core.catch_up(now_ms());
        Counters::count(&core.env.directory.counters.loans);
        let (loan, lending) = Lending::new();
        if message.0.send(loan).is_ok() {
            ctx.wait(lending);
        }
    }
}

impl<S: State> Handler<Visit> for Owner<S> {
    type Result = ();

    fn handle(&mut self, Visit(mut visitor): Visit, ctx: &mut Self::Context) {
        Counters::count(&self.core().env.directory.counters.owner_messages);
        // A visit that ends with its first step needs no loan.
        let task = &mut TaskContext::from_waker(Waker::noop());
        if visitor.step(&self.host(), task).is_pending() {
            return ctx.wait(Lending::to(visitor));
        }
        drop(visitor);
        self.core().finish_now();
        self.arm(ctx);
    }
}

impl<S: State> Handler<Tell<S::Notice>> for Owner<S> {
    type Result = ();

    fn handle(&mut self, message: Tell<S::Notice>, ctx: &mut Self::Context) {
        let mut core = self.core();
        core.take(message.0);
        core.finish_now();
        drop(core);
        self.arm(ctx);
    }
}
