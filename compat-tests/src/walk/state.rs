//! All that two servers hold, key by key.

use anyhow::{Context, Result};

use super::duo::Difference;
use super::equality::Equality;
use super::side::Side;
use crate::reply::Reply;
use crate::wait;

/// The databases that the grammar names.
const DATABASES: [&str; 4] = ["0", "1", "2", "15"];

/// Lives are of milliseconds or of days: whatever ends sooner than this ends at once.
const SOON_MS: i64 = 50_000_000;

/// How the content of a type is asked for, and what of the reply is compared.
fn questions(kind: &str) -> (&'static [&'static [&'static str]], Equality) {
    match kind {
        "string" => (&[&["GET"]], Equality::Exact),
        "list" => (&[&["LRANGE", "", "0", "-1"]], Equality::Exact),
        "set" => (&[&["SMEMBERS"]], Equality::Unordered),
        "zset" => (&[&["ZRANGE", "", "0", "-1", "WITHSCORES"]], Equality::Exact),
        "hash" => (&[&["HGETALL"]], Equality::Pairs),
        _ => (&[&["XINFO", "STREAM", "", "FULL", "COUNT", "0"]], Equality::Clock),
    }
}

/// Waits until no key has a short life before it: until those that had one are gone. That asks for
/// every key, so that it is gone for the one who counts them, too.
pub(super) fn wait_until_ended(side: &mut Side) -> Result<()> {
    let mut failure = None;
    wait::until("the keys are gone whose time is over", || {
        ends_soon(side).map(|ends_soon| !ends_soon).unwrap_or_else(|error| {
            failure = Some(error);
            true
        })
    });
    failure.map_or(Ok(()), Err)
}

fn ends_soon(side: &mut Side) -> Result<bool> {
    let mut found = false;
    for database in DATABASES {
        side.control.ask(&["SELECT", database])?;
        // Redis forgets what SCAN finds to be over; KEYS only leaves it out.
        let page = side.control.ask(&["SCAN", "0", "COUNT", "100000"])?;
        let keys = page.items().get(1).map(Reply::items).unwrap_or_default();
        for key in keys.iter().filter_map(Reply::bytes) {
            let left = side.control.ask(&[&b"PTTL"[..], key])?.integer().context("no PTTL")?;
            found |= (0..SOON_MS).contains(&left);
        }
    }
    Ok(found)
}

/// Where the broker tells agents which files have changed: no walk made it.
const OF_THE_BROKER: &[u8] = b"topic:files";

fn keys(side: &mut Side, database: &str) -> Result<Vec<Vec<u8>>> {
    side.control.ask(&["SELECT", database])?;
    let keys = side.control.ask(&["KEYS", "*"])?.sorted(1);
    let keys = keys.items().iter().filter_map(Reply::bytes).filter(|key| *key != OF_THE_BROKER);
    Ok(keys.map(<[u8]>::to_vec).collect())
}

/// The first difference between what two servers hold.
pub(super) fn compare(left: &mut Side, right: &mut Side) -> Result<Option<Difference>> {
    for database in DATABASES {
        let (keys, others) = (keys(left, database)?, keys(right, database)?);
        if keys != others {
            let show = |keys: &[Vec<u8>]| keys.join(&b' ').escape_ascii().to_string();
            let text = format!("Redis:      {}\nthe broker: {}", show(&keys), show(&others));
            return Ok(Some(Difference {
                about: format!("the keys of database {database}"),
                text,
            }));
        }
        for key in keys {
            if let Some(difference) = compare_key(left, right, &key)? {
                return Ok(Some(difference));
            }
        }
    }
    Ok(None)
}

fn compare_key(left: &mut Side, right: &mut Side, key: &[u8]) -> Result<Option<Difference>> {
    let kind = left.control.ask(&[&b"TYPE"[..], key])?.text();
    let (questions, equality) = questions(&kind);
    // A file does not remember whether it was appended to.
    let encoding = if key.starts_with(b"file:") { Equality::Kind } else { Equality::Exact };
    let general: [(&[&str], Equality); 3] = [
        (&["TYPE"], Equality::Exact),
        (&["OBJECT", "ENCODING"], encoding),
        (&["PEXPIRETIME"], Equality::Clock),
    ];
    let special = questions.iter().map(|question| (*question, equality.clone()));
    for (question, equality) in general.into_iter().chain(special) {
        // The key stands where a word is left empty, else at the end.
        let mut words: Vec<&[u8]> = question.iter().map(|word| word.as_bytes()).collect();
        match words.iter_mut().find(|word| word.is_empty()) {
            Some(word) => *word = key,
            None => words.push(key),
        }
        let (expected, got) = (left.control.call(&words)?, right.control.call(&words)?);
        if !equality.holds(&expected, &got)? {
            let asked = words.join(&b' ');
            let text = format!(
                "in the end, {}\nRedis:      {}\nthe broker: {}",
                asked.escape_ascii(),
                expected.escape_ascii(),
                got.escape_ascii()
            );
            return Ok(Some(Difference { about: format!("the state of a {kind}"), text }));
        }
    }
    Ok(None)
}
