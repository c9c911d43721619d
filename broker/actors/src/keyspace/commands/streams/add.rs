//! Adding entries at one end of a stream and removing them at the other.

use super::trim_options::TrimOptions;
use super::{BASE, node_bounds};
use crate::call::Call;
use crate::collections::Stream;
use crate::collections::stream::{NewId, StreamId, Trim};
use crate::command::{Flags, Runs};
use crate::key_events::events;
use crate::keyspace::Keyspace;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static XADD: Command = Command {
    name: "xadd",
    arity: -5,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    access: &["RW update: UPDATE instead of INSERT because of the optional trimming feature"],
    tips: &["nondeterministic_output"],
    complexity: "O(1), and O(N) for N entries that are trimmed",
    summary: "Adds an entry to a stream, which is made if it is not there, and answers its id.",
    syntax: "key [NOMKSTREAM] [(MAXLEN | MINID) [= | ~] threshold [LIMIT count]] (* | id) field value [field value …]",
    run: Runs { keyspace: Some(xadd), ..Runs::NONE },
    ..BASE
};

/// What `XADD` asks for.
struct Addition {
    id: NewId,
    trim: Option<Trim>,
    /// Whether the stream is made if it is not there.
    make: bool,
    /// The word of the first field.
    first_field: usize,
}

impl Addition {
    fn parse(call: &mut Call<'_>) -> Result<Self, Refusal> {
        let mut options = TrimOptions::default();
        let (mut make, mut id) = (true, NewId::Auto);
        call.seek(2);
        while !call.accept("*") {
            if options.accept(call)? {
            } else if call.accept("NOMKSTREAM") {
                make = false;
            } else if call.at_end() {
                break;
            } else {
                id = match StreamId::parse_new(call.next_word()?)? {
                    (id, true) => NewId::Exactly(id),
                    (id, false) => NewId::Within(id.ms),
                };
                break;
            }
        }
        let trim = options.finish(node_bounds(call), false)?;
        if call.left() < 2 || !call.left().is_multiple_of(2) {
            return Err(Refusal::WrongArity(call.command.name.into()));
        }
        if id == NewId::Exactly(StreamId::MIN) {
            return Err(Refusal::Fixed("ERR", "The ID specified in XADD must be greater than 0-0"));
        }
        Ok(Self { id, trim, make, first_field: call.position() })
    }
}

fn xadd(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let Addition { id, trim, make, first_field } = Addition::parse(call)?;
    let key = call.word(1);
    let stream = if make {
        state.open::<Stream>(call, key)?
    } else {
        match state.find_mut::<Stream>(call, key)? {
            Some(stream) => stream,
            None => return Ok(Reply::Nil),
        }
    };
    let id = stream.log.next_id(id, call.now)?;
    stream.log.append(id, call.words().skip(first_field), node_bounds(call));
    let trimmed = trim.map_or(0, |trim| stream.log.trim(&trim));
    call.changed(events::XADD.after_reply(), key);
    if trimmed > 0 {
        call.happened(events::XTRIM.after_reply(), key);
    }
    Ok(id.into())
}

pub(super) static XTRIM: Command = Command {
    name: "xtrim",
    arity: -4,
    flags: Flags::WRITE,
    access: &["RW delete"],
    tips: &["nondeterministic_output"],
    complexity: "O(N) for N entries that are removed",
    summary: "Removes the oldest entries of a stream and answers how many.",
    syntax: "key (MAXLEN | MINID) [= | ~] threshold [LIMIT count]",
    run: Runs { keyspace: Some(xtrim), ..Runs::NONE },
    ..BASE
};

fn xtrim(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let mut options = TrimOptions::default();
    call.seek(2);
    while !call.at_end() {
        if !options.accept(call)? {
            return Err(Refusal::Syntax);
        }
    }
    let trim = options.finish(node_bounds(call), true)?;
    let key = call.word(1);
    let stream = state.find_mut::<Stream>(call, key)?;
    let removed = stream.zip(trim).map_or(0, |(stream, trim)| stream.log.trim(&trim));
    if removed > 0 {
        call.altered(key);
        call.happened(events::XTRIM, key);
    }
    Ok(Reply::Int(removed as i64))
}
