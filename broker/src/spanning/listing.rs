//! Commands about all keys. In database 0 the agents' world is listed beside the plain keys.

use clawlink_actors::command::{Command, Span};
use clawlink_actors::listing::{ScanOptions, matches, page};
use clawlink_actors::place::INBOX;
use clawlink_actors::{Args, Composer, Outcome, Place, Refusal, Reply};
use std::sync::atomic::Ordering;

use crate::session::Session;

/// The owners in the order in which a scan visits them. The inboxes, which the directory lists, come last.
const STAGES: [Place<'static>; 4] = [Place::Keyspace, Place::Registry, Place::Topics, Place::Files];
/// A scan's cursor is the owner's own cursor times this, plus the owner's number.
const STAGE_BASE: u64 = 8;
/// The stage of the inboxes.
const INBOXES: usize = STAGES.len();

pub(super) async fn run(
    session: &mut Session,
    command: &'static Command,
    args: Args<'_>,
) -> Outcome {
    let request = args.detach(Some(command));
    if session.caller.db != 0 {
        return session.ask(Place::Keyspace, false, request, None).await;
    }
    if command.span == Span::Cursor {
        return scan(session, command, args).await;
    }
    let mut merged = session.ask(Place::Keyspace, false, request.clone(), None).await?;
    for place in &STAGES[1..] {
        if command.span == Span::First && !merged.is_nothing() {
            return Ok(merged);
        }
        if has_run(command, *place) {
            let part = session.ask(*place, false, request.clone(), None).await?;
            merged = merge(merged, part);
        }
    }
    let inboxes = inboxes(session, &args);
    Ok(match command.span {
        Span::Sum => merge(merged, Reply::len(inboxes.len())),
        Span::Concat => merge(merged, Reply::Array(inboxes)),
        Span::First if merged.is_nothing() => inboxes.into_iter().next().unwrap_or(merged),
        _ => merged,
    })
}

fn has_run(command: &Command, place: Place<'_>) -> bool {
    match place {
        Place::Registry => command.run.registry.is_some(),
        Place::Topics => command.run.topics.is_some(),
        Place::Files => command.run.files.is_some(),
        _ => true,
    }
}

fn merge(one: Reply, other: Reply) -> Reply {
    match (one, other) {
        (Reply::Array(mut items), Reply::Array(more)) => {
            items.extend(more);
            Reply::Array(items)
        }
        (Reply::Int(one), Reply::Int(other)) => Reply::Int(one + other),
        (one, other) => {
            if one.is_nothing() {
                other
            } else {
                one
            }
        }
    }
}

/// The keys of the inboxes that hold something; for `KEYS`, those that match its pattern.
fn inboxes(session: &Session, args: &Args<'_>) -> Vec<Reply> {
    let pattern = if args.len() > 1 { args.word(1) } else { b"*" };
    let mut keys = inbox_keys(session);
    keys.retain(|key| matches(pattern, key));
    keys.iter().map(|key| Reply::copy(key)).collect()
}

/// In order of name, so that a scan can go on where it stopped.
fn inbox_keys(session: &Session) -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    session.shared.directory.each_mailbox(|name, gauge| {
        if gauge.queued.load(Ordering::Relaxed) > 0 {
            keys.push([INBOX.as_bytes(), name].concat());
        }
    });
    keys.sort();
    keys
}

/// One step of a scan. It goes on to the next owner as long as `COUNT` allows, so that a small world takes one call.
async fn scan(session: &mut Session, command: &'static Command, args: Args<'_>) -> Outcome {
    let options = ScanOptions::parse(&mut { args }, true)?;
    let (mut stage, mut inner) =
        ((options.cursor % STAGE_BASE) as usize, options.cursor / STAGE_BASE);
    let mut budget = options.count;
    let mut found = Vec::new();
    while stage < INBOXES {
        let part = scan_owner(session, command, &args, STAGES[stage], inner).await?;
        let (next, items) = part.unwrap_or_default();
        // What an owner looked at counts, found or not; an exhausted owner has looked at no more than it was asked to.
        budget = budget.saturating_sub(items.len().max(1));
        found.extend(items);
        (stage, inner) = if next == 0 { (stage + 1, 0) } else { (stage, next) };
        if inner != 0 || budget == 0 {
            return Ok(page(stage as u64 + inner * STAGE_BASE, found));
        }
    }
    let next = scan_inboxes(session, &options, inner as usize, budget.max(1), &mut found);
    Ok(page(if next == 0 { 0 } else { INBOXES as u64 + next as u64 * STAGE_BASE }, found))
}

async fn scan_owner(
    session: &mut Session,
    command: &'static Command,
    args: &Args<'_>,
    place: Place<'static>,
    cursor: u64,
) -> Result<Option<(u64, Vec<Reply>)>, Refusal> {
    if !has_run(command, place) {
        return Ok(None);
    }
    let cursor = cursor.to_string();
    let mut composer = Composer::default();
    let words = args.words().enumerate();
    let words = words.map(|(at, word)| if at == 1 { cursor.as_bytes() } else { word });
    composer.push(Some(command), words);
    let reply = session.ask(place, false, composer.finish().into(), None).await?;
    let Reply::Array(parts) = reply else {
        return Ok(None);
    };
    let mut parts = parts.into_iter();
    Ok(match (parts.next(), parts.next()) {
        (Some(Reply::Bulk(next)), Some(Reply::Array(items))) => {
            let next = std::str::from_utf8(&next).ok().and_then(|text| text.parse().ok());
            Some((next.unwrap_or(0), items))
        }
        _ => None,
    })
}

fn scan_inboxes(
    session: &Session,
    options: &ScanOptions<'_>,
    from: usize,
    most: usize,
    found: &mut Vec<Reply>,
) -> usize {
    if !options.takes_type("list") {
        return 0;
    }
    let keys = inbox_keys(session);
    let end = from.saturating_add(most).min(keys.len());
    for key in keys.get(from..end).unwrap_or_default() {
        if options.takes(key) {
            found.push(Reply::copy(key));
        }
    }
    if end < keys.len() { end } else { 0 }
}
