//! Glob patterns as `KEYS`, `SCAN MATCH`, `PSUBSCRIBE` and `CONFIG GET` take them.
//!
//! `*` stands for any bytes, `?` for one, `[a-z0]` for one of a class, `[^…]` for one outside it,
//! and `\` takes the next byte literally. Matching never recurses and takes at most pattern × text
//! steps: on a mismatch only the latest star can help by taking one byte more, since whatever an
//! earlier star could take, the latest one can, too.
//!
//! Malformed patterns match as in Redis: a class that is not closed ends with the pattern, and in
//! `[a-]` the range goes up to `]`.

/// Whether `pattern` matches the whole of `text`, letter case counting.
///
/// As in Redis nothing but the empty pattern matches the empty text, so `*` does not. (`KEYS *` and
/// `SCAN … MATCH *` list the empty key all the same, because those commands do not match at all
/// when the pattern is `*`.)
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    Glob { ignoring_case: false }.matches(pattern, text)
}

/// As [`matches()`], ASCII letters being equal in both cases; for patterns over names of commands and
/// settings.
pub fn matches_ignoring_case(pattern: &[u8], text: &[u8]) -> bool {
    Glob { ignoring_case: true }.matches(pattern, text)
}

/// Beyond so many stars in the middle of a pattern Redis, which recurses at each, gives up: nothing matches.
const STARS_MAX: usize = 1_000;

struct Glob {
    ignoring_case: bool,
}

impl Glob {
    fn matches(&self, pattern: &[u8], text: &[u8]) -> bool {
        if text.is_empty() {
            return pattern.is_empty();
        }
        let (mut rest, mut at, mut stars) = (pattern, 0, 0);
        // After the latest star: the pattern from there on, and where in the text it is being
        // tried.
        let mut retry: Option<(&[u8], usize)> = None;
        while at < text.len() {
            if rest.first() == Some(&b'*') {
                rest = without_stars(rest);
                if rest.is_empty() {
                    return true;
                }
                stars += 1;
                if stars > STARS_MAX {
                    return false;
                }
                retry = Some((rest, at));
            } else if let Some(after) = self.one(rest, text[at]) {
                rest = after;
                at += 1;
            } else if let Some((from, tried)) = retry {
                retry = Some((from, tried + 1));
                (rest, at) = (from, tried + 1);
            } else {
                return false;
            }
        }
        // A text that ran out cannot match with fewer bytes for the rest either, so nothing is
        // retried.
        without_stars(rest).is_empty()
    }

    /// The pattern after its first element, if that element (no star) matches `byte`.
    fn one<'a>(&self, pattern: &'a [u8], byte: u8) -> Option<&'a [u8]> {
        let (matched, rest) = match pattern {
            [] => return None,
            [b'?', rest @ ..] => (true, rest),
            [b'[', b'^', class @ ..] => {
                let (found, rest) = self.class(class, byte);
                (!found, rest)
            }
            [b'[', class @ ..] => self.class(class, byte),
            [b'\\', literal, rest @ ..] => (self.same(*literal, byte), rest),
            [literal, rest @ ..] => (self.same(*literal, byte), rest),
        };
        matched.then_some(rest)
    }

    /// Whether `byte` is in the class that `class` begins with, and the pattern after the class.
    fn class<'a>(&self, mut class: &'a [u8], byte: u8) -> (bool, &'a [u8]) {
        let mut found = false;
        loop {
            class = match class {
                // Redis compares this one with regard to case even where it ignores case.
                [b'\\', literal, rest @ ..] => {
                    found |= *literal == byte;
                    rest
                }
                [b']', rest @ ..] => return (found, rest),
                [] => return (found, class),
                [from, b'-', to, rest @ ..] => {
                    found |= self.within(*from, *to, byte);
                    rest
                }
                [literal, rest @ ..] => {
                    found |= self.same(*literal, byte);
                    rest
                }
            };
        }
    }

    /// Whether `byte` lies between the ends of a range, given in either order. Redis compares
    /// signed bytes, so that the bytes from 0x80 come before the ASCII ones.
    fn within(&self, from: u8, to: u8, byte: u8) -> bool {
        let (low, high) = if from as i8 > to as i8 { (to, from) } else { (from, to) };
        let [low, high, byte] = [low, high, byte].map(|each| self.fold(each) as i8);
        low <= byte && byte <= high
    }

    fn same(&self, left: u8, right: u8) -> bool {
        self.fold(left) == self.fold(right)
    }

    fn fold(&self, byte: u8) -> u8 {
        if self.ignoring_case { byte.to_ascii_lowercase() } else { byte }
    }
}

