//! The order of a run: row by row, round by round, server by server.

use std::fs;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::args::Options;
use crate::broker_binary;
use crate::figure::{Line, Samples};
use crate::machine::{self, Cores};
use crate::report::Report;
use crate::rows::{self, Row, Site};
use crate::servers::{Kind, Program};
use crate::table;

/// A line with what was measured for it.
#[derive(Debug)]
pub(crate) struct Measured {
    /// The line.
    pub(crate) line: Line,
    /// The samples of each of its figures.
    pub(crate) samples: Vec<Samples>,
}

/// Measures everything that was asked for, and prints the table.
///
/// # Errors
/// When a server is missing or cannot be built. A row that fails is reported, left out of the
/// table, and makes the exit code 1; so does no missed target.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let programs = programs(options)?;
    let cores = Cores::pick();
    machine::raise_open_files()?;
    cores.map_or(Ok(()), Cores::enter_load)?;
    let (mut measured, mut failed) = (Vec::new(), 0);
    let possible = |row: &Row| programs.iter().any(|program| row.runs_on(program));
    for row in rows::wanted(options).iter().filter(|row| possible(row)) {
        eprint!("{:<42}", row.name);
        if let Some(missing) = &row.missing {
            eprintln!("skipped: {missing}");
            continue;
        }
        let began = Instant::now();
        let result = measure(row, &programs, cores, options);
        eprintln!("{:5.1} s", began.elapsed().as_secs_f64());
        match result {
            Ok(lines) => measured.extend(lines),
            Err(error) => {
                failed += 1;
                eprintln!("    failed: {error:#}");
            }
        }
    }
    let report = Report::new(&programs, &measured, options);
    crate::show(&format!("{}\n{}", report.heading(), table::render(&measured)))?;
    if let Some(path) = &options.json {
        let text = serde_json::to_string_pretty(&report)? + "\n";
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(ExitCode::from(u8::from(failed > 0)))
}

/// The servers to compare: the broker or its stand-in first, then Redis, then what else there is.
fn programs(options: &Options) -> Result<Vec<Program>> {
    let redis = Program::installed(Kind::Redis, "redis-server")
        .context("redis-server is not installed: everything is compared with it")?;
    let first = if options.control {
        Program { kind: Kind::ClawLink, ..redis.clone() }
    } else {
        Program::broker(options.clawlinkd.clone().map_or_else(broker_binary::build, Ok)?)?
    };
    let mut programs = vec![first, redis];
    if !options.quick {
        programs.extend(Program::installed(Kind::Valkey, "valkey-server"));
        programs.extend(Program::installed(Kind::Nats, "nats-server"));
    }
    Ok(programs)
}

/// One row on every server it makes sense on, in turn, as many rounds as it takes. Every
/// measurement has a server of its own: none inherits memory, keys or luck from the one before.
fn measure(
    row: &Row,
    programs: &[Program],
    cores: Option<Cores>,
    options: &Options,
) -> Result<Vec<Measured>> {
    let empty = |line: &Line| Measured {
        line: line.clone(),
        samples: vec![Samples::default(); line.figures.len()],
    };
    let mut measured: Vec<Measured> = row.lines.iter().map(empty).collect();
    if options.control {
        // Redis against itself has nothing to reach.
        let figures = measured.iter_mut().flat_map(|one| &mut one.line.figures);
        figures.for_each(|figure| figure.target = None);
    }
    for _ in 0..row.rounds(options) {
        for program in programs.iter().filter(|program| row.runs_on(program)) {
            let values = measure_once(row, program, cores, options)
                .with_context(|| format!("on {}", program.kind.name()))?;
            let samples = measured.iter_mut().flat_map(|one| &mut one.samples);
            for (samples, value) in samples.zip(values) {
                samples.push(program.kind, value);
            }
        }
    }
    Ok(measured)
}

fn measure_once(
    row: &Row,
    program: &Program,
    cores: Option<Cores>,
    options: &Options,
) -> Result<Vec<f64>> {
    let server = program.start(cores)?;
    (row.measure)(Site { server: &server, options })
}
