//! A push that somebody waits for: how long from the push to the waiter's hands.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::{Row, Site, line, payload};
use crate::cpu;
use crate::figure::{Figure, Target};
use crate::meter::quantile_us;
use crate::resp::request;
use crate::swarm::latencies;

/// Bytes of what is handed over: a task of ordinary size.
const TASK: usize = 200;
/// Hand-overs before the clock starts.
const WARM_UP: usize = 200;

/// One waiter in BRPOP and one that pushes, on this key.
pub(super) fn row(key: &'static str) -> Row {
    let (kind, _) = key.split_once(':').unwrap_or((key, ""));
    let figures = [
        Figure::new("p50", "µs").to_reach(Target::Ratio(1.0)),
        Figure::new("p99", "µs"),
        Figure::new("cpu with a PING", "µs"),
    ];
    let lines = vec![line(format!("LPUSH to a waiting BRPOP, {kind}"), figures)];
    Row::new(format!("handover {kind}"), lines, move |site| measure(site, key.as_bytes()))
}

fn measure(site: Site<'_>, key: &[u8]) -> Result<Vec<f64>> {
    let mut pair = HandOver::prepare(site, key)?;
    for _ in 0..WARM_UP {
        pair.pass()?;
    }
    let mut latency = latencies()?;
    let (before, began) = (cpu::used_ns(site.server.pid())?, Instant::now());
    while began.elapsed() < site.options.budget() {
        latency.saturating_record(pair.pass()?.as_nanos() as u64);
    }
    let cpu_ns = cpu::used_ns(site.server.pid())? - before;
    let cpu_us = cpu_ns as f64 / 1000.0 / latency.len() as f64;
    Ok(vec![quantile_us(&latency, 0.5), quantile_us(&latency, 0.99), cpu_us])
}

/// A waiter and a pusher.
struct HandOver {
    waiter: TcpStream,
    pusher: TcpStream,
    wait: Vec<u8>,
    push: Vec<u8>,
    /// Exactly what the waiter gets.
    handed: Vec<u8>,
}

impl HandOver {
    fn prepare(site: Site<'_>, key: &[u8]) -> Result<Self> {
        let connect = || -> Result<TcpStream> {
            let stream = TcpStream::connect(site.server.address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(Duration::from_secs(10)))?;
            Ok(stream)
        };
        let task = payload(TASK);
        Ok(Self {
            waiter: connect()?,
            pusher: connect()?,
            wait: request(&[b"BRPOP", key, b"0"]),
            push: request(&[b"LPUSH", key, &task]),
            // A reply of two bulk strings has the form of a request.
            handed: request(&[key, &task]),
        })
    }

    /// One hand-over; returns the time from the push to the waiter's hands.
    fn pass(&mut self) -> Result<Duration> {
        self.waiter.write_all(&self.wait)?;
        // Nothing tells that the waiter is parked; a PING sent after it is answered after it.
        self.pusher.write_all(b"*1\r\n$4\r\nPING\r\n")?;
        expect(&mut self.pusher, b"+PONG\r\n")?;
        let pushed = Instant::now();
        self.pusher.write_all(&self.push)?;
        expect(&mut self.waiter, &self.handed)?;
        let taken = pushed.elapsed();
        expect(&mut self.pusher, b":1\r\n")?;
        Ok(taken)
    }
}

/// Reads exactly these bytes.
fn expect(stream: &mut TcpStream, expected: &[u8]) -> Result<()> {
    let mut got = vec![0; expected.len()];
    stream.read_exact(&mut got)?;
    ensure!(got == expected, "got {:?}", String::from_utf8_lossy(&got));
    Ok(())
}
