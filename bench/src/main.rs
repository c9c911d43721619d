//! `clawlink-bench`: the same loads on `clawlinkd` and on `redis-server`, in turn, as ratios.
//!
//! Reading order: `rows` says what is measured, `compare` in which order, `servers` starts what is
//! measured, `swarm` and `tape` make the load, `cpu` and `memory` read the meters, `figure` turns
//! samples into ratios, `table` and `report` show them.

mod args;
mod broker_binary;
mod compare;
mod cpu;
mod figure;
mod machine;
mod memory;
mod meter;
mod report;
mod resp;
mod rows;
mod servers;
mod swarm;
mod table;
mod tape;
mod wire;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Action, Args};

fn main() -> anyhow::Result<ExitCode> {
    match Args::parse().action {
        Action::List => {
            show(&list())?;
            Ok(ExitCode::SUCCESS)
        }
        Action::Compare(options) => compare::run(&options),
    }
}

/// The name of every row with the lines it measures and their targets.
fn list() -> String {
    let mut text = String::new();
    for row in rows::all() {
        text += &format!("{}\n", row.name);
        for line in &row.lines {
            text += &format!("    {:<40} {}\n", line.name, line.first().target_text());
        }
    }
    text
}

/// Prints what was asked for. Who reads it may have seen enough before its end.
pub(crate) fn show(text: &str) -> io::Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        shown => shown,
    }
}
