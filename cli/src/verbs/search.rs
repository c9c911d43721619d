//! `search`: find what was said and written.

use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::delegate::option;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::message::who;
use crate::output::style::{FAINT, ID, KIND};
use crate::output::text::{clean, time};
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Find messages of topics and shared files by their words, best first
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// What to look for: any of these words, the more the better
    #[arg(required = true, value_name = "WORD")]
    words: Vec<String>,
    /// Only there
    #[arg(long = "in", value_name = "PLACE")]
    place: Option<Place>,
    /// At most so many [default: 10]
    #[arg(long, value_name = "N")]
    count: Option<u64>,
}

/// How much longer than other answers this may take: before the first search the broker reads all there is.
const READING_MAX: Duration = Duration::from_secs(60);

/// Where to look.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Place {
    Topics,
    Files,
}

/// What was found. Each is what the broker says of it, fields that are not known here included.
#[derive(Serialize)]
struct Found {
    hits: Vec<Map<String, Json>>,
    count: usize,
}

impl Search {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let mut command = redis::cmd("CLAW.SEARCH");
        command.arg(self.words.join(" "));
        let place = self.place.map(|place| match place {
            Place::Topics => "topics",
            Place::Files => "files",
        });
        option(&mut command, "IN", place);
        option(&mut command, "COUNT", self.count);
        let hits: Vec<_> = reply::records(session.link()?.ask_waiting(&command, READING_MAX)?)?;
        let count = hits.len();
        session.output.show(&Found { hits, count })?;
        Ok(Exit::Ok)
    }
}

impl Report for Found {
    fn text(&self, page: &mut Page) {
        if self.hits.is_empty() {
            return page.line(format_args!("nothing found"));
        }
        self.hits.iter().for_each(|hit| show(page, hit));
    }
}

fn show(page: &mut Page, hit: &Map<String, Json>) {
    let text = |name: &str| hit.get(name).and_then(Json::as_str).unwrap_or_default();
    let (kind, name, about, at) = if text("kind") == "file" {
        let version = hit.get("version").and_then(Json::as_u64).unwrap_or_default();
        let about = format!("version {version} by {}", who(text("last_editor")));
        ("file", text("file_key"), about, text("updated_at"))
    } else {
        let about = format!("on {} from {}", clean(text("topic")), who(text("from_agent")));
        ("message", text("message_id"), about, text("timestamp"))
    };
    let (name, at) = (clean(name), time(at));
    page.line(format_args!("{KIND}{kind}{KIND:#} {ID}{name}{ID:#} {about} {FAINT}{at}{FAINT:#}"));
    page.block(text("snippet"));
}
