//! The report: every sample, and what it was measured on.

use std::collections::BTreeMap;
use std::process::Command;

use serde::Serialize;

use crate::args::Options;
use crate::compare::Measured;
use crate::figure::{Figure, Samples, Target};
use crate::machine;
use crate::servers::{Kind, Program};

/// Everything a run found out.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// When the run ended, in UTC.
    date: String,
    machine: String,
    /// What each server says of itself.
    versions: BTreeMap<&'static str, String>,
    /// Whether a second Redis stood in the broker's place.
    control: bool,
    quick: bool,
    lines: Vec<LineReport>,
}

#[derive(Debug, Serialize)]
struct LineReport {
    name: String,
    figures: Vec<FigureReport>,
}

#[derive(Debug, Serialize)]
struct FigureReport {
    name: &'static str,
    unit: &'static str,
    /// Round by round.
    samples: BTreeMap<&'static str, Vec<f64>>,
    /// Ours over Redis: median, lowest, highest.
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<[f64; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    met: Option<bool>,
}

impl Report {
    /// Of what was measured on these servers.
    pub(crate) fn new(programs: &[Program], measured: &[Measured], options: &Options) -> Self {
        let named = |program: &Program| (program.kind.name(), program.version.clone());
        Self {
            date: now(),
            machine: machine::describe(),
            versions: programs.iter().map(named).collect(),
            control: options.control,
            quick: options.quick,
            lines: measured.iter().map(LineReport::new).collect(),
        }
    }

    /// Date, machine and servers, to stand above the table.
    pub(crate) fn heading(&self) -> String {
        let versions = self.versions.iter().map(|(name, version)| format!("{name}: {version}\n"));
        let kind =
            if self.control { "Control run: a second redis-server as clawlinkd.\n" } else { "" };
        format!("{}, {}\n{kind}{}", self.date, self.machine, versions.collect::<String>())
    }
}

impl LineReport {
    fn new(one: &Measured) -> Self {
        let figures = one.line.figures.iter().zip(&one.samples);
        let figures = figures.map(|(figure, samples)| FigureReport::new(figure, samples)).collect();
        Self { name: one.line.name.clone(), figures }
    }
}

impl FigureReport {
    fn new(figure: &Figure, samples: &Samples) -> Self {
        let ratio = samples.ratio(Kind::ClawLink);
        let values = |kind: Kind| (kind.name(), samples.of(kind).to_vec());
        let (target_ratio, target) = match figure.target {
            Some(Target::Ratio(most)) => (Some(most), None),
            Some(Target::Own(most)) => (None, Some(most)),
            None => (None, None),
        };
        Self {
            name: figure.short,
            unit: figure.unit,
            samples: samples.kinds().map(values).collect(),
            ratio: ratio.map(|ratio| [ratio.median, ratio.min, ratio.max]),
            target_ratio,
            target,
            met: samples.met(figure),
        }
    }
}

/// The date in UTC, to the minute, as the system's `date` gives it.
fn now() -> String {
    let output = Command::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"]).output();
    output.map_or(String::new(), |date| String::from_utf8_lossy(&date.stdout).trim().to_owned())
}
