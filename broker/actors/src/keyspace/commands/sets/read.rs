//! Sets: looking at members.

use super::SET;
use crate::call::Call;
use crate::collections::Set;
use crate::command::{Flags, Keys, Runs};
use crate::keyspace::Keyspace;
use crate::listing::{ScanOptions, page, parse_cursor};
use crate::{Command, Outcome, Refusal, Reply};

/// What the commands that read one set share.
const READ: Command =
    Command { flags: Flags::READONLY.with(Flags::FAST), keys: Keys::ONE, access: &["RO"], ..SET };

pub(super) static SMEMBERS: Command = Command {
    name: "smembers",
    arity: 2,
    flags: Flags::READONLY,
    access: &["RO access"],
    tips: &["nondeterministic_output_order"],
    complexity: "O(N) for N members",
    summary: "Answers all members of a set.",
    syntax: "key",
    run: Runs { keyspace: Some(smembers), ..Runs::NONE },
    ..READ
};

fn smembers(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let set = state.find::<Set>(call, call.key())?;
    let members = |set: &crate::collections::Set| -> Vec<Reply> {
        set.iter().map(|member| member.with_bytes(Reply::brief)).collect()
    };
    Ok(Reply::Set(set.map_or_else(Vec::new, members)))
}

pub(super) static SISMEMBER: Command = Command {
    name: "sismember",
    arity: 3,
    summary: "Answers whether something is a member of a set.",
    syntax: "key member",
    run: Runs { keyspace: Some(sismember), ..Runs::NONE },
    ..READ
};

fn sismember(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let set = state.find::<Set>(call, call.key())?;
    Ok(Reply::flag(set.is_some_and(|set| set.contains(call.word(2)))))
}

pub(super) static SMISMEMBER: Command = Command {
    name: "smismember",
    arity: -3,
    access: &["RO access"],
    since: "6.2.0",
    complexity: "O(N) for N members asked for",
    summary: "Answers for several things whether each is a member of a set.",
    syntax: "key member [member …]",
    run: Runs { keyspace: Some(smismember), ..Runs::NONE },
    ..READ
};

fn smismember(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let set = state.find::<Set>(call, call.key())?;
    let is_member = |name| Reply::flag(set.is_some_and(|set| set.contains(name)));
    Ok(Reply::Array(call.words().skip(2).map(is_member).collect()))
}

pub(super) static SCARD: Command = Command {
    name: "scard",
    arity: 2,
    summary: "Answers the number of members of a set.",
    syntax: "key",
    run: Runs { keyspace: Some(scard), ..Runs::NONE },
    ..READ
};

fn scard(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::len(state.find::<Set>(call, call.key())?.map_or(0, |set| set.len())))
}

pub(super) static SSCAN: Command = Command {
    name: "sscan",
    arity: -3,
    flags: Flags::READONLY,
    access: &["RO access"],
    tips: &["nondeterministic_output"],
    since: "2.8.0",
    complexity: "O(1) for a call, O(N) for a complete scan of N members",
    summary: "Answers some members of a set, and the cursor for the next call.",
    syntax: "key cursor [MATCH pattern] [COUNT count]",
    run: Runs { keyspace: Some(sscan), ..Runs::NONE },
    ..READ
};

fn sscan(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    parse_cursor(call.word(2)).ok_or(Refusal::InvalidCursor)?;
    // Whatever the options say, there is nothing to scan.
    let Some(set) = state.find::<Set>(call, call.key())? else {
        return Ok(page(0, Vec::new()));
    };
    call.seek(2);
    let options = ScanOptions::parse(call, false)?;
    let mut found = Vec::new();
    let next = set.scan(options.cursor, options.count, |name| {
        if options.takes(name) {
            found.push(Reply::brief(name));
        }
    });
    Ok(page(next, found))
}
