//! Requests whose keys have several owners: each owner runs its part, and the replies are put together.
//!
//! Parts that must be seen as one run on borrowed owners ([`Session::borrow`]); parts that are only looked up or
//! listed (`KEYS`, `SCAN`, `CLAW.POLL`) do not borrow: they promise no more than Redis's own `SCAN`.

mod gather;
mod listing;
mod moves;
mod recipients;

pub(crate) use gather::collect;
pub(crate) use moves::wait_for_source;

use std::ops::Range;
use std::sync::Arc;

use clawlink_actors::command::{Command, Route, Span};
use clawlink_actors::{Args, Outcome, Pipeline, Place, Refusal, Reply};

use crate::loans::Homes;
use crate::router::{can_span, creates};
use crate::session::Session;

/// Runs a request that does not have exactly one owner.
pub(crate) async fn run(
    session: &mut Session,
    command: &'static Command,
    args: Args<'_>,
) -> Outcome {
    match command.route {
        Route::Everywhere => listing::run(session, command, args).await,
        Route::Reader(_) => collect(session, command, args).await,
        Route::Tasks => gather::tasks(session, command, args).await,
        Route::Mailboxes(_) => recipients::run(session, command, args).await,
        _ if command.span == Span::Move => moves::run(session, command, args).await,
        _ if can_span(command) => together(session, command, args).await,
        _ => Err(Refusal::CannotSpan(command.name)),
    }
}

/// Borrows the owners, unless a transaction already has, and runs every part.
async fn together(session: &mut Session, command: &'static Command, args: Args<'_>) -> Outcome {
    let mut homes = Homes::default();
    session.each_place(command, &args, |place| {
        homes.insert(place);
    });
    let lent = session.loans.is_none();
    if lent {
        session.borrow(&homes).await?;
    }
    let outcome = parts(session, command, &homes, args.detach(Some(command))).await;
    if lent {
        session.loans = None;
    }
    outcome
}

async fn parts(
    session: &mut Session,
    command: &'static Command,
    homes: &Homes,
    request: Arc<Pipeline>,
) -> Outcome {
    let args = request.request(0);
    let create = creates(command, &args);
    if command.span == Span::First {
        return first(session, &runs(command, &args), create, &request).await;
    }
    let mut replies = Vec::new();
    for place in homes.places() {
        let reply = session.ask(place, create, request.clone(), Some(0..usize::MAX)).await?;
        replies.push((place, reply));
    }
    let keys = command.keys.range(&args).map(|index| args.word(index));
    Ok(match command.span {
        Span::Sum => sum(replies),
        Span::Concat => concat(replies, keys),
        Span::Named => named(replies, keys),
        Span::All => Reply::Ok,
        _ => replies.pop().map_or(Reply::NilArray, |(_, reply)| reply),
    })
}

/// A request's keys as runs of neighbours that have one owner: it, and their words.
pub(crate) fn runs<'a>(command: &Command, args: &Args<'a>) -> Vec<(Place<'a>, Range<usize>)> {
    let mut runs: Vec<(Place<'_>, Range<usize>)> = Vec::new();
    for index in command.keys.range(args) {
        let place = Place::of_key(args.word(index));
        match runs.last_mut().filter(|(last, _)| *last == place) {
            Some((_, words)) => words.end = index + 1,
            None => runs.push((place, index..index + 1)),
        }
    }
    runs
}

/// Asks for one run of keys after the other, until something is found.
async fn first(
    session: &mut Session,
    runs: &[(Place<'_>, Range<usize>)],
    create: bool,
    request: &Arc<Pipeline>,
) -> Outcome {
    let mut nothing = Reply::NilArray;
    for (place, words) in runs {
        let reply = session.ask(*place, create, request.clone(), Some(words.clone())).await?;
        if !reply.is_nothing() {
            return Ok(reply);
        }
        nothing = reply;
    }
    Ok(nothing)
}

fn sum(replies: Vec<(Place<'_>, Reply)>) -> Reply {
    Reply::Int(
        replies.iter().map(|(_, reply)| if let Reply::Int(n) = reply { *n } else { 0 }).sum(),
    )
}

/// Puts the elements that each owner gave for its own keys into the order of all keys.
fn concat<'a>(replies: Vec<(Place<'_>, Reply)>, keys: impl Iterator<Item = &'a [u8]>) -> Reply {
    let parts = replies.into_iter().map(|(place, reply)| match reply {
        Reply::Array(items) => (place, items.into_iter()),
        _ => (place, Vec::new().into_iter()),
    });
    let mut parts: Vec<_> = parts.collect();
    let next = |key: &[u8]| {
        let part = parts.iter_mut().find(|(place, _)| *place == Place::of_key(key));
        part.and_then(|(_, items)| items.next()).unwrap_or(Reply::Nil)
    };
    Reply::Array(keys.map(next).collect())
}

/// Puts what owners gave for some of their keys, each by its name, into the order of all keys.
fn named<'a>(replies: Vec<(Place<'_>, Reply)>, keys: impl Iterator<Item = &'a [u8]>) -> Reply {
    let parts = replies.into_iter().map(|(place, reply)| match reply {
        Reply::Named(found) => (place, found.into_iter().peekable()),
        _ => (place, Vec::new().into_iter().peekable()),
    });
    let mut parts: Vec<_> = parts.collect();
    let next = |key: &'a [u8]| {
        let part = parts.iter_mut().find(|(place, _)| *place == Place::of_key(key));
        part.and_then(|(_, found)| found.next_if(|(name, _)| *name == Reply::copy(key)))
    };
    let found: Vec<_> = keys.filter_map(next).collect();
    if found.is_empty() { Reply::NilArray } else { Reply::Named(found) }
}
