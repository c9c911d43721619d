//! Where two texts differ.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};

use super::{CHANGED_LINES_MAX, Unfit};

/// Lines of one text in whose place the other has different ones. One of the ranges may be empty, never both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The lines of the first text.
    pub before: Range<usize>,
    /// The lines of the second.
    pub after: Range<usize>,
}

/// The places where two texts differ, in order; equal lines stand between any two of them.
///
/// # Errors
/// [`Unfit::TooFarApart`].
pub fn compare(before: &[&str], after: &[&str]) -> Result<Vec<Hunk>, Unfit> {
    let start = common(before.iter().zip(after));
    let (before, after) = (&before[start..], &after[start..]);
    let end = common(before.iter().rev().zip(after.iter().rev()));
    let (before, after) = (&before[..before.len() - end], &after[..after.len() - end]);
    if before.len().max(after.len()) > CHANGED_LINES_MAX {
        return Err(Unfit::TooFarApart);
    }
    let mut input = InternedInput::default();
    input.update_before(before.iter().copied());
    input.update_after(after.iter().copied());
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_no_heuristic(&input);
    let shifted = |range: Range<u32>| start + range.start as usize..start + range.end as usize;
    let hunk =
        |hunk: imara_diff::Hunk| Hunk { before: shifted(hunk.before), after: shifted(hunk.after) };
    Ok(diff.hunks().map(hunk).collect())
}

/// How many pairs are equal before the first that is not.
fn common<'a>(pairs: impl Iterator<Item = (&'a &'a str, &'a &'a str)>) -> usize {
    pairs.take_while(|(one, other)| one == other).count()
}
