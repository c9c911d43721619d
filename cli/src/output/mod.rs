//! How reports reach the user: as text for people and agents, as JSON for programs.

pub(crate) mod file;
pub(crate) mod message;
pub(crate) mod page;
pub(crate) mod progress;
pub(crate) mod style;
mod task;
pub(crate) mod text;

use std::cell::RefCell;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value as Json;

use crate::failure::Failure;
use page::Page;

/// What a verb found out. Its fields are its `--json` form, which `docs/cli.md` promises.
pub(crate) trait Report: Serialize {
    /// The same as text.
    fn text(&self, page: &mut Page);
}

/// Where reports go, and in which form.
pub(crate) enum Output {
    /// Text to standard output.
    Text,
    /// A line of JSON to standard output.
    Json,
    /// Both forms into memory: the demo acts on what its agents see.
    Kept(RefCell<Kept>),
}

/// How far what was kept is indented when it is printed after all.
pub(crate) const KEPT_INDENT: u16 = 6;

/// What was reported.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// All of it as text, with its colours.
    pub(crate) text: String,
    /// The last report as JSON.
    pub(crate) record: Json,
}

impl Output {
    /// Standard output, for programs or for people.
    pub(crate) fn new(json: bool) -> Self {
        if json { Self::Json } else { Self::Text }
    }

    /// Memory.
    pub(crate) fn kept() -> Self {
        Self::Kept(RefCell::default())
    }

    /// Whether reports are JSON.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self, Self::Json)
    }

    /// What was kept, and from now on nothing; empty if it went to standard output.
    pub(crate) fn take(&self) -> Kept {
        match self {
            Self::Kept(kept) => kept.take(),
            Self::Text | Self::Json => Kept::default(),
        }
    }

    /// Shows a report at once, since it may be one of a stream.
    pub(crate) fn show(&self, report: &impl Report) -> Result<(), Failure> {
        let shown = match self {
            Self::Json => print_json(report),
            Self::Text => print_text(written(report, 0).as_str()),
            Self::Kept(kept) => {
                let page = written(report, KEPT_INDENT);
                keep(&mut kept.borrow_mut(), page.as_str(), report)
            }
        };
        shown.map_err(|error| Failure::output(&error))
    }

    /// Shows content: as it is, or with `--json` the record that holds it.
    pub(crate) fn content(&self, bytes: &[u8], record: &impl Serialize) -> Result<(), Failure> {
        let shown = match self {
            Self::Json => print_json(record),
            Self::Text => print_raw(bytes),
            Self::Kept(kept) => {
                keep(&mut kept.borrow_mut(), &String::from_utf8_lossy(bytes), record)
            }
        };
        shown.map_err(|error| Failure::output(&error))
    }

    /// Shows a report beside the output, on standard error.
    pub(crate) fn aside(&self, report: &impl Report) {
        let text = match self {
            Self::Json => serde_json::to_string(report).unwrap_or_default() + "\n",
            Self::Text | Self::Kept(_) => written(report, 0).as_str().to_owned(),
        };
        // A report that nobody can read is no reason to stop.
        drop(anstream::stderr().lock().write_all(text.as_bytes()));
    }

    /// Says something beside the output, on standard error; only to people.
    pub(crate) fn remark(&self, remark: &str) {
        if matches!(self, Self::Text) {
            // A remark that nobody can read is no reason to stop.
            drop(writeln!(io::stderr().lock(), "{remark}"));
        }
    }
}

fn written(report: &impl Report, indent: u16) -> Page {
    let mut page = Page::for_stdout(indent);
    report.text(&mut page);
    page
}

fn keep(kept: &mut Kept, text: &str, record: &impl Serialize) -> io::Result<()> {
    kept.text.push_str(text);
    kept.record = serde_json::to_value(record)?;
    Ok(())
}

/// Prints a record on one line, so that a stream of them is JSON Lines.
pub(crate) fn print_json(record: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(record)?;
    line.push(b'\n');
    print_raw(&line)
}

/// Prints text, without its colours unless this is a terminal that wants them.
pub(crate) fn print_text(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn print_raw(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}
