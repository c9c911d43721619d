//! Shared files: whole contents under any key, every change a new version.

mod claw_file;
mod searched;

pub mod generic;
pub mod plain;
pub mod state;

pub(crate) use searched::feed;
pub use state::Files;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;

use self::state::{Bounds, Conflict, Draft};
use crate::call::{Call, Env};
use crate::command::{Run, Runs};
use crate::directory::Directory;
use crate::owner::State;
use crate::place::FILE;
use crate::topics::{FileChange, FileEvent};
use crate::{Command, Refusal, topics};

/// Every family.
pub const COMMANDS: &[&[&Command]] = &[claw_file::COMMANDS];

/// What others let the files know.
#[derive(Debug)]
pub enum Notice {
    /// All files are forgotten; nothing is published about it.
    Flush,
}

impl State for Files {
    type Notice = Notice;

    fn run(runs: &Runs) -> Option<Run<Self>> {
        runs.files
    }

    fn notice(&mut self, notice: Notice, _now: u64, env: &mut Env) {
        match notice {
            Notice::Flush => {
                self.clear();
                searched::cleared(&env.directory);
            }
        }
        env.signals.all_modified(None);
        count(self, &env.directory);
    }
}

/// The path that a key names.
fn path_of(key: &[u8]) -> &[u8] {
    key.strip_prefix(FILE.as_bytes()).unwrap_or(key)
}

/// Refuses a content that is larger than a file may be.
fn check_size(path: &[u8], len: usize, directory: &Directory) -> Result<(), Refusal> {
    let limit = directory.limits.file_bytes_max.get();
    if len as u64 <= limit {
        return Ok(());
    }
    Err(Refusal::FileTooLarge(text(path), limit))
}

/// Saves a new version, lets everyone know, and says its number.
fn save(state: &mut Files, call: &mut Call<'_>, path: &[u8], draft: Draft) -> Result<u64, Refusal> {
    check_size(path, draft.content.len(), &call.env.directory)?;
    let limits = &call.env.directory.limits;
    let bounds = Bounds {
        versions: limits.file_versions_max.get(),
        bytes: limits.file_history_bytes_max.get(),
    };
    let (editor, base) = (draft.editor.clone(), draft.base.unwrap_or(0));
    let version = state.put(path, draft, call.now, &bounds).map_err(|conflict| match conflict {
        Conflict::Moved(at, by) => Refusal::Conflict(text(path), at, by.as_ref().into(), base),
        Conflict::Missing => Refusal::ConflictMissing(text(path), base),
    })?;
    changed(state, call, path, Change { event: FileEvent::Updated, version, editor });
    Ok(version)
}

/// Deletes a file and lets everyone know. Gives what it held.
fn delete(state: &mut Files, call: &mut Call<'_>, path: &[u8], editor: Arc<str>) -> Option<Bytes> {
    let newest = state.delete(path)?;
    let change = Change { event: FileEvent::Deleted, version: newest.number, editor };
    changed(state, call, path, change);
    Some(newest.content)
}

/// What happened to a file.
struct Change {
    event: FileEvent,
    version: u64,
    editor: Arc<str>,
}

fn changed(state: &Files, call: &mut Call<'_>, path: &[u8], change: Change) {
    call.modified(&[FILE.as_bytes(), path].concat());
    let directory = &call.env.directory;
    count(state, directory);
    searched::changed(state, path, directory);
    let Change { event, version, editor } = change;
    let (path, at, number) = (path.into(), call.now, directory.message_number());
    let change = FileChange { event, path, version, editor, at, number };
    directory.tell_topics(topics::Notice::FileChanged(Box::new(change)));
}

fn count(state: &Files, directory: &Directory) {
    directory.counters.files.store(state.files().len(), Ordering::Relaxed);
    directory.counters.file_bytes.store(state.bytes(), Ordering::Relaxed);
}

/// A path in records and errors; bytes that are not UTF-8 are replaced there.
fn text(path: &[u8]) -> Box<str> {
    String::from_utf8_lossy(path).into()
}
