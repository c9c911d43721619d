//! A scripted broker, and the program under test.

mod broker;
mod program;
mod reply;

pub(crate) use broker::{Act, Broker};
pub(crate) use program::{Home, Run};
pub(crate) use reply::{Reply, bulk, error, int, list, map, null, ok};
