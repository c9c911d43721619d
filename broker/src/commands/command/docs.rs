//! `COMMAND DOCS`: the documentation, for people and for clients that give hints while one types.

use clawlink_actors::Reply;
use clawlink_actors::command::{Argument, Command, Flags, Shape, arguments};

/// One command.
pub(super) fn document(command: &'static Command, subcommands: &[&'static Command]) -> Reply {
    let mut fields = vec![
        (Reply::text("summary"), Reply::text(command.summary)),
        (Reply::text("since"), Reply::text(command.since)),
        (Reply::text("group"), Reply::text(command.group)),
        (Reply::text("complexity"), Reply::text(command.complexity)),
    ];
    deprecation(command, &mut fields);
    let mut keys = KeyArguments { next: 0, last: command.key_access().len().saturating_sub(1) };
    let arguments: Vec<Reply> =
        arguments(command.syntax).iter().map(|each| argument(each, &mut keys)).collect();
    if !arguments.is_empty() {
        fields.push((Reply::text("arguments"), Reply::Array(arguments)));
    }
    if !subcommands.is_empty() {
        let subs = subcommands.iter().map(|sub| (Reply::text(sub.name), document(sub, &[])));
        fields.push((Reply::text("subcommands"), Reply::Map(subs.collect())));
    }
    Reply::Map(fields)
}

/// What tells people and programs not to begin using a command.
fn deprecation(command: &Command, fields: &mut Vec<(Reply, Reply)>) {
    let mut flags = Vec::new();
    flags.extend(command.flags.has(Flags::PROTECTED).then_some(Reply::Status("syscmd")));
    flags.extend(command.deprecated.map(|_| Reply::Status("deprecated")));
    if !flags.is_empty() {
        fields.push((Reply::text("doc_flags"), Reply::Set(flags)));
    }
    if let Some(deprecated) = command.deprecated {
        fields.push((Reply::text("deprecated_since"), Reply::text(deprecated.since)));
        fields.push((Reply::text("replaced_by"), Reply::text(deprecated.replaced_by)));
    }
}

/// Counts the arguments that are keys, each of which belongs to the next key specification, or to the last.
struct KeyArguments {
    next: usize,
    last: usize,
}

impl KeyArguments {
    fn specification(&mut self) -> Reply {
        let index = self.next.min(self.last);
        self.next += 1;
        Reply::len(index)
    }
}

fn argument(argument: &Argument, keys: &mut KeyArguments) -> Reply {
    let mut fields = vec![
        (Reply::text("name"), Reply::from(argument.name.clone())),
        (Reply::text("type"), Reply::text(kind(argument))),
    ];
    if kind(argument) == "key" {
        fields.push((Reply::text("key_spec_index"), keys.specification()));
    }
    if let Some(token) = &argument.token {
        fields.push((Reply::text("token"), Reply::from(token.clone())));
    }
    let flags = [
        ("optional", argument.optional),
        ("multiple", argument.multiple),
        ("multiple_token", argument.multiple_token),
    ];
    let flags: Vec<Reply> =
        flags.into_iter().filter(|(_, is)| *is).map(|(name, _)| Reply::Status(name)).collect();
    if !flags.is_empty() {
        fields.push((Reply::text("flags"), Reply::Set(flags)));
    }
    if let Shape::OneOf(parts) | Shape::Block(parts) = &argument.shape {
        let parts = parts.iter().map(|part| self::argument(part, keys)).collect();
        fields.push((Reply::text("arguments"), Reply::Array(parts)));
    }
    Reply::Map(fields)
}

/// The names of values that are integers.
const INTEGERS: [&str; 29] = [
    "client-id",
    "count",
    "cursor",
    "db",
    "decrement",
    "destination-db",
    "end",
    "increment",
    "index",
    "index1",
    "index2",
    "len",
    "milliseconds",
    "min-match-len",
    "ms",
    "n",
    "num-matches",
    "numkeys",
    "numreplicas",
    "offset",
    "port",
    "protover",
    "rank",
    "seconds",
    "start",
    "stop",
    "threshold",
    "timestamp",
    "version",
];

/// The type that Redis's documentation would give the argument; values are told by their names.
fn kind(argument: &Argument) -> &'static str {
    match argument.shape {
        Shape::Token => "pure-token",
        Shape::OneOf(_) => "oneof",
        Shape::Block(_) => "block",
        Shape::Value => match argument.name.as_str() {
            "key" | "key1" | "key2" | "source" | "destination" | "newkey" => "key",
            "pattern" => "pattern",
            "timeout" | "number" => "double",
            "unix-time-seconds" | "unix-time-milliseconds" => "unix-time",
            name if INTEGERS.contains(&name) => "integer",
            _ => "string",
        },
    }
}
