//! What only arrives when a web page was made to speak to this port: the first words of an HTTP request. The
//! connection is closed before the body, which may hold commands, is looked at. As in Redis.

use clawlink_actors::Reply;
use clawlink_actors::command::{Command, Flags};

use super::{EdgeCommand, EdgeRun};
use crate::session::Session;

/// They are refused before anything else, and listed nowhere.
static WORDS: [EdgeCommand; 2] = [word("post"), word("host:")];

const fn word(name: &'static str) -> EdgeCommand {
    EdgeCommand {
        command: Command { name, arity: -1, flags: Flags::NO_AUTH, ..Command::BASE },
        run: EdgeRun::Now(|session, _| {
            tracing::warn!(client = session.client.id, "closed a connection that speaks HTTP");
            leave(session);
            Ok(Reply::Silence)
        }),
    }
}

fn leave(session: &mut Session) {
    session.transaction = Default::default();
    session.closing = true;
    session.discarding = true;
}

/// Whether this first word of a request is one of them.
pub(super) fn find(name: &[u8]) -> Option<&'static EdgeCommand> {
    WORDS.iter().find(|word| word.command.name.as_bytes().eq_ignore_ascii_case(name))
}
