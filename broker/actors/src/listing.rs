//! `KEYS` and `SCAN` over an owner whose keys are a prefix and a name.

use crate::call::Call;
use crate::collections::{Dict, glob};
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
        let matching = keys.filter(|key| matches(pattern, key));
        Ok(Reply::Array(matching.map(|key| Reply::Bulk(key.into())).collect()))
    }

    /// Runs `SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]`; the cursor is a place in
    /// `names`.
    pub fn scan(&self, call: &Call<'_>) -> Outcome {
        let options = ScanOptions::parse(&mut { call.args }, true)?;
        let typed = options.takes_type(self.type_name);
        let mut keys = Vec::new();
        let next = self.names.scan(options.cursor, options.count, |name, _| {
            let key = self.key(name);
            if typed && options.takes(&key) {
                keys.push(Reply::Bulk(key.into()));
            }
        });
        Ok(page(next, keys))
    }

    fn key(&self, name: &[u8]) -> Vec<u8> {
        [self.prefix.as_bytes(), name].concat()
    }
}

/// The answer to one call of a scan.
pub fn page(next: u64, found: Vec<Reply>) -> Reply {
    Reply::Array(vec![next.to_string().into(), Reply::Array(found)])
}

/// Whether a key or field matches a pattern of `KEYS` or `SCAN`. Here, and nowhere else, the lone star matches the
/// empty name too.
pub fn matches(pattern: &[u8], name: &[u8]) -> bool {
    pattern == b"*" || glob::matches(pattern, name)
}

/// How many names a scan visits at a time unless it says otherwise.
const COUNT: usize = 10;

/// What a `SCAN` or `HSCAN` asks for.
#[derive(Debug)]
pub struct ScanOptions<'a> {
    /// Where to go on; 0 is the start.
    pub cursor: u64,
    /// How many names to visit.
    pub count: usize,
    pattern: Option<&'a [u8]>,
    of_type: Option<&'a [u8]>,
}

impl<'a> ScanOptions<'a> {
    /// Reads `cursor [MATCH pattern] [COUNT count]` from the arguments' cursor to the end, and `TYPE` if `typed`.
    ///
    /// # Errors
    /// [`Refusal::InvalidCursor`], [`Refusal::NotInteger`] and [`Refusal::Syntax`], as Redis has them.
    pub fn parse(args: &mut Args<'a>, typed: bool) -> Result<Self, Refusal> {
        let cursor = parse_cursor(args.next_word()?).ok_or(Refusal::InvalidCursor)?;
        let mut options = Self { cursor, count: COUNT, pattern: None, of_type: None };
        while !args.at_end() {
            if args.accept("COUNT") {
                let count = args.next_int()?;
                let count = usize::try_from(count).ok().filter(|count| *count > 0);
                options.count = count.ok_or(Refusal::Syntax)?;
            } else if args.accept("MATCH") {
                options.pattern = Some(args.next_word()?);
            } else if typed && args.accept("TYPE") {
                options.of_type = Some(args.next_word()?);
            } else {
                return Err(Refusal::Syntax);
            }
        }
        Ok(options)
    }

    /// Whether it asks for names like this one.
    pub fn takes(&self, name: &[u8]) -> bool {
        self.pattern.is_none_or(|pattern| matches(pattern, name))
    }

    /// Whether it asks for keys of this type.
    pub fn takes_type(&self, name: &str) -> bool {
        self.of_type.is_none_or(|asked| asked.eq_ignore_ascii_case(name.as_bytes()))
    }
}

/// A cursor as Redis reads it, with C's `strtoul`: nothing is 0, and a minus wraps around.
pub fn parse_cursor(word: &[u8]) -> Option<u64> {
    let (negative, digits) = match word {
        [] => return Some(0),
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    // What `u64::from_str` takes besides digits is a second sign.
    let digits = std::str::from_utf8(digits).ok().filter(|text| !text.starts_with('+'))?;
    let value: u64 = digits.parse().ok()?;
    Some(if negative { value.wrapping_neg() } else { value })
}

#[cfg(test)]
mod tests {
    use super::parse_cursor;

    #[test]
    fn cursors_are_read_as_c_reads_them() {
        for (word, value) in [("0", 0), ("", 0), ("+7", 7), ("007", 7), ("-1", u64::MAX)] {
            assert_eq!(parse_cursor(word.as_bytes()), Some(value), "{word}");
        }
        for word in [" 1", "1 ", "x", "-", "++1", "-+1", "18446744073709551616"] {
            assert_eq!(parse_cursor(word.as_bytes()), None, "{word}");
        }
    }
}
