//! `topics`: what is talked about.

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::text::{size, time};
use crate::output::{
    Report,
    page::{Column, Page},
};
use crate::reply;
use crate::session::Session;

/// List the topics that keep messages
#[derive(Debug, Args)]
pub(crate) struct Topics {
    /// Only topics that match, as in `build*`
    pattern: Option<String>,
}

/// What the broker says of a topic.
#[derive(Serialize, Deserialize)]
struct Topic {
    topic: String,
    messages: u64,
    bytes: u64,
    keys: u64,
    first_id: String,
    last_id: String,
    last_timestamp: String,
    subscribers: u64,
    followers: u64,
}

#[derive(Serialize)]
struct Listed {
    topics: Vec<Topic>,
    count: usize,
}

impl Topics {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let mut command = redis::cmd("CLAW.TOPICS");
        command.arg(self.pattern);
        let topics: Vec<Topic> = reply::records(session.link()?.ask(&command)?)?;
        let count = topics.len();
        session.output.show(&Listed { topics, count })?;
        Ok(Exit::Ok)
    }
}

const COLUMNS: [(&str, Column); 7] = [
    ("TOPIC", Column::Whole),
    ("MESSAGES", Column::Number),
    ("KEYS", Column::Number),
    ("SIZE", Column::Number),
    ("FOLLOWERS", Column::Number),
    ("SUBSCRIBERS", Column::Number),
    ("LAST", Column::Text),
];

impl Report for Listed {
    fn text(&self, page: &mut Page) {
        if self.topics.is_empty() {
            return page.line(format_args!("no topics"));
        }
        let rows: Vec<_> = self.topics.iter().map(row).collect();
        page.table(&COLUMNS, &rows);
    }
}

fn row(topic: &Topic) -> Vec<String> {
    vec![
        topic.topic.clone(),
        topic.messages.to_string(),
        topic.keys.to_string(),
        size(topic.bytes),
        topic.followers.to_string(),
        topic.subscribers.to_string(),
        time(&topic.last_timestamp),
    ]
}
