//! `history`: what was said on topics.

use clap::Args;
use redis::Value;
use serde::Serialize;

use super::delegate::option;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::message::Mail;
use crate::output::style::{FAINT, WARN};
use crate::output::text::plural;
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Read what was said on a topic, whether or not this agent was there
#[derive(Debug, Args)]
pub(crate) struct History {
    /// The topic, or topics that match, as in `build*`
    topic: String,
    /// Only what came after the message with this id, or within so many seconds
    #[arg(long, value_name = "ID|SECONDS")]
    since: Option<String>,
    /// Only broadcasts with this tag
    #[arg(long)]
    tag: Option<String>,
    /// Only what this agent said
    #[arg(long, value_name = "AGENT")]
    from: Option<String>,
    /// At most the newest so many [default: 100]
    #[arg(long, value_name = "N")]
    count: Option<u64>,
}

/// What the broker answers.
#[derive(Default, Serialize)]
struct Said {
    messages: Vec<Mail>,
    count: usize,
    omitted: u64,
    missed: u64,
}

impl History {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let mut command = redis::cmd("CLAW.HISTORY");
        command.arg(&self.topic);
        option(&mut command, "SINCE", self.since);
        option(&mut command, "TAG", self.tag);
        option(&mut command, "FROM", self.from);
        option(&mut command, "COUNT", self.count);
        let said = Said::read(session.link()?.ask(&command)?)?;
        session.output.show(&said)?;
        Ok(Exit::Ok)
    }
}

impl Said {
    fn read(reply: Value) -> Result<Self, Failure> {
        let mut said = Self::default();
        for (name, value) in reply::fields(reply)? {
            match reply::text(name)?.as_str() {
                "messages" => {
                    let records = reply::sequence(value)?.into_iter();
                    said.messages = records.map(Mail::read).collect::<Result<_, _>>()?;
                    said.count = said.messages.len();
                }
                "omitted" => said.omitted = reply::count(&value)?,
                "missed" => said.missed = reply::count(&value)?,
                _ => {}
            }
        }
        Ok(said)
    }
}

impl Report for Said {
    fn text(&self, page: &mut Page) {
        if self.missed > 0 {
            let missed = plural(self.missed, "message");
            page.line(format_args!("{WARN}missed{WARN:#} {missed}, no longer kept"));
        }
        if self.omitted > 0 {
            let older = plural(self.omitted, "older message");
            page.line(format_args!("{FAINT}{older} left out; --count N shows more{FAINT:#}"));
        }
        if self.messages.is_empty() {
            return page.line(format_args!("no such messages"));
        }
        self.messages.iter().for_each(|message| message.text(page));
    }
}
