//! `CLAW.SEARCH`: full text search. The words are looked up by a thread of their own, so no owner waits for
//! an answer; the connection does.

use std::sync::Arc;

use clawlink_actors::command::{Command, Flags};
use clawlink_actors::search::{FEED, Question};
use clawlink_actors::{Args, Pipeline, Place, Refusal};

use super::{EdgeCommand, EdgeRun, Later};
use crate::session::Session;

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] = &[&SEARCH];

static SEARCH: EdgeCommand = EdgeCommand {
    command: Command {
        name: "claw.search",
        arity: -2,
        // What is lent to a transaction must not wait for another thread.
        flags: Flags::READONLY.with(Flags::NOSCRIPT).with(Flags::NO_MULTI),
        group: "agents",
        since: "0.1.0",
        complexity: "O(N) with N messages and files that hold one of the words",
        summary: "Finds messages of topics and files by their words, best first.",
        syntax: "word [word …] [IN (topics | files)] [COUNT n]",
        ..Command::BASE
    },
    run: EdgeRun::Later(search),
};

fn search<'a>(session: &'a mut Session, mut args: Args<'a>) -> Later<'a> {
    Box::pin(async move {
        let question = Question::parse(&mut args)?;
        // Before the first search, and when there was none for long, nothing is indexed.
        for first in [true, false] {
            let asked = session.shared.directory.search.ask(question.clone());
            if let Some(answer) = asked {
                let stopping = || *session.shared.stopping.borrow();
                return answer.await.unwrap_or_else(|_| {
                    Err(if stopping() { Refusal::ShuttingDown } else { Refusal::Internal })
                });
            }
            if first {
                feed(session).await?;
            }
        }
        Err(Refusal::Internal)
    })
}

/// Lets all that can be searched be indexed.
async fn feed(session: &mut Session) -> Result<(), Refusal> {
    let request = Arc::new(Pipeline::of(Some(&FEED), &[b"claw.search"]));
    for place in [Place::Topics, Place::Files] {
        session.ask(place, false, request.clone(), None).await?;
    }
    Ok(())
}
