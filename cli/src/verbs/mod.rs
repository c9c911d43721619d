//! The verbs: a file for each, holding its flags, what it asks the broker, and its report.

pub(crate) mod acknowledge;
pub(crate) mod answer;
pub(crate) mod broadcast;
pub(crate) mod completions;
pub(crate) mod delegate;
pub(crate) mod demo;
pub(crate) mod discover;
pub(crate) mod file_del;
pub(crate) mod file_get;
pub(crate) mod file_list;
pub(crate) mod file_log;
pub(crate) mod file_put;
pub(crate) mod heartbeat;
pub(crate) mod info;
pub(crate) mod patience;
pub(crate) mod poll;
pub(crate) mod register;
pub(crate) mod respond;
pub(crate) mod unregister;
pub(crate) mod watch;

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
        Verb::Discover(verb) => verb.run(session),
        Verb::Delegate(verb) => verb.run(session),
        Verb::Poll(verb) => verb.run(session),
        Verb::Watch(verb) => verb.run(session),
        Verb::Respond(verb) => verb.run(session),
        Verb::Ack(verb) => verb.run(session),
        Verb::Await(verb) => verb.run(session),
        Verb::Broadcast(verb) => verb.run(session),
        Verb::FilePut(verb) => verb.run(session),
        Verb::FileGet(verb) => verb.run(session),
        Verb::FileList(verb) => verb.run(session),
        Verb::FileLog(verb) => verb.run(session),
        Verb::FileDel(verb) => verb.run(session),
        Verb::Heartbeat(verb) => verb.run(session),
        Verb::Unregister(verb) => verb.run(session),
        Verb::Info(verb) => verb.run(session),
        Verb::Demo(verb) => verb.run(session),
        Verb::Completions(verb) => verb.run(session),
    }
}
