//! Scripts: `EVAL` and its like, in Lua 5.1.
//!
//! A script is shipped into the keyspace as a visitor (`visit`): one message, and its requests run there at once. It runs
//! on a stack of its own (`engine`), so that it can stop anywhere, inside `pcall` or a sort included: to let the thread serve
//! others when it takes long, and to have a request run that the keyspace cannot run. Such a request goes back to the
//! connection (`run`), which runs it on the owners that it has borrowed for the script's keys.

mod api;
mod args;
mod bit;
mod cache;
mod callback;
mod cjson;
mod cmsgpack;
mod context;
mod convert;
mod engine;
mod guard;
mod number;
mod pattern;
mod raise;
mod run;
mod sandbox;
mod script;
mod site;
mod strings;
mod structs;
mod visit;
mod vm;

pub use cache::Scripts;
pub(crate) use context::Ended;
pub use run::Form;
pub(crate) use run::{Neighbours, eval, load, may_write, neighbours};

/// How long a script may run before other clients are told so, in milliseconds: Redis's default.
pub const BUSY_MS: u64 = 5000;
/// How much memory all that scripts make may take, in bytes. Redis has no bound; ours is as much as the largest string.
const MEMORY_BYTES_MAX: usize = 512 * 1024 * 1024;
/// After how many instructions of Lua a script looks at the clock and whether it is to end: a millisecond or so.
const LOOK_AFTER: u32 = 100_000;
/// After how many requests a script looks at the clock.
const LOOK_AFTER_CALLS: u32 = 256;
/// The stack of scripts, in bytes. Only what is used takes memory; Lua's own patterns are what can use much.
const STACK_BYTES: usize = 64 * 1024 * 1024;
