//! `CLAW.FILE`: files with their versions. A file here for each family of subcommands.

mod append;
mod compare;
mod lock;
mod merge;
mod put;
mod read;
mod remove;
mod watch;

pub(super) use remove::relocate;

use clawlink_protocol::time::iso8601;

use super::state::{File, Version, hex};
use super::text;
use crate::call::Call;
use crate::command::Route;
use crate::{Command, Refusal, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&FILE];

/// What all subcommands have in common.
const BASE: Command =
    Command { group: "agents", since: "0.1.0", route: Route::Files, ..Command::BASE };

static FILE: Command = Command {
    name: "claw.file",
    arity: -2,
    complexity: "as its subcommands",
    summary: "Saves, reads, merges, locks and lists shared files, whose versions are kept.",
    subcommands: &[
        &append::APPEND,
        &remove::DEL,
        &compare::DIFF,
        &read::GET,
        &read::LIST,
        &lock::LOCK,
        &lock::LOCKS,
        &read::LOG,
        &remove::MOVE,
        &put::PUT,
        &remove::RESTORE,
        &lock::UNLOCK,
        &watch::WATCH,
    ],
    ..BASE
};

/// The next word as the number of a version, or as another count.
fn next_count(call: &mut Call<'_>) -> Result<u64, Refusal> {
    u64::try_from(call.next_int()?).map_err(|_| Refusal::NotInteger)
}

/// A version that is kept, or why there is none.
fn kept<'a>(file: &'a File, path: &[u8], number: u64) -> Result<&'a Version, Refusal> {
    file.version(number).ok_or_else(|| {
        Refusal::NoVersion(text(path), number, file.oldest_number(), file.newest().number)
    })
}

/// What every listing says of a version.
fn about(version: &Version) -> [(Reply, Reply); 6] {
    [
        (Reply::text("file_type"), Reply::copy(version.file_type.as_bytes())),
        (Reply::text("last_editor"), Reply::copy(version.editor.as_bytes())),
        (Reply::text("version"), Reply::Int(version.number as i64)),
        (Reply::text("updated_at"), iso8601(version.at).into()),
        (Reply::text("size"), Reply::len(version.content.len())),
        (Reply::text("sha256"), hex(version.digest()).into()),
    ]
}
