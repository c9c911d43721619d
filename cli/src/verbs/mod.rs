//! The verbs: a file for each, holding its flags, what it asks the broker, and its report.

pub(crate) mod acknowledge;
pub(crate) mod answer;
pub(crate) mod awaiting;
pub(crate) mod broadcast;
pub(crate) mod bury;
pub(crate) mod cancel;
pub(crate) mod completions;
pub(crate) mod dead;
pub(crate) mod delegate;
pub(crate) mod demo;
pub(crate) mod discover;
mod done;
pub(crate) mod file_del;
pub(crate) mod file_diff;
pub(crate) mod file_get;
pub(crate) mod file_list;
pub(crate) mod file_lock;
pub(crate) mod file_locks;
pub(crate) mod file_log;
pub(crate) mod file_move;
pub(crate) mod file_put;
pub(crate) mod file_restore;
pub(crate) mod file_unlock;
pub(crate) mod file_watch;
pub(crate) mod flush;
pub(crate) mod follow;
pub(crate) mod gather;
pub(crate) mod heartbeat;
pub(crate) mod history;
pub(crate) mod identify;
pub(crate) mod info;
pub(crate) mod patience;
pub(crate) mod peek;
pub(crate) mod poll;
pub(crate) mod progress;
pub(crate) mod register;
pub(crate) mod release;
pub(crate) mod requeue;
pub(crate) mod respond;
pub(crate) mod search;
mod seconds;
pub(crate) mod task;
pub(crate) mod tasks;
pub(crate) mod topics;
pub(crate) mod touch;
pub(crate) mod unregister;
pub(crate) mod watch;
mod which;

use crate::args::{Globals, Verb};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Runs a verb as the global flags say.
pub(crate) fn run(verb: Verb, globals: Globals) -> Result<Exit, Failure> {
    perform(verb, &Session::new(globals))
}

/// Runs a verb in a session.
pub(crate) fn perform(verb: Verb, session: &Session) -> Result<Exit, Failure> {
    match verb {
        Verb::Register(verb) => verb.run(session),
        Verb::Identify(verb) => verb.run(session),
        Verb::Discover(verb) => verb.run(session),
        Verb::Delegate(verb) => verb.run(session),
        Verb::Poll(verb) => verb.run(session),
        Verb::Watch(verb) => verb.run(session),
        Verb::Peek(verb) => verb.run(session),
        Verb::Respond(verb) => verb.run(session),
        Verb::Progress(verb) => verb.run(session),
        Verb::Touch(verb) => verb.run(session),
        Verb::Release(verb) => verb.run(session),
        Verb::Ack(verb) => verb.run(session),
        Verb::Await(verb) => verb.run(session),
        Verb::Gather(verb) => verb.run(session),
        Verb::Answer(verb) => verb.run(session),
        Verb::Cancel(verb) => verb.run(session),
        Verb::Task(verb) => verb.run(session),
        Verb::Tasks(verb) => verb.run(session),
        Verb::Dead(verb) => verb.run(session),
        Verb::Requeue(verb) => verb.run(session),
        Verb::Bury(verb) => verb.run(session),
        Verb::Broadcast(verb) => verb.run(session),
        Verb::History(verb) => verb.run(session),
        Verb::Topics(verb) => verb.run(session),
        Verb::Follow(verb) => verb.run(session),
        Verb::Unfollow(verb) => verb.run(session),
        Verb::Search(verb) => verb.run(session),
        Verb::FilePut(verb) => verb.run(session),
        Verb::FileGet(verb) => verb.run(session),
        Verb::FileList(verb) => verb.run(session),
        Verb::FileLog(verb) => verb.run(session),
        Verb::FileDel(verb) => verb.run(session),
        Verb::FileMove(verb) => verb.run(session),
        Verb::FileRestore(verb) => verb.run(session),
        Verb::FileDiff(verb) => verb.run(session),
        Verb::FileLock(verb) => verb.run(session),
        Verb::FileUnlock(verb) => verb.run(session),
        Verb::FileLocks(verb) => verb.run(session),
        Verb::FileWatch(verb) => verb.run(session),
        Verb::Heartbeat(verb) => verb.run(session),
        Verb::Unregister(verb) => verb.run(session),
        Verb::Info(verb) => verb.run(session),
        Verb::Flush(verb) => verb.run(session),
        Verb::Demo(verb) => verb.run(session),
        Verb::Completions(verb) => verb.run(session),
    }
}
