//! `info`: the broker, and who this machine's user is to it.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::style::KIND;
use crate::output::text::{clean, span};
use crate::output::{
    Report,
    page::{Column, Page},
};
use crate::reply;
use crate::session::Session;

/// Show the broker's state, and the agents registered from here
#[derive(Debug, Args)]
pub(crate) struct Info {}

#[derive(Serialize)]
struct State {
    relay: String,
    identities: Vec<String>,
    identities_folder: PathBuf,
    /// The broker's own words: the sections `server` and `clawlink` of its `INFO`.
    broker: Map<String, Json>,
    /// What of them is for people, in the broker's order.
    #[serde(skip)]
    told: Vec<Vec<String>>,
}

impl Info {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let mut link = session.link()?;
        let info = reply::text(link.ask(redis::cmd("INFO").arg("server").arg("clawlink"))?)?;
        let store = session.store()?;
        session.output.show(&State {
            relay: session.relay().to_string(),
            identities: store.list()?.into_iter().map(|identity| identity.agent_id).collect(),
            identities_folder: store.folder().to_owned(),
            broker: fields(&info)
                .map(|field| (field.name.to_owned(), number(field.value)))
                .collect(),
            told: fields(&info).filter_map(tell).collect(),
        })?;
        Ok(Exit::Ok)
    }
}

/// A line `name:value` of an `INFO` reply, and the section it stands in.
struct Field<'a> {
    section: &'a str,
    name: &'a str,
    value: &'a str,
}

fn fields(info: &str) -> impl Iterator<Item = Field<'_>> {
    let mut section = "";
    info.lines().filter_map(move |line| {
        if let Some(heading) = line.strip_prefix('#') {
            section = heading.trim();
            return None;
        }
        let (name, value) = line.trim_end().split_once(':')?;
        Some(Field { section, name, value })
    })
}

/// What looks like a number is one.
fn number(value: &str) -> Json {
    value.parse::<u64>().map_or_else(|_| Json::from(value), Json::from)
}

/// A row for people: of the section that every Redis server has, only how long the broker runs.
fn tell(field: Field<'_>) -> Option<Vec<String>> {
    let Field { section, name, value } = field;
    if section.eq_ignore_ascii_case("clawlink") {
        return Some(vec![name.replace('_', " "), value.to_owned()]);
    }
    let uptime = value.parse().ok().filter(|_| name == "uptime_in_seconds")?;
    Some(vec!["uptime".to_owned(), span(uptime)])
}

impl Report for State {
    fn text(&self, page: &mut Page) {
        page.line(format_args!("{KIND}broker at {}{KIND:#}", self.relay));
        page.table(&[("FIELD", Column::Whole), ("VALUE", Column::Text)], &self.told);
        let ids = match &self.identities[..] {
            [] => "none: register one with `clawlink register --name NAME`".to_owned(),
            ids => ids.join(", "),
        };
        page.line(format_args!("{KIND}agents registered from here{KIND:#}: {}", clean(&ids)));
    }
}

#[cfg(test)]
mod tests {
    use super::{fields, number, tell};

    const INFO: &str = "# Server\r\nredis_version:7.0.15\r\nuptime_in_seconds:130\r\n\r\n# clawlink\r\nagents:2\r\npath:a:b\r\n";

    #[test]
    fn info_lines_become_fields() {
        let fields: Vec<_> = fields(INFO).map(|f| (f.section, f.name, number(f.value))).collect();
        assert_eq!(fields.len(), 4);
        assert_eq!(fields[0], ("Server", "redis_version", "7.0.15".into()));
        assert_eq!(fields[2], ("clawlink", "agents", 2.into()));
        assert_eq!(fields[3], ("clawlink", "path", "a:b".into()));
    }

    #[test]
    fn people_are_told_what_concerns_agents() {
        let told: Vec<_> = fields(INFO).filter_map(tell).collect();
        assert_eq!(told, [["uptime", "2 min"], ["agents", "2"], ["path", "a:b"]]);
    }
}
