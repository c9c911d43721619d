//! How reports reach the user: as text for people and agents, as JSON for programs.

pub(crate) mod file;
pub(crate) mod message;
pub(crate) mod page;
pub(crate) mod style;
pub(crate) mod text;

use std::io::{self, Write};

use serde::Serialize;

use crate::failure::Failure;
use page::Page;

/// What a verb found out. Its fields are its `--json` form, which `docs/cli.md` promises.
pub(crate) trait Report: Serialize {
    /// The same as text.
    fn text(&self, page: &mut Page);
}

/// Standard output, and the form that reports take on it.
pub(crate) struct Output {
    json: bool,
}

impl Output {
    /// Reports as JSON, or as text.
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether reports are JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a report and flushes it, since a report may be one of a stream.
    pub(crate) fn show(&self, report: &impl Report) -> Result<(), Failure> {
        let printed = if self.json {
            print_json(report)
        } else {
            print_text(report)
        };
        printed.map_err(|error| Failure::output(&error))
    }

    /// Prints content: as it is, or with `--json` the record that holds it.
    pub(crate) fn content(&self, bytes: &[u8], record: &impl Serialize) -> Result<(), Failure> {
        let printed = if self.json {
            print_json(record)
        } else {
            print_raw(bytes)
        };
        printed.map_err(|error| Failure::output(&error))
    }

    /// Says something beside the output, on standard error; nothing with `--json`.
    pub(crate) fn remark(&self, remark: &str) {
        if !self.json {
            // A remark that nobody can read is no reason to stop.
            drop(writeln!(io::stderr().lock(), "{remark}"));
        }
    }
}

/// One line, so that a stream of reports is JSON Lines.
fn print_json(report: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&line)?;
    out.flush()
}

fn print_raw(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

fn print_text(report: &impl Report) -> io::Result<()> {
    let mut page = Page::for_stdout();
    report.text(&mut page);
    // Drops the colours unless this is a terminal, and honours NO_COLOR.
    let mut out = anstream::stdout().lock();
    out.write_all(page.as_str().as_bytes())?;
    out.flush()
}
