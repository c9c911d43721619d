//! How many elements a pop takes.

use crate::collections::number;
use crate::{Args, Refusal};

/// The count that is the last word, if it is given: `LPOP`, `SPOP`, `ZPOPMIN`.
///
/// # Errors
/// If it is no count, or if more words follow.
pub(super) fn parse(args: &Args<'_>) -> Result<Option<usize>, Refusal> {
    match args.len() {
        2 => Ok(None),
        3 => {
            let count = number::parse_i64(args.word(2)).and_then(|count| count.try_into().ok());
            count.ok_or(Refusal::MustBePositive).map(Some)
        }
        _ => Err(Refusal::Syntax),
    }
}
