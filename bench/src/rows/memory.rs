//! What things that wait cost in resident memory.

use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;

use super::{Audience, Row, Site, line, payload};
use crate::figure::{Figure, Target};
use crate::memory::{resident, settled};
use crate::swarm::Swarm;
use crate::tape::Tape;

/// Connections that stay idle.
const CONNECTIONS: usize = 10_000;
/// Bytes of a queued task.
const TASK: usize = 200;
/// Lists (or inboxes) that tasks wait in, and how many in each: inboxes hold 10 000 at most.
const QUEUES: usize = 20;
const QUEUED: usize = 9_600;
/// Mailboxes that hold one small message each.
const MAILBOXES: usize = 100_000;
/// Entries of a stream, small values, or members in all.
const MANY: usize = 1_000_000;
/// Members of each set where there are many sets.
const FEW: usize = 10;
/// Connections that fill a server, and requests in each of their writes.
const FILLERS: usize = 10;
const PIPELINE: usize = 16;
/// Within this time after their last word connections count as just used, …
const REST_SHORT: Duration = Duration::from_secs(1);
/// … and after this time more as idle: redis-server takes buffers from idle connections little by
/// little, and its allocator gives the memory back over the ten seconds after that.
const REST_LONG: Duration = Duration::from_secs(13);

/// Each thing that can wait.
pub(super) fn rows() -> Vec<Row> {
    let bytes = |most| Figure::new("memory", "bytes").to_reach(Target::Ratio(most));
    vec![
        one("memory idle broker", Figure::new("resident", "MiB").to_reach(Target::Own(8.0)), idle),
        idle_connections(),
        one("memory queued task, list", bytes(1.1), |site| queued_task(site, "list:")),
        one("memory queued task, inbox", bytes(1.1), |site| queued_task(site, "inbox:")),
        one("memory stream entry", bytes(1.25), stream_entry),
        one("memory short string", bytes(1.25), short_string),
        one("memory small hash", bytes(1.25), small_hash),
        one("memory set member, one set", bytes(1.25), |site| set_member(site, MANY)),
        one("memory set member, sets of 10", bytes(1.25), |site| set_member(site, FEW)),
        one("memory sorted set member, one set", bytes(1.25), |site| sorted_member(site, MANY)),
        one("memory sorted set member, sets of 10", bytes(1.25), |site| sorted_member(site, FEW)),
        one(
            "memory idle mailbox (one small message)",
            Figure::new("memory", "bytes").to_reach(Target::Own(2048.0)),
            idle_mailbox,
        ),
        one("memory registered agent", Figure::new("memory", "bytes"), registered_agent)
            .for_audience(Audience::BrokerAlone),
    ]
}

/// A row with a single line of the same name and a single figure.
fn one(name: &str, figure: Figure, measure: impl Fn(Site<'_>) -> Result<f64> + 'static) -> Row {
    Row::new(name, vec![line(name, [figure])], move |site| Ok(vec![measure(site)?])).steady()
}

fn idle(site: Site<'_>) -> Result<f64> {
    let _swarm = Swarm::connect(site.server.address, 1)?;
    Ok(settled(site.server.pid(), Duration::ZERO)? as f64 / f64::from(1 << 20))
}

/// Ten thousand connections that have each sent one PING, a second and a while ago.
fn idle_connections() -> Row {
    let used = Figure::new("memory", "bytes");
    let lines = vec![
        line("memory connection just used", [used]),
        line("memory idle connection", [used.to_reach(Target::Ratio(0.8))]),
    ];
    let measure = |site: Site<'_>| {
        let before = settled(site.server.pid(), Duration::ZERO)?;
        let swarm = Swarm::connect(site.server.address, CONNECTIONS)?;
        sleep(REST_SHORT);
        let used = resident(site.server.pid())?;
        let idle = settled(site.server.pid(), REST_LONG)?;
        Ok(vec![each(before, used, swarm.len()), each(before, idle, swarm.len())])
    };
    Row::new("memory idle connection", lines, measure).steady().slow()
}

fn queued_task(site: Site<'_>, prefix: &str) -> Result<f64> {
    let task = payload(TASK);
    fill(site, QUEUES * QUEUED, |number| {
        let key = format!("{prefix}{}", number % QUEUES).into_bytes();
        vec![b"LPUSH".to_vec(), key, task.clone()]
    })
}

/// Entries of one stream, with the fields of a small record.
fn stream_entry(site: Site<'_>) -> Result<f64> {
    fill(site, MANY, |number| {
        let (user, score) = (format!("user:{number}"), (number % 1_000).to_string());
        let fields = ["user", &user, "score", &score, "text", "some words of a message"];
        words(["XADD", "stream", "*"].into_iter().chain(fields))
    })
}

/// A key with a short string, which neither server stores as a number.
fn short_string(site: Site<'_>) -> Result<f64> {
    fill(site, MANY, |number| {
        words(["SET", &format!("session:{number}"), &format!("user:{number}")])
    })
}

/// A key with the hash of a small record.
fn small_hash(site: Site<'_>) -> Result<f64> {
    fill(site, MANY, |number| {
        let (key, name) = (format!("user:{number}"), format!("user {number}"));
        let visits = (number % 1_000).to_string();
        words(["HSET", &key, "name", &name, "visits", &visits, "city", "Berlin"])
    })
}

/// A member of one of the sets that have this many members each.
fn set_member(site: Site<'_>, size: usize) -> Result<f64> {
    fill(site, MANY, |number| {
        words(["SADD", &format!("set:{}", number / size), &format!("member:{number}")])
    })
}

/// The same of sorted sets, with scores in no order, as times and hashes come.
fn sorted_member(site: Site<'_>, size: usize) -> Result<f64> {
    fill(site, MANY, |number| {
        let (key, score) = (format!("zset:{}", number / size), number * 7_919 % MANY);
        words(["ZADD", &key, &score.to_string(), &format!("member:{number}")])
    })
}

/// A mailbox that nobody writes to or reads from. It holds a message, since a broker may put
/// away one that is empty: so this is the most that an idle one costs.
fn idle_mailbox(site: Site<'_>) -> Result<f64> {
    fill(site, MAILBOXES, |number| {
        vec![b"LPUSH".to_vec(), format!("inbox:agent-{number}").into_bytes(), b"xxx".to_vec()]
    })
}

/// An agent's record together with the mailbox it reads.
fn registered_agent(site: Site<'_>) -> Result<f64> {
    const AGENTS: usize = 9_600;
    fill(site, AGENTS, |number| {
        vec![b"CLAW.REGISTER".to_vec(), format!("agent-{number}").into_bytes()]
    })
}

/// Sends `count` requests and returns how many bytes of memory each left behind.
fn fill(
    site: Site<'_>,
    count: usize,
    mut request: impl FnMut(usize) -> Vec<Vec<u8>>,
) -> Result<f64> {
    let mut swarm = Swarm::connect(site.server.address, FILLERS)?;
    let before = settled(site.server.pid(), Duration::ZERO)?;
    let tape =
        Tape::record(count / PIPELINE, PIPELINE, |batch, place| request(batch * PIPELINE + place));
    swarm.play(&mut tape.script(FILLERS, count / PIPELINE / FILLERS))?;
    let after = settled(site.server.pid(), Duration::ZERO)?;
    Ok(each(before, after, count))
}

fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<Vec<u8>> {
    words.into_iter().map(|word| word.as_bytes().to_vec()).collect()
}

fn each(before: u64, after: u64, count: usize) -> f64 {
    after.saturating_sub(before) as f64 / count as f64
}
