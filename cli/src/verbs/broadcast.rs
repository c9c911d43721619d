//! `broadcast`: tell everyone who follows a topic.

use clap::Args;
use clawlink_protocol::broadcast::DEFAULT_TOPIC;
use serde::{Deserialize, Serialize};

use super::delegate::option;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output::style::ID;
use crate::output::text::{clean, plural};
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Tell all other agents something, under a topic
#[derive(Debug, Args)]
pub(crate) struct Broadcast {
    /// What to tell; `-` reads it from standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    content: String,
    /// What it is about; plain Redis clients subscribe to `topic:TOPIC`
    #[arg(long, default_value = DEFAULT_TOPIC)]
    topic: String,
    /// Words to find it by, separated by commas
    #[arg(long, value_name = "A,B")]
    tags: Option<String>,
    /// What the fact is about: a newer one with the same key takes the place of the older one
    #[arg(long)]
    key: Option<String>,
}

/// What the broker answers.
#[derive(Serialize, Deserialize)]
struct Told {
    message_id: String,
    receivers: u64,
    followers: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    supersedes: Option<String>,
}

#[derive(Serialize)]
struct Sent {
    topic: String,
    #[serde(flatten)]
    told: Told,
}

impl Broadcast {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        let content = input::value_or_stdin(self.content)?;
        let mut command = redis::cmd("CLAW.BROADCAST");
        command.arg(&self.topic).arg(content).arg("FROM").arg(agent);
        if let Some(tags) = &self.tags {
            command.arg("TAGS").arg(tags);
        }
        option(&mut command, "KEY", self.key);
        let told = reply::record(link.ask(&command)?)?;
        session.output.show(&Sent { topic: self.topic, told })?;
        Ok(Exit::Ok)
    }
}

impl Report for Sent {
    fn text(&self, page: &mut Page) {
        let Told { message_id, receivers, followers, supersedes } = &self.told;
        let (id, topic) = (clean(message_id), clean(&self.topic));
        let (agents, listening) = (plural(*followers, "agent"), plural(*receivers, "subscriber"));
        page.line(format_args!("broadcast {ID}{id}{ID:#} on {topic} to {agents} and {listening}"));
        if let Some(older) = supersedes {
            page.line(format_args!("it takes the place of {ID}{}{ID:#}", clean(older)));
        }
    }
}
