//! `task`: everything about one task.

use clap::Args;
use clawlink_protocol::TaskStatus;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::which::Which;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::style::{self, FAINT, ID, KIND};
use crate::output::text::{clean, time};
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Show everything about a task: where it is, who has tried it, and what came of it
#[derive(Debug, Args)]
pub(crate) struct Task {
    #[command(flatten)]
    which: Which,
}

/// What the broker says of a task, fields that are not known here included.
#[derive(Serialize)]
#[serde(transparent)]
struct Shown(Map<String, Json>);

impl Task {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let reply = session.link()?.ask(redis::cmd("CLAW.TASK").arg(self.which.id()))?;
        session.output.show(&Shown(reply::record(reply)?))?;
        Ok(Exit::Ok)
    }
}

/// The fields that are told in words of their own.
const TOLD: [&str; 6] = ["message_id", "from_agent", "to_agent", "status", "task", "attempts"];

impl Report for Shown {
    fn text(&self, page: &mut Page) {
        let word = |name| clean(self.0.get(name).and_then(Json::as_str).unwrap_or_default());
        let (id, to, status) = (word("message_id"), word("to_agent"), word("status"));
        let from = crate::output::message::who(self.text_of("from_agent"));
        let known = TaskStatus::from_word(self.text_of("status").as_bytes());
        let look = known.map(style::task).unwrap_or_default();
        page.line(format_args!(
            "{KIND}task{KIND:#} {ID}{id}{ID:#} from {from} to {to} {look}{status}{look:#}"
        ));
        page.block(self.text_of("task"));
        for (name, value) in &self.0 {
            if !TOLD.contains(&name.as_str()) {
                let (name, value) = (name.replace('_', " "), shown(value));
                page.line(format_args!("    {FAINT}{}{FAINT:#} {}", clean(&name), clean(&value)));
            }
        }
        let attempts = self.0.get("attempts").and_then(Json::as_array);
        attempts.into_iter().flatten().for_each(|attempt| tell(attempt, page));
    }
}

impl Shown {
    fn text_of(&self, name: &str) -> &str {
        self.0.get(name).and_then(Json::as_str).unwrap_or_default()
    }
}

/// Who tried, when, and how that ended.
fn tell(attempt: &Json, page: &mut Page) {
    let field = |name: &str| shown(attempt.get(name).unwrap_or(&Json::Null));
    let (number, agent) = (field("attempt"), field("agent"));
    let began = time(&field("delivered_at"));
    let mut end = field("outcome");
    if end.is_empty() {
        end = "goes on".to_owned();
    }
    let ended_at = field("ended_at");
    if !ended_at.is_empty() {
        end += &format!(" {}", time(&ended_at));
    }
    let reason = field("reason");
    let colon = if reason.is_empty() { "" } else { ": " };
    page.line(format_args!(
        "    attempt {} by {} {FAINT}{began}{FAINT:#} {}{colon}{}",
        clean(&number),
        clean(&agent),
        clean(&end),
        clean(&reason)
    ));
}

/// A value as people read it.
fn shown(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
