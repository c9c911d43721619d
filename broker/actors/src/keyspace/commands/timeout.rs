//! Where the timeout of a blocking command stands.

use crate::command::Patience;
use crate::{Args, Refusal};

/// The timeout in seconds that is the last word: `BLPOP`, `BLMOVE`, `BZPOPMIN`.
pub(super) fn last(args: &Args<'_>) -> Result<Patience, Refusal> {
    Patience::seconds(args.word(args.len().saturating_sub(1)))
}

/// The timeout in seconds that is the first argument: `BLMPOP`, `BZMPOP`.
pub(super) fn first(args: &Args<'_>) -> Result<Patience, Refusal> {
    Patience::seconds(args.word(1))
}
