//! Many connections to one server, played by one thread.
//!
//! The load has to cost less than the server it measures: one thread, one poll, no parsing beyond
//! counting replies, and requests that were encoded before the clock started.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use hdrhistogram::Histogram;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::resp::{self, ReplyCounter};

/// How long a server may say nothing while replies are due.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// How many connections are opened before the server is given time to accept them: well below
/// what a listening socket lets wait, past which the kernel makes a connection try again in 1 s.
const CONNECT_GROUP: usize = 100;

/// What the connections of a swarm say.
pub(crate) trait Script {
    /// What connection `conn` says next and how many replies that will have; `None` when it has
    /// said everything. Asked for as soon as all replies to what it said before are in.
    fn next(&mut self, conn: usize) -> Option<(&[u8], usize)>;

    /// What connection `conn` has received, as it comes.
    fn received(&mut self, _conn: usize, _bytes: &[u8]) {}
}

/// How a play went.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Replies received.
    pub(crate) replies: u64,
    /// From the first request to the last reply.
    pub(crate) elapsed: Duration,
    /// From saying something to having all replies to it, in nanoseconds.
    pub(crate) latency: Histogram<u64>,
    /// Null replies and null elements among them.
    pub(crate) nulls: u64,
}

/// A histogram of latencies in nanoseconds, up to a minute.
pub(crate) fn latencies() -> Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, 60_000_000_000, 3)?)
}

#[derive(Debug)]
struct Conn {
    stream: TcpStream,
    counter: ReplyCounter,
    /// Replies that are still due; 0 when the connection rests.
    due: usize,
    said_at: Instant,
    /// What the socket has not taken yet.
    unsent: Vec<u8>,
}

/// Many connections to one server, played by one thread.
#[derive(Debug)]
pub(crate) struct Swarm {
    poll: Poll,
    conns: Vec<Conn>,
    scratch: Vec<u8>,
}

impl Swarm {
    /// Opens `count` connections to `address`, each of which has had a PING answered.
    pub(crate) fn connect(address: SocketAddr, count: usize) -> Result<Self> {
        let poll = Poll::new()?;
        let mut swarm = Self { poll, conns: Vec::new(), scratch: vec![0; 256 * 1024] };
        while swarm.conns.len() < count {
            let first = swarm.conns.len();
            for _ in first..count.min(first + CONNECT_GROUP) {
                swarm.open(address)?;
            }
            swarm.play(&mut Greeting { first, greeted: vec![false; swarm.conns.len()] })?;
        }
        Ok(swarm)
    }

    fn open(&mut self, address: SocketAddr) -> Result<()> {
        let number = self.conns.len();
        let stream = std::net::TcpStream::connect(address)
            .with_context(|| format!("cannot open connection {}", number + 1))?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut stream, Token(number), interest)?;
        let (counter, unsent) = (ReplyCounter::default(), Vec::new());
        self.conns.push(Conn { stream, counter, due: 0, said_at: Instant::now(), unsent });
        Ok(())
    }

    /// How many connections it has.
    pub(crate) fn len(&self) -> usize {
        self.conns.len()
    }

    /// Plays `script` to its end.
    ///
    /// # Errors
    /// When the server answers an error, closes a connection, or falls silent.
    pub(crate) fn play(&mut self, script: &mut impl Script) -> Result<Outcome> {
        let mut play = Play::new()?;
        for number in 0..self.conns.len() {
            play.advance(number, &mut self.conns[number], script)?;
        }
        let mut events = Events::with_capacity(1024);
        while play.talking > 0 {
            self.poll.poll(&mut events, Some(SILENCE_MAX))?;
            ensure!(!events.is_empty(), "no reply within {SILENCE_MAX:?}");
            for event in &events {
                let Token(number) = event.token();
                let conn = &mut self.conns[number];
                if event.is_writable() && !conn.unsent.is_empty() {
                    conn.send_rest()?;
                }
                if event.is_readable() {
                    play.read(number, conn, &mut self.scratch, script)?;
                }
            }
        }
        play.finish(&mut self.conns)
    }
}

