//! What is searched for.

use crate::{Args, Refusal};

/// How many hits are given unless it is said how many.
const COUNT: i64 = 10;
/// The most that are given: beyond these a better question helps more.
const COUNT_MAX: i64 = 100;
/// The longest query in bytes: it holds words, not a document.
const QUERY_BYTES_MAX: usize = 1_024;

/// Where to search.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scope {
    /// Everywhere.
    #[default]
    All,
    /// In what topics keep.
    Topics,
    /// In what files hold.
    Files,
}

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The words, as they were sent.
    pub query: String,
    /// Where.
    pub scope: Scope,
    /// How many hits are wanted.
    pub count: usize,
}

impl Question {
    /// Reads `word [word …] [IN topics | files] [COUNT n]`; one argument may hold several words. What stands behind an
    /// option is an option.
    ///
    /// # Errors
    /// An option that does not exist, a count that is not positive, a query that is too long.
    pub fn parse(args: &mut Args<'_>) -> Result<Self, Refusal> {
        let mut query = args.next_text()?;
        let (mut scope, mut count) = (Scope::All, COUNT);
        let mut in_options = false;
        while !args.at_end() {
            if args.accept("IN") {
                scope = if args.accept("topics") {
                    Scope::Topics
                } else if args.accept("files") {
                    Scope::Files
                } else {
                    return Err(Refusal::Syntax);
                };
            } else if args.accept("COUNT") {
                count = args.next_int()?;
            } else if in_options {
                return Err(Refusal::Syntax);
            } else {
                query.push(' ');
                query.push_str(&args.next_text()?);
                continue;
            }
            in_options = true;
        }
        if query.len() > QUERY_BYTES_MAX {
            let text = format!("the query has at most {QUERY_BYTES_MAX} bytes");
            return Err(Refusal::Custom("ERR", text.into()));
        }
        let count = usize::try_from(count.min(COUNT_MAX)).ok().filter(|count| *count > 0);
        Ok(Self { query, scope, count: count.ok_or(Refusal::CountNotPositive)? })
    }
}
