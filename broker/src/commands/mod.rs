//! The commands that are about the connection or the broker itself: what no owner runs.

mod absent;
mod acl;
pub mod catalog;
mod client;
mod cluster;
mod command;
mod config;
mod connection;
mod debug;
mod help;
mod hostile;
mod info;
mod latency;
mod memory;
mod pubsub;
mod scripting;
mod search;
mod server;
mod slowlog;
#[cfg(test)]
mod tests;
mod transactions;

use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;

use ahash::AHashMap;
use clawlink_actors::command::{Command, Flags};
use clawlink_actors::{Args, Outcome};

pub(crate) use acl::Denials;
pub(crate) use config::Quiet;
pub(crate) use connection::REDIS_VERSION;

use crate::scripts::{self, Form};
use crate::session::Session;

/// A command that the edge runs itself. Subcommands are commands of their own, named `container|subcommand`.
#[derive(Debug)]
pub struct EdgeCommand {
    /// Its declaration.
    pub command: Command,
    /// The function that runs it.
    pub run: EdgeRun,
}

/// An answer that takes time.
pub type Later<'a> = Pin<Box<dyn Future<Output = Outcome> + 'a>>;

/// A function that runs an edge command and waits for nobody.
pub type Now = for<'a> fn(&mut Session, &mut Args<'a>) -> Outcome;

/// The function that runs an edge command.
#[derive(Debug)]
pub enum EdgeRun {
    /// It answers at once.
    Now(Now),
    /// It has to ask others or to wait.
    Later(for<'a> fn(&'a mut Session, Args<'a>) -> Later<'a>),
    /// It runs a script. Neighbours of its kind can travel together.
    Script(Form),
}

impl EdgeCommand {
    /// The function that runs it and is all that it takes, if there is one.
    pub fn at_once(&self) -> Option<Now> {
        let waits = self.command.follow.is_some() || self.command.patience.is_some();
        match self.run {
            EdgeRun::Now(run) if !waits => Some(run),
            _ => None,
        }
    }

    /// Runs it.
    pub async fn run(&self, session: &mut Session, mut args: Args<'_>) -> Outcome {
        match self.run {
            EdgeRun::Now(run) => run(session, &mut args),
            EdgeRun::Later(run) => run(session, args).await,
            EdgeRun::Script(form) => Box::pin(scripts::eval(session, args, form)).await,
        }
    }
}

/// Every family.
static FAMILIES: &[&[&EdgeCommand]] = &[
    absent::COMMANDS,
    acl::COMMANDS,
    client::COMMANDS,
    cluster::COMMANDS,
    command::COMMANDS,
    config::COMMANDS,
    connection::COMMANDS,
    debug::COMMANDS,
    help::COMMANDS,
    info::COMMANDS,
    latency::COMMANDS,
    memory::COMMANDS,
    pubsub::COMMANDS,
    scripting::COMMANDS,
    search::COMMANDS,
    server::COMMANDS,
    slowlog::COMMANDS,
    transactions::COMMANDS,
];

/// The containers whose subcommands the edge runs.
static CONTAINERS: &[&Command] = &[
    &absent::MODULE,
    &acl::CONTAINER,
    &client::CONTAINER,
    cluster::CONTAINER,
    command::CONTAINER,
    &config::CONTAINER,
    &latency::CONTAINER,
    &scripting::SCRIPT,
    &slowlog::CONTAINER,
];

static TABLE: LazyLock<AHashMap<&'static str, &'static EdgeCommand>> = LazyLock::new(|| {
    FAMILIES
        .iter()
        .flat_map(|family| family.iter().copied())
        .chain(cluster::SUBCOMMANDS)
        .map(|edge| (edge.command.name, edge))
        .collect()
});

/// Every edge command, subcommands included.
pub fn all() -> impl Iterator<Item = &'static EdgeCommand> {
    FAMILIES.iter().flat_map(|family| family.iter().copied())
}

/// No name is longer, in bytes.
const NAME_LEN_MAX: usize = 32;

/// The edge command that these first two words name. A container that is a command too (`COMMAND`) is found only
/// without a second word.
pub fn find(name: &[u8], second: &[u8]) -> Option<&'static EdgeCommand> {
    let mut lower = [0; NAME_LEN_MAX];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    let lower = std::str::from_utf8(lower).ok()?;
    if second.is_empty() || container(name).is_none() {
        // What stands in the table as `client|id` is asked for in two words.
        let whole = TABLE.get(lower).copied().filter(|_| !lower.contains('|'));
        return whole.or_else(|| subcommand(lower, second));
    }
    subcommand(lower, second)
}

fn subcommand(name: &str, second: &[u8]) -> Option<&'static EdgeCommand> {
    let second = std::str::from_utf8(second).ok()?.to_ascii_lowercase();
    TABLE.get(format!("{name}|{second}").as_str()).copied()
}

/// What a request that is no Redis request begins with; see [`hostile`].
pub(crate) fn hostile(name: &[u8]) -> Option<&'static EdgeCommand> {
    hostile::find(name)
}

/// The container with this name.
pub fn container(name: &[u8]) -> Option<&'static Command> {
    CONTAINERS.iter().find(|command| command.name.as_bytes().eq_ignore_ascii_case(name)).copied()
}

/// All containers whose subcommands the edge runs.
pub fn containers() -> &'static [&'static Command] {
    CONTAINERS
}

/// Whether a command may be sent under RESP2 while subscribed.
pub fn while_subscribed(command: &Command) -> bool {
    const NAMES: [&str; 9] = [
        "subscribe",
        "unsubscribe",
        "psubscribe",
        "punsubscribe",
        "ssubscribe",
        "sunsubscribe",
        "ping",
        "quit",
        "reset",
    ];
    NAMES.contains(&command.name)
}

/// Whether a command runs at once although a transaction is open.
pub fn during_transaction(command: &Command) -> bool {
    ["exec", "discard", "multi", "watch", "quit", "reset"].contains(&command.name)
}

/// The flags that most connection commands have.
const CONNECTION: Flags = Flags::NOSCRIPT.with(Flags::LOADING).with(Flags::STALE).with(Flags::FAST);

/// A connection's name, if Redis would take it: printable, without spaces.
///
/// # Errors
/// Redis's text.
pub(crate) fn valid_name(name: bytes::Bytes) -> Result<bytes::Bytes, clawlink_actors::Refusal> {
    if name.iter().all(|byte| (b'!'..=b'~').contains(byte)) {
        return Ok(name);
    }
    let text = "Client names cannot contain spaces, newlines or special characters.";
    Err(clawlink_actors::Refusal::Fixed("ERR", text))
}
