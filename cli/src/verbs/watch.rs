//! `watch`: print messages as they come.

use clap::Args;

use super::patience::Patience;
use super::poll::Request;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Print the agent's messages as they come, until interrupted; with --json one on each line
#[derive(Debug, Args)]
pub(crate) struct Watch {
    #[command(flatten)]
    request: Request,
}

impl Watch {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        session.output.remark(&format!("watching as {agent} at {}: Ctrl-C ends", link.relay()));
        loop {
            // A message is printed before the next poll tells the broker that it was received.
            for message in self.request.wait(&mut link, &agent, Patience::FOR_EVER)? {
                session.output.show(&message)?;
            }
        }
    }
}
