//! `peek`: look at the mail and leave it there.

use clap::Args;
use serde::Serialize;

use super::delegate::option;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::message::Mail;
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Show what `poll` would give, and leave it there: nothing is leased, nothing counts as received
#[derive(Debug, Args)]
pub(crate) struct Peek {
    /// Show at most so many messages [default: 10]
    #[arg(long, value_name = "N")]
    count: Option<u64>,
}

#[derive(Serialize)]
struct Peeked {
    messages: Vec<Mail>,
    count: usize,
}

impl Peek {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        let mut command = redis::cmd("CLAW.PEEK");
        command.arg(agent);
        option(&mut command, "COUNT", self.count);
        let found = reply::sequence(link.ask(&command)?)?.into_iter();
        let messages = found.map(Mail::read).collect::<Result<Vec<_>, _>>()?;
        let count = messages.len();
        session.output.show(&Peeked { messages, count })?;
        Ok(Exit::Ok)
    }
}

impl Report for Peeked {
    fn text(&self, page: &mut Page) {
        if self.messages.is_empty() {
            return page.line(format_args!("no messages"));
        }
        self.messages.iter().for_each(|message| message.text(page));
    }
}
