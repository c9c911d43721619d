//! Two edits of one text put together.
//!
//! Both edits are compared with the text they began from. What only one of them changed is taken from it. Where their
//! changes meet, with no line between them that both left alone, they conflict unless they are the same, as in diff3.

use std::ops::Range;

use super::compare::{Hunk, compare};
use super::{Unfit, lines};

/// What stands on the markers of a conflict.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// The edit that was saved first.
    pub ours: &'a str,
    /// What both began from.
    pub base: &'a str,
    /// The edit that came second.
    pub theirs: &'a str,
}

/// What came of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The text. Where the edits conflict it shows all three sides between markers.
    pub text: String,
    /// The number of conflicts.
    pub conflicts: usize,
}

/// Puts two edits of `base` together.
///
/// # Errors
/// [`Unfit`], if they cannot be compared.
pub fn merge(base: &[u8], ours: &[u8], theirs: &[u8], labels: Labels<'_>) -> Result<Merged, Unfit> {
    let text = Text { base: lines(base)?, ours: lines(ours)?, theirs: lines(theirs)? };
    let our_hunks = compare(&text.base, &text.ours)?;
    let their_hunks = compare(&text.base, &text.theirs)?;
    let mut merged = Writer { text: String::with_capacity(ours.len()), conflicts: 0, labels };
    let (mut our_side, mut their_side) = (Side::new(&our_hunks), Side::new(&their_hunks));
    let mut done = 0;
    while let Some(region) = next_region(&mut our_side, &mut their_side) {
        merged.lines(&text.base[done..region.base.start]);
        done = region.base.end;
        merged.region(&text, &region);
    }
    merged.lines(&text.base[done..]);
    Ok(Merged { text: merged.text, conflicts: merged.conflicts })
}

/// The lines of all three.
struct Text<'a> {
    base: Vec<&'a str>,
    ours: Vec<&'a str>,
    theirs: Vec<&'a str>,
}

/// Changes that meet: the same place in all three texts.
struct Region {
    base: Range<usize>,
    ours: Range<usize>,
    theirs: Range<usize>,
}

/// One edit's hunks that are still to come, and how far its lines have moved against those of the base.
struct Side<'a> {
    hunks: &'a [Hunk],
    moved: isize,
}

impl<'a> Side<'a> {
    fn new(hunks: &'a [Hunk]) -> Self {
        Self { hunks, moved: 0 }
    }

    fn start(&self) -> Option<usize> {
        self.hunks.first().map(|hunk| hunk.before.start)
    }

    /// Takes the next hunk into a region that ends at `end`, if it begins there or before. Says where it ends.
    fn join(&mut self, end: usize) -> Option<usize> {
        let (hunk, rest) = self.hunks.split_first()?;
        if hunk.before.start > end {
            return None;
        }
        self.hunks = rest;
        self.moved = hunk.after.end as isize - hunk.before.end as isize;
        Some(hunk.before.end)
    }
}

fn next_region(ours: &mut Side<'_>, theirs: &mut Side<'_>) -> Option<Region> {
    let start = [ours.start(), theirs.start()].into_iter().flatten().min()?;
    let (our_start, their_start) = (shifted(start, ours.moved), shifted(start, theirs.moved));
    let mut end = start;
    while let Some(reached) = ours.join(end).or_else(|| theirs.join(end)) {
        end = end.max(reached);
    }
    Some(Region {
        base: start..end,
        ours: our_start..shifted(end, ours.moved),
        theirs: their_start..shifted(end, theirs.moved),
    })
}

/// Where a line that no hunk holds stands in an edit.
fn shifted(line: usize, moved: isize) -> usize {
    line.saturating_add_signed(moved)
}

struct Writer<'a> {
    text: String,
    conflicts: usize,
    labels: Labels<'a>,
}

impl Writer<'_> {
    fn lines(&mut self, lines: &[&str]) {
        self.text.extend(lines.iter().copied());
    }

    fn region(&mut self, text: &Text<'_>, region: &Region) {
        let base = &text.base[region.base.clone()];
        let ours = &text.ours[region.ours.clone()];
        let theirs = &text.theirs[region.theirs.clone()];
        if theirs == base || ours == theirs {
            self.lines(ours);
        } else if ours == base {
            self.lines(theirs);
        } else {
            self.conflicts += 1;
            self.side("<<<<<<< ", self.labels.ours, ours);
            self.side("||||||| ", self.labels.base, base);
            self.side("=======", "", theirs);
            self.side(">>>>>>> ", self.labels.theirs, &[]);
        }
    }

    /// A marker, on a line of its own, and the lines that it announces. A last line without an end gets one.
    fn side(&mut self, marker: &str, label: &str, lines: &[&str]) {
        self.text.extend([marker, label, "\n"]);
        self.lines(lines);
        if !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }
}
