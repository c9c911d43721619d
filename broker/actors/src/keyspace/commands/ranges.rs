//! Parts of strings.

use std::ops::Range;

use bytes::Bytes;

use crate::call::Call;
use crate::collections::Text;
use crate::command::{Deprecated, Flags, Keys, Runs};
use crate::files::plain;
use crate::key_events::events;
use crate::keyspace::{Keyspace, STRING_BYTES_MAX, Str, Value};
use crate::{Command, Outcome, Refusal, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&APPEND, &GETRANGE, &SUBSTR, &SETRANGE];

/// What all commands here share.
const STRING: Command = Command { keys: Keys::ONE, group: "string", ..Command::BASE };

static APPEND: Command = Command {
    name: "append",
    arity: 3,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    access: &["RW insert"],
    since: "2.0.0",
    complexity: "O(N) for N appended bytes, amortized",
    summary: "Appends to the string at a key, which starts empty.",
    syntax: "key value",
    run: Runs { keyspace: Some(append), files: Some(plain::append), ..Runs::NONE },
    ..STRING
};

fn append(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let (key, more, now) = (call.word(1), call.word(2), call.now);
    let len = match state.db(call).get_mut(key, now) {
        Some(value) => {
            let string = value.as_str_mut()?;
            check_length(string.len(), more.len())?;
            let bytes = string.edit();
            bytes.extend_from_slice(more);
            bytes.len()
        }
        None => {
            call.happened(events::NEW, key);
            state.db(call).set(key, Value::Str(Str::of_word(call, 2)), now);
            more.len()
        }
    };
    call.changed(events::APPEND, key);
    Ok(Reply::len(len))
}

static GETRANGE: Command = Command {
    name: "getrange",
    arity: 4,
    flags: Flags::READONLY,
    since: "2.4.0",
    complexity: "O(N) for N answered bytes",
    summary: "Answers a part of the string at a key; negative offsets count from its end.",
    syntax: "key start end",
    run: Runs { keyspace: Some(getrange), files: Some(plain::getrange), ..Runs::NONE },
    ..STRING
};

static SUBSTR: Command = Command {
    name: "substr",
    arity: 4,
    flags: Flags::READONLY,

    deprecated: Some(Deprecated { since: "2.0.0", replaced_by: "`GETRANGE`" }),
    complexity: "O(N) for N answered bytes",
    summary: "The old name of GETRANGE.",
    syntax: "key start end",
    run: Runs { keyspace: Some(getrange), files: Some(plain::getrange), ..Runs::NONE },
    ..STRING
};

fn getrange(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    call.seek(2);
    let (start, end) = (call.next_int()?, call.next_int()?);
    let Some(entry) = state.read(call, call.word(1)) else {
        return Ok(Reply::text(""));
    };
    let part = match entry.value.as_str()? {
        // A part of bytes that are shared anyway is shared, too.
        Str::Text(Text::Long(bytes)) => bytes.slice(part(start, end, bytes.len())),
        string => string.with_bytes(|b| Bytes::copy_from_slice(&b[part(start, end, b.len())])),
    };
    Ok(Reply::Bulk(part))
}

/// The range from `start` to `end`, both included and counted from the end if negative, within `len`.
fn part(start: i64, end: i64, len: usize) -> Range<usize> {
    // Of two negative offsets in the wrong order both may lie before the start, where they would meet.
    if start < 0 && end < 0 && start > end {
        return 0..0;
    }
    let len = i64::try_from(len).unwrap_or(i64::MAX);
    let place = |offset: i64| {
        if offset < 0 { (len + offset).max(0) } else { offset }
    };
    let (start, end) = (place(start), place(end).min(len - 1) + 1);
    if start < end { start as usize..end as usize } else { 0..0 }
}

static SETRANGE: Command = Command {
    name: "setrange",
    arity: 4,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    since: "2.2.0",
    complexity: "O(N) for N bytes written",
    summary: "Overwrites a part of the string at a key; a gap is filled with zero bytes.",
    syntax: "key offset value",
    run: Runs { keyspace: Some(setrange), ..Runs::NONE },
    ..STRING
};

fn setrange(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    call.seek(2);
    let (key, part, now) = (call.word(1), call.word(3), call.now);
    let offset = usize::try_from(call.next_int()?).map_err(|_| Refusal::OffsetOutOfRange)?;
    let old = state.db(call).get_mut(key, now).map(|value| value.as_str_mut()).transpose()?;
    if part.is_empty() {
        return Ok(Reply::len(old.map_or(0, |string| string.len())));
    }
    check_length(offset, part.len())?;
    let new = || Value::Str(Str::Edited(Vec::new()));
    state.announce_new(call, key, events::NEW);
    let bytes = state.db(call).get_or_insert(key, now, new).as_str_mut()?.edit();
    let end = offset + part.len();
    bytes.resize(bytes.len().max(end), 0);
    bytes[offset..end].copy_from_slice(part);
    let len = bytes.len();
    call.changed(events::SETRANGE, key);
    Ok(Reply::len(len))
}

/// Refuses to make a string longer than strings may be.
fn check_length(len: usize, more: usize) -> Result<(), Refusal> {
    let fits = len.checked_add(more).is_some_and(|total| total <= STRING_BYTES_MAX);
    fits.then_some(()).ok_or(Refusal::StringTooLong)
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn ranges_are_cut_to_the_string() {
        assert_eq!(part(0, -1, 5), 0..5);
        assert_eq!(part(-3, -2, 5), 2..4);
        assert_eq!(part(3, 100, 5), 3..5);
        assert_eq!(part(-100, 1, 5), 0..2);
        assert_eq!(part(i64::MIN, i64::MAX, 5), 0..5);
        for (start, end, len) in
            [(5, 9, 5), (2, 1, 5), (0, 0, 0), (-1, -2, 5), (-8, -9, 5), (0, -9, 0)]
        {
            assert!(part(start, end, len).is_empty(), "{start} {end}");
        }
        // As in Redis an end before the start of the string is its first byte.
        assert_eq!(part(0, -9, 5), 0..1);
    }
}
