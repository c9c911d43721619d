//! Shared files: whole contents under any key, every change a new version.
//!
//! Every way to change a file ends here, in `save` or `end`: they see to locks and limits, count, wake who waits
//! and let the topics know.

mod claw_file;
mod lines;
mod searched;

pub mod generic;
pub mod plain;
pub mod state;

pub(crate) use searched::feed;
pub use state::Files;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;

use self::state::{Bounds, Conflict, Draft, End, GraveBounds, Version};
use crate::call::{Call, Env};
use crate::command::{Run, Runs};
use crate::directory::Directory;
use crate::key_events::events;
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
        env.signals.all_modified();
        count(self, &env.directory);
    }

    fn deadline(&self) -> Option<u64> {
        self.locks.deadline().into_iter().chain(self.uploads.deadline()).min()
    }

    fn tick(&mut self, now: u64, env: &mut Env) {
        while let Some((path, lock)) = self.locks.lapse(now) {
            announce(self, &env.directory, &path, FileEvent::Unlocked, (lock.holder, now));
        }
        self.uploads.give_up(now);
        count(self, &env.directory);
    }
}

/// What a change of any file modifies, beside the file's own key: those who watch a pattern wait for it.
const ANY_FILE: &[u8] = b"file:*";

/// The path that a key names.
fn path_of(key: &[u8]) -> &[u8] {
    key.strip_prefix(FILE.as_bytes()).unwrap_or(key)
}

/// The key of a path.
fn key_of(path: &[u8]) -> Vec<u8> {
    [FILE.as_bytes(), path].concat()
}

/// Refuses a content that is larger than a file may be.
fn check_size(path: &[u8], len: usize, directory: &Directory) -> Result<(), Refusal> {
    let limit = directory.limits.file_bytes_max.get();
    if len as u64 <= limit {
        return Ok(());
    }
    Err(Refusal::FileTooLarge(text(path), limit))
}

/// Refuses an agent that somebody else's lock keeps from changing a file.
fn check_lock(state: &Files, path: &[u8], agent: &str, now: u64) -> Result<(), Refusal> {
    let against = state.locks.against(path, agent, now);
    against.map_or(Ok(()), |lock| Err(locked(path, lock, now)))
}

fn locked(path: &[u8], lock: &state::Lock, now: u64) -> Refusal {
    Refusal::Locked(text(path), lock.holder.as_ref().into(), lock.seconds_left(now))
}

/// Saves a new version, lets everyone know, and says its number. `force`: in spite of a lock.
fn save(
    state: &mut Files,
    call: &mut Call<'_>,
    path: &[u8],
    draft: Draft,
    force: bool,
) -> Result<u64, Refusal> {
    check_size(path, draft.content.len(), &call.env.directory)?;
    if !force {
        check_lock(state, path, &draft.editor, call.now)?;
    }
    let limits = &call.env.directory.limits;
    let bounds = Bounds {
        versions: limits.file_versions_max.get(),
        bytes: limits.file_history_bytes_max.get(),
    };
    let (by, base) = (draft.editor.clone(), draft.base.unwrap_or(0));
    let saved = state.put(path, draft, call.now, &bounds);
    let version = saved.map_err(|conflict| refuse(path, base, conflict))?;
    changed(state, call, path, Change { event: FileEvent::Updated, version, by, moved_to: None });
    Ok(version)
}

/// What a draft with this base is told whose file has moved on.
fn refuse(path: &[u8], base: u64, conflict: Conflict) -> Refusal {
    match conflict {
        Conflict::Moved(at, by) => Refusal::Conflict(text(path), at, by.as_ref().into(), base),
        Conflict::Missing => Refusal::ConflictMissing(text(path), base),
    }
}

/// Deletes a file, or notes where it moved, and lets everyone know. Gives its newest version. Locks are the caller's
/// to see to.
fn end(
    state: &mut Files,
    call: &mut Call<'_>,
    path: &[u8],
    by: Arc<str>,
    moved_to: Option<&[u8]>,
) -> Option<Version> {
    let limits = &call.env.directory.limits;
    let bounds = GraveBounds {
        files: limits.file_tombstones_max.get(),
        bytes: limits.file_tombstone_bytes_max.get(),
    };
    let end = End { by: by.clone(), at: call.now, moved_to: moved_to.map(Into::into) };
    let newest = state.end(path, end, &bounds)?;
    let moved_to = moved_to.map(Into::into);
    let change = Change { event: FileEvent::Deleted, version: newest.number, by, moved_to };
    changed(state, call, path, change);
    Some(newest)
}

/// Deletes a file unless somebody else has locked it. Gives what it held.
fn delete(
    state: &mut Files,
    call: &mut Call<'_>,
    path: &[u8],
    by: Arc<str>,
) -> Result<Option<Bytes>, Refusal> {
    check_lock(state, path, &by, call.now)?;
    Ok(end(state, call, path, by, None).map(|newest| newest.content))
}

/// What happened to a file.
struct Change {
    event: FileEvent,
    version: u64,
    by: Arc<str>,
    moved_to: Option<Box<[u8]>>,
}

fn changed(state: &mut Files, call: &mut Call<'_>, path: &[u8], change: Change) {
    let told = if change.event == FileEvent::Deleted { events::DEL } else { events::SET };
    call.changed(told, &key_of(path));
    call.wake(ANY_FILE);
    let directory = &call.env.directory;
    count(state, directory);
    searched::changed(state, path, directory);
    let Change { event, version, by: editor, moved_to } = change;
    let (path, at, number) = (path.into(), call.now, directory.message_number());
    let change = Arc::new(FileChange { event, path, version, editor, moved_to, at, number });
    state.changes.push(change.clone());
    directory.tell_topics(topics::Notice::FileChanged(change));
}

/// Tells those who listen that a file was locked or unlocked: by whom, and when.
fn announce(
    state: &Files,
    directory: &Directory,
    path: &[u8],
    event: FileEvent,
    (editor, at): (Arc<str>, u64),
) {
    let version = state.get(path).map_or(0, |newest| newest.number);
    let (path, number, moved_to) = (path.into(), directory.message_number(), None);
    let change = FileChange { event, path, version, editor, moved_to, at, number };
    directory.tell_topics(topics::Notice::FileChanged(Arc::new(change)));
}

fn count(state: &Files, directory: &Directory) {
    directory.counters.files.store(state.files().len(), Ordering::Relaxed);
    directory.counters.file_bytes.store(state.bytes(), Ordering::Relaxed);
}

/// A path in records and errors; bytes that are not UTF-8 are replaced there.
fn text(path: &[u8]) -> Box<str> {
    String::from_utf8_lossy(path).into()
}
