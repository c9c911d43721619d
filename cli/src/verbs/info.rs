//! `info`: the broker, and who this machine's user is to it.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::style::KIND;
use crate::output::text::clean;
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
            broker: fields(&info),
        })?;
        Ok(Exit::Ok)
    }
}

/// The lines `name:value` of an `INFO` reply; what looks like a number is one.
fn fields(info: &str) -> Map<String, Json> {
    let lines = info.lines().filter_map(|line| line.trim_end().split_once(':'));
    lines
        .filter(|(name, _)| !name.starts_with('#'))
        .map(|(name, value)| {
            let number = value.parse::<u64>().map(Json::from);
            (name.to_owned(), number.unwrap_or_else(|_| Json::from(value)))
        })
        .collect()
}

impl Report for State {
    fn text(&self, page: &mut Page) {
        page.line(format_args!("{KIND}broker at {}{KIND:#}", self.relay));
        let rows = self.broker.iter().map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            vec![name.clone(), value]
        });
        page.table(&[("FIELD", Column::Whole), ("VALUE", Column::Text)], &rows.collect::<Vec<_>>());
        let ids = match &self.identities[..] {
            [] => "none: register one with `clawlink register --name NAME`".to_owned(),
            ids => ids.join(", "),
        };
        page.line(format_args!("{KIND}agents registered from here{KIND:#}: {}", clean(&ids)));
    }
}

#[cfg(test)]
mod tests {
    use super::fields;

    #[test]
    fn info_lines_become_fields() {
        let fields =
            fields("# Server\r\nredis_version:7.0.15\r\ntcp_port:9077\r\npath:a:b\r\n\r\n");
        assert_eq!(fields.len(), 3);
        assert_eq!(fields["redis_version"], "7.0.15");
        assert_eq!(fields["tcp_port"], 9077);
        assert_eq!(fields["path"], "a:b");
    }
}
