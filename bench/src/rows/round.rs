//! A whole piece of work between two agents: delegate, poll, respond, and the sender learns the result, from its inbox or
//! by waiting for it.

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

/// Pairs of the leased rounds at a time: as many agents as a large mesh has.
const LEASED_PAIRS: usize = 100;

/// How the sender learns the result.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Ending {
    /// It polls its inbox.
    Polled,
    /// It names itself to nobody and awaits the task. The lease is given, and the answer carries the receipt.
    Awaited,
}

/// Both endings: many pairs of agents at a time, and one pair alone.
pub(super) fn rows() -> Vec<Row> {
    let target = Target::Own(35.0);
    vec![
        row("round", "delegate, poll, respond, poll", CONNECTIONS, Ending::Polled, target),
        row(
            "leased round",
            "leased delegate, poll, respond, await",
            LEASED_PAIRS,
            Ending::Awaited,
            target,
        ),
    ]
}

fn row(name: &str, steps: &str, count: usize, ending: Ending, target: Target) -> Row {
    let cpu = Figure::new("cpu", "µs/round");
    let rest = [Figure::new("rate", "krounds/s"), Figure::new("step p50", "µs")];
    // A pair alone pays for waking an idle processor four times, which no broker can help.
    let lines = vec![
        line(format!("{steps}: {count} pairs"), [cpu.to_reach(target), rest[0], rest[1]]),
        line(format!("{steps}: one pair"), [cpu, rest[0], rest[1]]),
    ];
    let measure = move |site: Site<'_>| measure(site, count, ending);
    Row::new(name, lines, measure).for_audience(Audience::BrokerAlone)
}

