//! Full text search: what it costs, and what it costs those who write.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Audience, Row, Site, line};
use crate::cpu;
use crate::figure::Figure;
use crate::memory::settled;
use crate::meter::Tally;
use crate::swarm::{Swarm, ask};
use crate::tape::Tape;

/// Files, and the bytes of each.
const FILES: usize = 10_000;
const FILE_BYTES: usize = 2_000;
/// Different words; the first are in nearly every file, the last in few.
const WORDS: usize = 20_000;
/// Requests in a write.
const PIPELINE: usize = 16;
/// Writes, and searches, that are measured.
const WRITES: usize = 8_000;
const SEARCHES: usize = 1_000;

/// All on one server: writing before anybody searches, the first search, searching, and writing after it.
pub(super) fn row() -> Row {
    let cpu = |unit| Figure::new("cpu", unit);
    let p50 = Figure::new("p50", "µs");
    let lines = vec![
        line("PUT 2 KB, nobody searches", [cpu("µs/op")]),
        line("BROADCAST 2 KB, nobody searches", [cpu("µs/op")]),
        line("first search of 10 000 files", [Figure::new("time", "ms")]),
        line("memory of the index, each file", [Figure::new("memory", "bytes")]),
        line("search 10 000 files for two words", [cpu("µs/search"), p50]),
        line("PUT 2 KB and search", [cpu("µs/pair"), p50]),
        line("PUT 2 KB, searched", [cpu("µs/op")]),
        line("BROADCAST 2 KB, searched", [cpu("µs/op")]),
    ];
    Row::new("search", lines, measure).for_audience(Audience::BrokerAlone).steady().slow()
}

fn measure(site: Site<'_>) -> Result<Vec<f64>> {
    let mut swarm = Swarm::connect(site.server.address, 1)?;
    let mut words = Words::new();
    let fill = Tape::record(FILES / PIPELINE, PIPELINE, |batch, place| {
        words.put(batch * PIPELINE + place)
    });
    swarm.play(&mut fill.script(1, FILES / PIPELINE))?;
    let puts = Tape::record(WRITES / PIPELINE, PIPELINE, |batch, place| {
        words.put((batch * PIPELINE + place) * 7 % FILES)
    });
    let told = Tape::record(WRITES / PIPELINE, PIPELINE, |_, _| {
        [&b"CLAW.BROADCAST"[..], b"findings", words.text().as_bytes()].map(Vec::from).into()
    });
    let mut figures = vec![writes(site, &mut swarm, &puts)?, writes(site, &mut swarm, &told)?];

    let before = settled(site.server.pid(), Duration::ZERO)?;
    let started = Instant::now();
    search(site)?;
    figures.push(started.elapsed().as_secs_f64() * 1_000.0);
    let after = settled(site.server.pid(), Duration::ZERO)?;
    figures.push(after.saturating_sub(before) as f64 / FILES as f64);

    let searches = Tape::record(SEARCHES, 1, |_, _| words.search());
    figures.extend(one_by_one(site, &mut swarm, &searches, 1)?);
    let pairs = Tape::record(SEARCHES / 5 * 2, 1, |batch, _| match batch % 2 {
        0 => words.put(batch),
        _ => words.search(),
    });
    figures.extend(one_by_one(site, &mut swarm, &pairs, 2)?);
    for tape in [&puts, &told] {
        figures.push(writes(site, &mut swarm, tape)?);
    }
    Ok(figures)
}

/// Processor time of each write, that of indexing it included.
fn writes(site: Site<'_>, swarm: &mut Swarm, tape: &Tape) -> Result<f64> {
    let before = cpu::used_ns(site.server.pid())?;
    swarm.play(&mut tape.script(1, WRITES / PIPELINE))?;
    // The index follows within a tenth of that.
    std::thread::sleep(Duration::from_secs(1));
    Ok((cpu::used_ns(site.server.pid())? - before) as f64 / 1_000.0 / WRITES as f64)
}

/// Processor time of each group of so many requests, and the median of a request's latency.
fn one_by_one(site: Site<'_>, swarm: &mut Swarm, tape: &Tape, group: usize) -> Result<[f64; 2]> {
    let mut tally = Tally::new()?;
    tally.play(site.server, swarm, &mut tape.script(1, tape.len()))?;
    // The slower half of a pair is its search.
    let quantile = if group == 1 { 0.5 } else { 0.75 };
    Ok([tally.cpu_us() * group as f64, tally.quantile_us(quantile)])
}

fn search(site: Site<'_>) -> Result<()> {
    ask(site.server.address, &[b"CLAW.SEARCH", b"word1 word2"]).map(drop)
}

/// Texts of words that are as unevenly frequent as those of a language.
struct Words {
    state: u64,
}

impl Words {
    fn new() -> Self {
        Self { state: 0x9e37_79b9_7f4a_7c15 }
    }

    /// A number from 0 to below 1.
    fn random(&mut self) -> f64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn word(&mut self) -> String {
        format!("word{}", (WORDS as f64).powf(self.random()) as usize)
    }

    fn text(&mut self) -> String {
        let mut text = String::new();
        while text.len() < FILE_BYTES {
            text.push_str(&self.word());
            text.push(' ');
        }
        text
    }

    fn put(&mut self, number: usize) -> Vec<Vec<u8>> {
        let key = format!("docs/{number}.md");
        [&b"CLAW.FILE"[..], b"PUT", key.as_bytes(), self.text().as_bytes()].map(Vec::from).into()
    }

    fn search(&mut self) -> Vec<Vec<u8>> {
        let query = format!("{} {}", self.word(), self.word());
        [&b"CLAW.SEARCH"[..], query.as_bytes()].map(Vec::from).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_long_enough_and_not_all_the_same() {
        let mut words = Words::new();
        let (one, other) = (words.text(), words.text());
        assert!(one.len() >= FILE_BYTES && one != other);
        let common = one.split(' ').filter(|word| word.len() < 6).count();
        assert!(common > 20, "{common} of the words are common ones");
    }
}
