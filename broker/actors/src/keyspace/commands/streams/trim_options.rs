//! What `XADD` and `XTRIM` have in common: which of the oldest entries are to be removed.

use crate::collections::stream::{NodeBounds, StreamId, Trim, TrimBy};
use crate::{Args, Refusal};

/// The options as far as they have been read.
#[derive(Debug, Default)]
pub(super) struct TrimOptions {
    by: Option<TrimBy>,
    by_nodes: bool,
    limit: Option<i64>,
}

/// How many nodes approximate trimming removes at the most, unless a limit is given.
const NODES_MAX: u64 = 100;
/// How many entries that is without a bound on the entries of a node.
const LIMIT_WITHOUT_BOUND: u64 = 10_000;
/// How many entries that is at the most.
const LIMIT_MAX: u64 = 1_000_000;

impl TrimOptions {
    /// Takes the next word, and what belongs to it, if it is an option about trimming.
    pub(super) fn accept(&mut self, args: &mut Args<'_>) -> Result<bool, Refusal> {
        // The last word can be no option, for each has a value.
        if args.left() < 2 {
            return Ok(false);
        }
        if args.accept("MAXLEN") {
            self.strategy(args)?;
            let len = u64::try_from(args.next_int()?);
            let len = len.map_err(|_| text("The MAXLEN argument must be >= 0."))?;
            self.by = Some(TrimBy::Len(len));
        } else if args.accept("MINID") {
            self.strategy(args)?;
            self.by = Some(TrimBy::MinId(StreamId::parse(args.next_word()?, 0)?));
        } else if args.accept("LIMIT") {
            let limit = args.next_int()?;
            if limit < 0 {
                return Err(text("The LIMIT argument must be >= 0."));
            }
            self.limit = Some(limit);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// What the options say together. `None`: nothing is to be removed, which is refused if trimming is all that is
    /// asked for.
    pub(super) fn finish(self, bounds: NodeBounds, must: bool) -> Result<Option<Trim>, Refusal> {
        if self.by.is_none() && self.limit.is_some_and(|limit| limit > 0) {
            return Err(text(
                "syntax error, LIMIT cannot be used without specifying a trimming strategy",
            ));
        }
        if must && self.by.is_none() {
            return Err(text("syntax error, XTRIM must be called with a trimming strategy"));
        }
        if self.limit.is_some() && !self.by_nodes {
            return Err(text("syntax error, LIMIT cannot be used without the special ~ option"));
        }
        let limit = match self.limit {
            Some(limit) => limit.unsigned_abs(),
            None if !self.by_nodes => 0,
            None if bounds.entries == 0 => LIMIT_WITHOUT_BOUND,
            None => bounds.entries.saturating_mul(NODES_MAX).min(LIMIT_MAX),
        };
        Ok(self.by.map(|by| Trim { by, by_nodes: self.by_nodes, limit }))
    }

    /// Reads what stands between the name of a strategy and its threshold.
    fn strategy(&mut self, args: &mut Args<'_>) -> Result<(), Refusal> {
        if self.by.is_some() {
            return Err(text(
                "syntax error, MAXLEN and MINID options at the same time are not compatible",
            ));
        }
        self.by_nodes = args.left() >= 2 && args.accept("~");
        if !self.by_nodes && args.left() >= 2 {
            args.accept("=");
        }
        Ok(())
    }
}

const fn text(text: &'static str) -> Refusal {
    Refusal::Fixed("ERR", text)
}
