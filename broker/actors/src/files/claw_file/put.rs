//! `CLAW.FILE PUT`

use std::sync::Arc;

use bytes::Bytes;

use super::{BASE, merge, next_count};
use crate::call::Call;
use crate::command::{Flags, Runs};
use crate::files::state::{Draft, Files, Untaken, Upload};
use crate::files::{check_lock, check_size, refuse, save};
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static PUT: Command = Command {
    name: "claw.file|put",
    arity: -4,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    complexity: "O(1); O(N) with N bytes, to hash or to merge them",
    summary: "Saves a new version of a file, or begins to send one in parts.",
    syntax: "key content [BY id] [TYPE type] [BASE version] [MERGE] [FORCE] [MORE]",
    run: Runs { files: Some(put), ..Runs::NONE },
    ..BASE
};

/// What may stand behind the content.
#[derive(Default)]
struct Options {
    editor: Option<Bytes>,
    file_type: Option<Arc<str>>,
    base: Option<u64>,
    merge: bool,
    force: bool,
    more: bool,
}

impl Options {
    fn parse(call: &mut Call<'_>) -> Result<Self, Refusal> {
        let mut options = Self::default();
        call.seek(4);
        while !call.at_end() {
            if call.accept("BY") {
                options.editor = Some(call.next_value()?);
            } else if call.accept("TYPE") {
                options.file_type = Some(Arc::from(call.next_text()?));
            } else if call.accept("BASE") {
                options.base = Some(next_count(call)?);
            } else if call.accept("MERGE") {
                options.merge = true;
            } else if call.accept("FORCE") {
                options.force = true;
            } else if call.accept("MORE") {
                options.more = true;
            } else {
                return Err(Refusal::Syntax);
            }
        }
        if options.merge && options.base.is_none() {
            return Err(Refusal::Fixed("ERR", "MERGE needs BASE, the version that was edited"));
        }
        Ok(options)
    }
}

fn put(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let Options { editor, file_type, base, merge, force, more } = Options::parse(call)?;
    let editor = call.speaker(editor)?;
    let (path, content) = (call.word(2), call.value(3));
    if more {
        let draft = Draft { file_type, editor, base, ..Draft::default() };
        return begin(state, call, Upload::new(path, draft, merge, force), content);
    }
    let draft = Draft { content, file_type, editor, base, digest: None };
    store(state, call, path, draft, How { merge, force })
}

/// How a draft is saved that meets another's work.
#[derive(Debug, Clone, Copy)]
pub(super) struct How {
    /// Merged with what was saved since its base.
    pub(super) merge: bool,
    /// In spite of a lock.
    pub(super) force: bool,
}

/// Saves a draft whose content is complete.
pub(super) fn store(
    state: &mut Files,
    call: &mut Call<'_>,
    path: &[u8],
    draft: Draft,
    how: How,
) -> Outcome {
    match draft.base {
        Some(base) if how.merge => merge::store(state, call, path, draft, (base, how.force)),
        _ => Ok(Reply::Int(save(state, call, path, draft, how.force)? as i64)),
    }
}

/// Begins an upload with its first part. What would refuse the whole refuses it now, before the rest is sent.
fn begin(state: &mut Files, call: &mut Call<'_>, upload: Upload, part: Bytes) -> Outcome {
    let (path, draft) = (&upload.key, &upload.draft);
    check_size(path, part.len(), &call.env.directory)?;
    if !upload.force {
        check_lock(state, path, &draft.editor, call.now)?;
    }
    if let Some(base) = draft.base.filter(|_| !upload.merge) {
        let checked = state.check_base(path, Some(base));
        checked.map_err(|conflict| refuse(path, base, conflict))?;
    }
    let id = call.env.directory.message_id("upload");
    let begun = state.uploads.begin(id.as_bytes(), upload, part, call.now);
    begun.map_err(|untaken| untaken_part(untaken, &id, call.word(2)))?;
    Ok(id.into())
}

/// Why a part of an upload was not taken.
pub(super) fn untaken_part(untaken: Untaken, id: &str, path: &[u8]) -> Refusal {
    match untaken {
        Untaken::Unknown => Refusal::NoUpload(id.into(), crate::files::text(path)),
        Untaken::TooMany => Refusal::Fixed("ERR", "there are 64 uploads, the limit"),
        Untaken::TooManyBytes => {
            Refusal::Fixed("ERR", "unfinished uploads hold 536870912 bytes, the limit")
        }
        Untaken::TooManyParts => Refusal::Fixed("ERR", "an upload has at most 10000 parts"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Refusal, Untaken, untaken_part};
    use crate::files::state::{UPLOAD_BYTES_MAX, UPLOAD_PARTS_MAX, UPLOADS_MAX};

    #[test]
    fn the_texts_name_the_limits() {
        for (untaken, limit) in [
            (Untaken::TooMany, UPLOADS_MAX),
            (Untaken::TooManyBytes, UPLOAD_BYTES_MAX),
            (Untaken::TooManyParts, UPLOAD_PARTS_MAX),
        ] {
            let Refusal::Fixed(_, text) = untaken_part(untaken, "", b"") else {
                panic!("{untaken:?} has another text");
            };
            assert!(text.contains(&limit.to_string()), "{text}");
        }
    }
}
