//! What a load cost the server, and how it felt to the client.

use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;

use crate::cpu;
use crate::servers::Server;
use crate::swarm::{Outcome, Script, Swarm, latencies};

/// The sum of several plays of one load.
#[derive(Debug)]
pub(crate) struct Tally {
    /// Replies received.
    pub(crate) replies: u64,
    /// Processor time of the server, in nanoseconds.
    pub(crate) cpu_ns: u64,
    /// Time on the clock.
    pub(crate) elapsed: Duration,
    /// From request to reply, in nanoseconds.
    pub(crate) latency: Histogram<u64>,
    /// Null replies and null elements received.
    pub(crate) nulls: u64,
}

impl Tally {
    /// Nothing played yet.
    pub(crate) fn new() -> Result<Self> {
        let latency = latencies()?;
        Ok(Self { replies: 0, cpu_ns: 0, elapsed: Duration::ZERO, latency, nulls: 0 })
    }

    /// Plays `script` and adds what it cost.
    pub(crate) fn play(
        &mut self,
        server: &Server,
        swarm: &mut Swarm,
        script: &mut impl Script,
    ) -> Result<()> {
        let before = cpu::used_ns(server.pid())?;
        let outcome = swarm.play(script)?;
        self.cpu_ns += cpu::used_ns(server.pid())? - before;
        self.add(&outcome)
    }

    fn add(&mut self, outcome: &Outcome) -> Result<()> {
        self.replies += outcome.replies;
        self.elapsed += outcome.elapsed;
        self.nulls += outcome.nulls;
        self.latency.add(&outcome.latency)?;
        Ok(())
    }

    /// Processor time of the server for each reply, in µs.
    pub(crate) fn cpu_us(&self) -> f64 {
        self.cpu_ns as f64 / 1000.0 / self.replies as f64
    }

    /// Thousands of replies in a second.
    pub(crate) fn rate_k(&self) -> f64 {
        self.replies as f64 / 1000.0 / self.elapsed.as_secs_f64()
    }

    /// The latency that this part of all (0.5: half) stayed within, in µs.
    pub(crate) fn quantile_us(&self, part: f64) -> f64 {
        quantile_us(&self.latency, part)
    }
}

/// The value in µs that this part of a histogram of nanoseconds stays within.
pub(crate) fn quantile_us(latency: &Histogram<u64>, part: f64) -> f64 {
    latency.value_at_quantile(part) as f64 / 1000.0
}
