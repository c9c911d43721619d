//! `CLAW.DELEGATE`

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use clawlink_protocol::time::iso8601;
use clawlink_protocol::{Priority, name};
use serde_json::value::RawValue;

use super::several::{FOLLOW, RECIPIENTS};
use super::{options, speaker, text};
use crate::call::Call;
use crate::command::{Flags, Route, Runs, Span};
use crate::directory::Gauge;
use crate::mailbox::record::{self, Envelope};
use crate::mailbox::{Delegated, Mailbox, Terms, split_receipt};
use crate::registry::{check_group_name, no_agent};
use crate::request::Args;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static DELEGATE: Command = Command {
    span: Span::Each,
    follow: Some(&FOLLOW),
    recipients: Some(&RECIPIENTS),
    run: Runs { mailbox: Some(|mailbox, call| delegate(mailbox, call, Part::Both)), ..Runs::NONE },
    ..BASE
};

/// Refuses what `CLAW.DELEGATE` would refuse, and does nothing.
pub(super) static REHEARSAL: Command = Command {
    run: Runs { mailbox: Some(|mailbox, call| delegate(mailbox, call, Part::Check)), ..Runs::NONE },
    ..BASE
};

/// Does what has been rehearsed. Nothing is refused any more: not because of the tasks that went to other recipients
/// in between either.
pub(super) static REHEARSED: Command = Command {
    run: Runs { mailbox: Some(|mailbox, call| delegate(mailbox, call, Part::Send)), ..Runs::NONE },
    ..BASE
};

const BASE: Command = Command {
    name: "claw.delegate",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST).with(Flags::BLOCKING),
    group: "agents",
    since: "0.1.0",
    summary: "Hands a task to an agent, or to whoever has a capability.",
    syntax: "to task [FROM id] [CONTEXT json] [PRIORITY (low | normal | high | urgent)] \
             [DELAY seconds] [DEADLINE seconds] [LEASE seconds] [ATTEMPTS count] [BACKOFF seconds] \
             [ID key] [WAIT seconds] [REPLY-TO agent] [GROUP group] [PARENT message-id] [RECEIPTS] \
             [QUEUE]",
    route: Route::Mailboxes(1),
    creates: Some(|args| args.words().skip(3).any(|word| word.eq_ignore_ascii_case(b"QUEUE"))),
    ..Command::BASE
};

/// What is done of sending a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Only to see whether it would be refused.
    Check,
    /// Only to send it: it has been checked.
    Send,
    /// All of it.
    Both,
}

/// How often a task may be tried.
const ATTEMPTS_MAX: i64 = 1_000;
/// The longest key of a sender, in bytes.
const KEY_BYTES_MAX: usize = 256;

struct Options<'a> {
    from: Option<Bytes>,
    context: &'a RawValue,
    priority: Priority,
    delay_ms: u64,
    deadline_ms: Option<u64>,
    key: Option<&'a [u8]>,
    parent: Option<Arc<str>>,
    queue: bool,
    /// What goes with the task, if there is any of it.
    terms: Terms,
    special: bool,
}

fn options<'a>(args: &mut Args<'a>) -> Result<Options<'a>, Refusal> {
    let mut options = Options {
        from: None,
        context: record::empty_object(),
        priority: Priority::Normal,
        delay_ms: 0,
        deadline_ms: None,
        key: None,
        parent: None,
        queue: false,
        terms: Terms::default(),
        special: false,
    };
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
        } else if args.accept("DELAY") {
            options.delay_ms = options::seconds(args)?;
        } else if args.accept("ID") {
            options.key = Some(key(args.next_word()?)?);
        } else if args.accept("WAIT") {
            // Waiting is the connection's business.
            options::seconds(args)?;
        } else if args.accept("QUEUE") {
            options.queue = true;
        } else if args.accept("PARENT") {
            options.parent = Some(split_receipt(&text(args.next_word()?)).0.into());
        } else {
            options.special_option(args)?;
            options.special = true;
        }
    }
    Ok(options)
}

impl Options<'_> {
    /// Reads an option that goes with the task.
    fn special_option(&mut self, args: &mut Args<'_>) -> Result<(), Refusal> {
        let terms = &mut self.terms;
        if args.accept("DEADLINE") {
            let deadline_ms = options::seconds(args)?;
            self.deadline_ms = Some(deadline_ms).filter(|ms| *ms > 0);
            self.deadline_ms.ok_or(Refusal::OutOfRange)?;
        } else if args.accept("LEASE") {
            terms.lease_ms = Some(options::lease(args)?);
        } else if args.accept("ATTEMPTS") {
            let attempts = args.next_int()?;
            let allowed = (1..=ATTEMPTS_MAX).contains(&attempts);
            terms.attempts = Some(allowed.then_some(attempts as u32).ok_or(Refusal::OutOfRange)?);
        } else if args.accept("BACKOFF") {
            terms.backoff_ms = options::seconds(args)?;
        } else if args.accept("REPLY-TO") {
            let agent = args.next_text()?;
            if !name::is_valid(agent.as_bytes()) {
                return Err(Refusal::InvalidName("agent id", agent.into()));
            }
            terms.reply_to = Some(agent.into());
        } else if args.accept("GROUP") {
            terms.group = Some(check_group_name(args.next_word()?)?.into());
        } else if args.accept("RECEIPTS") {
            terms.receipts = true;
        } else {
            return Err(Refusal::Syntax);
        }
        Ok(())
    }
}

