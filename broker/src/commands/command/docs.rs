//! `COMMAND DOCS`: the documentation, for people and for clients that give hints while one types.

use clawlink_actors::Reply;
use clawlink_actors::command::{Argument, Command, Shape, arguments};

/// One command.
pub(super) fn document(command: &'static Command, subcommands: &[&'static Command]) -> Reply {
    let mut fields = vec![
        (Reply::text("summary"), Reply::text(command.summary)),
        (Reply::text("since"), Reply::text(command.since)),
        (Reply::text("group"), Reply::text(command.group)),
        (Reply::text("complexity"), Reply::text(command.complexity)),
    ];
    let arguments: Vec<Reply> = arguments(command.syntax).iter().map(argument).collect();
    if !arguments.is_empty() {
        fields.push((Reply::text("arguments"), Reply::Array(arguments)));
    }
    if !subcommands.is_empty() {
        let subs = subcommands.iter().map(|sub| (Reply::text(sub.name), document(sub, &[])));
        fields.push((Reply::text("subcommands"), Reply::Map(subs.collect())));
    }
    Reply::Map(fields)
}

fn argument(argument: &Argument) -> Reply {
    let mut fields = vec![
        (Reply::text("name"), Reply::from(argument.name.clone())),
        (Reply::text("type"), Reply::text(kind(argument))),
    ];
    if kind(argument) == "key" {
        fields.push((Reply::text("key_spec_index"), Reply::Int(0)));
    }
    if let Some(token) = &argument.token {
        fields.push((Reply::text("token"), Reply::from(token.clone())));
    }
    let flags = [("optional", argument.optional), ("multiple", argument.multiple)];
    let flags: Vec<Reply> =
        flags.into_iter().filter(|(_, is)| *is).map(|(name, _)| Reply::Status(name)).collect();
    if !flags.is_empty() {
        fields.push((Reply::text("flags"), Reply::Set(flags)));
    }
    if let Shape::OneOf(parts) | Shape::Block(parts) = &argument.shape {
        let parts = parts.iter().map(self::argument).collect();
        fields.push((Reply::text("arguments"), Reply::Array(parts)));
    }
    Reply::Map(fields)
}

/// The type that Redis's documentation would give the argument; values are told by their names.
fn kind(argument: &Argument) -> &'static str {
    match argument.shape {
        Shape::Token => "pure-token",
        Shape::OneOf(_) => "oneof",
        Shape::Block(_) => "block",
        Shape::Value => match argument.name.as_str() {
            "key" | "source" | "destination" | "newkey" => "key",
            "pattern" => "pattern",
            "timeout" => "double",
            "unix-time-seconds" | "unix-time-milliseconds" => "unix-time",
            "seconds" | "milliseconds" | "count" | "index" | "start" | "stop" | "end"
            | "offset" | "cursor" | "numkeys" | "db" | "decrement" | "client-id" | "len" | "ms" => {
                "integer"
            }
            _ => "string",
        },
    }
}
