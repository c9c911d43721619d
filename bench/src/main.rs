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

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Action, Args};

fn main() -> anyhow::Result<ExitCode> {
    match Args::parse().action {
        Action::List => {
            list();
            Ok(ExitCode::SUCCESS)
        }
        Action::Compare(options) => compare::run(&options),
    }
}

/// Prints the name of every row with the lines it measures and their targets.
fn list() {
    for row in rows::all() {
        println!("{}", row.name);
        for line in &row.lines {
            println!("    {:<40} {}", line.name, line.first().target_text());
        }
    }
}
