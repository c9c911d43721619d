//! `KEYS` and `SCAN` over an owner whose keys are a prefix and a name.

use crate::call::Call;
use crate::collections::{Dict, glob, number};
use crate::{Args, Outcome, Refusal, Reply};

/// An owner's names, the prefix that makes keys of them, and what `TYPE` says of them.
#[derive(Debug)]
pub struct Listing<'a, V> {
    /// The names.
    pub names: &'a Dict<V>,
    /// The prefix.
    pub prefix: &'static str,
    /// The type.
    pub type_name: &'static str,
}

impl<V> Listing<'_, V> {
    /// Runs `KEYS pattern`.
    pub fn keys(&self, call: &Call<'_>) -> Outcome {
        let pattern = call.word(1);
        let keys = self.names.iter().map(|(name, _)| self.key(name));
        let matching = keys.filter(|key| glob::matches(pattern, key));
        Ok(Reply::Array(
            matching.map(|key| Reply::Bulk(key.into())).collect(),
        ))
    }

    /// Runs `SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]`; the cursor is a place in `names`.
    pub fn scan(&self, call: &Call<'_>) -> Outcome {
        let options = ScanOptions::parse(call.args)?;
        let typed = options
            .of_type
            .is_none_or(|t| t.eq_ignore_ascii_case(self.type_name.as_bytes()));
        let mut keys = Vec::new();
        let next = self.names.scan(options.cursor, options.count, |name, _| {
            let key = self.key(name);
            if typed
                && options
                    .pattern
                    .is_none_or(|pattern| glob::matches(pattern, &key))
            {
                keys.push(Reply::Bulk(key.into()));
            }
        });
        Ok(Reply::Array(vec![
            next.to_string().into(),
            Reply::Array(keys),
        ]))
    }

    fn key(&self, name: &[u8]) -> Vec<u8> {
        [self.prefix.as_bytes(), name].concat()
    }
}

/// How many names a scan visits at a time unless it says otherwise.
const COUNT: usize = 10;

/// What a `SCAN` asks for.
#[derive(Debug)]
struct ScanOptions<'a> {
    cursor: u64,
    count: usize,
    pattern: Option<&'a [u8]>,
    of_type: Option<&'a [u8]>,
}

impl<'a> ScanOptions<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self, Refusal> {
        let cursor = std::str::from_utf8(args.next()?)
            .ok()
            .and_then(|word| word.parse().ok());
        let cursor = cursor.ok_or(Refusal::InvalidCursor)?;
        let mut options = Self {
            cursor,
            count: COUNT,
            pattern: None,
            of_type: None,
        };
        while !args.at_end() {
            if args.accept("COUNT") {
                let count = number::parse_i64(args.next()?).ok_or(Refusal::NotInteger)?;
                options.count = usize::try_from(count)
                    .ok()
                    .filter(|c| *c > 0)
                    .ok_or(Refusal::Syntax)?;
            } else if args.accept("MATCH") {
                options.pattern = Some(args.next()?);
            } else if args.accept("TYPE") {
                options.of_type = Some(args.next()?);
            } else {
                return Err(Refusal::Syntax);
            }
        }
        Ok(options)
    }
}
