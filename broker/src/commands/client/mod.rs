//! `CLIENT`: connections about themselves and about each other.

mod kill;
mod list;
mod own;
mod pause;
mod tracking;

use clawlink_actors::Refusal;
use clawlink_actors::command::{Command, Flags};

use super::help::{HELP, help};
use super::{EdgeCommand, EdgeRun};
use crate::clients::Client;
use crate::shared::Shared;

pub(super) use list::line as client_line;

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] = &[
    &kill::KILL,
    &list::INFO,
    &list::LIST,
    &own::GETNAME,
    &own::ID,
    &own::NO_EVICT,
    &own::NO_TOUCH,
    &own::REPLY,
    &own::SETINFO,
    &own::SETNAME,
    &pause::PAUSE,
    &pause::UNBLOCK,
    &pause::UNPAUSE,
    &tracking::CACHING,
    &tracking::GETREDIR,
    &tracking::TRACKING,
    &tracking::TRACKINGINFO,
    &CLIENT_HELP,
];

/// The container.
pub(super) static CONTAINER: Command = Command {
    name: "client",
    arity: -2,
    group: "connection",
    since: "2.4.0",
    complexity: "That of the subcommand",
    summary: "About connections.",
    ..Command::BASE
};

/// About the connection that asks.
const OWN: Command = Command {
    flags: Flags::NOSCRIPT.with(Flags::LOADING).with(Flags::STALE),
    group: "connection",
    ..Command::BASE
};

/// About all connections.
const OTHERS: Command = Command { flags: OWN.flags.with(Flags::ADMIN), ..OWN };

static CLIENT_HELP: EdgeCommand = EdgeCommand {
    command: Command { name: "client|help", group: "connection", ..HELP },
    run: EdgeRun::Now(help),
};

/// What kind of client a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It sends commands.
    Normal,
    /// It is subscribed to something.
    Pubsub,
    /// It replicates to or from here: nobody does.
    Replication,
}

impl Kind {
    fn parse(word: &[u8]) -> Result<Self, Refusal> {
        let word = String::from_utf8_lossy(word);
        match word.to_ascii_lowercase().as_str() {
            "normal" => Ok(Self::Normal),
            "pubsub" => Ok(Self::Pubsub),
            "master" | "replica" | "slave" => Ok(Self::Replication),
            _ => Err(Refusal::Custom("ERR", format!("Unknown client type '{word}'").into())),
        }
    }

    fn of(client: &Client) -> Self {
        if client.is_subscribed() { Self::Pubsub } else { Self::Normal }
    }
}

/// `ON` or `OFF`.
fn on_or_off(word: &[u8]) -> Result<bool, Refusal> {
    if word.eq_ignore_ascii_case(b"ON") {
        return Ok(true);
    }
    if word.eq_ignore_ascii_case(b"OFF") { Ok(false) } else { Err(Refusal::Syntax) }
}

/// The connection with the id that a client gave.
fn by_id(shared: &Shared, id: i64) -> Option<std::sync::Arc<Client>> {
    u64::try_from(id).ok().and_then(|id| shared.clients.get(id))
}
