//! One publisher, and one or a thousand subscribers who all get everything.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use mio::{Events, Interest, Poll, Token};

use super::{Audience, Row, Site, line, payload};
use crate::cpu;
use crate::figure::{Figure, Target};
use crate::meter::quantile_us;
use crate::swarm::latencies;
use crate::wire::Publication;

/// Bytes of what is published.
const PAYLOAD: usize = 100;
/// Publishes in one write of the pipelined rows.
const PIPELINE: usize = 64;
/// How long subscribers may get nothing while deliveries are due.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// Plain and kept channels, few and many subscribers, one by one and pipelined.
pub(super) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (channel, kind) in [("findings", "plain"), ("topic:findings", "topic")] {
        for subscribers in [1, 1000] {
            rows.push(row(kind, channel, subscribers, 1));
            rows.push(row(kind, channel, subscribers, PIPELINE));
        }
    }
    rows
}

fn row(kind: &str, channel: &'static str, subscribers: usize, pipeline: usize) -> Row {
    let (how, most) = if pipeline == 1 { ("one by one", 0.95) } else { ("pipelined", 0.5) };
    let name = format!("fan-out {kind} to {subscribers} {how}");
    let figures = [
        Figure::new("cpu", "µs/delivery").to_reach(Target::Ratio(most)),
        Figure::new("rate", "kdeliveries/s"),
        Figure::new("p50", "µs"),
        Figure::new("p99", "µs"),
    ];
    // NATS keeps nothing and has dots in its names: the plain channel is what it can be asked for.
    let audience = if kind == "plain" { Audience::Publishers } else { Audience::RedisLike };
    let lines = vec![line(name.clone(), figures)];
    Row::new(name, lines, move |site| measure(site, channel, subscribers, pipeline))
        .for_audience(audience)
}

fn measure(site: Site<'_>, channel: &str, subscribers: usize, pipeline: usize) -> Result<Vec<f64>> {
    let payload = payload(PAYLOAD);
    let publication = Publication::new(site.server.kind, channel, &payload, subscribers);
    let mut hall = Hall::open(site.server.address, publication, subscribers, pipeline)?;
    // The first waves grow the buffers of all connections, on both sides.
    let began = Instant::now();
    while began.elapsed() < site.options.budget() / 4 {
        hall.wave()?;
    }
    let (mut latency, mut waves) = (latencies()?, 0);
    let (before, began) = (cpu::used_ns(site.server.pid())?, Instant::now());
    while began.elapsed() < site.options.budget() {
        latency.saturating_record(hall.wave()?.as_nanos() as u64);
        waves += 1;
    }
    let elapsed = began.elapsed().as_secs_f64();
    let cpu_ns = cpu::used_ns(site.server.pid())? - before;
    let deliveries = (waves * pipeline * subscribers) as f64;
    let cpu_us = cpu_ns as f64 / 1000.0 / deliveries;
    let (p50, p99) = (quantile_us(&latency, 0.5), quantile_us(&latency, 0.99));
    Ok(vec![cpu_us, deliveries / 1000.0 / elapsed, p50, p99])
}

/// A publisher and its subscribers.
struct Hall {
    publisher: TcpStream,
    /// All publishes of a wave, and exactly what comes back for them.
    wave: Vec<u8>,
    replies: Vec<u8>,
    poll: Poll,
    events: Events,
    subscribers: Vec<Subscriber>,
    /// Bytes that each subscriber gets in a wave.
    share: usize,
    scratch: Vec<u8>,
}

struct Subscriber {
    stream: mio::net::TcpStream,
    /// Bytes of this wave that are still to come.
    due: usize,
}

