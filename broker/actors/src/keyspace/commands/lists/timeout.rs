//! Where the timeout of a blocking list command stands.

use crate::command::Patience;
use crate::{Args, Refusal};

/// The timeout in seconds that is the last word: `BLPOP`, `BRPOP`, `BLMOVE`, `BRPOPLPUSH`.
pub(super) fn last(args: &Args<'_>) -> Result<Patience, Refusal> {
    Patience::seconds(args.word(args.len().saturating_sub(1)))
}

/// The timeout in seconds that is the first argument: `BLMPOP`.
pub(super) fn first(args: &Args<'_>) -> Result<Patience, Refusal> {
    Patience::seconds(args.word(1))
}
