//! `CLAW.DELEGATE`

use std::sync::atomic::Ordering;

use bytes::Bytes;
use clawlink_protocol::time::iso8601;
use clawlink_protocol::{Priority, name};
use serde_json::value::RawValue;

use super::{speaker, text};
use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::mailbox::record::{self, Envelope};
use crate::mailbox::{Delegated, Mailbox, refuse_full};
use crate::registry::no_agent;
use crate::request::Args;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static DELEGATE: Command = Command {
    name: "claw.delegate",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    group: "agents",
    since: "0.1.0",
    summary: "Hands a task to an agent, or to whoever has a capability.",
    syntax: "to task [FROM id] [CONTEXT json] [PRIORITY (low | normal | high | urgent)]",
    route: Route::Mailbox(1),
    run: Runs { mailbox: Some(delegate), ..Runs::NONE },
    ..Command::BASE
};

struct Options<'a> {
    from: Option<Bytes>,
    context: &'a RawValue,
    priority: Priority,
}

fn options<'a>(args: &mut Args<'a>) -> Result<Options<'a>, Refusal> {
    let context = record::empty_object();
    let mut options = Options { from: None, context, priority: Priority::Normal };
    args.seek(3);
    while !args.at_end() {
        if args.accept("FROM") {
            options.from = Some(args.next_value()?);
        } else if args.accept("CONTEXT") {
            let no_object = Refusal::Fixed("ERR", "the context is not a JSON object");
            options.context = record::object(args.next_word()?).ok_or(no_object)?;
        } else if args.accept("PRIORITY") {
            let other = Refusal::Fixed("ERR", "the priority is one of low, normal, high, urgent");
            options.priority = Priority::from_word(args.next_word()?).ok_or(other)?;
        } else {
            return Err(Refusal::Syntax);
        }
    }
    Ok(options)
}

fn delegate(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let options = options(&mut call.args)?;
    if !mailbox.is_open() {
        return Err(nobody(call.word(1)));
    }
    let from = speaker(call, options.from)?;
    let directory = call.env.directory.clone();
    if !from.is_empty() {
        check_sender(call, &from)?;
    }
    let id = directory.message_id(mailbox.name());
    let envelope = Envelope {
        message_id: &id,
        from: &from,
        to: mailbox.name(),
        timestamp: &iso8601(call.now),
    };
    let record = record::task(envelope, call.word(2), options.context, options.priority);
    mailbox.admit(&record, call)?;
    let task = Delegated { id: &id, from, record: &record, priority: options.priority };
    mailbox.delegate(task);
    mailbox.changed(call.env);
    Ok(Reply::from(id))
}

/// Why nothing can be delegated to a name that nobody has registered.
fn nobody(to: &[u8]) -> Refusal {
    match to.strip_prefix(b"@") {
        None => no_agent(to),
        Some(capability) if name::is_valid(capability) => {
            Refusal::NoCapability(text(capability).into())
        }
        Some(other) => Refusal::InvalidName("capability", text(other).into()),
    }
}

/// Refuses a task from somebody who could not be sent the answer: it would have no address, or no room. This is what
/// bounds the responses in an inbox that nobody polls, without ever refusing a response.
fn check_sender(call: &Call<'_>, from: &str) -> Result<(), Refusal> {
    let directory = &call.env.directory;
    let gauge = directory.mailbox(from.as_bytes()).map(|mailbox| mailbox.gauge);
    let gauge = gauge.filter(|gauge| gauge.open.load(Ordering::Relaxed));
    let gauge = gauge.ok_or_else(|| Refusal::NoAgent(from.into()))?;
    let waiting = gauge.queued.load(Ordering::Relaxed) + gauge.handed_out.load(Ordering::Relaxed);
    refuse_full(from.as_bytes(), waiting, gauge.bytes.load(Ordering::Relaxed), &directory.limits)
}
