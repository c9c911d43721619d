//! `CLAW.FILE PUT … BASE version MERGE`

use super::kept;
use crate::call::Call;
use crate::files::lines::{Labels, Merged, merge};
use crate::files::state::{Draft, File, Files};
use crate::files::{check_lock, check_size, save, text};
use crate::{Outcome, Refusal, Reply};

/// Saves a draft whose file may have moved on since its base: merged with the newest version, if they do not conflict.
pub(super) fn store(
    state: &mut Files,
    call: &mut Call<'_>,
    path: &[u8],
    draft: Draft,
    (base, force): (u64, bool),
) -> Outcome {
    check_size(path, draft.content.len(), &call.env.directory)?;
    if !force {
        check_lock(state, path, &draft.editor, call.now)?;
    }
    let Some(file) = state.file(path).filter(|file| file.newest().number != base) else {
        let version = save(state, call, path, draft, force)?;
        return Ok(reply(Saved { status: "saved", version, base, with: None, merged: None }));
    };
    let merged = merged(file, path, &draft, base)?;
    let (at, by) = (file.newest().number, file.newest().editor.clone());
    let with = Some((at, &*by));
    if merged.conflicts > 0 {
        let merged = Some(&merged);
        return Ok(reply(Saved { status: "conflict", version: at, base, with, merged }));
    }
    let content = merged.text.clone().into();
    let draft = Draft { content, base: Some(at), digest: None, ..draft };
    let version = save(state, call, path, draft, force)?;
    Ok(reply(Saved { status: "merged", version, base, with, merged: Some(&merged) }))
}

/// The draft put together with the newest version.
fn merged(file: &File, path: &[u8], draft: &Draft, base: u64) -> Result<Merged, Refusal> {
    let newest = file.newest();
    // Version 0 is the file before it was written: empty.
    let ancestor = match base {
        0 => &b""[..],
        base => &kept(file, path, base)?.content,
    };
    let ours = format!("version {} by '{}'", newest.number, one_line(&newest.editor));
    let origin = format!("version {base}");
    let labels = Labels { ours: &ours, base: &origin, theirs: "your edit" };
    merge(ancestor, &newest.content, &draft.content, labels).map_err(|unfit| {
        let (at, by) = (newest.number, newest.editor.as_ref().into());
        Refusal::Unmergeable(text(path), at, by, base, unfit.reason())
    })
}

/// A name that stands on a marker's line, or a header's.
pub(super) fn one_line(name: &str) -> String {
    name.replace(char::is_control, " ")
}

struct Saved<'a> {
    status: &'static str,
    /// The newest version now.
    version: u64,
    base: u64,
    /// The version that the draft met, and who saved that.
    with: Option<(u64, &'a str)>,
    merged: Option<&'a Merged>,
}

fn reply(saved: Saved<'_>) -> Reply {
    let Saved { status, version, base, with, merged } = saved;
    let number = |number: u64| Reply::Int(number as i64);
    Reply::Map(vec![
        (Reply::text("status"), Reply::text(status)),
        (Reply::text("version"), number(version)),
        (Reply::text("base"), number(base)),
        (Reply::text("with_version"), with.map_or(Reply::Nil, |(at, _)| number(at))),
        (Reply::text("with_editor"), with.map_or(Reply::Nil, |(_, by)| Reply::copy(by.as_bytes()))),
        (Reply::text("conflicts"), Reply::len(merged.map_or(0, |merged| merged.conflicts))),
        (Reply::text("content"), merged.map_or(Reply::Nil, |merged| merged.text.clone().into())),
    ])
}
