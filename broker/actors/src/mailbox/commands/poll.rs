//! `CLAW.POLL`

use serde::Deserialize;

use super::{inbox_key, options, text};
use crate::call::Call;
use crate::command::{Flags, Nothing, Patience, Route, Runs, Span};
use crate::mailbox::{Mailbox, Poll, Room};
use crate::registry::no_agent;
use crate::request::Args;
use crate::{Command, Outcome, Pipeline, Refusal, Reply, topics};

pub(super) static POLL: Command = Command {
    name: "claw.poll",
    arity: -2,
    flags: Flags::WRITE.with(Flags::NOSCRIPT).with(Flags::BLOCKING),
    group: "agents",
    since: "0.1.0",
    complexity: "O(n) for n messages",
    summary: "Hands out an agent's messages: tasks with a lease, responses and broadcasts.",
    syntax: "id [COUNT n] [BLOCK ms] [LEASE seconds] [MAXBYTES n]",
    route: Route::Reader(1),
    span: Span::Gather,
    patience: Some(patience),
    nothing: Nothing::EmptyArray,
    undo: Some(undo),
    run: Runs { mailbox: Some(poll), topics: Some(topics::poll::poll), ..Runs::NONE },
    ..Command::BASE
};

/// The messages of a poll that does not say how many.
const COUNT_DEFAULT: usize = 10;
/// The most that one poll hands out: an agent reads them all before it works on the first.
const COUNT_MAX: i64 = 1_000;

struct Options {
    count: usize,
    block: Patience,
    lease_ms: Option<u64>,
    room: Option<Room>,
}

fn options(args: &mut Args<'_>) -> Result<Options, Refusal> {
    let mut options =
        Options { count: COUNT_DEFAULT, block: Patience::Never, lease_ms: None, room: None };
    args.seek(2);
    while !args.at_end() {
        if args.accept("COUNT") {
            options.count = count(args)?;
        } else if args.accept("BLOCK") {
            options.block = Patience::milliseconds(args.next_int()?)?;
        } else if args.accept("LEASE") {
            options.lease_ms = Some(options::lease(args)?);
        } else if args.accept("MAXBYTES") {
            let bytes = bytes(args)?;
            options.room = Some(Room { bytes, taken: 0 });
        } else if let Some(room) = &mut options.room
            && args.accept("USED")
        {
            // What the same poll has given from other inboxes: said by the connection, which asks one after the other.
            room.taken = bytes(args)?;
        } else {
            return Err(Refusal::Syntax);
        }
    }
    Ok(options)
}

/// How many messages.
pub(super) fn count(args: &mut Args<'_>) -> Result<usize, Refusal> {
    let count = args.next_int()?.min(COUNT_MAX);
    usize::try_from(count).map_err(|_| Refusal::NotInteger)
}

fn bytes(args: &mut Args<'_>) -> Result<usize, Refusal> {
    usize::try_from(args.next_int()?).map_err(|_| Refusal::NotInteger)
}

fn patience(args: &Args<'_>) -> Result<Patience, Refusal> {
    Ok(options(&mut args.clone())?.block)
}

/// Runs on the agent's own mailbox, and on those of its capabilities: word 1 is the agent in any case.
fn poll(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let Options { count, lease_ms, room, .. } = options(&mut call.args)?;
    let agent = text(call.word(1));
    if !mailbox.is_shared() {
        if !mailbox.is_open() {
            return Err(no_agent(call.word(1)));
        }
        call.env.directory.seen(agent.as_bytes(), call.now);
    }
    let poll = Poll { agent: &agent, count, lease_ms, room };
    let records = mailbox.make(call.now, call.env, |mailbox, change| mailbox.poll(&poll, change));
    if records.is_empty() {
        mailbox.settle(&call.env.directory, call.now);
        call.wait_on(&inbox_key(mailbox.name_bytes()));
        return Ok(Reply::NilArray);
    }
    mailbox.changed(call.now, call.env);
    Ok(Reply::Array(records.into_iter().map(Reply::Bulk).collect()))
}

/// Puts back what a poll took for a client that was gone before it could be told.
static GIVE_BACK: Command = Command {
    name: "claw.poll",
    flags: Flags::WRITE,
    group: "agents",
    route: Route::Message(2),
    run: Runs { mailbox: Some(give_back), topics: Some(topics::poll::give_back), ..Runs::NONE },
    ..Command::BASE
};

fn give_back(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let agent = text(call.word(1));
    let words: Vec<_> = call.words().skip(2).map(text).collect();
    let words: Vec<&str> = words.iter().map(|word| &**word).collect();
    mailbox.make(call.now, call.env, |mailbox, change| mailbox.give_back(&agent, &words, change));
    mailbox.changed(call.now, call.env);
    Ok(Reply::Ok)
}

/// The ids that a record may have, the one that says most about this hand-out first.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Ids {
    receipt: String,
    response_id: String,
    receipt_id: String,
    notice_id: String,
    answer_id: String,
    message_id: String,
}

impl Ids {
    fn first(self) -> String {
        let own = [self.receipt, self.response_id, self.receipt_id, self.notice_id, self.answer_id];
        own.into_iter().find(|id| !id.is_empty()).unwrap_or(self.message_id)
    }
}

fn undo(args: &Args<'_>, reply: &Reply) -> Option<Pipeline> {
    let Reply::Array(records) = reply else {
        return None;
    };
    let mut ids = Vec::new();
    for record in records {
        if let Reply::Bulk(record) = record {
            ids.push(serde_json::from_slice::<Ids>(record).ok()?.first());
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
    fn what_a_poll_took_is_given_back_by_what_names_the_hand_out() {
        let request = Pipeline::of(Some(&POLL), &[b"claw.poll", b"bob"]);
        let records = [
            r#"{"type":"task_delegation","message_id":"bob.t.1","receipt":"bob.t.1#2"}"#,
            r#"{"type":"task_response","message_id":"zoe.t.9","response_id":"bob.t.2"}"#,
            r##"{"type":"message","message_id":"#x.t.3"}"##,
        ];
        let reply = Reply::Array(records.map(|r| Reply::Bulk(Bytes::from(r))).to_vec());
        let undo = undo(&request.request(0), &reply).expect("something to give back");
        let words: Vec<_> = undo.request(0).words().map(<[u8]>::to_vec).collect();
        assert_eq!(words, [&b"claw.poll"[..], b"bob", b"bob.t.1#2", b"bob.t.2", b"#x.t.3"]);
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
