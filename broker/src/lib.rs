//! The edge of ClawLink: sockets, the Redis protocol, sessions, and the way from a request to its owner.
//!
//! What agents and clients store is not here but with the owners, in `clawlink-actors`. Reading order:
//! [`server`], [`connection`], [`wire`], [`session`], then `router` and `spanning`.

mod caching;
pub mod clients;
pub mod commands;
pub mod config;
pub mod connection;
pub mod flags;
pub mod memory;
pub mod pause;
pub mod scripts;
pub mod server;
pub mod session;
pub mod shared;
pub mod slowlog;
pub mod statistics;
pub mod subscriptions;
pub mod transaction;
pub mod wire;

mod accounting;
mod identity;
mod loans;
mod monitor;
mod router;
mod spanning;

pub use config::Config;
pub use server::{Broker, RunningBroker};
