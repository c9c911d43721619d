//! XADD, and XREADGROUP with XACK: entries on their way through a stream, each read by one consumer and acknowledged.
//!
//! Entries are added with ids that are known beforehand, so that the acknowledgements can be encoded before the clock
//! starts. Each turn adds entries and then reads as many; trimming keeps what is left of earlier turns in bounds.

use anyhow::{Result, ensure};

use super::commands::{CONNECTIONS, timed, timings};
use super::{Row, Site};
use crate::meter::Tally;
use crate::swarm::Swarm;
use crate::tape::Tape;

/// Requests in a write, and the ratio of processor time to stay under.
const PIPELINES: [(usize, f64); 3] = [(1, 1.0), (16, 0.9), (64, 0.8)];
/// Entries that one turn adds to each stream at the most, and that trimming leaves at the least.
const ENTRIES_MAX: usize = 4_000;

/// Each depth.
pub(super) fn rows() -> Vec<Row> {
    PIPELINES.into_iter().map(|(pipeline, most)| row(pipeline, most)).collect()
}

fn row(pipeline: usize, most: f64) -> Row {
    let name = format!("stream P={pipeline}");
    let lines = ["XADD", "XREADGROUP+XACK"].map(|what| timed(format!("{what} {name}"), most));
    Row::new(name, lines.to_vec(), move |site| {
        let entries = (pipeline * if site.options.quick { 120 } else { 400 }).min(ENTRIES_MAX);
        // The reading turn has two requests for each entry, in full writes.
        measure(site, pipeline, entries / (2 * pipeline) * (2 * pipeline))
    })
}

/// Adds and reads in turn, the first turn unmeasured, until each has had its time.
fn measure(site: Site<'_>, pipeline: usize, entries: usize) -> Result<Vec<f64>> {
    let mut swarm = Swarm::connect(site.server.address, CONNECTIONS)?;
    let groups = Tape::record(CONNECTIONS, 1, |stream, _| {
        words(&["XGROUP", "CREATE", &key(stream), "workers", "0", "MKSTREAM"])
    });
    swarm.play(&mut groups.script(CONNECTIONS, 1))?;
    let mut tallies = [Tally::new()?, Tally::new()?];
    let (mut turn, budget) = (1, site.options.budget());
    while tallies.iter().any(|tally| tally.elapsed < budget) {
        let tapes = [adding(turn, pipeline, entries), reading(turn, pipeline, entries)];
        for (number, tape) in tapes.iter().enumerate() {
            let batches = (number + 1) * entries / pipeline;
            let mut script = tape.script(CONNECTIONS, batches);
            if turn > 1 {
                tallies[number].play(site.server, &mut swarm, &mut script)?;
            } else {
                swarm.play(&mut script)?;
            }
        }
        turn += 1;
    }
    ensure!(tallies.iter().all(|tally| tally.nulls == 0), "an entry was not there");
    Ok(tallies.iter().flat_map(timings).collect())
}

/// The entries of a turn: a field and a value of a word each.
fn adding(turn: usize, pipeline: usize, entries: usize) -> Tape {
    let most = ENTRIES_MAX.to_string();
    Tape::record(CONNECTIONS * entries / pipeline, pipeline, |batch, place| {
        let number = batch / CONNECTIONS * pipeline + place;
        let (key, id) = (key(batch % CONNECTIONS), id(turn, number));
        words(&["XADD", &key, "MAXLEN", "~", &most, &id, "task", "a task of some words"])
    })
}

/// Reading and acknowledging in turn, one entry at a time.
fn reading(turn: usize, pipeline: usize, entries: usize) -> Tape {
    Tape::record(CONNECTIONS * 2 * entries / pipeline, pipeline, |batch, place| {
        let number = batch / CONNECTIONS * pipeline + place;
        let key = key(batch % CONNECTIONS);
        if number.is_multiple_of(2) {
            words(&["XREADGROUP", "GROUP", "workers", "bob", "COUNT", "1", "STREAMS", &key, ">"])
        } else {
            words(&["XACK", &key, "workers", &id(turn, number / 2)])
        }
    })
}

fn key(stream: usize) -> String {
    format!("stream:{stream}")
}

fn id(turn: usize, number: usize) -> String {
    format!("{}-{number}", 1_700_000_000_000 + turn)
}

fn words(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}
