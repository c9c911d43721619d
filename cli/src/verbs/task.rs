//! `task`: everything about one task.

use clap::Args;
use clawlink_protocol::TaskStatus;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::which::Which;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::message::who;
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
        let mut fields: Map<String, Json> = reply::record(reply)?;
        fields.values_mut().for_each(open_records);
        session.output.show(&Shown(fields))?;
        Ok(Exit::Ok)
    }
}

/// Turns the records in a list, which are texts of JSON in the broker's reply, into what they say.
fn open_records(value: &mut Json) {
    for item in value.as_array_mut().into_iter().flatten() {
        match item.as_object_mut() {
            Some(fields) => fields.values_mut().for_each(open_record),
            None => open_record(item),
        }
    }
}

fn open_record(value: &mut Json) {
    let record = value.as_str().and_then(|text| serde_json::from_str(text).ok());
    if let Some(record @ Json::Object(_)) = record {
        *value = record;
    }
}

/// The fields that are told in words of their own.
const TOLD: [&str; 8] =
    ["message_id", "from_agent", "to_agent", "status", "task", "attempts", "progress", "questions"];

impl Report for Shown {
    fn text(&self, page: &mut Page) {
        let word = |name| clean(text(&self.0, name));
        let (id, to, status) = (word("message_id"), word("to_agent"), word("status"));
        let from = who(text(&self.0, "from_agent"));
        let known = TaskStatus::from_word(text(&self.0, "status").as_bytes());
        let look = known.map(style::task).unwrap_or_default();
        page.line(format_args!(
            "{KIND}task{KIND:#} {ID}{id}{ID:#} from {from} to {to} {look}{status}{look:#}"
        ));
        page.block(text(&self.0, "task"));
        for (name, value) in &self.0 {
            let value = shown(value);
            if !TOLD.contains(&name.as_str()) && !says_nothing(name, &value) {
                let value = if is_moment(name) { time(&value) } else { value };
                let name = name.replace('_', " ");
                page.line(format_args!("    {FAINT}{}{FAINT:#} {}", clean(&name), clean(&value)));
            }
        }
        let list = |name| self.0.get(name).and_then(Json::as_array).into_iter().flatten();
        let maps = |name| list(name).filter_map(Json::as_object);
        maps("attempts").for_each(|attempt| tell_attempt(attempt, page));
        maps("progress").for_each(|report| tell_report(report, page));
        maps("questions").for_each(|asked| tell_question(asked, page));
    }
}

/// Whether a field is as most tasks have it.
fn says_nothing(name: &str, value: &str) -> bool {
    matches!((name, value), ("context", "{}") | ("counted", "0") | ("priority", "normal"))
}

/// Whether a field is a moment.
fn is_moment(name: &str) -> bool {
    ["timestamp", "deadline", "lease_ends", "delayed_until", "ended_at", "answered_at"]
        .contains(&name)
}

/// A field that is text; empty if it is missing or something else.
fn text<'a>(fields: &'a Map<String, Json>, name: &str) -> &'a str {
    fields.get(name).and_then(Json::as_str).unwrap_or_default()
}

/// Who tried, when, and how that ended.
fn tell_attempt(attempt: &Map<String, Json>, page: &mut Page) {
    let (number, agent) =
        (shown(attempt.get("attempt").unwrap_or(&Json::Null)), text(attempt, "agent"));
    let began = time(text(attempt, "delivered_at"));
    let end = match text(attempt, "end") {
        "" => "goes on".to_owned(),
        end => format!("{} {}", end.replace('_', " "), time(text(attempt, "ended_at"))),
    };
    let reason = text(attempt, "reason");
    let colon = if reason.is_empty() { "" } else { ": " };
    let (number, agent, end, reason) = (clean(&number), clean(agent), clean(&end), clean(reason));
    page.line(format_args!(
        "    attempt {number} by {agent} {FAINT}{began}{FAINT:#} {end}{colon}{reason}"
    ));
}

/// What was reported on the way.
fn tell_report(report: &Map<String, Json>, page: &mut Page) {
    let percent = report.get("percent").map(|percent| format!(" {percent} %")).unwrap_or_default();
    let (when, note) = (time(text(report, "timestamp")), clean(text(report, "note")));
    page.line(format_args!("    progress{} {FAINT}{when}{FAINT:#} {note}", clean(&percent)));
}

/// What its worker asked, and what was answered.
fn tell_question(asked: &Map<String, Json>, page: &mut Page) {
    let said = |name: &str, field: &str| {
        let record = asked.get(name).and_then(Json::as_object)?;
        Some(clean(text(record, field)).to_string())
    };
    page.line(format_args!("    question {}", said("question", "result").unwrap_or_default()));
    match said("answer", "answer") {
        Some(answer) => page.line(format_args!("    answer {answer}")),
        None => page.line(format_args!("    {FAINT}not answered yet: clawlink answer{FAINT:#}")),
    }
}

/// A value as people read it.
fn shown(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
