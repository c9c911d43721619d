//! `COMMAND INFO`: what clients need to know to send a command to the right place.

use clawlink_actors::Reply;
use clawlink_actors::command::{Command, Flags, Keys};

use super::catalog;

/// All commands.
pub(super) fn all() -> Reply {
    let all = catalog::all().map(|entry| describe(entry.command, &entry.subcommands));
    Reply::Array(all.collect())
}

/// One command: name, arity, flags, first key, last key, step, categories, tips, keys, subcommands.
pub(super) fn describe(command: &'static Command, subcommands: &[&'static Command]) -> Reply {
    let (first, last, step) = match command.keys {
        Keys::Range { first, last, step } => (first, last, step),
        Keys::StoreCounted | Keys::Sort { .. } => (1, 1, 1),
        Keys::None | Keys::Counted { .. } | Keys::Streams { .. } => (0, 0, 0),
    };
    let flags = shown_flags(command, subcommands);
    let categories: Vec<Reply> = if subcommands.is_empty() {
        command.categories().map(category).collect()
    } else {
        container_categories(command)
    };
    let subcommands: Vec<Reply> = subcommands.iter().map(|sub| describe(sub, &[])).collect();
    let tips = command.tips.iter().map(|tip| Reply::text(tip));
    Reply::Array(vec![
        Reply::text(command.name),
        Reply::Int(command.arity.into()),
        Reply::Set(flags.names().map(Reply::Status).collect()),
        Reply::Int(first.into()),
        Reply::Int(last.into()),
        Reply::Int(step.into()),
        Reply::Set(categories),
        Reply::Set(tips.collect()),
        Reply::Set(specifications(command)),
        // Redis sends an empty set where it sends an array of subcommands otherwise.
        if subcommands.is_empty() { Reply::Set(Vec::new()) } else { Reply::Array(subcommands) },
    ])
}

fn shown_flags(command: &Command, subcommands: &[&Command]) -> Flags {
    let is_pure_container = !subcommands.is_empty() && command.arity <= -2;
    match command.keys {
        _ if is_pure_container => Flags::NONE,
        Keys::Counted { .. } | Keys::StoreCounted | Keys::Sort { .. } | Keys::Streams { .. } => {
            command.flags.with(Flags::MOVABLEKEYS)
        }
        Keys::None | Keys::Range { .. } => command.flags,
    }
}

fn category(name: &str) -> Reply {
    Reply::Text(format!("@{name}").into_bytes())
}

/// A container does nothing by itself; `COMMAND`, which answers without a subcommand too, is about the connection.
fn container_categories(command: &Command) -> Vec<Reply> {
    let own = command.categories.iter().copied().map(category);
    std::iter::once(Reply::Status("@slow")).chain(own).collect()
}

/// The key specifications: where keys begin, how to find them all, and what happens to them.
fn specifications(command: &Command) -> Vec<Reply> {
    let access = command.key_access();
    let one = |at| Keys::Range { first: at, last: at, step: 1 };
    let spans: Vec<Keys> = match command.keys {
        Keys::None => Vec::new(),
        Keys::StoreCounted => vec![one(1), Keys::Counted { at: 2 }],
        // The others are where no specification can say: in what the key holds, and anywhere in the request.
        Keys::Sort { .. } => vec![one(1), command.keys, command.keys],
        // A command that treats its first key differently has two groups of keys.
        Keys::Range { first, last, step } if access.len() == 2 => {
            vec![one(first), Keys::Range { first: first + step, last, step }]
        }
        other => vec![other],
    };
    spans.into_iter().zip(access).map(|(keys, access)| specification(keys, access)).collect()
}

fn specification(keys: Keys, access: &'static str) -> Reply {
    let (flags, notes) = access.split_once(": ").unwrap_or((access, ""));
    let flags = flags.split(' ').map(Reply::Status).collect();
    let mut fields = Vec::new();
    if !notes.is_empty() {
        fields.push((Reply::text("notes"), Reply::text(notes)));
    }
    let (begin, find) = begin_and_find(keys);
    fields.push((Reply::text("flags"), Reply::Set(flags)));
    fields.push((Reply::text("begin_search"), begin));
    fields.push((Reply::text("find_keys"), find));
    Reply::Map(fields)
}

fn begin_and_find(keys: Keys) -> (Reply, Reply) {
    let index = |at: i64| typed("index", vec![("index", Reply::Int(at))]);
    match keys {
        Keys::None => (index(0), range(0, 1, 0)),
        Keys::StoreCounted | Keys::Sort { .. } => {
            (typed("unknown", Vec::new()), typed("unknown", Vec::new()))
        }
        Keys::Range { first, last, step } => {
            let last = if last < 0 { last } else { last - first };
            (index(first.into()), range(last.into(), step.into(), 0))
        }
        Keys::Counted { at } => {
            let count = vec![
                ("keynumidx", Reply::Int(0)),
                ("firstkey", Reply::Int(1)),
                ("keystep", Reply::Int(1)),
            ];
            (index(at.into()), typed("keynum", count))
        }
        Keys::Streams { from } => {
            let from = ("startfrom", Reply::Int(from.into()));
            let word = vec![("keyword", Reply::text("STREAMS")), from];
            (typed("keyword", word), range(-1, 1, 2))
        }
    }
}

fn range(last: i64, step: i64, limit: i64) -> Reply {
    let fields = [("lastkey", last), ("keystep", step), ("limit", limit)];
    typed("range", fields.map(|(name, value)| (name, Reply::Int(value))).into())
}

fn typed(kind: &'static str, fields: Vec<(&'static str, Reply)>) -> Reply {
    let fields = fields.into_iter().map(|(name, value)| (Reply::text(name), value)).collect();
    let kind = (Reply::text("type"), Reply::text(kind));
    Reply::Map(vec![kind, (Reply::text("spec"), Reply::Map(fields))])
}
