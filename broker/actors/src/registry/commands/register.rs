//! `CLAW.REGISTER`

use std::sync::Arc;
use std::sync::atomic::Ordering;

use clawlink_protocol::name;

use crate::call::{Call, Env};
use crate::command::{Flags, Route, Runs};
use crate::directory::MailboxEntry;
use crate::mailbox;
use crate::registry::{Agent, Event, Registered, Registration, Registry, publish};
use crate::request::Args;
use crate::topics::{self, ReaderEvent};
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static REGISTER: Command = Command {
    name: "claw.register",
    arity: -2,
    // Its key is a secret: it is neither shown to monitors nor kept in the slow log.
    flags: Flags::WRITE
        .with(Flags::DENYOOM)
        .with(Flags::FAST)
        .with(Flags::SKIP_MONITOR)
        .with(Flags::SKIP_SLOWLOG)
        .with(Flags::ADOPTS_AGENT),
    group: "agents",
    since: "0.1.0",
    summary: "Joins the mesh, or resumes an identity; the connection speaks as that agent from then on.",
    syntax: "name [ID id] [CAPS capabilities] [MACHINE machine] [DESC description] [KEY key]",
    route: Route::Registry,
    run: Runs { registry: Some(register), ..Runs::NONE },
    ..Command::BASE
};

/// The longest name, and machine, in bytes.
const NAME_BYTES_MAX: usize = 256;
/// The longest description, in bytes: it is copied into every `DISCOVER`.
const DESCRIPTION_BYTES_MAX: usize = 4_096;
/// The most capabilities of one agent: each is a mailbox that every poll looks into.
const CAPABILITIES_MAX: usize = 64;

impl Registration {
    fn parse(args: &mut Args<'_>) -> Result<Self, Refusal> {
        let name = args.next_text()?;
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return Err(Refusal::Fixed("ERR", "the name must have 1 to 256 bytes"));
        }
        let mut parsed = Self { name, ..Self::default() };
        let mut id = None;
        while !args.at_end() {
            if args.accept("ID") {
                id = Some(valid("agent id", &args.next_text()?)?);
            } else if args.accept("CAPS") {
                parsed.capabilities = Some(capabilities(&args.next_text()?)?);
            } else if args.accept("MACHINE") {
                let long = "the machine must have at most 256 bytes";
                parsed.machine = Some(text(args, NAME_BYTES_MAX, long)?);
            } else if args.accept("DESC") {
                let long = "the description must have at most 4096 bytes";
                parsed.description = Some(text(args, DESCRIPTION_BYTES_MAX, long)?);
            } else if args.accept("KEY") {
                parsed.key = Some(args.next_word()?.to_vec());
            } else {
                return Err(Refusal::Syntax);
            }
        }
        let slug = || name::slug(&parsed.name);
        let no_slug = || Refusal::InvalidName("agent id", parsed.name.as_str().into());
        parsed.id = id.or_else(slug).ok_or_else(no_slug)?;
        Ok(parsed)
    }
}

fn text(args: &mut Args<'_>, most: usize, too_long: &'static str) -> Result<String, Refusal> {
    let text = args.next_text()?;
    if text.len() > most { Err(Refusal::Fixed("ERR", too_long)) } else { Ok(text) }
}

fn valid(what: &'static str, name: &str) -> Result<String, Refusal> {
    if name::is_valid(name.as_bytes()) {
        Ok(name.to_owned())
    } else {
        Err(Refusal::InvalidName(what, name.into()))
    }
}

fn capabilities(list: &str) -> Result<Vec<Arc<str>>, Refusal> {
    let mut found: Vec<Arc<str>> = Vec::new();
    for word in list.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let capability = valid("capability", word)?;
        if !found.iter().any(|known| **known == *capability) {
            found.push(capability.into());
        }
        if found.len() > CAPABILITIES_MAX {
            return Err(Refusal::Fixed("ERR", "an agent has at most 64 capabilities"));
        }
    }
    Ok(found)
}

fn register(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    let mut registration = Registration::parse(&mut call.args)?;
    let own = call.caller.agent.as_deref() == Some(registration.id.as_str());
    registration.identified = own && call.caller.identified;
    let directory = call.env.directory.clone();
    let stale_ms = directory.limits.agent_stale_ms.get();
    let require_key = directory.limits.require_identity.holds();
    registry.check(&registration, call.now, stale_ms, require_key)?;
    // All that can be refused comes before anything changes.
    let MailboxEntry { gauge, .. } = directory.open_mailbox(registration.id.as_bytes())?;
    for capability in registration.capabilities.iter().flatten() {
        directory.open_mailbox(format!("@{capability}").as_bytes())?;
    }
    let fresh_key = new_key()?;
    let id = registration.id.clone();
    let queued = || gauge.queued.load(Ordering::Relaxed) + gauge.handed_out.load(Ordering::Relaxed);
    let waiting = queued();
    let registered = registry.register(registration, fresh_key, &gauge, call.now, stale_ms);
    let Some(agent) = registry.agent(id.as_bytes()) else {
        return Err(Refusal::Internal);
    };
    directory.counters.agents.store(registry.agents().len(), Ordering::Relaxed);
    announce(agent, &registered, call.now, call.env);
    let status = if registered.resumed { "resumed" } else { "registered" };
    Ok(Reply::Map(vec![
        (Reply::text("agent_id"), Reply::from(id)),
        (Reply::text("key"), Reply::from(agent.key.clone())),
        (Reply::text("status"), Reply::text(status)),
        (Reply::text("queued"), Reply::len(waiting)),
    ]))
}

/// Tells everyone whom a registration concerns. The gauges are set at once: whoever acts on the reply finds them so.
fn announce(agent: &Agent, registered: &Registered, now: u64, env: &mut Env) {
    let directory = env.directory.clone();
    *agent.gauge.capabilities.write() = agent.capabilities.clone();
    agent.gauge.open.store(true, Ordering::Relaxed);
    open_shared(&registered.opened, true, env);
    open_shared(&registered.closed, false, env);
    let release = |name: &str| {
        let notice = mailbox::Notice::Released { agent: agent.id.clone(), left: false };
        directory.tell_mailbox(name.as_bytes(), notice);
    };
    release(&agent.id);
    registered.former.iter().for_each(|capability| release(&format!("@{capability}")));
    let event = if registered.resumed { ReaderEvent::Resumed } else { ReaderEvent::Joined };
    directory.tell_topics(topics::Notice::Reader { agent: agent.id.to_string(), event });
    if !registered.resumed {
        publish(agent, Event::Joined, now, env);
    } else if registered.awoke {
        publish(agent, Event::Online, now, env);
    }
}

/// Lets the mailboxes of these capabilities take tasks, or no longer.
pub(super) fn open_shared(capabilities: &[Arc<str>], open: bool, env: &Env) {
    for capability in capabilities {
        let name = format!("@{capability}");
        if let Some(mailbox) = env.directory.mailbox(name.as_bytes()) {
            mailbox.gauge.open.store(open, Ordering::Relaxed);
        }
    }
}

/// 128 random bits, in hexadecimal.
fn new_key() -> Result<String, Refusal> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(|_| Refusal::Internal)?;
    Ok(bits.iter().map(|byte| format!("{byte:02x}")).collect())
}
