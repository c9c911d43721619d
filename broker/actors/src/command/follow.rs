//! Requests that may wait for more than their reply.

use super::ReadPatience;
use crate::{Args, Pipeline, Reply};

/// How a command goes on when it has been answered: `CLAW.DELEGATE … WAIT 5` as `CLAW.AWAIT`. What that answers is the
/// reply then. If nothing comes in time, or the client does not wait, the first reply stands. Inside a transaction
/// nothing waits.
#[derive(Debug)]
pub struct Follow {
    /// For how long a request asks to wait; [`Patience::Never`](super::Patience::Never) if it does not.
    pub patience: ReadPatience,
    /// The request that waits, for a request and its reply. Its command has patience.
    pub request: fn(&Args<'_>, &Reply) -> Option<Pipeline>,
}
