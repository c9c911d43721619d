//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

/// Runs the same loads on clawlinkd and on redis-server in turn and prints their ratios.
#[derive(Debug, Parser)]
#[command(name = "clawlink-bench", version)]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub(crate) action: Action,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Measure, and print one table of ratios with their spread
    Compare(Options),
    /// List the rows and their targets
    List,
}

/// How to compare.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    /// The broker to measure, in place of a release build made here
    #[arg(long, value_name = "PATH")]
    pub(crate) clawlinkd: Option<PathBuf>,
    /// Put a second redis-server in the broker's place: ratios off 1.0 are the harness's own error
    #[arg(long, conflicts_with = "clawlinkd")]
    pub(crate) control: bool,
    /// Shorter loads, fewer rounds, no server but redis-server beside ours: a minute or two
    #[arg(long)]
    pub(crate) quick: bool,
    /// Only the row of this name, or the rows whose names contain it (may be repeated)
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Vec<String>,
    /// How often each row is measured on each server [default: 5, or 2 with --quick]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) rounds: Option<u32>,
    /// Also write every sample to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

impl Options {
    /// How often each row is measured on each server.
    pub(crate) fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 2 } else { 5 })
    }

    /// How long each load of a measurement runs at the least.
    pub(crate) fn budget(&self) -> Duration {
        Duration::from_millis(if self.quick { 120 } else { 600 })
    }
}
