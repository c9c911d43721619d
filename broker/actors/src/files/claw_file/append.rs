//! `CLAW.FILE APPEND`: behind the newest version, or to a content that is sent in parts.

use bytes::Bytes;

use super::put::{How, store, untaken_part};
use super::{BASE, next_count};
use crate::call::Call;
use crate::command::{Flags, Runs};
use crate::files::state::{Draft, Files};
use crate::files::{check_size, save};
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static APPEND: Command = Command {
    name: "claw.file|append",
    arity: -4,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    complexity: "O(N) with N bytes of the file; O(1) for a part that is not the last",
    summary: "Saves a new version with this at its end, or sends the next part of one.",
    syntax: "key content [BY id] [BASE version] [FORCE] [UPLOAD id [MORE]]",
    run: Runs { files: Some(append), ..Runs::NONE },
    ..BASE
};

fn append(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let (mut editor, mut base, mut force) = (None, None, false);
    let (mut upload, mut more) = (None, false);
    call.seek(4);
    while !call.at_end() {
        if call.accept("BY") {
            editor = Some(call.next_value()?);
        } else if call.accept("BASE") {
            base = Some(next_count(call)?);
        } else if call.accept("FORCE") {
            force = true;
        } else if call.accept("UPLOAD") {
            upload = Some(call.next_word()?);
        } else if call.accept("MORE") {
            more = true;
        } else {
            return Err(Refusal::Syntax);
        }
    }
    let editor = call.speaker(editor)?;
    match upload {
        // What the whole is to become was said with its first part.
        Some(id) if base.is_none() && !force => add(state, call, id, &editor, more),
        None if !more => {
            let path = call.word(2);
            let old = state.get(path).map(|newest| newest.content.clone()).unwrap_or_default();
            let content = joined(call, path, &old)?;
            let draft = Draft { content, editor, base, ..Draft::default() };
            Ok(Reply::Int(save(state, call, path, draft, force)? as i64))
        }
        _ => Err(Refusal::Syntax),
    }
}

/// A content with the request's behind it.
fn joined(call: &Call<'_>, path: &[u8], old: &Bytes) -> Result<Bytes, Refusal> {
    let part = call.word(3);
    // Before anything is copied.
    check_size(path, old.len() + part.len(), &call.env.directory)?;
    Ok([old, part].concat().into())
}

/// Takes a part of an upload, and saves the whole if it is the last.
fn add(state: &mut Files, call: &mut Call<'_>, id: &[u8], editor: &str, more: bool) -> Outcome {
    let (path, part) = (call.word(2), call.value(3));
    let refuse = |untaken| untaken_part(untaken, &String::from_utf8_lossy(id), path);
    let upload = state.uploads.get(id, path, editor).map_err(refuse)?;
    if let Err(refusal) = check_size(path, upload.len() + part.len(), &call.env.directory) {
        // It can only grow.
        state.uploads.take(id);
        return Err(refusal);
    }
    let len = state.uploads.add(id, part, call.now).map_err(refuse)?;
    if more {
        return Ok(Reply::len(len));
    }
    let Some(mut upload) = state.uploads.take(id) else {
        return Err(Refusal::Internal);
    };
    let (content, digest) = upload.finish();
    let draft = Draft { content, digest: Some(digest), ..upload.draft };
    let how = How { merge: upload.merge, force: upload.force };
    store(state, call, path, draft, how)
}
