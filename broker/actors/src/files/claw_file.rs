//! `CLAW.FILE`: files with their versions.

use std::sync::Arc;

use clawlink_protocol::time::iso8601;

use super::state::{Draft, Files, Version};
use super::{delete, save, text};
use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::{Command, Outcome, Refusal, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&FILE];

/// What all subcommands have in common.
const BASE: Command =
    Command { group: "agents", since: "0.1.0", route: Route::Files, ..Command::BASE };

static FILE: Command = Command {
    name: "claw.file",
    arity: -2,
    complexity: "as its subcommands",
    summary: "Saves, reads and lists shared files, whose versions are kept.",
    subcommands: &[&DEL, &GET, &LIST, &LOG, &PUT],
    ..BASE
};

static PUT: Command = Command {
    name: "claw.file|put",
    arity: -4,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    summary: "Saves a new version of a file.",
    syntax: "key content [BY id] [TYPE type] [BASE version]",
    run: Runs { files: Some(put), ..Runs::NONE },
    ..BASE
};

fn put(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    call.seek(4);
    let (mut editor, mut file_type, mut base) = (None, None, None);
    while !call.at_end() {
        if call.accept("BY") {
            editor = Some(call.next_value()?);
        } else if call.accept("TYPE") {
            file_type = Some(Arc::from(call.next_text()?));
        } else if call.accept("BASE") {
            base = Some(version_number(call)?);
        } else {
            return Err(Refusal::Syntax);
        }
    }
    let draft = Draft { content: call.value(3), file_type, editor: call.speaker(editor)?, base };
    let path = call.word(2);
    Ok(Reply::from(save(state, call, path, draft)? as i64))
}

fn version_number(call: &mut Call<'_>) -> Result<u64, Refusal> {
    u64::try_from(call.next_int()?).map_err(|_| Refusal::NotInteger)
}

static GET: Command = Command {
    name: "claw.file|get",
    arity: -3,
    flags: Flags::READONLY,
    summary: "Reads a file, or an older version of it.",
    syntax: "key [VERSION version]",
    run: Runs { files: Some(get), ..Runs::NONE },
    ..BASE
};

fn get(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    call.seek(3);
    let wanted = if call.accept("VERSION") { Some(version_number(call)?) } else { None };
    call.finish()?;
    let path = call.word(2);
    let Some(file) = state.file(path) else {
        return Ok(Reply::Nil);
    };
    let number = wanted.unwrap_or(file.newest().number);
    let version = file.version(number).ok_or_else(|| {
        Refusal::NoVersion(text(path), number, file.oldest_number(), file.newest().number)
    })?;
    let mut map = vec![
        (Reply::text("file_key"), Reply::copy(path)),
        (Reply::text("content"), Reply::Bulk(version.content.clone())),
    ];
    map.extend(about(version));
    Ok(Reply::Map(map))
}

static LIST: Command = Command {
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
        map.push(size(newest));
        Reply::Map(map)
    };
    Ok(Reply::Array(state.list(pattern).into_iter().map(entry).collect()))
}

static LOG: Command = Command {
    name: "claw.file|log",
    arity: 3,
    flags: Flags::READONLY,
    complexity: "O(N) with N kept versions",
    summary: "Lists the kept versions of a file, newest first.",
    syntax: "key",
    run: Runs { files: Some(log), ..Runs::NONE },
    ..BASE
};

fn log(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let Some(file) = state.file(call.word(2)) else {
        return Ok(Reply::Nil);
    };
    let entry = |version: &Version| {
        let mut map = Vec::from(about(version));
        map.push(size(version));
        Reply::Map(map)
    };
    Ok(Reply::Array(file.versions().map(entry).collect()))
}

static DEL: Command = Command {
    name: "claw.file|del",
    arity: -3,
    flags: Flags::WRITE,
    complexity: "O(N) with N kept versions",
    summary: "Deletes a file with all its versions.",
    syntax: "key [BY id]",
    run: Runs { files: Some(del), ..Runs::NONE },
    ..BASE
};

fn del(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    call.seek(3);
    let editor = if call.accept("BY") { Some(call.next_value()?) } else { None };
    call.finish()?;
    let (path, editor) = (call.word(2), call.speaker(editor)?);
    Ok(Reply::flag(delete(state, call, path, editor).is_some()))
}

/// What every reply says of a version.
fn about(version: &Version) -> [(Reply, Reply); 4] {
    [
        (Reply::text("file_type"), Reply::copy(version.file_type.as_bytes())),
        (Reply::text("last_editor"), Reply::copy(version.editor.as_bytes())),
        (Reply::text("version"), Reply::Int(version.number as i64)),
        (Reply::text("updated_at"), iso8601(version.at).into()),
    ]
}

fn size(version: &Version) -> (Reply, Reply) {
    (Reply::text("size"), Reply::len(version.content.len()))
}
