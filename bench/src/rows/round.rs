//! A whole piece of work between two agents: delegate, poll, respond, poll.

use anyhow::{Result, ensure};

use super::commands::CONNECTIONS;
use super::{Audience, Row, Site, line, payload};
use crate::figure::{Figure, Target};
use crate::meter::Tally;
use crate::resp;
use crate::swarm::{Script, Swarm, ask};

/// Bytes of a task and of its result.
const TASK: usize = 200;
/// Commands in a round.
const STEPS: usize = 4;

/// Fifty pairs of agents at a time, and one pair alone.
pub(super) fn row() -> Row {
    let cpu = Figure::new("cpu", "µs/round");
    let to_reach = cpu.to_reach(Target::Own(35.0));
    let rest = [Figure::new("rate", "krounds/s"), Figure::new("step p50", "µs")];
    // A pair alone pays for waking an idle processor four times, which no broker can help.
    let lines = vec![
        line("delegate, poll, respond, poll: 50 pairs", [to_reach, rest[0], rest[1]]),
        line("delegate, poll, respond, poll: one pair", [cpu, rest[0], rest[1]]),
    ];
    Row::new("round", lines, measure).for_audience(Audience::BrokerAlone)
}

fn measure(site: Site<'_>) -> Result<Vec<f64>> {
    for pair in 0..CONNECTIONS {
        for name in [sender(pair), worker(pair)] {
            ask(site.server.address, &[b"CLAW.REGISTER", name.as_bytes()])?;
        }
    }
    for pair in 0..CONNECTIONS {
        for name in [sender(pair), worker(pair)] {
            forget_news(site, &name)?;
        }
    }
    let mut figures = pairs(site, CONNECTIONS)?;
    figures.extend(pairs(site, 1)?);
    Ok(figures)
}

/// Lets an agent read what was announced while the others joined, until nothing is left.
fn forget_news(site: Site<'_>, name: &str) -> Result<()> {
    let poll: [&[u8]; 4] = [b"CLAW.POLL", name.as_bytes(), b"COUNT", b"1000"];
    while ask(site.server.address, &poll)? != b"*0\r\n" {}
    Ok(())
}

fn sender(pair: usize) -> String {
    format!("sender-{pair}")
}

fn worker(pair: usize) -> String {
    format!("worker-{pair}")
}

fn pairs(site: Site<'_>, count: usize) -> Result<Vec<f64>> {
    let mut swarm = Swarm::connect(site.server.address, count)?;
    let mut tally = Tally::new()?;
    swarm.play(&mut Rounds::new(count, 20))?;
    while tally.elapsed < site.options.budget() {
        let mut rounds = Rounds::new(count, if count == 1 { 500 } else { 100 });
        tally.play(site.server, &mut swarm, &mut rounds)?;
        ensure!(rounds.astray == 0, "{} polls brought something else", rounds.astray);
    }
    let (cpu, rate) = (tally.cpu_us() * STEPS as f64, tally.rate_k() / STEPS as f64);
    Ok(vec![cpu, rate, tally.quantile_us(0.5)])
}

/// Pairs of agents that work through their rounds, each pair over one connection.
struct Rounds {
    pairs: Vec<Pair>,
    /// Polls that did not bring exactly the one message that was sent.
    astray: u64,
}

struct Pair {
    /// Steps that are still to be taken.
    left: usize,
    /// What was received since the last request.
    reply: Vec<u8>,
    /// The task's id, as the sender was told.
    id: Vec<u8>,
    request: Vec<u8>,
}

impl Rounds {
    fn new(pairs: usize, rounds: usize) -> Self {
        let pair = |_| Pair {
            left: rounds * STEPS,
            reply: Vec::new(),
            id: Vec::new(),
            request: Vec::new(),
        };
        Self { pairs: (0..pairs).map(pair).collect(), astray: 0 }
    }
}

impl Script for Rounds {
    fn next(&mut self, conn: usize) -> Option<(&[u8], usize)> {
        let pair = &mut self.pairs[conn];
        let step = (STEPS - pair.left % STEPS) % STEPS;
        self.astray += u64::from(!pair.reply_fits(step));
        if pair.left == 0 {
            return None;
        }
        pair.left -= 1;
        pair.ask(conn, step);
        Some((&pair.request, 1))
    }

    fn received(&mut self, conn: usize, bytes: &[u8]) {
        self.pairs[conn].reply.extend_from_slice(bytes);
    }
}

impl Pair {
    /// Whether the reply to the step before this one is what it should be; learns the task's id.
    fn reply_fits(&mut self, step: usize) -> bool {
        let reply = std::mem::take(&mut self.reply);
        match step {
            // Before the very first step there is no reply yet.
            0 => reply.is_empty() || self.brings(&reply),
            1 => {
                let id = reply.split(|&byte| byte == b'\n').nth(1).unwrap_or_default();
                self.id = id.strip_suffix(b"\r").unwrap_or(id).to_vec();
                !self.id.is_empty()
            }
            2 => self.brings(&reply),
            _ => reply.starts_with(b"$"),
        }
    }

    /// Whether this is one message, about the task at hand.
    fn brings(&self, reply: &[u8]) -> bool {
        let mut places = reply.windows(self.id.len().max(1));
        reply.starts_with(b"*1\r\n") && places.any(|place| place == self.id)
    }

    fn ask(&mut self, number: usize, step: usize) {
        let (sender, worker) = (sender(number), worker(number));
        let (sender, worker) = (sender.as_bytes(), worker.as_bytes());
        let text = payload(TASK);
        self.request.clear();
        let words: &[&[u8]] = match step {
            0 => &[b"CLAW.DELEGATE", worker, &text, b"FROM", sender],
            1 => &[b"CLAW.POLL", worker],
            2 => &[b"CLAW.RESPOND", &self.id, &text, b"FROM", worker],
            _ => &[b"CLAW.POLL", sender],
        };
        resp::write_request(&mut self.request, words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays one round against these replies; returns the requests' first words and how many polls
    /// went astray.
    fn play(replies: [&[u8]; STEPS]) -> (Vec<String>, u64) {
        let mut rounds = Rounds::new(1, 1);
        let mut asked = Vec::new();
        for reply in replies {
            let (request, due) = rounds.next(0).expect("a step");
            assert_eq!(due, 1);
            let line = String::from_utf8_lossy(request).lines().nth(2).map(str::to_owned);
            asked.extend(line);
            rounds.received(0, reply);
        }
        assert_eq!(rounds.next(0), None, "the round is over");
        (asked, rounds.astray)
    }

    const ID: &[u8] = b"$6\r\nw.b.12\r\n";
    const POLLED: &[u8] = b"*1\r\n$8\r\n{w.b.12}\r\n";

    #[test]
    fn a_round_is_delegate_poll_respond_poll() {
        let (asked, astray) = play([ID, POLLED, b"$1\r\nr\r\n", POLLED]);
        let all = ["CLAW.DELEGATE", "CLAW.POLL", "CLAW.RESPOND", "CLAW.POLL"];
        assert_eq!((asked, astray), (all.map(str::to_owned).to_vec(), 0));
    }

    #[test]
    fn polls_that_bring_nothing_or_another_task_are_noticed() {
        assert_eq!(play([ID, b"*0\r\n", b"$1\r\nr\r\n", POLLED]).1, 1);
        assert_eq!(play([ID, POLLED, b"$1\r\nr\r\n", b"*1\r\n$8\r\n{w.b.11}\r\n"]).1, 1);
    }
}