impl Conn {
    /// Sends `bytes`, or keeps what the socket does not take for later.
    fn say(&mut self, bytes: &[u8]) -> Result<()> {
        let sent = match self.stream.write(bytes) {
            Ok(sent) => sent,
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error.into()),
        };
        if sent < bytes.len() {
            self.unsent.extend_from_slice(&bytes[sent..]);
            self.send_rest()?;
        }
        Ok(())
    }

    fn send_rest(&mut self) -> Result<()> {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(sent) => drop(self.unsent.drain(..sent)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// A play in progress.
struct Play {
    /// Connections that have replies due.
    talking: usize,
    replies: u64,
    began: Instant,
    latency: Histogram<u64>,
}

impl Play {
    fn new() -> Result<Self> {
        Ok(Self { talking: 0, replies: 0, began: Instant::now(), latency: latencies()? })
    }

    /// Lets a resting connection say the next thing, if it has one.
    fn advance(&mut self, number: usize, conn: &mut Conn, script: &mut impl Script) -> Result<()> {
        if let Some((bytes, due)) = script.next(number) {
            self.talking += 1;
            conn.due = due;
            conn.said_at = Instant::now();
            conn.say(bytes)?;
        }
        Ok(())
    }

    /// Reads all that has come for a connection.
    fn read(
        &mut self,
        number: usize,
        conn: &mut Conn,
        scratch: &mut [u8],
        script: &mut impl Script,
    ) -> Result<()> {
        loop {
            let count = match conn.stream.read(scratch) {
                Ok(0) => bail!("the server closed connection {number}"),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            let bytes = &scratch[..count];
            script.received(number, bytes);
            let complete = conn.counter.feed(bytes);
            self.replied(number, conn, complete, script)?;
            // Less than asked for: the socket is empty, and the next bytes raise a new event.
            if count < scratch.len() {
                return Ok(());
            }
        }
    }

    /// Takes note of `complete` replies; after the last one due the connection goes on.
    fn replied(
        &mut self,
        number: usize,
        conn: &mut Conn,
        complete: usize,
        script: &mut impl Script,
    ) -> Result<()> {
        ensure!(complete <= conn.due, "connection {number} got more replies than requests");
        if let Some(error) = &conn.counter.error {
            bail!("the server answered {}", String::from_utf8_lossy(error).trim_end());
        }
        if complete == 0 {
            return Ok(());
        }
        self.replies += complete as u64;
        conn.due -= complete;
        if conn.due == 0 {
            self.latency.saturating_record(conn.said_at.elapsed().as_nanos() as u64);
            self.talking -= 1;
            self.advance(number, conn, script)?;
        }
        Ok(())
    }

    fn finish(self, conns: &mut [Conn]) -> Result<Outcome> {
        let nulls = conns.iter_mut().map(|conn| std::mem::take(&mut conn.counter.nulls)).sum();
        let elapsed = self.began.elapsed();
        Ok(Outcome { replies: self.replies, elapsed, latency: self.latency, nulls })
    }
}

/// A PING from each connection that has not sent one yet.
struct Greeting {
    first: usize,
    greeted: Vec<bool>,
}

impl Script for Greeting {
    fn next(&mut self, conn: usize) -> Option<(&[u8], usize)> {
        let silent = conn < self.first || std::mem::replace(&mut self.greeted[conn], true);
        (!silent).then_some((b"*1\r\n$4\r\nPING\r\n", 1))
    }
}

/// One request on a connection of its own, for preparing a server: returns the raw reply.
///
/// # Errors
/// When the server answers an error or does not answer.
pub(crate) fn ask(address: SocketAddr, words: &[&[u8]]) -> Result<Vec<u8>> {
    let mut stream = std::net::TcpStream::connect(address)?;
    stream.set_read_timeout(Some(SILENCE_MAX))?;
    stream.write_all(&resp::request(words))?;
    let (mut counter, mut reply, mut scratch) = (ReplyCounter::default(), Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut scratch)?;
        ensure!(count > 0, "the server closed the connection");
        reply.extend_from_slice(&scratch[..count]);
        let complete = counter.feed(&scratch[..count]);
        if let Some(error) = counter.error {
            bail!("the server answered {}", String::from_utf8_lossy(&error).trim_end());
        }
        if complete > 0 {
            return Ok(reply);
        }
    }
}
