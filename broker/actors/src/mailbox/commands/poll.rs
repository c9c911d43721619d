//! `CLAW.POLL`

use serde::Deserialize;

use super::{inbox_key, text};
use crate::call::Call;
use crate::command::{Flags, Nothing, Patience, Route, Runs, Span};
use crate::mailbox::{Mailbox, Poll};
use crate::registry::no_agent;
use crate::request::Args;
use crate::{Command, Outcome, Pipeline, Refusal, Reply};

pub(super) static POLL: Command = Command {
    name: "claw.poll",
    arity: -2,
    flags: Flags::WRITE.with(Flags::NOSCRIPT).with(Flags::BLOCKING),
    group: "agents",
    since: "0.1.0",
    complexity: "O(n) for n messages",
    summary: "Hands out an agent's messages: tasks with a lease, responses and broadcasts.",
    syntax: "id [COUNT n] [BLOCK ms] [LEASE seconds]",
    route: Route::Reader(1),
    span: Span::Gather,
    patience: Some(patience),
    nothing: Nothing::EmptyArray,
    undo: Some(undo),
    run: Runs { mailbox: Some(poll), topics: Some(crate::topics::poll::poll), ..Runs::NONE },
    ..Command::BASE
};

/// The messages of a poll that does not say how many.
const COUNT_DEFAULT: usize = 10;
/// The most that one poll hands out: an agent reads them all before it works on the first.
const COUNT_MAX: i64 = 1_000;
/// The longest lease, a week, in seconds.
const LEASE_S_MAX: i64 = 7 * 24 * 60 * 60;

struct Options {
    count: usize,
    block: Patience,
    lease_ms: Option<u64>,
}

fn options(args: &mut Args<'_>) -> Result<Options, Refusal> {
    let mut options = Options { count: COUNT_DEFAULT, block: Patience::Never, lease_ms: None };
    args.seek(2);
    while !args.at_end() {
        if args.accept("COUNT") {
            let count = args.next_int()?.min(COUNT_MAX);
            options.count = usize::try_from(count).map_err(|_| Refusal::NotInteger)?;
        } else if args.accept("BLOCK") {
            options.block = Patience::milliseconds(args.next_int()?)?;
        } else if args.accept("LEASE") {
            let seconds = args.next_int()?;
            let allowed = (1..=LEASE_S_MAX).contains(&seconds);
            options.lease_ms =
                Some(allowed.then_some(seconds as u64 * 1_000).ok_or(Refusal::NotInteger)?);
        } else {
            return Err(Refusal::Syntax);
        }
    }
    Ok(options)
}

fn patience(args: &Args<'_>) -> Result<Patience, Refusal> {
    Ok(options(&mut args.clone())?.block)
}

/// Runs on the agent's own mailbox, and on those of its capabilities: word 1 is the agent in any case.
fn poll(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let options = options(&mut call.args)?;
    let agent = text(call.word(1));
    let directory = call.env.directory.clone();
    if !mailbox.is_shared() {
        if !mailbox.is_open() {
            return Err(no_agent(call.word(1)));
        }
        directory.seen(agent.as_bytes(), call.now);
    }
    let lease_ms = options.lease_ms.unwrap_or_else(|| directory.limits.lease_s.get() * 1_000);
    let poll = Poll { agent: &agent, count: options.count, lease_ms };
    let records = mailbox.poll(&poll, call.now, |place| directory.message_id(place));
    if records.is_empty() {
        mailbox.settle(&directory);
        call.wait_on(&inbox_key(mailbox.name_bytes()));
        return Ok(Reply::NilArray);
    }
    mailbox.changed(call.env);
    Ok(Reply::Array(records.into_iter().map(Reply::Bulk).collect()))
}

/// Puts back what a poll took for a client that was gone before it could be told.
static GIVE_BACK: Command = Command {
    name: "claw.poll",
    flags: Flags::WRITE,
    group: "agents",
    route: Route::Message(2),
    run: Runs {
        mailbox: Some(give_back),
        topics: Some(crate::topics::poll::give_back),
        ..Runs::NONE
    },
    ..Command::BASE
};

fn give_back(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let agent = text(call.word(1));
    let ids: Vec<_> = call.words().skip(2).map(text).collect();
    let ids: Vec<&str> = ids.iter().map(|id| &**id).collect();
    mailbox.give_back(&agent, &ids);
    mailbox.changed(call.env);
    Ok(Reply::Ok)
}

#[derive(Deserialize)]
struct Ids {
    #[serde(default)]
    message_id: String,
    #[serde(default)]
    response_id: String,
}

fn undo(args: &Args<'_>, reply: &Reply) -> Option<Pipeline> {
    let Reply::Array(records) = reply else {
        return None;
    };
    let mut ids = Vec::new();
    for record in records {
        if let Reply::Bulk(record) = record {
            let Ids { message_id, response_id } = serde_json::from_slice(record).ok()?;
            ids.push(if response_id.is_empty() { message_id } else { response_id });
        }
    }
    let mut words = vec![&b"claw.poll"[..], args.word(1)];
    words.extend(ids.iter().map(String::as_bytes));
    Some(Pipeline::of(Some(&GIVE_BACK), &words))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{POLL, Patience, patience, undo};
    use crate::{Pipeline, Refusal, Reply};

    #[test]
    fn what_a_poll_took_is_given_back_by_its_ids() {
        let request = Pipeline::of(Some(&POLL), &[b"claw.poll", b"bob"]);
        let records = [
            r#"{"type":"task_delegation","message_id":"bob.t.1"}"#,
            r#"{"type":"task_response","message_id":"zoe.t.9","response_id":"bob.t.2"}"#,
        ];
        let reply = Reply::Array(records.map(|r| Reply::Bulk(Bytes::from(r))).to_vec());
        let undo = undo(&request.request(0), &reply).expect("something to give back");
        let words: Vec<_> = undo.request(0).words().map(<[u8]>::to_vec).collect();
        assert_eq!(words, [&b"claw.poll"[..], b"bob", b"bob.t.1", b"bob.t.2"]);
        assert!(super::undo(&request.request(0), &Reply::NilArray).is_none());
    }

    #[test]
    fn how_long_a_poll_waits() {
        let read = |words: &[&[u8]]| patience(&Pipeline::of(None, words).request(0));
        assert_eq!(read(&[b"claw.poll", b"bob"]), Ok(Patience::Never));
        assert_eq!(read(&[b"claw.poll", b"bob", b"BLOCK", b"0"]), Ok(Patience::Forever));
        let negative = read(&[b"claw.poll", b"bob", b"BLOCK", b"-1"]);
        assert_eq!(negative, Err(Refusal::TimeoutNegative));
        for lease in [&b"0"[..], b"604801", b"x"] {
            let refused = read(&[b"claw.poll", b"bob", b"LEASE", lease]);
            assert_eq!(refused, Err(Refusal::NotInteger));
        }
    }
}
