//! The stack on which scripts run, one for each thread that owners live on.
//!
//! Lua cannot stop in the middle of a script wherever one likes: not inside `pcall`, a sort or a hook. So it does not run on
//! the thread's stack but on one of its own, which is left and entered again at any depth.

use std::cell::RefCell;
use std::mem::ManuallyDrop;

use clawlink_actors::Reply;
use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};

use super::STACK_BYTES;
use super::context::{Asked, Ended, Job};
use super::site::Site;
use super::vm::Vm;

/// What goes in when the stack is entered.
#[derive(Debug)]
pub(super) enum Input {
    /// Scripts, to be run one after the other, and where.
    Jobs(Vec<Job>, Box<Site>),
    /// What a request of the script was answered, and the database that is selected now, unless the broker stops.
    Reply(Reply, Option<u8>),
    /// The script may go on.
    Go,
}

/// What comes out when it is left.
#[derive(Debug)]
pub(super) enum Output {
    /// The scripts have ended: what became of each.
    Over(Vec<Ended>),
    /// The script makes a request.
    Ask(Asked),
    /// The script runs for long: others should have a turn.
    Tick,
}

/// How a script leaves its stack.
pub(super) type Door = Yielder<Input, Output>;

/// The stack, while it is not entered.
struct Engine {
    stack: Option<ManuallyDrop<Coroutine<Input, Output, ()>>>,
    /// Whether a script is in the middle of something.
    engaged: bool,
}

thread_local! {
    static ENGINE: RefCell<Option<Engine>> = const { RefCell::new(None) };
}

impl Engine {
    fn start() -> Option<Self> {
        let stack = DefaultStack::new(STACK_BYTES).ok()?;
        let stack = ManuallyDrop::new(Coroutine::with_stack(stack, live));
        Some(Self { stack: Some(stack), engaged: false })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // What is in the middle of a script cannot be unwound: Lua's own functions stand on the stack. It stays as it is.
        if let Some(stack) = self.stack.take().filter(|_| !self.engaged) {
            drop(ManuallyDrop::into_inner(stack));
        }
    }
}

/// Enters the stack, and comes back when it is left.
pub(super) fn enter(input: Input) -> Output {
    ENGINE.with_borrow_mut(|engine| {
        if engine.is_none() {
            *engine = Engine::start();
        }
        engine.as_mut().map_or_else(broken, |engine| resume(engine, input))
    })
}

fn resume(engine: &mut Engine, input: Input) -> Output {
    let Some(stack) = &mut engine.stack else { return broken() };
    engine.engaged = true;
    match stack.resume(input) {
        CoroutineResult::Yield(output) => {
            engine.engaged = !matches!(output, Output::Over(_));
            output
        }
        CoroutineResult::Return(()) => broken(),
    }
}

/// Scripts cannot be run: there is no memory for their stack or for Lua. Nothing became of any.
fn broken() -> Output {
    Output::Over(Vec::new())
}

/// Gives a script up that nobody waits for any more: the broker stops.
pub(super) fn abandon() {
    ENGINE.with_borrow_mut(|engine| *engine = None);
}

/// What happens on the stack: some scripts after the other.
fn live(door: &Door, first: Input) {
    let mut input = first;
    let lived = Vm::with(door, |vm| {
        while let Input::Jobs(jobs, site) = input {
            input = door.suspend(Output::Over(vm.run(&jobs, *site)));
        }
    });
    if let Err(error) = lived {
        tracing::error!(%error, "Lua could not be started");
    }
    // Whoever comes here after Lua failed is told so.
    loop {
        door.suspend(broken());
    }
}
