//! Both servers in step: what one client does at a time, and whether both answer the same.
//!
//! Redis says what there is to wait for. It runs one command after the other, so after its reply and
//! a `PING` on another connection everything that a step caused has been written: replies, messages
//! to subscribers, replies to clients that were waiting. Exactly that is awaited from the broker,
//! and no more. So nothing depends on how fast anybody is.

use std::time::Duration;

use anyhow::Result;

use super::equality::Equality;
use super::generate::contains;
use super::side::{End, Heard, Side, is_push};
use super::state;
use super::step::{Command, Step, replies_min};
use crate::client::{REPLY_MAX, encode};
use crate::reply::{self, Reply};
use crate::server::Server;

/// What differed.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The command or the part of the state, for telling differences apart.
    pub about: String,
    /// Both sides, for people.
    pub text: String,
}

impl Difference {
    /// A server no longer answers.
    pub(super) fn end(error: &anyhow::Error) -> Self {
        Self { about: "an end".to_owned(), text: format!("{error:#}") }
    }
}

/// Two servers, and as many clients of each.
pub struct Duo {
    redis: Side,
    ours: Side,
    turns: Vec<Turn>,
    patience: Duration,
}

/// What is known of a client.
#[derive(Clone, Default)]
struct Turn {
    is_parked: bool,
    /// How the items of its next reply to EXEC are compared.
    queued: Vec<Equality>,
    /// Whether something that ran lets a key end soon, or something that was queued.
    ends_soon: bool,
    queue_ends_soon: bool,
}

impl Duo {
    /// Starts both servers and connects the clients.
    pub fn start(clients: usize) -> Result<Self> {
        let redis = Side::new(Server::redis()?, clients)?;
        let ours = Side::new(Server::clawlink()?, clients)?;
        Ok(Self { redis, ours, turns: vec![Turn::default(); clients], patience: REPLY_MAX })
    }

    /// Waits less for replies that do not come.
    #[must_use]
    pub fn impatient(mut self) -> Self {
        self.patience = Duration::from_millis(1500);
        self
    }

    /// Takes a step on both servers. Fails only when a server no longer answers at all.
    pub fn take(&mut self, step: &Step) -> Result<Option<Difference>> {
        match step {
            Step::Send { client, commands } => self.send(*client, commands),
            Step::Unblock { client, error } => self.unblock(*client, *error),
        }
    }

    fn unblock(&mut self, client: usize, error: bool) -> Result<Option<Difference>> {
        if !self.turns[client].is_parked {
            return Ok(None);
        }
        let (left, right) = (self.redis.unblock(client, error)?, self.ours.unblock(client, error)?);
        if left != right {
            let text = format!("Redis: {left:?}\nthe broker: {right:?}");
            return Ok(Some(Difference { about: "CLIENT UNBLOCK".to_owned(), text }));
        }
        self.listen(None)
    }

    fn send(&mut self, client: usize, commands: &[Command]) -> Result<Option<Difference>> {
        // Who waits says nothing.
        if self.turns[client].is_parked {
            return Ok(None);
        }
        let bytes: Vec<u8> = commands.iter().flat_map(|command| encode(&command.words)).collect();
        self.redis.send(client, &bytes)?;
        self.ours.send(client, &bytes)?;
        let is_brief = commands.iter().any(Command::is_brief);
        let heard = self.redis.hear(client, replies_min(commands), is_brief, self.patience)?;
        self.turns[client].is_parked = heard.end == End::Parked;
        if let Some(difference) = self.listen(Some((client, commands, heard)))? {
            return Ok(Some(difference));
        }
        if std::mem::take(&mut self.turns[client].ends_soon) {
            state::wait_until_ended(&mut self.redis)?;
            state::wait_until_ended(&mut self.ours)?;
        }
        Ok(None)
    }

    /// What everybody hears after a step, first who took it.
    fn listen(&mut self, acted: Option<(usize, &[Command], Heard)>) -> Result<Option<Difference>> {
        if self.turns.len() > 1 {
            self.redis.fence()?;
        }
        let (actor, commands, mut heard) = match acted {
            Some((client, commands, heard)) => (Some(client), commands, Some(heard)),
            None => (None, &[][..], None),
        };
        let others = (0..self.turns.len()).filter(|client| Some(*client) != actor);
        for client in actor.into_iter().chain(others) {
            let mut left = self.redis.overhear(client)?;
            let is_actor = Some(client) == actor;
            if is_actor && let Some(mut first) = heard.take() {
                first.replies.append(&mut left.replies);
                left = Heard {
                    end: if left.end == End::Closed { End::Closed } else { first.end },
                    ..first
                };
            } else if self.turns[client].is_parked && left.replies.is_empty() {
                left.end = End::Parked;
            }
            let commands = if is_actor { commands } else { &[] };
            if let Some(difference) = self.hear_ours(client, commands, &left)? {
                return Ok(Some(difference));
            }
        }
        Ok(None)
    }

