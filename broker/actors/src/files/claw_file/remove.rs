//! `CLAW.FILE DEL`, `MOVE` and `RESTORE`: files that go, and come back.

use std::sync::Arc;

use bytes::Bytes;

use super::{BASE, kept, next_count};
use crate::call::Call;
use crate::command::{Flags, Runs};
use crate::files::state::{Draft, Files};
use crate::files::{check_lock, end, save, text};
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static DEL: Command = Command {
    name: "claw.file|del",
    arity: -3,
    flags: Flags::WRITE,
    summary: "Deletes a file; its versions can be restored for a while.",
    syntax: "key [BY id] [FORCE]",
    run: Runs { files: Some(del), ..Runs::NONE },
    ..BASE
};

fn del(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let Options { by, force } = Options::parse(call, 3)?;
    let path = call.word(2);
    if !force {
        check_lock(state, path, &by, call.now)?;
    }
    Ok(Reply::flag(end(state, call, path, by, None).is_some()))
}

pub(super) static MOVE: Command = Command {
    name: "claw.file|move",
    arity: -4,
    flags: Flags::WRITE,
    summary: "Gives a file another key; its log stays, with a tombstone that says where it went.",
    syntax: "key newkey [BY id] [FORCE]",
    run: Runs { files: Some(move_file), ..Runs::NONE },
    ..BASE
};

fn move_file(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let Options { by, force } = Options::parse(call, 4)?;
    let (from, to) = (call.word(2), call.word(3));
    if !state.contains(from) {
        return Err(Refusal::NoFile(text(from)));
    }
    if !force && from != to && state.contains(to) {
        return Err(Refusal::FileExists(text(to)));
    }
    if !force {
        check_lock(state, from, &by, call.now)?;
        check_lock(state, to, &by, call.now)?;
    }
    Ok(Reply::Int(relocate(state, call, (from, to), by)? as i64))
}

/// Moves a file that is there; where there is one already it becomes its next version. Locks are the caller's to see
/// to. Says the version's number at the new place.
pub(in crate::files) fn relocate(
    state: &mut Files,
    call: &mut Call<'_>,
    (from, to): (&[u8], &[u8]),
    by: Arc<str>,
) -> Result<u64, Refusal> {
    let newest = state.get(from).ok_or_else(|| Refusal::NoFile(text(from)))?;
    if from == to {
        return Ok(newest.number);
    }
    let draft = Draft {
        content: newest.content.clone(),
        file_type: Some(newest.file_type.clone()),
        editor: by.clone(),
        digest: newest.known_digest(),
        base: None,
    };
    // First what can be refused.
    let version = save(state, call, to, draft, true)?;
    end(state, call, from, by, Some(to));
    Ok(version)
}

pub(super) static RESTORE: Command = Command {
    name: "claw.file|restore",
    arity: -4,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    summary: "Saves an older version anew, also of a file that was deleted or moved.",
    syntax: "key version [BY id] [FORCE]",
    run: Runs { files: Some(restore), ..Runs::NONE },
    ..BASE
};

fn restore(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let Options { by, force } = Options::parse(call, 4)?;
    call.seek(3);
    let number = next_count(call)?;
    let path = call.word(2);
    let file = state.past(path).ok_or_else(|| Refusal::NoFile(text(path)))?;
    let version = kept(file, path, number)?;
    let draft = Draft {
        content: version.content.clone(),
        file_type: Some(version.file_type.clone()),
        editor: by,
        digest: version.known_digest(),
        base: None,
    };
    Ok(Reply::Int(save(state, call, path, draft, force)? as i64))
}

/// Who does it, and whether in spite of a lock.
struct Options {
    by: Arc<str>,
    force: bool,
}

impl Options {
    fn parse(call: &mut Call<'_>, first: usize) -> Result<Self, Refusal> {
        let (mut by, mut force): (Option<Bytes>, bool) = (None, false);
        call.seek(first);
        while !call.at_end() {
            if call.accept("BY") {
                by = Some(call.next_value()?);
            } else if call.accept("FORCE") {
                force = true;
            } else {
                return Err(Refusal::Syntax);
            }
        }
        Ok(Self { by: call.speaker(by)?, force })
    }
}
