//! `follow` and `unfollow`: which topics the agent's polls give it.

use clap::Args;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::text::clean;
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Let `poll` give what is said on topics; without a topic, show which ones it gives
#[derive(Debug, Args)]
pub(crate) struct Follow {
    /// Topics, or patterns that topics match, as in `build*`
    topics: Vec<String>,
}

/// Let `poll` leave out what is said on topics; `unfollow '*'` leaves out all but what is followed after it
#[derive(Debug, Args)]
pub(crate) struct Unfollow {
    /// Topics, or patterns that topics match, as in `build*`
    #[arg(required = true)]
    topics: Vec<String>,
}

#[derive(Serialize)]
struct Rules {
    agent_id: String,
    rules: Vec<String>,
}

impl Follow {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let verb = if self.topics.is_empty() { "CLAW.FOLLOWING" } else { "CLAW.FOLLOW" };
        ask(session, verb, &self.topics)
    }
}

impl Unfollow {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        ask(session, "CLAW.UNFOLLOW", &self.topics)
    }
}

fn ask(session: &Session, verb: &str, topics: &[String]) -> Result<Exit, Failure> {
    let (mut link, agent_id) = session.link_as_agent()?;
    let reply = link.ask(redis::cmd(verb).arg(&agent_id).arg(topics))?;
    let rules = reply::sequence(reply)?.into_iter().map(reply::text).collect::<Result<_, _>>()?;
    session.output.show(&Rules { agent_id, rules })?;
    Ok(Exit::Ok)
}

impl Report for Rules {
    fn text(&self, page: &mut Page) {
        let rules: Vec<String> = self.rules.iter().map(|rule| clean(rule).to_string()).collect();
        let agent = clean(&self.agent_id);
        page.line(format_args!("{agent} follows {}: the last match decides", rules.join(" ")));
    }
}