impl Hall {
    /// Opens all connections, subscribes, and sees one delivery arrive exactly as it should.
    fn open(
        address: SocketAddr,
        publication: Publication,
        subscribers: usize,
        pipeline: usize,
    ) -> Result<Self> {
        let mut publisher = connect(address)?;
        publisher.write_all(&publication.hello)?;
        if !publication.hello.is_empty() {
            read_through(&mut publisher, b"\r\n")?;
        }
        let mut streams = Vec::new();
        for _ in 0..subscribers {
            let mut stream = connect(address)?;
            stream.write_all(&publication.subscribe)?;
            read_through(&mut stream, &publication.subscribed)?;
            streams.push(stream);
        }
        publisher.write_all(&publication.publish)?;
        for stream in &mut streams {
            exactly(stream, &publication.delivery).context("a subscriber")?;
        }
        exactly(&mut publisher, &publication.reply).context("the publisher")?;
        Self::listen(publisher, streams, &publication, pipeline)
    }

    fn listen(
        publisher: TcpStream,
        streams: Vec<TcpStream>,
        publication: &Publication,
        pipeline: usize,
    ) -> Result<Self> {
        let poll = Poll::new()?;
        let mut subscribers = Vec::new();
        for (number, stream) in streams.into_iter().enumerate() {
            stream.set_nonblocking(true)?;
            let mut stream = mio::net::TcpStream::from_std(stream);
            poll.registry().register(&mut stream, Token(number), Interest::READABLE)?;
            subscribers.push(Subscriber { stream, due: 0 });
        }
        Ok(Self {
            publisher,
            wave: publication.publish.repeat(pipeline),
            replies: publication.reply.repeat(pipeline),
            poll,
            events: Events::with_capacity(1024),
            subscribers,
            share: publication.delivery.len() * pipeline,
            scratch: vec![0; 64 * 1024],
        })
    }

    /// Publishes once or a pipeline full, and waits until everybody has everything; returns the
    /// time until the last subscriber had it.
    fn wave(&mut self) -> Result<Duration> {
        let began = Instant::now();
        self.publisher.write_all(&self.wave)?;
        for subscriber in &mut self.subscribers {
            subscriber.due += self.share;
        }
        let mut waiting = self.subscribers.len();
        while waiting > 0 {
            self.poll.poll(&mut self.events, Some(SILENCE_MAX))?;
            ensure!(!self.events.is_empty(), "{waiting} subscribers got nothing any more");
            for event in &self.events {
                let Token(number) = event.token();
                let subscriber = &mut self.subscribers[number];
                waiting -= usize::from(subscriber.read(&mut self.scratch)?);
            }
        }
        let taken = began.elapsed();
        exactly(&mut self.publisher, &self.replies).context("the publisher")?;
        Ok(taken)
    }
}

impl Subscriber {
    /// Reads what has come; returns whether that was the last of the wave.
    fn read(&mut self, scratch: &mut [u8]) -> Result<bool> {
        loop {
            let count = match self.stream.read(scratch) {
                Ok(0) => bail!("a subscriber's connection was closed"),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error.into()),
            };
            self.due = self.due.checked_sub(count).context("a subscriber got too much")?;
            if self.due == 0 {
                return Ok(true);
            }
            if count < scratch.len() {
                return Ok(false);
            }
        }
    }
}

fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(SILENCE_MAX))?;
    Ok(stream)
}

/// Reads until what has come ends with `end`.
fn read_through(stream: &mut TcpStream, end: &[u8]) -> Result<()> {
    let (mut got, mut scratch) = (Vec::new(), [0; 4096]);
    while !got.ends_with(end) {
        let count = stream.read(&mut scratch)?;
        ensure!(count > 0, "closed after {:?}", String::from_utf8_lossy(&got));
        got.extend_from_slice(&scratch[..count]);
    }
    Ok(())
}

/// Reads exactly these bytes.
fn exactly(stream: &mut TcpStream, expected: &[u8]) -> Result<()> {
    let mut got = vec![0; expected.len()];
    stream.read_exact(&mut got)?;
    ensure!(got == expected, "got {:?}", String::from_utf8_lossy(&got));
    Ok(())
}
