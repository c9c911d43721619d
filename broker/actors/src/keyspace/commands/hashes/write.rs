//! Hashes: setting and removing fields.

use crate::call::Call;
use crate::collections::Text;
use crate::command::{Deprecated, Flags, Keys, Runs};
use crate::key_events::events;
use crate::keyspace::{Hash, Keyspace};
use crate::{Command, Outcome, Refusal, Reply};

/// What the commands that set fields share.
const SET: Command = Command {
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    keys: Keys::ONE,
    group: "hash",
    since: "2.0.0",
    ..Command::BASE
};

pub(super) static HSET: Command = Command {
    name: "hset",
    arity: -4,
    complexity: "O(N) for N fields",
    summary: "Sets fields of a hash and answers how many of them are new.",
    syntax: "key field value [field value …]",
    run: Runs { keyspace: Some(hset), ..Runs::NONE },
    ..SET
};

fn hset(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::len(set_fields(state, call)?))
}

pub(super) static HMSET: Command = Command {
    name: "hmset",
    arity: -4,

    deprecated: Some(Deprecated {
        since: "4.0.0",
        replaced_by: "`HSET` with multiple field-value pairs",
    }),
    complexity: "O(N) for N fields",
    summary: "Sets fields of a hash.",
    syntax: "key field value [field value …]",
    run: Runs { keyspace: Some(hmset), ..Runs::NONE },
    ..SET
};

fn hmset(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    set_fields(state, call)?;
    Ok(Reply::Ok)
}

/// Sets all pairs of a call. Returns how many fields were not there before.
fn set_fields(state: &mut Keyspace, call: &mut Call<'_>) -> Result<usize, Refusal> {
    if !call.len().is_multiple_of(2) {
        return Err(Refusal::WrongArity(call.command.name.into()));
    }
    let hash = state.open::<Hash>(call, call.key())?;
    let mut new = 0;
    for field in (2..call.len()).step_by(2) {
        let value = Text::of_word(&call.args, field + 1);
        new += usize::from(hash.insert(call.word(field), value));
    }
    call.changed(events::HSET.after_reply(), call.key());
    Ok(new)
}

pub(super) static HSETNX: Command = Command {
    name: "hsetnx",
    arity: 4,
    access: &["RW insert"],
    complexity: "O(1)",
    summary: "Sets a field of a hash unless it is there.",
    syntax: "key field value",
    run: Runs { keyspace: Some(hsetnx), ..Runs::NONE },
    ..SET
};

fn hsetnx(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let hash = state.open::<Hash>(call, call.key())?;
    if hash.contains(call.word(2)) {
        return Ok(Reply::flag(false));
    }
    hash.insert(call.word(2), Text::of_word(&call.args, 3));
    call.changed(events::HSET.after_reply(), call.key());
    Ok(Reply::flag(true))
}

pub(super) static HDEL: Command = Command {
    name: "hdel",
    arity: -3,
    flags: Flags::WRITE.with(Flags::FAST),
    access: &["RW delete"],
    complexity: "O(N) for N fields",
    summary: "Removes fields of a hash and answers how many there were.",
    syntax: "key field [field …]",
    run: Runs { keyspace: Some(hdel), ..Runs::NONE },
    ..SET
};

fn hdel(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let Some(hash) = state.find_mut::<Hash>(call, call.key())? else {
        return Ok(Reply::Int(0));
    };
    let removed = (2..call.len()).filter(|index| hash.remove(call.word(*index))).count();
    let emptied = hash.is_empty();
    if removed > 0 {
        call.changed(events::HDEL, call.key());
    }
    if emptied {
        state.db(call).remove(call.key());
        call.happened(events::DEL, call.key());
    }
    Ok(Reply::len(removed))
}
