//! The commands about agents, a file for each group.

mod discover;
mod flush;
mod gather;
pub mod generic;
mod identify;
pub mod plain;
mod presence;
mod register;

use clawlink_protocol::name;

use crate::{Command, Refusal};

pub(crate) use gather::GATHER;

/// The family.
pub(super) const COMMANDS: &[&Command] = &[
    &register::REGISTER,
    &identify::IDENTIFY,
    &presence::HEARTBEAT,
    &presence::UNREGISTER,
    &discover::DISCOVER,
    &flush::FLUSH,
    &gather::GATHER,
];

/// Why nothing can be done with an id that no agent has: it is none, or nobody has registered it.
pub(crate) fn no_agent(id: &[u8]) -> Refusal {
    let text = String::from_utf8_lossy(id).into();
    if name::is_valid(id) { Refusal::NoAgent(text) } else { Refusal::InvalidName("agent id", text) }
}
