//! Moving an element between lists of different owners: `BLMOVE inbox:bob processing RIGHT LEFT 0`.

use clawlink_actors::command::{self, Command};
use clawlink_actors::keyspace::{AWAITED, move_ends};
use clawlink_actors::sequence::End;
use clawlink_actors::{Args, Outcome, Pipeline, Place, Refusal};

use crate::loans::Homes;
use crate::router::creates;
use crate::session::Session;

/// Moves an element, or finds none. The owners are borrowed, so nobody sees the element in both lists or in neither.
pub(crate) async fn run(
    session: &mut Session,
    command: &'static Command,
    args: Args<'_>,
) -> Outcome {
    let (from, to) = move_ends(&args)?;
    let lent = session.loans.is_none();
    if lent {
        let mut homes = Homes::default();
        session.each_place(command, &args, |place| {
            homes.insert(place);
        });
        session.borrow(&homes).await?;
    }
    let (source, destination) = (args.word(1), args.word(2));
    let outcome = transfer(session, (source, from), (destination, to)).await;
    if lent {
        session.loans = None;
    }
    outcome
}

/// Adds the element to the one list and then takes it from the other, which is the order in which Redis tells of it, and
/// leaves all as it was if the one does not take it.
async fn transfer(session: &mut Session, from: (&[u8], End), to: (&[u8], End)) -> Outcome {
    let found = ask(session, &[b"lindex", from.0, index(from.1)]).await?;
    let Some(element) = found.as_bytes() else { return Ok(found) };
    ask(session, &[push(to.1), to.0, element]).await?;
    ask(session, &[pop(from.1), from.0]).await
}

/// Runs a command on one key, through the loan of its owner.
async fn ask(session: &mut Session, words: &[&[u8]]) -> Outcome {
    let command = command::find(words[0], b"").ok_or(Refusal::Internal)?;
    let request = Pipeline::of(Some(command), words);
    let create = creates(command, &request.request(0));
    session.ask(Place::of_key(words[1]), create, request.into(), None).await
}

/// A request that waits for an element in the source and leaves it there.
pub(crate) fn wait_for_source(args: &Args<'_>) -> Pipeline {
    Pipeline::of(Some(&AWAITED), &[AWAITED.name.as_bytes(), args.word(1)])
}

const fn index(end: End) -> &'static [u8] {
    match end {
        End::Left => b"0",
        End::Right => b"-1",
    }
}

const fn pop(end: End) -> &'static [u8] {
    match end {
        End::Left => b"lpop",
        End::Right => b"rpop",
    }
}

const fn push(end: End) -> &'static [u8] {
    match end {
        End::Left => b"lpush",
        End::Right => b"rpush",
    }
}
