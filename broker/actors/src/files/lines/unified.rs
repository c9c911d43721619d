//! The differences of two texts as `diff -u` writes them.

use std::fmt::{self, Write};
use std::ops::Range;

use super::compare::{Hunk, compare};
use super::{Unfit, lines};

/// Equal lines that are shown around what differs.
const CONTEXT: usize = 3;

/// The differences of two texts, which `patch` takes; empty if there are none. The names stand at its head.
///
/// # Errors
/// [`Unfit`], if they cannot be compared.
pub fn unified(
    before: &[u8],
    after: &[u8],
    names: (impl fmt::Display, impl fmt::Display),
) -> Result<String, Unfit> {
    let (before, after) = (lines(before)?, lines(after)?);
    let hunks = compare(&before, &after)?;
    let mut text = String::new();
    if !hunks.is_empty() {
        // Writing to a string does not fail.
        let _ = write!(text, "--- {}\n+++ {}\n", names.0, names.1);
    }
    // Hunks so close that their surroundings meet are shown as one.
    let near = |one: &Hunk, next: &Hunk| next.before.start - one.before.end <= 2 * CONTEXT;
    for group in hunks.chunk_by(near) {
        write_group(&mut text, &before, &after, group);
    }
    Ok(text)
}

fn write_group(text: &mut String, before: &[&str], after: &[&str], group: &[Hunk]) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
    let lead = first.before.start.min(CONTEXT);
    let tail = (before.len() - last.before.end).min(CONTEXT);
    let old = first.before.start - lead..last.before.end + tail;
    let new = first.after.start - lead..last.after.end + tail;
    let _ = writeln!(text, "@@ -{} +{} @@", Span(&old), Span(&new));
    let mut shown = old.start;
    for hunk in group {
        write_lines(text, ' ', &before[shown..hunk.before.start]);
        write_lines(text, '-', &before[hunk.before.clone()]);
        write_lines(text, '+', &after[hunk.after.clone()]);
        shown = hunk.before.end;
    }
    write_lines(text, ' ', &before[shown..old.end]);
}

fn write_lines(text: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        text.push(sign);
        text.push_str(line);
        if !line.ends_with('\n') {
            text.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// `first,count`: lines count from 1, and those that are none are said to begin behind the line before them.
struct Span<'a>(&'a Range<usize>);

impl fmt::Display for Span<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.0.start + usize::from(!self.0.is_empty());
        match self.0.len() {
            1 => write!(out, "{first}"),
            count => write!(out, "{first},{count}"),
        }
    }
}
