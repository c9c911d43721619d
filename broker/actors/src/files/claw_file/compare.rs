//! `CLAW.FILE DIFF`

use super::merge::one_line;
use super::{BASE, kept, next_count};
use crate::call::Call;
use crate::command::{Flags, Runs};
use crate::files::lines::unified;
use crate::files::state::Files;
use crate::files::text;
use crate::{Command, Outcome, Refusal};

pub(super) static DIFF: Command = Command {
    name: "claw.file|diff",
    arity: 5,
    flags: Flags::READONLY,
    complexity: "O(N) with N bytes of both versions, and more the more they differ",
    summary: "Shows how two versions of a file differ, as `diff -u` does.",
    syntax: "key version version",
    run: Runs { files: Some(diff), ..Runs::NONE },
    ..BASE
};

fn diff(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    call.seek(3);
    let (old, new) = (next_count(call)?, next_count(call)?);
    let path = call.word(2);
    let file = state.past(path).ok_or_else(|| Refusal::NoFile(text(path)))?;
    let (before, after) = (kept(file, path, old)?, kept(file, path, new)?);
    let key = one_line(&text(path));
    let names = (format!("{key} version {old}"), format!("{key} version {new}"));
    let shown = unified(&before.content, &after.content, names).map_err(|unfit| {
        let reason = unfit.reason();
        Refusal::Custom("ERR", format!("file '{key}' cannot be compared: {reason}").into())
    })?;
    Ok(shown.into())
}
