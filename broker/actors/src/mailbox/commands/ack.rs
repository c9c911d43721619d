//! `CLAW.ACK`

use super::{speaker, text};
use crate::call::Call;
use crate::command::{Flags, Route, Runs, Span};
use crate::mailbox::{Mailbox, split_receipt};
use crate::request::Args;
use crate::{Command, Outcome, Place, Refusal, Reply};

pub(super) static ACK: Command = Command {
    name: "claw.ack",
    arity: -2,
    flags: Flags::WRITE.with(Flags::FAST),
    group: "agents",
    since: "0.1.0",
    complexity: "O(n) for n ids; a message that is still queued is looked for in its inbox",
    summary: "Says that these messages need no more attention.",
    syntax: "message-id [message-id …] [FROM id]",
    route: Route::Messages(1),
    span: Span::Sum,
    run: Runs { mailbox: Some(ack), topics: Some(crate::topics::poll::ack), ..Runs::NONE },
    ..Command::BASE
};

/// Where the ids end, and who acknowledges.
fn options<'a>(args: &Args<'a>) -> Result<(usize, Option<&'a [u8]>), Refusal> {
    let end = args.len();
    if args.word(end - 1).eq_ignore_ascii_case(b"FROM") {
        return Err(Refusal::Syntax);
    }
    if end > 3 && args.word(end - 2).eq_ignore_ascii_case(b"FROM") {
        return Ok((end - 2, Some(args.word(end - 1))));
    }
    Ok((end, None))
}

/// The ids may name messages of several owners; each counts its own.
fn ack(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let (end, from) = options(&call.args)?;
    speaker(call, from.map(bytes::Bytes::copy_from_slice))?;
    let mut found = 0;
    for index in 1..end {
        let word = call.word(index);
        if Place::of_message(word) == call.place {
            let (id, now) = (text(word), call.now);
            let id = split_receipt(&id).0;
            let known =
                mailbox.make(now, call.env, |mailbox, change| mailbox.acknowledge(id, change));
            found += i64::from(known);
        }
    }
    if found > 0 {
        mailbox.changed(call.now, call.env);
    }
    Ok(Reply::Int(found))
}
