//! `unregister`: leave the mesh.

use clap::Args;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::text::clean;
use crate::output::{Report, page::Page};
use crate::session::Session;

/// Leave the mesh; waiting mail is kept for the next registration of the id
#[derive(Debug, Args)]
pub(crate) struct Unregister {}

#[derive(Serialize)]
struct Unregistered {
    agent_id: String,
    /// `unregistered`, or `unknown` if only the identity stored here was left of it.
    status: &'static str,
}

impl Unregister {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (agent_id, store) = (session.agent()?, session.store()?);
        let left = session
            .link_as_agent()
            .and_then(|(mut link, id)| link.ask(redis::cmd("CLAW.UNREGISTER").arg(id)));
        let status = match left {
            Ok(_) => "unregistered",
            // A broker that was restarted knows nobody; the identity is of no use any more.
            Err(failure) if failure.code() == Some("NOAGENT") => {
                if !store.forget(&agent_id)? {
                    return Err(failure);
                }
                "unknown"
            }
            Err(failure) => return Err(failure),
        };
        store.forget(&agent_id)?;
        session.output.show(&Unregistered { agent_id, status })?;
        Ok(Exit::Ok)
    }
}

impl Report for Unregistered {
    fn text(&self, page: &mut Page) {
        let id = clean(&self.agent_id);
        if self.status == "unregistered" {
            page.line(format_args!("unregistered {id}"));
        } else {
            page.line(format_args!("the broker does not know {id}: its identity is forgotten"));
        }
    }
}
