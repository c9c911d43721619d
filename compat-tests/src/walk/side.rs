//! One of the two servers of a walk, and the clients that take turns on it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::generate::contains;
use crate::client::{Arrival, Client};
use crate::reply::Reply;
use crate::server::Server;

/// How long a reply is simply awaited before asking whether the client is parked.
const GLANCE: Duration = Duration::from_millis(10);

/// A server, its clients, and one more that watches over them.
pub(super) struct Side {
    pub(super) server: Server,
    pub(super) control: Client,
    hands: Vec<Hand>,
}

struct Hand {
    client: Client,
    id: i64,
}

/// Why no more replies are to be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The commands have been answered.
    Answered,
    /// The client is parked in the last of them.
    Parked,
    /// The server has closed the connection.
    Closed,
    /// Nothing came for as long as patience lasts.
    Silent,
}

/// What a client received.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) replies: Vec<Vec<u8>>,
    pub(super) end: End,
}

impl Side {
    pub(super) fn new(server: Server, clients: usize) -> Result<Self> {
        let control = server.connect()?;
        let mut side = Self { server, control, hands: Vec::new() };
        for _ in 0..clients {
            let hand = side.hand()?;
            side.hands.push(hand);
        }
        Ok(side)
    }

    fn hand(&self) -> Result<Hand> {
        let mut client = self.server.connect()?;
        let id = client.ask(&["CLIENT", "ID"])?.integer().context("CLIENT ID is no number")?;
        Ok(Hand { client, id })
    }

    /// A new connection instead of one that was closed.
    pub(super) fn connect_again(&mut self, client: usize) -> Result<()> {
        self.hands[client] = self.hand()?;
        Ok(())
    }

    pub(super) fn send(&mut self, client: usize, bytes: &[u8]) -> Result<()> {
        self.hands[client].client.send_raw(bytes)
    }

    pub(super) fn is_parked(&mut self, client: usize) -> Result<bool> {
        let id = self.hands[client].id.to_string();
        let list = self.control.ask(&["CLIENT", "LIST", "ID", &id])?.text();
        let flags = list.split(' ').find_map(|word| word.strip_prefix("flags="));
        Ok(flags.is_some_and(|flags| flags.contains('b')))
    }

    pub(super) fn unblock(&mut self, client: usize, error: bool) -> Result<Reply> {
        let (id, how) =
            (self.hands[client].id.to_string(), if error { "ERROR" } else { "TIMEOUT" });
        self.control.ask(&["CLIENT", "UNBLOCK", &id, how])
    }

    /// Waits until everything has been written that was caused by what the server has done so far.
    pub(super) fn fence(&mut self) -> Result<()> {
        let reply = self.control.call(&["PING"])?;
        ensure!(reply == b"+PONG\r\n", "PING is answered with {}", reply.escape_ascii());
        Ok(())
    }

    /// What a client receives until at least `count` replies are there, or it is clear that they
    /// do not come. A parked client is waited for if its command is brief.
    pub(super) fn hear(
        &mut self,
        client: usize,
        count: usize,
        is_brief: bool,
        patience: Duration,
    ) -> Result<Heard> {
        let (mut replies, start) = (Vec::new(), Instant::now());
        let ended = |replies, end| Ok(Heard { replies, end });
        while count_replies(&replies) < count {
            match self.hands[client].client.arrival(GLANCE)? {
                Arrival::Reply(reply) => replies.push(reply),
                Arrival::Closed => return ended(replies, End::Closed),
                Arrival::Nothing if !is_brief && self.is_parked(client)? => {
                    // The reply may have come between looking for it and looking for the client.
                    match self.hands[client].client.arrival(Duration::ZERO)? {
                        Arrival::Reply(reply) => replies.push(reply),
                        _ => return ended(replies, End::Parked),
                    }
                }
                Arrival::Nothing if start.elapsed() > patience => {
                    return ended(replies, End::Silent);
                }
                Arrival::Nothing => {}
            }
        }
        ended(replies, End::Answered)
    }

    /// What has come already, without waiting.
    pub(super) fn overhear(&mut self, client: usize) -> Result<Heard> {
        let mut replies = Vec::new();
        loop {
            match self.hands[client].client.arrival(Duration::ZERO)? {
                Arrival::Reply(reply) => replies.push(reply),
                Arrival::Closed => return Ok(Heard { replies, end: End::Closed }),
                Arrival::Nothing => return Ok(Heard { replies, end: End::Answered }),
            }
        }
    }

    /// Exactly so many replies and messages, or those that came while patience lasts.
    pub(super) fn await_exactly(
        &mut self,
        client: usize,
        count: usize,
        patience: Duration,
    ) -> Result<Heard> {
        let (mut replies, start) = (Vec::new(), Instant::now());
        while replies.len() < count {
            match self.hands[client].client.arrival(GLANCE)? {
                Arrival::Reply(reply) => replies.push(reply),
                Arrival::Closed => return Ok(Heard { replies, end: End::Closed }),
                Arrival::Nothing if start.elapsed() > patience => {
                    return Ok(Heard { replies, end: End::Silent });
                }
                Arrival::Nothing => {}
            }
        }
        Ok(Heard { replies, end: End::Answered })
    }
}

/// How many of them answer commands: messages to subscribers do not.
fn count_replies(replies: &[Vec<u8>]) -> usize {
    let is_message = |reply: &&Vec<u8>| is_push(reply) && !contains(reply, b"subscribe\r\n");
    replies.len() - replies.iter().filter(is_message).count()
}

/// Whether this is a message of RESP3.
pub(super) fn is_push(reply: &[u8]) -> bool {
    reply.first() == Some(&b'>')
}
