//! SET GET LPUSH RPOP HSET HGETALL SADD SPOP ZADD ZRANGEBYSCORE, on plain keys and on the agents' keys, at three depths of pipelining.
//!
//! The commands go in pairs, so that a measurement can last as long as it likes in bounded
//! memory: set and get, push and pop again.

use anyhow::{Result, ensure};

use super::{Line, Row, Site, line};
use crate::figure::{Figure, Target};
use crate::meter::Tally;
use crate::swarm::Swarm;
use crate::tape::Tape;

/// Connections of every load here, as redis-benchmark has by default.
pub(super) const CONNECTIONS: usize = 50;
/// Requests in a write, and the ratio of processor time to stay under …
const PIPELINES: [(usize, f64); 3] = [(1, 0.9), (16, 0.85), (64, 0.6)];
/// … and for what searches, sorts and picks, where the work itself weighs more.
pub(super) const PIPELINES_STRUCTURED: [(usize, f64); 3] = [(1, 1.0), (16, 0.9), (64, 0.8)];
/// What is stored: three bytes, as redis-benchmark does by default.
pub(super) const VALUE: &[u8] = b"xxx";
/// Inboxes among which the commands of one write go around in the scattered rows.
const SCATTERED: usize = 1000;
/// The most one connection pushes before it pops again: inboxes hold 10 000 messages.
const PUSHED_MAX: usize = 8000;

/// Two commands that undo or complete each other, on one kind of key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    name: &'static str,
    first: &'static str,
    second: &'static str,
    prefix: &'static str,
    /// Whether each command of a write goes to another key, instead of a key for each connection.
    scattered: bool,
    /// What follows the key in the first command; `#` stands for a number that is new in every command on a key.
    tail: &'static [&'static str],
    /// The same for the second.
    second_tail: &'static [&'static str],
    /// Depths and targets.
    pipelines: [(usize, f64); 3],
}

impl Pair {
    const BASE: Self = Self {
        name: "",
        first: "",
        second: "",
        prefix: "",
        scattered: false,
        tail: &["xxx"],
        second_tail: &[],
        pipelines: PIPELINES,
    };
}

const PAIRS: [Pair; 8] = [
    Pair { name: "plain string", first: "SET", second: "GET", prefix: "key:", ..Pair::BASE },
    Pair { name: "plain list", first: "LPUSH", second: "RPOP", prefix: "list:", ..Pair::BASE },
    Pair { name: "file", first: "SET", second: "GET", prefix: "file:", ..Pair::BASE },
    Pair { name: "inbox", first: "LPUSH", second: "RPOP", prefix: "inbox:", ..Pair::BASE },
    Pair {
        name: "inboxes",
        first: "LPUSH",
        second: "RPOP",
        prefix: "inbox:",
        scattered: true,
        ..Pair::BASE
    },
    Pair {
        name: "plain hash",
        first: "HSET",
        second: "HGETALL",
        prefix: "hash:",
        tail: &[
            "name",
            "xxx",
            "state",
            "open",
            "owner",
            "bob",
            "tries",
            "#",
            "note",
            "a few words",
        ],
        pipelines: PIPELINES_STRUCTURED,
        ..Pair::BASE
    },
    Pair {
        name: "plain set",
        first: "SADD",
        second: "SPOP",
        prefix: "set:",
        tail: &["member:#"],
        pipelines: PIPELINES_STRUCTURED,
        ..Pair::BASE
    },
    Pair {
        name: "plain sorted set",
        first: "ZADD",
        second: "ZRANGEBYSCORE",
        prefix: "zset:",
        tail: &["#", "member:#"],
        second_tail: &["#", "+inf", "LIMIT", "0", "5"],
        pipelines: PIPELINES_STRUCTURED,
        ..Pair::BASE
    },
];

/// Each pair at each depth.
pub(super) fn rows() -> Vec<Row> {
    let depths = |pair: Pair| pair.pipelines.map(|(pipeline, most)| row(pair, pipeline, most));
    PAIRS.into_iter().flat_map(depths).collect()
}

