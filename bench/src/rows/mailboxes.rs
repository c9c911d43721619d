//! What an operation costs among few and among many mailboxes.

use anyhow::Result;

use super::commands::{CONNECTIONS, VALUE};
use super::{Row, Site, line};
use crate::figure::{Figure, Target};
use crate::meter::Tally;
use crate::swarm::Swarm;
use crate::tape::Tape;

/// The sizes of mesh that are compared.
const FEW: usize = 10;
const MANY: usize = 100_000;
/// Requests in a write while the mailboxes are made.
const PIPELINE: usize = 16;

/// LPUSH and RPOP, unpipelined, to a random one of so many mailboxes.
pub(super) fn row() -> Row {
    let cpu = Figure::new("cpu", "µs/op");
    let growth = Figure::new("many / few", "").to_reach(Target::Own(1.25));
    let lines = vec![
        line("LPUSH and RPOP among 10 mailboxes", [cpu]),
        line("LPUSH and RPOP among 100 000 mailboxes", [cpu]),
        line("100 000 mailboxes over 10", [growth]),
    ];
    Row::new("mailboxes", lines, measure)
}

/// Both sizes on one server, few first, so that the ratio compares a server with itself.
fn measure(site: Site<'_>) -> Result<Vec<f64>> {
    let mut swarm = Swarm::connect(site.server.address, CONNECTIONS)?;
    let few = cost(site, &mut swarm, FEW)?;
    let make = Tape::record(MANY / PIPELINE, PIPELINE, |batch, place| {
        push(inbox(batch * PIPELINE + place))
    });
    swarm.play(&mut make.script(CONNECTIONS, MANY / PIPELINE / CONNECTIONS))?;
    let many = cost(site, &mut swarm, MANY)?;
    Ok(vec![few, many, many / few])
}

fn inbox(number: usize) -> Vec<u8> {
    format!("inbox:agent-{number}").into_bytes()
}

fn push(key: Vec<u8>) -> Vec<Vec<u8>> {
    vec![b"LPUSH".to_vec(), key, VALUE.to_vec()]
}

fn cost(site: Site<'_>, swarm: &mut Swarm, mailboxes: usize) -> Result<f64> {
    let batches = if site.options.quick { 100 } else { 400 };
    // A step without a common factor visits all mailboxes, far from in order.
    let nth = |batch: usize| inbox(batch * 7919 % mailboxes);
    let pushes = Tape::record(batches * CONNECTIONS, 1, |batch, _| push(nth(batch)));
    let pops =
        Tape::record(batches * CONNECTIONS, 1, |batch, _| vec![b"RPOP".to_vec(), nth(batch)]);
    let mut tally = Tally::new()?;
    while tally.elapsed < site.options.budget() {
        for tape in [&pushes, &pops] {
            tally.play(site.server, swarm, &mut tape.script(CONNECTIONS, batches))?;
        }
    }
    Ok(tally.cpu_us())
}
