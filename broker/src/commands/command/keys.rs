//! `COMMAND GETKEYS`: where the keys stand in a request that somebody else will send.

use clawlink_actors::collections::number;
use clawlink_actors::command::{self, Command, Flags, Keys};
use clawlink_actors::{Args, Composer, Outcome, Refusal, Reply};

use super::super as commands;

/// The keys.
pub(super) fn keys(args: &Args<'_>) -> Outcome {
    found(args, |_, _, key| Reply::copy(key))
}

/// The keys, each with what would happen to it.
pub(super) fn keys_and_flags(args: &Args<'_>) -> Outcome {
    found(args, |command, nth, key| {
        let flags = access(command, args, nth).into_iter().map(Reply::Status).collect();
        Reply::Array(vec![Reply::copy(key), Reply::Set(flags)])
    })
}

fn found(args: &Args<'_>, show: impl Fn(&'static Command, usize, &[u8]) -> Reply) -> Outcome {
    let command = named(args).ok_or(Refusal::Fixed("ERR", "Invalid command specified"))?;
    // A shard channel stands where a key could, for clients that route by it; it is none.
    if command.keys == Keys::None || command.key_access() == ["not_key"] {
        return Err(Refusal::Fixed("ERR", "The command has no key arguments"));
    }
    let mut composer = Composer::default();
    composer.push(None, args.words().skip(2));
    let pipeline = composer.finish();
    let request = pipeline.request(0);
    command
        .check_arity(request.len())
        .map_err(|_| Refusal::Fixed("ERR", "Invalid number of arguments specified for command"))?;
    let keys = command.keys.range(&request).map(|at| request.word(at)).enumerate();
    let keys: Vec<Reply> = keys.map(|(nth, key)| show(command, nth, key)).collect();
    if keys.is_empty() || !counts_right(command, &request) {
        if command.flags.has(Flags::NO_MANDATORY_KEYS) {
            return Ok(Reply::Array(Vec::new()));
        }
        return Err(Refusal::Fixed("ERR", "Invalid arguments specified for command"));
    }
    Ok(Reply::Array(keys))
}

/// The command that the third word names, and the fourth if that one names a container. A container alone is none.
fn named(args: &Args<'_>) -> Option<&'static Command> {
    let (name, second) = (args.word(2), args.word(3));
    let owned = command::find(name, second).filter(|command| command.subcommands.is_empty());
    let edge = || commands::find(name, second).map(|edge| &edge.command);
    owned.or_else(edge)
}

/// Whether the request has as many keys as it says.
fn counts_right(command: &Command, request: &Args<'_>) -> bool {
    let (at, more) = match command.keys {
        Keys::Counted { at } => (at.into(), 0),
        Keys::StoreCounted => (2, 1),
        _ => return true,
    };
    let count = number::parse_i64(request.word(at)).and_then(|n| usize::try_from(n).ok());
    count.is_some_and(|count| command.keys.range(request).count() == count.saturating_add(more))
}

/// What happens to key number `nth`. Where that varies the option `GET` decides: with it the old value is read,
/// without it the old value does not matter.
fn access(command: &Command, args: &Args<'_>, nth: usize) -> Vec<&'static str> {
    let declared = command.key_access();
    // Of the keys of SORT that are not where it is said, only the one to store at can be found.
    let nth = if matches!(command.keys, Keys::Sort { .. }) { nth * 2 } else { nth };
    let text = declared.get(nth).or(declared.last()).copied().unwrap_or_default();
    let flags: Vec<_> = text.split(": ").next().unwrap_or_default().split(' ').collect();
    if !flags.contains(&"variable_flags") {
        return flags;
    }
    let reads = args.words().skip(5).any(|word| word.eq_ignore_ascii_case(b"GET"));
    if reads { vec!["RW", "access", "update"] } else { vec!["OW", "update"] }
}