fn without_stars(pattern: &[u8]) -> &[u8] {
    let stars = pattern.iter().take_while(|byte| **byte == b'*').count();
    &pattern[stars..]
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: &[&[u8]] = &[
        b"hello", b"hallo", b"hbllo", b"h*llo", b"heello", b"hllo", b"a", b"b", b"aab", b"aaa",
        b"]", b"_", b"\\", b"a\\", b"\xff", b"\x90", b"*", b"",
    ];

    /// Patterns, and those of the texts above that `KEYS` of Redis 7.0.15 returned when the texts
    /// were its keys.
    const MATCHED: &[(&[u8], &[&[u8]])] = &[
        (b"h?llo", &[b"hello", b"hallo", b"hbllo", b"h*llo"]),
        (b"h*llo", &[b"hello", b"hallo", b"hbllo", b"h*llo", b"heello", b"hllo"]),
        (b"h[ae]llo", &[b"hello", b"hallo"]),
        (b"h[^e]llo", &[b"hallo", b"hbllo", b"h*llo"]),
        (b"h[a-b]llo", &[b"hallo", b"hbllo"]),
        (b"h[b-a]llo", &[b"hallo", b"hbllo"]),
        (b"h\\*llo", &[b"h*llo"]),
        (
            b"**",
            &[
                b"hello", b"hallo", b"hbllo", b"h*llo", b"heello", b"hllo", b"a", b"b", b"aab",
                b"aaa", b"]", b"_", b"\\", b"a\\", b"\xff", b"\x90", b"*",
            ],
        ),
        (b"*o", &[b"hello", b"hallo", b"hbllo", b"h*llo", b"heello", b"hllo"]),
        (b"*l*l*", &[b"hello", b"hallo", b"hbllo", b"h*llo", b"heello", b"hllo"]),
        (b"a*a*b", &[b"aab"]),
        (b"[a-]", &[b"a", b"]", b"_"]),
        (b"[a-", &[b"a"]),
        (b"[", &[]),
        (b"[^", &[b"a", b"b", b"]", b"_", b"\\", b"\xff", b"\x90", b"*"]),
        (b"[^a", &[b"b", b"]", b"_", b"\\", b"\xff", b"\x90", b"*"]),
        (b"[]", &[]),
        (b"[\\]]", &[b"]"]),
        (b"[^\\]]", &[b"a", b"b", b"_", b"\\", b"\xff", b"\x90", b"*"]),
        (b"\\", &[b"\\"]),
        (b"a\\", &[b"a\\"]),
        (b"[a-\xff]", &[b"a", b"]", b"_", b"\\", b"\xff", b"*"]),
        (b"[\x80-a]", &[b"a", b"]", b"_", b"\\", b"\xff", b"\x90", b"*"]),
        (b"", &[b""]),
        (b"a?", &[b"a\\"]),
        (b"[*]", &[b"*"]),
        (b"h*l*o*", &[b"hello", b"hallo", b"hbllo", b"h*llo", b"heello", b"hllo"]),
    ];

    #[test]
    fn matches_what_redis_matches() {
        for (pattern, matched) in MATCHED {
            for text in TEXTS {
                let (shown, expected) = (pattern.escape_ascii(), matched.contains(text));
                assert_eq!(matches(pattern, text), expected, "{shown} {}", text.escape_ascii());
            }
        }
    }

    #[test]
    fn a_star_matches_anything_but_nothing() {
        assert!(matches(b"*", b"a") && !matches(b"*", b"") && matches(b"", b""));
    }

    #[test]
    fn case_is_ignored_where_asked() {
        assert!(matches_ignoring_case(b"MAX*[A-Z]ory", b"maxmemory"));
        assert!(!matches(b"MAX*", b"maxmemory"));
        assert!(!matches_ignoring_case(b"[\\M]", b"m"));
    }

    /// Backtracking into every star would take longer than the world has lasted.
    #[test]
    fn many_stars_take_no_exponential_time() {
        let pattern = b"a*".repeat(40);
        let text = vec![b'a'; 10_000];
        assert!(!matches(&[&pattern[..], b"b"].concat(), &text));
        assert!(matches(&pattern, &text));
    }
}
