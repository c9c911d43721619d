//! `INFO`: the broker in numbers, section by section, in the words that clients and dashboards know from Redis.

mod activity;
mod agents;
mod memory;
mod process;

use std::fmt::Write as _;

use clawlink_actors::command::{Command, Flags};
use clawlink_actors::keyspace::CENSUS;
use clawlink_actors::{Args, Outcome, Pipeline, Place, Reply};

use super::{EdgeCommand, EdgeRun, Later};
use crate::session::Session;

pub(super) use memory::{Shares, excess};

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] = &[&INFO];

static INFO: EdgeCommand = EdgeCommand {
    command: Command {
        name: "info",
        arity: -1,
        flags: Flags::LOADING.with(Flags::STALE),
        categories: &["dangerous"],
        tips: &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
        group: "server",
        summary: "Describes the broker and its work in numbers.",
        syntax: "[section [section ...]]",
        ..Command::BASE
    },
    run: EdgeRun::Later(info),
};

/// A section: its name in lower case, whether it is shown without being asked for, and what writes it.
struct Section {
    name: &'static str,
    by_default: bool,
    write: fn(&Figures, &mut Text),
}

/// All sections, in Redis's order; ours comes last.
static SECTIONS: &[Section] = &[
    Section { name: "server", by_default: true, write: process::server },
    Section { name: "clients", by_default: true, write: activity::clients },
    Section { name: "memory", by_default: true, write: memory::memory },
    Section { name: "persistence", by_default: true, write: process::persistence },
    Section { name: "stats", by_default: true, write: activity::stats },
    Section { name: "replication", by_default: true, write: process::replication },
    Section { name: "cpu", by_default: true, write: process::cpu },
    Section { name: "modules", by_default: true, write: |_, text| text.title("Modules") },
    Section { name: "commandstats", by_default: false, write: activity::commands },
    Section { name: "errorstats", by_default: true, write: activity::errors },
    Section { name: "latencystats", by_default: false, write: activity::latencies },
    Section { name: "cluster", by_default: true, write: process::cluster },
    Section { name: "keyspace", by_default: true, write: activity::keyspace },
    Section { name: "clawlink", by_default: true, write: agents::clawlink },
];

/// What the sections are written from: the session, and what only owners know.
struct Figures<'a> {
    session: &'a Session,
    databases: Vec<Database>,
}

/// The text as it grows.
#[derive(Default)]
struct Text(String);

impl Text {
    fn title(&mut self, title: &str) {
        if !self.0.is_empty() {
            self.0.push_str("\r\n");
        }
        self.0.push_str("# ");
        self.0.push_str(title);
        self.0.push_str("\r\n");
    }

    fn field(&mut self, name: &str, value: impl std::fmt::Display) {
        // Writing to a string does not fail.
        let _ = write!(self.0, "{name}:{value}\r\n");
    }

    /// An amount of memory, and the same for people.
    fn bytes(&mut self, name: &str, bytes: u64) {
        self.field(name, bytes);
        self.field(&format!("{name}_human"), human(bytes));
    }

    fn zeros(&mut self, names: &[&str]) {
        names.iter().for_each(|name| self.field(name, 0));
    }
}

fn info<'a>(session: &'a mut Session, args: Args<'a>) -> Later<'a> {
    Box::pin(async move { write(session, args).await })
}

async fn write(session: &mut Session, args: Args<'_>) -> Outcome {
    let databases = databases(session).await;
    let figures = Figures { session, databases };
    let mut text = Text::default();
    for section in SECTIONS.iter().filter(|section| is_wanted(section, &args)) {
        (section.write)(&figures, &mut text);
    }
    Ok(Reply::Verbatim(text.0))
}

fn is_wanted(section: &Section, args: &Args<'_>) -> bool {
    let named = |name: &str| args.words().skip(1).any(|w| w.eq_ignore_ascii_case(name.as_bytes()));
    let all = named("everything") || named("all") && section.name != "modules";
    all || named(section.name) || section.by_default && (args.len() == 1 || named("default"))
}

/// What the keyspace counts in each database.
pub(super) async fn databases(session: &mut Session) -> Vec<Database> {
    let request = Pipeline::of(Some(&CENSUS), &[CENSUS.name.as_bytes()]);
    let answer = session.ask(Place::Keyspace, false, request.into(), None).await;
    let Ok(Reply::Array(databases)) = answer else { return Vec::new() };
    databases.iter().map(Database::read).collect()
}

/// What the keyspace counts in a database.
#[derive(Debug, Default)]
pub(super) struct Database {
    pub keys: i64,
    pub expires: i64,
    /// The mean time until a key expires, in milliseconds.
    pub mean_ttl_ms: i64,
    /// The bytes of the table of keys, without their values.
    pub table_bytes: i64,
    /// The bytes of the expiries.
    pub expiries_bytes: i64,
}

impl Database {
    fn read(reply: &Reply) -> Self {
        match reply {
            Reply::Array(figures) if figures.len() == 5 => Self {
                keys: int(&figures[0]),
                expires: int(&figures[1]),
                mean_ttl_ms: int(&figures[2]),
                table_bytes: int(&figures[3]),
                expiries_bytes: int(&figures[4]),
            },
            _ => Self::default(),
        }
    }
}

fn int(reply: &Reply) -> i64 {
    match reply {
        Reply::Int(value) => *value,
        Reply::Array(items) => items.len() as i64,
        _ => 0,
    }
}

/// An amount of memory as Redis writes it for people: `894.97K`.
pub(super) fn human(bytes: u64) -> String {
    let units = [(1_u64 << 40, "T"), (1 << 30, "G"), (1 << 20, "M"), (1 << 10, "K")];
    match units.iter().find(|(size, _)| bytes >= *size) {
        Some((size, unit)) => format!("{:.2}{unit}", bytes as f64 / *size as f64),
        None => format!("{bytes}B"),
    }
}

#[cfg(test)]
mod tests {
    use super::human;

    #[test]
    fn amounts_are_written_for_people() {
        assert_eq!(human(0), "0B");
        assert_eq!(human(1023), "1023B");
        assert_eq!(human(916_448), "894.97K");
        assert_eq!(human(12_238_848), "11.67M");
        assert_eq!(human(25_276_502_016), "23.54G");
    }
}
