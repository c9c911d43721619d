//! What clients of a cluster send: all of it is refused, as by a Redis that is in none.

use clawlink_actors::Refusal;
use clawlink_actors::command::{Command, Flags};

use super::{EdgeCommand, EdgeRun};

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] = &[&ASKING, &CLUSTER, &READONLY, &READWRITE];

/// The container of the subcommands.
pub(super) static CONTAINER: &Command = &CLUSTER.command;

const NO_CLUSTER: EdgeRun =
    EdgeRun::Now(|_, _| Err(Refusal::Fixed("ERR", "This instance has cluster support disabled")));

const BASE: Command = Command {
    group: "cluster",
    since: "3.0.0",
    summary: "Refuses: there is no cluster.",
    ..Command::BASE
};

static CLUSTER: EdgeCommand = EdgeCommand {
    command: Command { name: "cluster", arity: -2, syntax: "subcommand [arg ...]", ..BASE },
    run: NO_CLUSTER,
};

/// The subcommands, for a request that names none of them, or has too few words, is refused for that. Nobody is shown
/// them: each would say the same.
pub(super) static SUBCOMMANDS: &[EdgeCommand] = &[
    subcommand("cluster|addslots", -3, ADMIN),
    subcommand("cluster|addslotsrange", -4, ADMIN),
    subcommand("cluster|bumpepoch", 2, ADMIN),
    subcommand("cluster|count-failure-reports", 3, ADMIN),
    subcommand("cluster|countkeysinslot", 3, Flags::STALE),
    subcommand("cluster|delslots", -3, ADMIN),
    subcommand("cluster|delslotsrange", -4, ADMIN),
    subcommand("cluster|failover", -2, ADMIN),
    subcommand("cluster|flushslots", 2, ADMIN),
    subcommand("cluster|forget", 3, ADMIN),
    subcommand("cluster|getkeysinslot", 4, Flags::STALE),
    subcommand("cluster|help", 2, Flags::STALE),
    subcommand("cluster|info", 2, Flags::STALE),
    subcommand("cluster|keyslot", 3, Flags::STALE),
    subcommand("cluster|links", 2, Flags::STALE),
    subcommand("cluster|meet", -4, ADMIN),
    subcommand("cluster|myid", 2, Flags::STALE),
    subcommand("cluster|nodes", 2, Flags::STALE),
    subcommand("cluster|replicas", 3, ADMIN),
    subcommand("cluster|replicate", 3, ADMIN),
    subcommand("cluster|reset", -2, ADMIN.with(Flags::NOSCRIPT)),
    subcommand("cluster|saveconfig", 2, ADMIN),
    subcommand("cluster|set-config-epoch", 3, ADMIN),
    subcommand("cluster|setslot", -4, ADMIN),
    subcommand("cluster|shards", 2, Flags::STALE),
    subcommand("cluster|slaves", 3, ADMIN),
    subcommand("cluster|slots", 2, Flags::STALE),
];

const ADMIN: Flags = Flags::ADMIN.with(Flags::STALE);

const fn subcommand(name: &'static str, arity: i16, flags: Flags) -> EdgeCommand {
    EdgeCommand { command: Command { name, arity, flags, ..BASE }, run: NO_CLUSTER }
}

/// What clients of a cluster send first.
const GREETING: Command = Command {
    flags: Flags::LOADING.with(Flags::STALE).with(Flags::FAST),
    categories: &["connection"],
    ..BASE
};

static ASKING: EdgeCommand = EdgeCommand {
    command: Command { name: "asking", flags: Flags::FAST, ..GREETING },
    run: NO_CLUSTER,
};

static READONLY: EdgeCommand =
    EdgeCommand { command: Command { name: "readonly", ..GREETING }, run: NO_CLUSTER };

static READWRITE: EdgeCommand =
    EdgeCommand { command: Command { name: "readwrite", ..GREETING }, run: NO_CLUSTER };
