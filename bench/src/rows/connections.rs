//! Ten thousand connections that all have something to say.

use anyhow::Result;

use super::commands::{P50, P99, RATE, VALUE, timings};
use super::{Row, Site, line};
use crate::cpu;
use crate::figure::Figure;
use crate::meter::Tally;
use crate::swarm::Swarm;
use crate::tape::Tape;

/// Connections open at the same time.
const CONNECTIONS: usize = 10_000;

/// SET from every connection, unpipelined, and what it cost to let them in.
pub(super) fn row() -> Row {
    let lines = vec![
        line("accept and first PING", [Figure::new("cpu", "µs")]),
        line("SET over 10 000 connections", [Figure::new("cpu", "µs/op"), RATE, P50, P99]),
    ];
    Row::new("10 000 connections", lines, measure)
}

fn measure(site: Site<'_>) -> Result<Vec<f64>> {
    let before = cpu::used_ns(site.server.pid())?;
    let mut swarm = Swarm::connect(site.server.address, CONNECTIONS)?;
    let accepted_ns = cpu::used_ns(site.server.pid())? - before;
    let tape = Tape::record(CONNECTIONS, 1, |conn, _| {
        vec![b"SET".to_vec(), format!("key:{conn}").into_bytes(), VALUE.to_vec()]
    });
    swarm.play(&mut tape.script(CONNECTIONS, 1))?;
    let mut tally = Tally::new()?;
    while tally.elapsed < site.options.budget() {
        tally.play(site.server, &mut swarm, &mut tape.script(CONNECTIONS, 3))?;
    }
    let mut figures = vec![accepted_ns as f64 / 1000.0 / CONNECTIONS as f64];
    figures.extend(timings(&tally));
    Ok(figures)
}
