//! A client that sends bytes and returns the exact bytes of one reply.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::reply::{self, Reply};

/// How long [`Client::read_reply`] waits. Nothing here takes a second on an idle machine.
pub const REPLY_MAX: Duration = Duration::from_secs(8);

const READ_BYTES: usize = 64 * 1024;

/// What [`Client::arrival`] found.
#[derive(Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The exact bytes of a reply or push.
    Reply(Vec<u8>),
    /// Nothing whole came in time.
    Nothing,
    /// The server has closed the connection.
    Closed,
}

/// One connection to a server on 127.0.0.1.
pub struct Client {
    stream: TcpStream,
    /// Received, and not yet returned.
    received: Vec<u8>,
}

impl Client {
    /// Connects to a port of 127.0.0.1. The connection speaks RESP2 until it sends `HELLO 3`.
    pub fn connect(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(REPLY_MAX))?;
        stream.set_write_timeout(Some(REPLY_MAX))?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// Whether the server has closed the connection by now, and sent nothing before that.
    pub fn is_closed(&self) -> Result<bool> {
        self.stream.set_nonblocking(true)?;
        let peeked = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false)?;
        Ok(matches!(peeked, Ok(0)))
    }

    /// Sends a command as an array of bulk strings.
    pub fn send<A: AsRef<[u8]>>(&mut self, args: &[A]) -> Result<()> {
        self.send_raw(&encode(args))
    }

    /// Sends bytes as they are: inline commands, pipelines, or nonsense.
    pub fn send_raw(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes).context("cannot send")
    }

    /// Sends a command and returns the bytes of its reply.
    pub fn call<A: AsRef<[u8]>>(&mut self, args: &[A]) -> Result<Vec<u8>> {
        self.send(args)?;
        self.read_reply()
    }

    /// Sends a command and returns its reply as a value.
    pub fn ask<A: AsRef<[u8]>>(&mut self, args: &[A]) -> Result<Reply> {
        let bytes = self.call(args)?;
        let (reply, _) = reply::parse(&bytes)?.context("half a reply")?;
        Ok(reply)
    }

    /// The exact bytes of the next reply or push. Fails after [`REPLY_MAX`], when the server
    /// closes the connection, and on anything that is no RESP.
    pub fn read_reply(&mut self) -> Result<Vec<u8>> {
        loop {
            if let Some((_, length)) = reply::parse(&self.received)? {
                let rest = self.received.split_off(length);
                return Ok(std::mem::replace(&mut self.received, rest));
            }
            if self.receive()? == 0 {
                bail!("the server closed the connection");
            }
        }
    }

    /// The next reply or push if it has come or comes within the limit. Fails on anything that is
    /// no RESP.
    pub fn arrival(&mut self, limit: Duration) -> Result<Arrival> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some((_, length)) = reply::parse(&self.received)? {
                let rest = self.received.split_off(length);
                return Ok(Arrival::Reply(std::mem::replace(&mut self.received, rest)));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            self.stream.set_nonblocking(left.is_zero())?;
            if !left.is_zero() {
                self.stream.set_read_timeout(Some(left))?;
            }
            let received = self.receive();
            self.stream.set_nonblocking(false)?;
            self.stream.set_read_timeout(Some(REPLY_MAX))?;
            let is_late = |error: &std::io::Error| {
                matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
            };
            match received {
                Ok(0) => return Ok(Arrival::Closed),
                Ok(_) => {}
                Err(error) if error.downcast_ref().is_some_and(is_late) => {
                    return Ok(Arrival::Nothing);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Everything the server sends until it closes the connection. Fails if it keeps it open
    /// without a word for [`REPLY_MAX`].
    pub fn read_to_end(&mut self) -> Result<Vec<u8>> {
        while self.receive()? > 0 {}
        Ok(std::mem::take(&mut self.received))
    }

    /// Reads until the server closes the connection, and gives each reply that came. Fails on
    /// half a reply at the end.
    pub fn replies_to_end(&mut self) -> Result<Vec<Reply>> {
        let bytes = self.read_to_end()?;
        let (mut replies, mut position) = (Vec::new(), 0);
        while position < bytes.len() {
            let (reply, length) = reply::parse(&bytes[position..])?.context("half a reply")?;
            replies.push(reply);
            position += length;
        }
        Ok(replies)
    }

    /// A reply that has come already or comes within the patience, as a value.
    pub fn read(&mut self) -> Result<Reply> {
        let bytes = self.read_reply()?;
        Ok(reply::parse(&bytes)?.context("half a reply")?.0)
    }

    fn receive(&mut self) -> Result<usize> {
        let start = self.received.len();
        self.received.resize(start + READ_BYTES, 0);
        let read = self.stream.read(&mut self.received[start..]);
        let count = match &read {
            Ok(count) => *count,
            // A server that closes with unread input resets the connection: closed is closed.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => 0,
            Err(_) => {
                self.received.truncate(start);
                let seen = self.received.escape_ascii().to_string();
                return read.with_context(|| format!("no whole reply came, only `{seen}`"));
            }
        };
        self.received.truncate(start + count);
        Ok(count)
    }

    /// Changes how long reading waits.
    pub fn set_patience(&mut self, limit: Duration) -> Result<()> {
        Ok(self.stream.set_read_timeout(Some(limit))?)
    }

    /// Tells the server that nothing more will be sent; replies can still be read.
    pub fn finish_sending(&mut self) -> Result<()> {
        Ok(self.stream.shutdown(Shutdown::Write)?)
    }
}

/// A command as an array of bulk strings.
pub fn encode<A: AsRef<[u8]>>(args: &[A]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", args.len()).into_bytes();
    for arg in args {
        let arg = arg.as_ref();
        bytes.extend_from_slice(format!("${}\r\n", arg.len()).as_bytes());
        bytes.extend_from_slice(arg);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}
