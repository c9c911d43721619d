//! What must be seen as one: the release of a lock by a script, and transactions of five commands.

use anyhow::{Result, ensure};

use super::commands::{CONNECTIONS, PIPELINES_STRUCTURED, alternate, timed, timings};
use super::{Row, Site};
use crate::meter::Tally;
use crate::swarm::{Swarm, ask};
use crate::tape::Tape;

/// The script with which a lock is released by whoever holds it, and nobody else.
const RELEASE: &str = r#"if redis.call("get",KEYS[1]) == ARGV[1] then return redis.call("del",KEYS[1]) else return 0 end"#;
/// A lock's holder, and for how long it may hold it: longer than any measurement.
const HOLDER: &str = "0123456789abcdef0123456789abcdef01234567";
const HOLD_MS: &str = "600000";
/// A short script's processor time over Redis's.
const SCRIPT: f64 = 1.2;
/// Locks that one connection takes before it releases them.
const LOCKS_MAX: usize = 2_000;
/// A transaction, which travels in one write: each line is a request, and `#` stands for the connection's number.
const TRANSACTION: [&[&str]; 7] = [
    &["MULTI"],
    &["SET", "job:#", "queued"],
    &["LPUSH", "wait:#", "job"],
    &["INCR", "total:#"],
    &["LTRIM", "wait:#", "0", "9"],
    &["GET", "job:#"],
    &["EXEC"],
];

/// Locks and transactions, each at each depth.
pub(super) fn rows() -> Vec<Row> {
    let locks = PIPELINES_STRUCTURED.map(|(pipeline, most)| lock(pipeline, most));
    let transactions = PIPELINES_STRUCTURED.map(|(count, most)| transaction(count, most));
    locks.into_iter().chain(transactions).collect()
}

/// Taking locks, and releasing them.
fn lock(pipeline: usize, most: f64) -> Row {
    let name = format!("lock P={pipeline}");
    let lines = vec![
        timed(format!("SET NX PX {name}"), most),
        timed(format!("EVALSHA release {name}"), SCRIPT),
    ];
    Row::new(name, lines, move |site| {
        let batches = if site.options.quick { 120 } else { 400 }.min(LOCKS_MAX / pipeline);
        let sha = load(site)?;
        // Every lock is another key: it is free when it is taken, and held when it is released.
        let record = |words: &dyn Fn(String) -> Vec<Vec<u8>>| {
            let key = |batch, place| format!("lock:{}", batch * pipeline + place);
            Tape::record(CONNECTIONS * batches, pipeline, |batch, place| words(key(batch, place)))
        };
        let take = record(&|key| words(&["SET", &key, HOLDER, "NX", "PX", HOLD_MS]));
        let release = record(&|key| words(&["EVALSHA", &sha, "1", &key, HOLDER]));
        let mut swarm = Swarm::connect(site.server.address, CONNECTIONS)?;
        let tallies = alternate(site, &mut swarm, [&take, &release], batches)?;
        Ok(tallies.iter().flat_map(timings).collect())
    })
}

/// Loads the script and returns its name.
fn load(site: Site<'_>) -> Result<String> {
    let reply = ask(site.server.address, &[b"SCRIPT", b"LOAD", RELEASE.as_bytes()])?;
    let reply = String::from_utf8(reply)?;
    let sha = reply.lines().nth(1).unwrap_or_default();
    ensure!(sha.len() == 40, "{reply:?} names no script");
    Ok(sha.to_owned())
}

/// So many transactions in each write.
fn transaction(count: usize, most: f64) -> Row {
    let name = format!("MULTI of five commands P={count}");
    Row::new(name.clone(), vec![timed(name, most)], move |site| {
        let batches = if site.options.quick { 60 } else { 200 } / count.min(10);
        let tape = Tape::record(CONNECTIONS, count * TRANSACTION.len(), |conn, place| {
            let request = TRANSACTION[place % TRANSACTION.len()];
            request.iter().map(|word| word.replace('#', &conn.to_string()).into_bytes()).collect()
        });
        let mut swarm = Swarm::connect(site.server.address, CONNECTIONS)?;
        let tallies = alternate(site, &mut swarm, [&tape], batches)?;
        Ok(tallies.iter().flat_map(each_transaction).collect())
    })
}

/// The figures of a timed line, with a transaction as the unit.
fn each_transaction(tally: &Tally) -> [f64; 4] {
    let requests = TRANSACTION.len() as f64;
    let [cpu, rate, p50, p99] = timings(tally);
    [cpu * requests, rate / requests, p50, p99]
}

fn words(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}
