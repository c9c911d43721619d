//! Moving an element between lists of different owners: `LMOVE inbox:bob processing LEFT RIGHT`.

use clawlink_actors::command::Command;
use clawlink_actors::{Args, Outcome, Refusal};

use crate::session::Session;

pub(super) async fn run(
    _session: &mut Session,
    command: &'static Command,
    _args: Args<'_>,
) -> Outcome {
    Err(Refusal::CannotSpan(command.name))
}
