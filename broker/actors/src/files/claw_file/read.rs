//! `CLAW.FILE GET`, `LIST` and `LOG`.

use clawlink_protocol::time::iso8601;

use super::{BASE, about, kept, next_count};
use crate::call::Call;
use crate::command::{Flags, Runs};
use crate::files::state::{End, Files, Version};
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static GET: Command = Command {
    name: "claw.file|get",
    arity: -3,
    flags: Flags::READONLY,
    summary: "Reads a file, or an older version of it, whole or in part.",
    syntax: "key [VERSION version] [OFFSET bytes] [LENGTH bytes]",
    run: Runs { files: Some(get), ..Runs::NONE },
    ..BASE
};

fn get(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    call.seek(3);
    let (mut wanted, mut offset, mut length) = (None, 0, usize::MAX);
    while !call.at_end() {
        if call.accept("VERSION") {
            wanted = Some(next_count(call)?);
        } else if call.accept("OFFSET") {
            offset = next_len(call)?;
        } else if call.accept("LENGTH") {
            length = next_len(call)?;
        } else {
            return Err(Refusal::Syntax);
        }
    }
    let path = call.word(2);
    // What a deleted file held is read by whoever says which version.
    let file = if wanted.is_some() { state.past(path) } else { state.file(path) };
    let Some(file) = file else {
        return Ok(Reply::Nil);
    };
    let version = kept(file, path, wanted.unwrap_or(file.newest().number))?;
    let len = version.content.len();
    let start = offset.min(len);
    let content = version.content.slice(start..start + length.min(len - start));
    let mut map = vec![
        (Reply::text("file_key"), Reply::copy(path)),
        (Reply::text("content"), Reply::Bulk(content)),
    ];
    map.extend(about(version));
    Ok(Reply::Map(map))
}

fn next_len(call: &mut Call<'_>) -> Result<usize, Refusal> {
    Ok(usize::try_from(next_count(call)?).unwrap_or(usize::MAX))
}

pub(super) static LIST: Command = Command {
    name: "claw.file|list",
    arity: -2,
    flags: Flags::READONLY,
    complexity: "O(N log N) with N files",
    summary: "Lists the files in order of key.",
    syntax: "[pattern]",
    run: Runs { files: Some(list), ..Runs::NONE },
    ..BASE
};

fn list(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    call.seek(2);
    let pattern = if call.at_end() { None } else { Some(call.next_word()?) };
    call.finish()?;
    let entry = |(key, newest): (&[u8], &Version)| {
        let mut map = vec![(Reply::text("file_key"), Reply::copy(key))];
        map.extend(about(newest));
        Reply::Map(map)
    };
    Ok(Reply::Array(state.list(pattern).into_iter().map(entry).collect()))
}

pub(super) static LOG: Command = Command {
    name: "claw.file|log",
    arity: 3,
    flags: Flags::READONLY,
    complexity: "O(N) with N kept versions",
    summary: "Lists the kept versions of a file and its tombstones, newest first.",
    syntax: "key",
    run: Runs { files: Some(log), ..Runs::NONE },
    ..BASE
};

fn log(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let Some(file) = state.past(call.word(2)) else {
        return Ok(Reply::Nil);
    };
    let mut entries = Vec::new();
    for version in file.versions() {
        entries.extend(version.end.as_deref().map(|end| tombstone(version.number, end)));
        entries.push(Reply::Map(about(version).into()));
    }
    Ok(Reply::Array(entries))
}

/// The entry of a deletion or a move, behind the version that it ended.
fn tombstone(number: u64, end: &End) -> Reply {
    let how = match &end.moved_to {
        Some(to) => (Reply::text("moved_to"), Reply::copy(to)),
        None => (Reply::text("deleted"), Reply::Int(1)),
    };
    Reply::Map(vec![
        (Reply::text("version"), Reply::Int(number as i64)),
        how,
        (Reply::text("last_editor"), Reply::copy(end.by.as_bytes())),
        (Reply::text("updated_at"), iso8601(end.at).into()),
    ])
}
