//! Hashes: reading a large one in pieces.

use crate::call::Call;
use crate::command::{Flags, Keys, Runs};
use crate::keyspace::{Content, Hash, Keyspace};
use crate::listing::{ScanOptions, page, parse_cursor};
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static HSCAN: Command = Command {
    name: "hscan",
    arity: -3,
    flags: Flags::READONLY,
    keys: Keys::ONE,
    tips: &["nondeterministic_output"],
    group: "hash",
    since: "2.8.0",
    complexity: "O(1) for a call, O(N) for a complete scan of N fields",
    summary: "Answers some fields with their values, and the cursor for the next call.",
    syntax: "key cursor [MATCH pattern] [COUNT count]",
    run: Runs { keyspace: Some(hscan), ..Runs::NONE },
    ..Command::BASE
};

fn hscan(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let cursor = parse_cursor(call.word(2)).ok_or(Refusal::InvalidCursor)?;
    let limits = &call.env.directory.limits;
    let (fields, bytes) =
        (limits.hash_listpack_entries_max.get(), limits.hash_listpack_value_max.get());
    // Whatever the options say, there is nothing to scan.
    let Some(hash) = state.find::<Hash>(call, call.key())? else {
        return Ok(page(0, Vec::new()));
    };
    call.seek(2);
    let options = ScanOptions::parse(call, false)?;
    let mut found = Vec::new();
    let mut visit = |field: &[u8], value: Content<'_>| {
        if options.takes(field) {
            found.extend([Reply::brief(field), value.reply()]);
        }
    };
    if hash.is_packed(fields, bytes) {
        // Redis answers a packed hash whole, whatever cursor and count say.
        hash.iter().for_each(|(field, value)| visit(field, value));
        return Ok(page(0, found));
    }
    let next = hash.scan(cursor, options.count, visit);
    Ok(page(next, found))
}