fn key(word: &[u8]) -> Result<&[u8], Refusal> {
    if (1..=KEY_BYTES_MAX).contains(&word.len()) {
        Ok(word)
    } else {
        Err(Refusal::Fixed("ERR", "the ID must have 1 to 256 bytes"))
    }
}

fn delegate(mailbox: &mut Mailbox, call: &mut Call<'_>, part: Part) -> Outcome {
    let mut options = options(&mut call.args)?;
    let from = speaker(call, options.from.take())?;
    if let Some(id) = options.key.and_then(|key| mailbox.sent_before(&from, key)) {
        return Ok(Reply::copy(id.as_bytes()));
    }
    if part != Part::Send {
        check_receiver(mailbox, call, options.queue)?;
        check_sender(call, &from, options.terms.reply_to.as_ref())?;
        check_open_tasks(mailbox, call, &from)?;
    }
    descend(call, &from, &mut options)?;
    options.terms.deadline = options.deadline_ms.map(|ms| call.now.saturating_add(ms));
    let terms = options.special.then(|| Box::new(std::mem::take(&mut options.terms)));
    let id: Arc<str> = call.env.directory.message_id(mailbox.name()).into();
    let envelope = Envelope {
        message_id: &id,
        from: &from,
        to: mailbox.name(),
        timestamp: &iso8601(call.now),
    };
    let (priority, due) = (options.priority, call.now.saturating_add(options.delay_ms));
    let record = record::task(envelope, call.word(2), options.context, priority, terms.as_deref());
    if part != Part::Send {
        mailbox.admit(&record, call)?;
    }
    if part == Part::Check {
        return Ok(Reply::Ok);
    }
    if let Some(key) = options.key {
        mailbox.remember_key(&from, key, id.clone(), call.now);
    }
    let due = (options.delay_ms > 0).then_some(due);
    let task = Delegated { id: id.clone(), from, record: &record, priority, due, terms };
    mailbox.make(call.now, call.env, |mailbox, change| mailbox.delegate(task, change));
    mailbox.changed(call.now, call.env);
    Ok(Reply::copy(id.as_bytes()))
}

/// Refuses a task for a name that nobody has registered, and for what is no name in any case.
fn check_receiver(mailbox: &Mailbox, call: &Call<'_>, queue: bool) -> Result<(), Refusal> {
    let to = call.word(1);
    let (what, name) = match to.strip_prefix(b"@") {
        Some(capability) => ("capability", capability),
        None => ("agent id", to),
    };
    if mailbox.is_open() || (queue && name::is_valid(name)) {
        return Ok(());
    }
    Err(match what {
        "agent id" => no_agent(to),
        _ if name::is_valid(name) => Refusal::NoCapability(text(name).into()),
        _ => Refusal::InvalidName(what, text(name).into()),
    })
}

/// Refuses a task from somebody who could not be sent the answer: it would have no address, or no room. This is what
/// bounds the responses in an inbox that nobody polls, without ever refusing a response.
fn check_sender(
    call: &Call<'_>,
    from: &Arc<str>,
    reply_to: Option<&Arc<str>>,
) -> Result<(), Refusal> {
    let directory = &call.env.directory;
    for agent in [Some(from), reply_to].into_iter().flatten().filter(|agent| !agent.is_empty()) {
        let open = directory.gauge(agent.as_bytes(), |gauge| gauge.open.load(Ordering::Relaxed));
        if open != Some(true) {
            return Err(Refusal::NoAgent((**agent).into()));
        }
    }
    directory.check_room(reply_to.unwrap_or(from), 0)
}

/// Refuses one task too many from one sender.
fn check_open_tasks(mailbox: &Mailbox, call: &Call<'_>, from: &Arc<str>) -> Result<(), Refusal> {
    let most = call.env.directory.limits.open_tasks_max.get();
    let open = mailbox.ledger().map_or(0, |ledger| ledger.open_of(from));
    if open < most || from.is_empty() {
        return Ok(());
    }
    Err(Refusal::TooManyTasks((**from).into(), most, mailbox.name().into()))
}

/// Makes a task a part of the one that is named as its parent, or of the one that its sender is working on.
fn descend(call: &Call<'_>, from: &Arc<str>, options: &mut Options<'_>) -> Result<(), Refusal> {
    let directory = &call.env.directory;
    let parent = match options.parent.take() {
        Some(parent) => {
            let hops = directory.hops(&parent);
            Some((parent, hops))
        }
        None if from.is_empty() => None,
        None => directory.gauge(from.as_bytes(), Gauge::last_held).flatten(),
    };
    let Some((parent, hops)) = parent else { return Ok(()) };
    let (hops, most) = (hops + 1, directory.limits.hops_max.get());
    if hops > most {
        return Err(Refusal::Loop(hops, most));
    }
    options.special = true;
    options.terms.parent = Some(parent);
    options.terms.hops = hops;
    Ok(())
}
