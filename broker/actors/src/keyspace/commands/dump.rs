//! What keys hold, as bytes to be kept or sent elsewhere.

use std::num::NonZeroU64;

use crate::call::Call;
use crate::command::{Flags, Keys, Runs};
use crate::files::generic as files;
use crate::key_events::events;
use crate::keyspace::{Entry, Keyspace};
use crate::rdb::{self, Damage, Sizes};
use crate::{Command, Outcome, Refusal, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&DUMP, &RESTORE];

static DUMP: Command = Command {
    name: "dump",
    arity: 2,
    flags: Flags::READONLY,
    keys: Keys::ONE,
    tips: &["nondeterministic_output"],
    since: "2.6.0",
    complexity: "O(N) for N bytes of what the key holds",
    summary: "Answers what a key holds as bytes that RESTORE takes, here or in Redis.",
    syntax: "key",
    run: Runs { keyspace: Some(dump), files: Some(files::dump), ..Runs::NONE },
    ..Command::BASE
};

fn dump(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let sizes = Sizes::of(&call.env.directory.limits);
    let found = state.read(call, call.word(1));
    Ok(found.map_or(Reply::Nil, |entry| Reply::Bulk(rdb::dump(&entry.value, &sizes).into())))
}

static RESTORE: Command = Command {
    name: "restore",
    arity: -4,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    keys: Keys::ONE,
    access: &["OW update"],
    categories: &["dangerous"],
    since: "2.6.0",
    complexity: "O(N) for N bytes; O(N*log(N)) for N members of a sorted set",
    summary: "Makes a key of what DUMP has answered.",
    syntax: "key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]",
    run: Runs { keyspace: Some(restore), ..Runs::NONE },
    ..Command::BASE
};

fn restore(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let (key, now) = (call.word(1), call.now);
    let options = Options::parse(call)?;
    if !options.replace && state.db(call).contains(key, now) {
        return Err(BUSY);
    }
    let expires = options.expiry(call)?;
    let sizes = Sizes::of(&call.env.directory.limits);
    let value = rdb::restore(call.word(3), &sizes).map_err(refusal)?;
    let replaced = state.db(call).take(key, now).is_some();
    if expires.is_some_and(|at| at.get() <= now) {
        // It was not to live until now.
        if replaced {
            call.changed(events::DEL, key);
        }
        return Ok(Reply::Ok);
    }
    let entry = Entry::new(value, expires, now);
    if let Some(seconds) = options.idle_s {
        entry.set_idle(seconds, now);
    }
    state.db(call).put(key, entry);
    call.happened(events::NEW, key);
    call.changed(events::RESTORE, key);
    Ok(Reply::Ok)
}

#[derive(Default)]
struct Options {
    replace: bool,
    /// Whether the expiry is a time, not a duration.
    absolute: bool,
    idle_s: Option<u64>,
    /// It is checked, and of no use: the frequency of use is not counted.
    frequency: Option<u8>,
}

impl Options {
    fn parse(call: &mut Call<'_>) -> Result<Self, Refusal> {
        let mut options = Self::default();
        call.seek(4);
        while !call.at_end() {
            if call.accept("REPLACE") {
                options.replace = true;
            } else if call.accept("ABSTTL") {
                options.absolute = true;
            } else if options.frequency.is_none() && call.left() > 1 && call.accept("IDLETIME") {
                options.idle_s = Some(call.next_int()?.try_into().map_err(|_| BAD_IDLETIME)?);
            } else if options.idle_s.is_none() && call.left() > 1 && call.accept("FREQ") {
                options.frequency = Some(call.next_int()?.try_into().map_err(|_| BAD_FREQUENCY)?);
            } else {
                return Err(Refusal::Syntax);
            }
        }
        Ok(options)
    }

    /// When the key is to expire. What lies beyond all times is over, as in Redis.
    fn expiry(&self, call: &mut Call<'_>) -> Result<Option<NonZeroU64>, Refusal> {
        call.seek(2);
        let ttl = call.next_int()?;
        let ttl = u64::try_from(ttl).map_err(|_| BAD_TTL)?;
        let start = if self.absolute { 0 } else { call.now };
        let at = ttl.checked_add(start).filter(|at| i64::try_from(*at).is_ok());
        Ok(NonZeroU64::new(ttl).map(|_| at.and_then(NonZeroU64::new).unwrap_or(NonZeroU64::MIN)))
    }
}

const BUSY: Refusal = Refusal::Fixed("BUSYKEY", "Target key name already exists.");

const BAD_TTL: Refusal = Refusal::Fixed("ERR", "Invalid TTL value, must be >= 0");

const BAD_IDLETIME: Refusal = Refusal::Fixed("ERR", "Invalid IDLETIME value, must be >= 0");

const BAD_FREQUENCY: Refusal = Refusal::Fixed("ERR", "Invalid FREQ value, must be >= 0 and <= 255");

fn refusal(damage: Damage) -> Refusal {
    Refusal::Fixed(
        "ERR",
        match damage {
            Damage::Envelope => "DUMP payload version or checksum are wrong",
            Damage::Content => "Bad data format",
        },
    )
}
