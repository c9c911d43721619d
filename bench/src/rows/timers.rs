//! A million tasks that wait for their time: what the broker does while nothing is due, and what each costs.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::{Audience, Row, Site, line, payload};
use crate::cpu;
use crate::figure::{Figure, Target};
use crate::memory::settled;
use crate::meter::Tally;
use crate::swarm::{Swarm, ask};
use crate::tape::Tape;

/// Delayed tasks, and the inboxes they are for: half of what an inbox holds by default.
const INBOXES: usize = 200;
const TASKS: usize = INBOXES * 5_000;
/// Bytes of a task.
const TASK: usize = 200;
/// Connections that send them, and requests in each of their writes.
const SENDERS: usize = 10;
const PIPELINE: usize = 16;
/// The seconds after which the first of them is due: long after the measurement.
const DELAY_S: usize = 3_600;
/// How long the idle broker is watched.
const WATCH: Duration = Duration::from_secs(5);

/// A million delayed tasks, and then silence.
pub(super) fn row() -> Row {
    let busy = Figure::new("cpu", "% of a core").to_reach(Target::Own(1.0));
    let lines = vec![
        line("idle with 1 000 000 delayed tasks", [busy]),
        line("memory delayed task", [Figure::new("memory", "bytes")]),
        line(
            "DELEGATE with DELAY P=16",
            [Figure::new("cpu", "µs/op"), Figure::new("rate", "kop/s")],
        ),
    ];
    Row::new("timers", lines, measure).for_audience(Audience::BrokerAlone).steady().slow()
}

fn measure(site: Site<'_>) -> Result<Vec<f64>> {
    for inbox in 0..INBOXES {
        ask(site.server.address, &[b"CLAW.REGISTER", worker(inbox).as_bytes()])?;
    }
    let mut swarm = Swarm::connect(site.server.address, SENDERS)?;
    let before = settled(site.server.pid(), Duration::ZERO)?;
    // No two neighbours are for one inbox, and no two of an inbox are due at the same time.
    let tape =
        Tape::record(TASKS / PIPELINE, PIPELINE, |batch, place| delegate(batch * PIPELINE + place));
    let mut tally = Tally::new()?;
    tally.play(site.server, &mut swarm, &mut tape.script(SENDERS, TASKS / PIPELINE / SENDERS))?;
    drop(tape);
    let after = settled(site.server.pid(), Duration::ZERO)?;
    let last = ask(site.server.address, &[b"CLAW.TASKS", b"STATE", b"delayed", b"LIMIT", b"1"])?;
    ensure!(last.starts_with(b"*1\r\n"), "the tasks are not delayed");
    let idle = idle_share(site)?;
    let each = after.saturating_sub(before) as f64 / TASKS as f64;
    Ok(vec![idle, each, tally.cpu_us(), tally.rate_k()])
}

/// The part of a core, in percent, that the server takes while nobody asks it anything.
fn idle_share(site: Site<'_>) -> Result<f64> {
    let (before, began) = (cpu::used_ns(site.server.pid())?, Instant::now());
    sleep(WATCH);
    let used = cpu::used_ns(site.server.pid())? - before;
    Ok(used as f64 / began.elapsed().as_nanos() as f64 * 100.0)
}

fn worker(inbox: usize) -> String {
    format!("worker-{inbox}")
}

fn delegate(number: usize) -> Vec<Vec<u8>> {
    let delay = DELAY_S + number / INBOXES;
    let words = ["CLAW.DELEGATE".to_owned(), worker(number % INBOXES)];
    let mut words: Vec<Vec<u8>> = words.into_iter().map(String::into_bytes).collect();
    words.extend([payload(TASK), b"DELAY".to_vec(), delay.to_string().into_bytes()]);
    words
}
