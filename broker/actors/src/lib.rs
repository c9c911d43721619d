//! The owners of ClawLink: what is true, who may change it, and who is told.
//!
//! A command is data; its keys name the actor that owns them ([`Place`]); that actor alone runs it. The owners
//! know nothing of sockets and of the Redis protocol: they take [`Execute`](owner::Execute) and give [`Reply`] values.
//!
//! Reading order: [`place`], [`request`], [`command`], [`owner`], then one owner's folder.

pub mod call;
pub mod collections;
pub mod command;
pub mod directory;
pub mod files;
pub mod generic;
pub mod key_events;
pub mod keyspace;
pub mod limits;
pub mod listing;
pub mod mailbox;
pub mod message_number;
pub mod outbox;
pub mod owner;
pub mod place;
pub mod rdb;
pub mod registry;
pub mod request;
pub mod search;
pub mod sequence;
mod stream_owner;
pub mod topics;
pub mod tracking;

mod refusal;
mod reply;

pub use call::{Call, Caller};
pub use command::Command;
pub use place::Place;
pub use refusal::{ErrorText, Refusal};
pub use reply::{Outcome, Reply};
pub use request::{Args, Composer, Pipeline};
