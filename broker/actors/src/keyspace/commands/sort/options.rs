//! What a `SORT` asks for.

use std::ops::Range;

use super::pattern::Pattern;
use crate::{Args, Refusal};

/// The options.
pub(super) struct Options<'a> {
    /// What elements are compared by, in place of themselves.
    pub(super) by: Option<Pattern<'a>>,
    /// Whether elements stay in the order they have: some `BY` is the same for all, and none can order them then.
    pub(super) unsorted: bool,
    pub(super) descending: bool,
    /// Whether they are compared as bytes, not as numbers.
    pub(super) alpha: bool,
    /// What is answered in place of each.
    pub(super) gets: Vec<Pattern<'a>>,
    pub(super) store: Option<&'a [u8]>,
    /// How many are passed over, and how many are wanted at the most; negative for all.
    limit: (i64, i64),
}

impl<'a> Options<'a> {
    pub(super) fn parse(args: &mut Args<'a>, stores: bool) -> Result<Self, Refusal> {
        let mut options = Self {
            by: None,
            unsorted: false,
            descending: false,
            alpha: false,
            gets: Vec::new(),
            store: None,
            limit: (0, -1),
        };
        args.seek(2);
        while !args.at_end() {
            let left = args.left();
            if args.accept("ASC") {
                options.descending = false;
            } else if args.accept("DESC") {
                options.descending = true;
            } else if args.accept("ALPHA") {
                options.alpha = true;
            } else if left > 2 && args.accept("LIMIT") {
                options.limit = (args.next_int()?, args.next_int()?);
            } else if stores && left > 1 && args.accept("STORE") {
                options.store = Some(args.next_word()?);
            } else if left > 1 && args.accept("BY") {
                let by = Pattern::new(args.next_word()?);
                options.by = Some(by);
                options.unsorted |= by.is_constant();
            } else if left > 1 && args.accept("GET") {
                options.gets.push(Pattern::new(args.next_word()?));
            } else {
                return Err(Refusal::Syntax);
            }
        }
        Ok(options)
    }

    /// Compares elements by their own bytes, whatever the request says.
    pub(super) fn sort_by_names(&mut self) {
        self.by = None;
        self.unsorted = false;
        self.alpha = true;
    }

    /// Which of `len` elements are wanted.
    pub(super) fn window(&self, len: usize) -> Range<usize> {
        let start = usize::try_from(self.limit.0.max(0)).unwrap_or(len).min(len);
        let count = usize::try_from(self.limit.1).unwrap_or(len).min(len - start);
        start..start + count
    }
}
