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
    let mut order: Vec<Vec<u8>> = Vec::new();
    session.each_place(command, &args, |place| {
        homes.insert(place);
    });
    if command.route == Route::Keys {
        order.extend(command.keys.range(&args).map(|index| args.word(index).to_vec()));
    }
    let lent = session.loans.is_none();
    if lent {
        session.borrow(&homes).await?;
    }
    let request = args.detach(Some(command));
    let outcome = parts(session, command, &homes, request, &order).await;
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
    order: &[Vec<u8>],
) -> Outcome {
    let mut places: Vec<Place<'_>> = homes.places().collect();
    if command.span == Span::First {
        // The keys' own order decides who is asked first.
        let first = |place: &Place<'_>| order.iter().position(|key| Place::of_key(key) == *place);
        places.sort_by_key(first);
    }
    let mut replies = Vec::with_capacity(places.len());
    for place in places {
        let reply = session
            .ask(place, creates(command, &request.request(0)), request.clone(), true)
            .await?;
        if command.span == Span::First && !reply.is_nothing() {
            return Ok(reply);
        }
        replies.push((place, reply));
    }
    Ok(match command.span {
        Span::Sum => sum(replies),
        Span::Concat => concat(replies, order),
        Span::All => Reply::Ok,
        _ => replies.pop().map_or(Reply::NilArray, |(_, reply)| reply),
    })
}

fn sum(replies: Vec<(Place<'_>, Reply)>) -> Reply {
    Reply::Int(
        replies.iter().map(|(_, reply)| if let Reply::Int(n) = reply { *n } else { 0 }).sum(),
    )
}

/// Puts the elements that each owner gave for its own keys into the order of all keys.
fn concat(replies: Vec<(Place<'_>, Reply)>, order: &[Vec<u8>]) -> Reply {
    let mut parts: Vec<_> = replies
        .into_iter()
        .map(|(place, reply)| match reply {
            Reply::Array(items) => (place, items.into_iter()),
            _ => (place, Vec::new().into_iter()),
        })
        .collect();
    let next = |key: &Vec<u8>| {
        let part = parts.iter_mut().find(|(place, _)| *place == Place::of_key(key));
        part.and_then(|(_, items)| items.next()).unwrap_or(Reply::Nil)
    };
    Reply::Array(order.iter().map(next).collect())
}
