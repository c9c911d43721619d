//! What is measured. Each row is one measurement on a server that was started for it alone.

mod atomic;
mod commands;
mod connections;
mod fanout;
mod handover;
mod jobs;
mod mailboxes;
mod memory;
mod merge;
mod round;
mod search;
mod streams;
mod timers;

use anyhow::Result;

use crate::args::Options;
use crate::figure::{Figure, Line};
use crate::servers::{Kind, Program, Server};

/// Which servers a row makes sense on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Audience {
    /// Everything that knows Redis's commands.
    RedisLike,
    /// Everything that publishes.
    Publishers,
    /// The broker: nobody else has the commands.
    BrokerAlone,
}

/// A fresh server, and how long to load it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site<'a> {
    /// The server, which nobody has spoken to yet.
    pub(crate) server: &'a Server,
    /// How long and how much.
    pub(crate) options: &'a Options,
}

/// One measurement: gives the figures of all its lines, in order.
pub(crate) type Measure = Box<dyn Fn(Site<'_>) -> Result<Vec<f64>>>;

/// Something to measure.
pub(crate) struct Row {
    /// What `--only` is matched against.
    pub(crate) name: String,
    /// What it gives.
    pub(crate) lines: Vec<Line>,
    /// Where it runs.
    pub(crate) audience: Audience,
    /// Whether few rounds say as much as many: memory is counted, not timed.
    pub(crate) steady: bool,
    /// Whether it takes too long for `--quick`, unless asked for by name.
    pub(crate) slow: bool,
    /// What is missing on this machine to measure it, and how to get it.
    pub(crate) missing: Option<String>,
    /// How it is measured.
    pub(crate) measure: Measure,
}

impl Row {
    /// A row of timed lines for everything that knows Redis's commands.
    fn new(
        name: impl Into<String>,
        lines: Vec<Line>,
        measure: impl Fn(Site<'_>) -> Result<Vec<f64>> + 'static,
    ) -> Self {
        let audience = Audience::RedisLike;
        Self {
            name: name.into(),
            lines,
            audience,
            steady: false,
            slow: false,
            missing: None,
            measure: Box::new(measure),
        }
    }

    fn for_audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    fn steady(mut self) -> Self {
        self.steady = true;
        self
    }

    fn slow(mut self) -> Self {
        self.slow = true;
        self
    }

    fn needing(mut self, missing: Option<String>) -> Self {
        self.missing = missing;
        self
    }

    /// Whether it can be measured on this program.
    pub(crate) fn runs_on(&self, program: &Program) -> bool {
        match self.audience {
            Audience::RedisLike => program.kind != Kind::Nats,
            Audience::Publishers => true,
            Audience::BrokerAlone => program.is_broker,
        }
    }

    /// How often it is measured on each server.
    pub(crate) fn rounds(&self, options: &Options) -> u32 {
        if self.steady { (options.rounds() / 2).clamp(1, 3) } else { options.rounds() }
    }
}

/// Every row, in the order of the table.
pub(crate) fn all() -> Vec<Row> {
    let mut rows = commands::rows();
    rows.extend(streams::rows());
    rows.extend(atomic::rows());
    rows.extend(jobs::rows());
    rows.push(handover::row("list:jobs"));
    rows.push(handover::row("inbox:bob"));
    rows.extend(fanout::rows());
    rows.extend(round::rows());
    rows.push(timers::row());
    rows.push(search::row());
    rows.push(merge::row());
    rows.extend(memory::rows());
    rows.push(connections::row());
    rows.push(mailboxes::row());
    rows
}

/// The rows that were asked for.
pub(crate) fn wanted(options: &Options) -> Vec<Row> {
    let mut rows = all();
    let names: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
    // A text that is one row's name means that row: `inbox P=1` is not also `inbox P=16`.
    let means = |text: &String, name: &String| {
        if names.contains(text) { text == name } else { name.contains(text.as_str()) }
    };
    rows.retain(|row| match options.only.as_slice() {
        [] => !(row.slow && options.quick),
        texts => texts.iter().any(|text| means(text, &row.name)),
    });
    rows
}

/// A line of this name about these figures.
fn line(name: impl Into<String>, figures: impl Into<Vec<Figure>>) -> Line {
    Line { name: name.into(), figures: figures.into() }
}

/// A payload of `size` letters, so that no server stores it as a number.
fn payload(size: usize) -> Vec<u8> {
    (b'a'..=b'z').cycle().take(size).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rows_and_lines_have_names_of_their_own() {
        let rows = all();
        let names: BTreeSet<_> = rows.iter().map(|row| &row.name).collect();
        assert_eq!(names.len(), rows.len());
        let lines: Vec<_> = rows.iter().flat_map(|row| &row.lines).collect();
        let names: BTreeSet<_> = lines.iter().map(|line| &line.name).collect();
        assert_eq!(names.len(), lines.len());
        assert!(lines.iter().all(|line| !line.figures.is_empty()));
    }
}
