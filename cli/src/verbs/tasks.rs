//! `tasks`: the list of tasks. `dead` prints its list the same way.

use clap::Args;
use clawlink_protocol::TaskStatus;
use redis::Value;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::delegate::option;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::text::time;
use crate::output::{
    Report,
    page::{Column, Page},
};
use crate::reply;
use crate::session::Session;

/// List tasks: all that are known, or those of an agent, or those that are so far
#[derive(Debug, Args)]
pub(crate) struct Tasks {
    /// Only tasks to this agent or @CAPABILITY
    #[arg(long, value_name = "AGENT")]
    to: Option<String>,
    /// Only tasks from this agent
    #[arg(long, value_name = "AGENT")]
    from: Option<String>,
    /// Only tasks that are so far
    #[arg(long, value_parser = TaskStatus::ALL.map(TaskStatus::word))]
    state: Option<String>,
    /// At most so many [default: 100]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
}

/// A list of tasks. Each is what the broker says of it, fields that are not known here included.
#[derive(Serialize)]
pub(crate) struct Listed {
    tasks: Vec<Map<String, Json>>,
    count: usize,
}

impl Tasks {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let mut command = redis::cmd("CLAW.TASKS");
        option(&mut command, "TO", self.to);
        option(&mut command, "FROM", self.from);
        option(&mut command, "STATE", self.state);
        option(&mut command, "LIMIT", self.limit);
        session.output.show(&Listed::read(session.link()?.ask(&command)?)?)?;
        Ok(Exit::Ok)
    }
}

const COLUMNS: [(&str, Column); 8] = [
    ("TASK", Column::Whole),
    ("STATE", Column::Whole),
    ("FROM", Column::Whole),
    ("TO", Column::Whole),
    ("HOLDER", Column::Whole),
    ("TRIED", Column::Number),
    ("WHEN", Column::Text),
    ("WHY", Column::Text),
];

impl Listed {
    /// Reads a list of tasks.
    pub(crate) fn read(reply: Value) -> Result<Self, Failure> {
        let tasks: Vec<_> = reply::records(reply)?;
        Ok(Self { count: tasks.len(), tasks })
    }
}

impl Report for Listed {
    fn text(&self, page: &mut Page) {
        if self.tasks.is_empty() {
            return page.line(format_args!("no such tasks"));
        }
        let rows: Vec<_> = self.tasks.iter().map(row).collect();
        page.table(&COLUMNS, &rows);
    }
}

fn row(task: &Map<String, Json>) -> Vec<String> {
    let text = |name: &str| match task.get(name) {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    let columns = ["message_id", "status", "from_agent", "to_agent", "leased_to", "attempts"];
    columns.into_iter().map(text).chain([when(&text), text("reason")]).collect()
}

/// The moment that matters most, as far as a task has got.
fn when(text: &dyn Fn(&str) -> String) -> String {
    let moments =
        [("ended_at", "ended"), ("delayed_until", "delayed until"), ("lease_ends", "leased until")];
    let known = moments.into_iter().map(|(name, what)| (what, text(name)));
    let mut known = known.filter(|(_, moment)| !moment.is_empty());
    known.next().map_or_else(String::new, |(what, moment)| format!("{what} {}", time(&moment)))
}