    /// Hears from the broker what Redis has said to a client.
    fn hear_ours(
        &mut self,
        client: usize,
        commands: &[Command],
        left: &Heard,
    ) -> Result<Option<Difference>> {
        let awaited = left.replies.len() + usize::from(left.end == End::Closed);
        let mut right = self.ours.await_exactly(client, awaited, self.patience)?;
        right.replies.append(&mut self.ours.overhear(client)?.replies);
        if left.end == End::Parked && right.end == End::Answered {
            right.end = self.ours.hear(client, 1, false, self.patience)?.end;
        }
        self.turns[client].is_parked = left.end == End::Parked;
        let about = commands.last().map_or_else(|| "others".to_owned(), Command::name);
        let equalities = self.equalities(client, commands, &left.replies);
        let same_end = left.end == right.end || left.end == End::Silent;
        let ordered = (in_order(&left.replies), in_order(&right.replies));
        let mut pairs = ordered.0.iter().zip(&ordered.1).zip(&equalities);
        let replies_hold = left.replies.len() == right.replies.len()
            && (pairs
                .all(|((left, right), equality)| equality.holds(left, right).unwrap_or(false))
                || leaves_all(commands) && same_leave(&left.replies, &right.replies));
        if left.end == End::Closed {
            self.redis.connect_again(client)?;
            self.ours.connect_again(client)?;
            self.turns[client] = Turn::default();
        }
        let told =
            |heard: &Heard| format!("{} ({:?})", heard.replies.concat().escape_ascii(), heard.end);
        let text = format!("Redis:      {}\nthe broker: {}", told(left), told(&right));
        Ok((!same_end || !replies_hold).then_some(Difference { about, text }))
    }

    /// How each reply is to be compared: in the order of the commands, if there is one for each.
    fn equalities(
        &mut self,
        client: usize,
        commands: &[Command],
        replies: &[Vec<u8>],
    ) -> Vec<Equality> {
        let turn = &mut self.turns[client];
        let answers = replies.iter().filter(|reply| !is_push(reply)).count();
        if answers != commands.len() {
            return vec![Equality::Exact; replies.len()];
        }
        let mut commands = commands.iter();
        let mut equality = |reply: &Vec<u8>| {
            let Some(command) = (!is_push(reply)).then(|| commands.next()).flatten() else {
                return Equality::Exact;
            };
            if reply == b"+QUEUED\r\n" {
                turn.queue_ends_soon |= command.ends_soon;
                turn.queued.push(command.equality.clone());
                return Equality::Exact;
            }
            let ends_transaction = matches!(&*command.name(), "EXEC" | "DISCARD" | "RESET");
            let queue_ends_soon = ends_transaction && std::mem::take(&mut turn.queue_ends_soon);
            turn.ends_soon |= command.ends_soon || queue_ends_soon;
            match &*command.name() {
                "EXEC" if reply.starts_with(b"*") => {
                    Equality::Each(std::mem::take(&mut turn.queued))
                }
                "EXEC" | "DISCARD" | "RESET" => {
                    turn.queued.clear();
                    Equality::Exact
                }
                _ => command.equality.clone(),
            }
        };
        replies.iter().map(&mut equality).collect()
    }

    /// Compares all that both servers hold.
    pub fn compare(&mut self) -> Result<Option<Difference>> {
        state::compare(&mut self.redis, &mut self.ours)
    }
}

/// Whether a client leaves all its channels: it is told of each, in an order that is left open.
fn leaves_all(commands: &[Command]) -> bool {
    commands
        .iter()
        .any(|command| command.words.len() == 1 && command.name().ends_with("UNSUBSCRIBE"))
}

/// Whether the same channels are left, and as many are left over each time.
fn same_leave(left: &[Vec<u8>], right: &[Vec<u8>]) -> bool {
    let told = |replies: &[Vec<u8>]| {
        let parsed = replies.iter().filter_map(|reply| Some(reply::parse(reply).ok()??.0));
        let (mut channels, mut rest): (Vec<_>, Vec<_>) = parsed
            .map(|reply| match reply.items() {
                [kind, channel, count] => ((kind.clone(), channel.clone()), count.clone()),
                _ => ((reply.clone(), reply.clone()), reply),
            })
            .unzip();
        channels.sort();
        rest.insert(0, Reply::Integer(replies.len() as i64));
        (channels, rest)
    };
    told(left) == told(right)
}

/// What came, in one order where it is left open: a message that several patterns match comes once for each.
fn in_order(replies: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let is_of_pattern = |reply: &Vec<u8>| contains(reply, b"pmessage\r\n");
    let mut messages: Vec<_> = replies.iter().filter(|reply| is_of_pattern(reply)).collect();
    messages.sort();
    let mut messages = messages.into_iter();
    let next = |reply| if is_of_pattern(reply) { messages.next().unwrap_or(reply) } else { reply };
    replies.iter().map(next).cloned().collect()
}