fn measure(site: Site<'_>, count: usize, ending: Ending) -> Result<Vec<f64>> {
    let names = || (0..count).flat_map(|pair| [sender(pair), worker(pair)]);
    for name in names() {
        ask(site.server.address, &[b"CLAW.REGISTER", name.as_bytes()])?;
    }
    names().try_for_each(|name| forget_news(site, &name))?;
    let mut figures = pairs(site, count, ending)?;
    figures.extend(pairs(site, 1, ending)?);
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

fn pairs(site: Site<'_>, count: usize, ending: Ending) -> Result<Vec<f64>> {
    let mut swarm = Swarm::connect(site.server.address, count)?;
    let mut tally = Tally::new()?;
    swarm.play(&mut Rounds::new(count, 20, ending))?;
    while tally.elapsed < site.options.budget() {
        let mut rounds = Rounds::new(count, if count == 1 { 500 } else { 100 }, ending);
        tally.play(site.server, &mut swarm, &mut rounds)?;
        ensure!(rounds.astray == 0, "{} replies were about something else", rounds.astray);
    }
    let (cpu, rate) = (tally.cpu_us() * STEPS as f64, tally.rate_k() / STEPS as f64);
    Ok(vec![cpu, rate, tally.quantile_us(0.5)])
}

/// Pairs of agents that work through their rounds, each pair over one connection.
struct Rounds {
    pairs: Vec<Pair>,
    ending: Ending,
    /// Replies that did not bring exactly the one message that was sent.
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
    fn new(pairs: usize, rounds: usize, ending: Ending) -> Self {
        let pair = |_| Pair {
            left: rounds * STEPS,
            reply: Vec::new(),
            id: Vec::new(),
            request: Vec::new(),
        };
        Self { pairs: (0..pairs).map(pair).collect(), ending, astray: 0 }
    }
}

impl Script for Rounds {
    fn next(&mut self, conn: usize) -> Option<(&[u8], usize)> {
        let pair = &mut self.pairs[conn];
        let step = (STEPS - pair.left % STEPS) % STEPS;
        self.astray += u64::from(!pair.reply_fits(step, self.ending));
        if pair.left == 0 {
            return None;
        }
        pair.left -= 1;
        pair.ask(conn, step, self.ending);
        Some((&pair.request, 1))
    }

    fn received(&mut self, conn: usize, bytes: &[u8]) {
        self.pairs[conn].reply.extend_from_slice(bytes);
    }
}

impl Pair {
    /// Whether the reply to the step before this one is what it should be; learns the task's id.
    fn reply_fits(&mut self, step: usize, ending: Ending) -> bool {
        let reply = std::mem::take(&mut self.reply);
        match step {
            // Before the very first step there is no reply yet.
            0 if reply.is_empty() => true,
            0 => self.brings(&reply, if ending == Ending::Polled { b"*1\r\n" } else { b"$" }),
            1 => {
                let id = reply.split(|&byte| byte == b'\n').nth(1).unwrap_or_default();
                self.id = id.strip_suffix(b"\r").unwrap_or(id).to_vec();
                !self.id.is_empty()
            }
            2 => self.brings(&reply, b"*1\r\n"),
            _ => reply.starts_with(b"$"),
        }
    }

    /// Whether this begins as one message does, and is about the task at hand.
    fn brings(&self, reply: &[u8], beginning: &[u8]) -> bool {
        let mut places = reply.windows(self.id.len().max(1));
        reply.starts_with(beginning) && places.any(|place| place == self.id)
    }

    fn ask(&mut self, number: usize, step: usize, ending: Ending) {
        let (sender, worker) = (sender(number), worker(number));
        let (sender, worker) = (sender.as_bytes(), worker.as_bytes());
        let text = payload(TASK);
        self.request.clear();
        let receipt = [&self.id, &b"#1"[..]].concat();
        let words: &[&[u8]] = match (step, ending) {
            (0, Ending::Polled) => &[b"CLAW.DELEGATE", worker, &text, b"FROM", sender],
            (0, Ending::Awaited) => &[b"CLAW.DELEGATE", worker, &text, b"LEASE", b"60"],
            (1, _) => &[b"CLAW.POLL", worker],
            (2, Ending::Polled) => &[b"CLAW.RESPOND", &self.id, &text, b"FROM", worker],
            (2, Ending::Awaited) => &[b"CLAW.RESPOND", &receipt, &text, b"FROM", worker],
            (_, Ending::Polled) => &[b"CLAW.POLL", sender],
            (_, Ending::Awaited) => &[b"CLAW.AWAIT", &self.id, b"TIMEOUT", b"10"],
        };
        resp::write_request(&mut self.request, words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays one round against these replies; returns the requests' first words and how many replies
    /// went astray.
    fn play(ending: Ending, replies: [&[u8]; STEPS]) -> (Vec<String>, u64) {
        let mut rounds = Rounds::new(1, 1, ending);
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
    const AWAITED: &[u8] = b"$8\r\n{w.b.12}\r\n";
    const RESPONDED: &[u8] = b"$1\r\nr\r\n";

    #[test]
    fn a_round_is_delegate_poll_respond_poll() {
        let (asked, astray) = play(Ending::Polled, [ID, POLLED, RESPONDED, POLLED]);
        let all = ["CLAW.DELEGATE", "CLAW.POLL", "CLAW.RESPOND", "CLAW.POLL"];
        assert_eq!((asked, astray), (all.map(str::to_owned).to_vec(), 0));
    }

    #[test]
    fn a_leased_round_ends_with_await() {
        let (asked, astray) = play(Ending::Awaited, [ID, POLLED, RESPONDED, AWAITED]);
        let all = ["CLAW.DELEGATE", "CLAW.POLL", "CLAW.RESPOND", "CLAW.AWAIT"];
        assert_eq!((asked, astray), (all.map(str::to_owned).to_vec(), 0));
    }

    #[test]
    fn replies_that_bring_nothing_or_another_task_are_noticed() {
        let other: &[u8] = b"*1\r\n$8\r\n{w.b.11}\r\n";
        assert_eq!(play(Ending::Polled, [ID, b"*0\r\n", RESPONDED, POLLED]).1, 1);
        assert_eq!(play(Ending::Polled, [ID, POLLED, RESPONDED, other]).1, 1);
        assert_eq!(play(Ending::Awaited, [ID, POLLED, RESPONDED, b"$-1\r\n"]).1, 1);
    }
}