fn row(pair: Pair, pipeline: usize, most: f64) -> Row {
    let name = format!("{} P={pipeline}", pair.name);
    let lines = [pair.first, pair.second].map(|command| timed(format!("{command} {name}"), most));
    Row::new(name, lines.to_vec(), move |site| {
        let batches = if site.options.quick { 120 } else { 400 }.min(PUSHED_MAX / pipeline);
        Load::new(pair, pipeline, batches).measure(site)
    })
}

/// The line of a timed command whose processor time has this target.
pub(super) fn timed(name: String, most: f64) -> Line {
    let cpu = Figure::new("cpu", "µs/op").to_reach(Target::Ratio(most));
    line(name, [cpu, RATE, P50, P99])
}

/// Throughput.
pub(super) const RATE: Figure = Figure::new("rate", "kop/s");
/// Median latency of a write and all replies to it.
pub(super) const P50: Figure = Figure::new("p50", "µs");
/// The same at 99 %.
pub(super) const P99: Figure = Figure::new("p99", "µs");

/// Both commands of a pair, encoded for 50 connections.
struct Load {
    first: Tape,
    second: Tape,
    /// Batches that each connection sends of one before the other has its turn.
    batches: usize,
}

impl Load {
    fn new(pair: Pair, pipeline: usize, batches: usize) -> Self {
        let numbered = [pair.tail, pair.second_tail].concat().iter().any(|word| word.contains('#'));
        let recorded = if pair.scattered || numbered { CONNECTIONS * batches } else { CONNECTIONS };
        let key = |batch: usize, place: usize| {
            let number = batch * pipeline + place;
            // A step without a common factor visits all keys, far from in order.
            let key = if pair.scattered { number * 617 % SCATTERED } else { batch % CONNECTIONS };
            format!("{}{key}", pair.prefix).into_bytes()
        };
        let record = |command: &str, tail: &[&str]| {
            Tape::record(recorded, pipeline, |batch, place| {
                let number = (batch / CONNECTIONS * pipeline + place).to_string();
                let tail = tail.iter().map(|word| word.replace('#', &number).into_bytes());
                [command.as_bytes().to_vec(), key(batch, place)].into_iter().chain(tail).collect()
            })
        };
        let (first, second) =
            (record(pair.first, pair.tail), record(pair.second, pair.second_tail));
        Self { first, second, batches }
    }

    fn measure(&self, site: Site<'_>) -> Result<Vec<f64>> {
        let mut swarm = Swarm::connect(site.server.address, CONNECTIONS)?;
        let tallies = alternate(site, &mut swarm, [&self.first, &self.second], self.batches)?;
        Ok(tallies.iter().flat_map(timings).collect())
    }
}

/// Plays tapes in turn, so many batches of each on every connection, the first turn unmeasured, until each has had its
/// time. None may have a null among its replies.
pub(super) fn alternate<const TAPES: usize>(
    site: Site<'_>,
    swarm: &mut Swarm,
    tapes: [&Tape; TAPES],
    batches: usize,
) -> Result<Vec<Tally>> {
    let (conns, budget) = (swarm.len(), site.options.budget());
    let mut tallies = tapes.iter().map(|_| Tally::new()).collect::<Result<Vec<_>>>()?;
    let mut warm = false;
    while tallies.iter().any(|tally| tally.elapsed < budget) {
        for (tape, tally) in tapes.iter().zip(&mut tallies) {
            let mut script = tape.script(conns, batches);
            if warm {
                tally.play(site.server, swarm, &mut script)?;
            } else {
                swarm.play(&mut script)?;
            }
        }
        warm = true;
    }
    ensure!(tallies.iter().all(|tally| tally.nulls == 0), "something stored was not there");
    Ok(tallies)
}

/// The figures of a timed line.
pub(super) fn timings(tally: &Tally) -> [f64; 4] {
    [tally.cpu_us(), tally.rate_k(), tally.quantile_us(0.5), tally.quantile_us(0.99)]
}
