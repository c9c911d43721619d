//! Lua's patterns: whether one matches at a place, and what it captures.
//!
//! Lua's own matcher cannot be stopped: a pattern such as `a-a-a-a-b` keeps it at work for as long as one likes. This one
//! counts its steps and looks up from time to time, so that others have a turn and `SCRIPT KILL` ends it.

use mlua::Result;

/// A pattern has no more captures.
const CAPTURES_MAX: usize = 32;
/// Patterns are not matched deeper: the room on the scripts' stack. Lua has no bound and would break down.
const DEPTH_MAX: usize = 10_000;
/// After how many steps it looks up: a millisecond or so.
const LOOK_AFTER: u32 = 100_000;
const ESCAPE: u8 = b'%';

/// What a part of a pattern captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Capture {
    /// It has not come to its end.
    Open(usize),
    /// A place: `()`.
    Place(usize),
    /// The bytes from here to there.
    Span(usize, usize),
}

/// Why matching ended without an answer.
#[derive(Debug)]
pub(super) enum Bad {
    /// The pattern is none.
    Pattern(&'static str),
    /// The script is to end.
    Ended(mlua::Error),
}

type Found = std::result::Result<Option<usize>, Bad>;

/// A pattern on its way through a text.
pub(super) struct Matcher<'a> {
    text: &'a [u8],
    pattern: &'a [u8],
    captures: Vec<Capture>,
    depth: usize,
    steps: u32,
    look: &'a dyn Fn() -> Result<()>,
}

impl<'a> Matcher<'a> {
    /// `look` is called from time to time; an error of its ends the match. As for C, a pattern ends at a zero byte.
    pub(super) fn new(text: &'a [u8], pattern: &'a [u8], look: &'a dyn Fn() -> Result<()>) -> Self {
        let pattern = pattern.split(|byte| *byte == 0).next().unwrap_or_default();
        Self { text, pattern, captures: Vec::new(), depth: 0, steps: 0, look }
    }

    /// Where a match that begins at `from` ends.
    pub(super) fn at(&mut self, from: usize) -> Found {
        self.captures.clear();
        self.depth = 0;
        self.rest(from, 0)
    }

    /// What the last match captured.
    pub(super) fn captures(&self) -> &[Capture] {
        &self.captures
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.pattern.get(at).copied()
    }

    fn step(&mut self) -> std::result::Result<(), Bad> {
        self.steps += 1;
        if self.steps >= LOOK_AFTER {
            self.steps = 0;
            (self.look)().map_err(Bad::Ended)?;
        }
        Ok(())
    }

    /// Matches the rest of the pattern from `p` on with the text from `s` on.
    fn rest(&mut self, s: usize, p: usize) -> Found {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Bad::Pattern("pattern too complex"));
        }
        let found = self.items(s, p);
        self.depth -= 1;
        found
    }

    fn items(&mut self, mut s: usize, mut p: usize) -> Found {
        loop {
            self.step()?;
            let Some(first) = self.byte(p) else { return Ok(Some(s)) };
            match (first, self.byte(p + 1)) {
                (b'(', Some(b')')) => return self.capture(Capture::Place(s), s, p + 2),
                (b'(', _) => return self.capture(Capture::Open(s), s, p + 1),
                (b')', _) => return self.close(s, p + 1),
                (b'$', None) => return Ok((s == self.text.len()).then_some(s)),
                (ESCAPE, Some(b'b')) => {
                    let Some(end) = self.balance(s, p + 2)? else { return Ok(None) };
                    (s, p) = (end, p + 4);
                }
                (ESCAPE, Some(b'f')) => {
                    let Some(next) = self.frontier(s, p + 2)? else { return Ok(None) };
                    p = next;
                }
                (ESCAPE, Some(digit)) if digit.is_ascii_digit() => {
                    let Some(end) = self.again(s, digit)? else { return Ok(None) };
                    (s, p) = (end, p + 2);
                }
                _ => {
                    let end = self.class_end(p)?;
                    let fits = self.fits(s, p, end);
                    match self.byte(end) {
                        Some(b'?') => {
                            if fits && let Some(found) = self.rest(s + 1, end + 1)? {
                                return Ok(Some(found));
                            }
                            p = end + 1;
                        }
                        Some(b'*') => return self.most(s, p, end),
                        Some(b'+') => {
                            return if fits { self.most(s + 1, p, end) } else { Ok(None) };
                        }
                        Some(b'-') => return self.fewest(s, p, end),
                        _ if !fits => return Ok(None),
                        _ => (s, p) = (s + 1, end),
                    }
                }
            }
        }
    }

    /// Where the single item that begins at `p` ends.
    fn class_end(&self, p: usize) -> std::result::Result<usize, Bad> {
        match self.byte(p) {
            Some(ESCAPE) if self.byte(p + 1).is_none() => {
                Err(Bad::Pattern("malformed pattern (ends with '%')"))
            }
            Some(ESCAPE) => Ok(p + 2),
            Some(b'[') => {
                let mut at = p + 1 + usize::from(self.byte(p + 1) == Some(b'^'));
                loop {
                    // The first one is an element, even if it is the one that ends a set.
                    match self.byte(at) {
                        None => return Err(Bad::Pattern("malformed pattern (missing ']')")),
                        Some(ESCAPE) if self.byte(at + 1).is_some() => at += 2,
                        Some(_) => at += 1,
                    }
                    if self.byte(at) == Some(b']') {
                        return Ok(at + 1);
                    }
                }
            }
            _ => Ok(p + 1),
        }
    }

    /// Whether the byte at `s` is one of the single item `p..end`.
    fn fits(&self, s: usize, p: usize, end: usize) -> bool {
        let Some(&byte) = self.text.get(s) else { return false };
        match self.pattern[p] {
            b'.' => true,
            ESCAPE => is_of_class(byte, self.pattern[p + 1]),
            b'[' => self.is_in_set(byte, p, end - 1),
            same => same == byte,
        }
    }

    /// Whether a byte is in the set whose brackets stand at `p` and `last`.
    fn is_in_set(&self, byte: u8, p: usize, last: usize) -> bool {
        let inverted = self.byte(p + 1) == Some(b'^');
        let mut at = p + 1 + usize::from(inverted);
        while at < last {
            let next = self.byte(at + 1).unwrap_or(0);
            let (is_in, length) = match self.pattern[at] {
                ESCAPE => (is_of_class(byte, next), 2),
                low if next == b'-' && at + 2 < last => {
                    ((low..=self.pattern[at + 2]).contains(&byte), 3)
                }
                same => (same == byte, 1),
            };
            if is_in {
                return !inverted;
            }
            at += length;
        }
        inverted
    }

    /// As many as there are, and fewer if the rest does not match then.
    fn most(&mut self, s: usize, p: usize, end: usize) -> Found {
        let mut at = s;
        while self.fits(at, p, end) {
            self.step()?;
            at += 1;
        }
        loop {
            if let Some(found) = self.rest(at, end + 1)? {
                return Ok(Some(found));
            }
            if at <= s {
                return Ok(None);
            }
            at -= 1;
        }
    }

    /// As few as possible.
    fn fewest(&mut self, mut s: usize, p: usize, end: usize) -> Found {
        loop {
            if let Some(found) = self.rest(s, end + 1)? {
                return Ok(Some(found));
            }
            if !self.fits(s, p, end) {
                return Ok(None);
            }
            s += 1;
        }
    }

    fn capture(&mut self, capture: Capture, s: usize, p: usize) -> Found {
        if self.captures.len() >= CAPTURES_MAX {
            return Err(Bad::Pattern("too many captures"));
        }
        let level = self.captures.len();
        self.captures.push(capture);
        let found = self.rest(s, p)?;
        if found.is_none() {
            self.captures.truncate(level);
        }
        Ok(found)
    }

    fn close(&mut self, s: usize, p: usize) -> Found {
        let open = self.captures.iter().rposition(|capture| matches!(capture, Capture::Open(_)));
        let at = open.ok_or(Bad::Pattern("invalid pattern capture"))?;
        let before = self.captures[at];
        if let Capture::Open(from) = before {
            self.captures[at] = Capture::Span(from, s);
        }
        let found = self.rest(s, p)?;
        if found.is_none() {
            self.captures[at] = before;
        }
        Ok(found)
    }

    /// What an earlier capture captured.
    fn again(&self, s: usize, digit: u8) -> Found {
        let capture = usize::from(digit).checked_sub(usize::from(b'1'));
        match capture.and_then(|nth| self.captures.get(nth)) {
            None | Some(Capture::Open(_)) => Err(Bad::Pattern("invalid capture index")),
            Some(Capture::Place(_)) => Ok(None),
            Some(&Capture::Span(from, to)) => {
                let same = self.text[s..].starts_with(&self.text[from..to]);
                Ok(same.then_some(s + to - from))
            }
        }
    }

    /// `%bxy`: from an x to the y that balances it.
    fn balance(&mut self, s: usize, p: usize) -> Found {
        let (Some(opens), Some(closes)) = (self.byte(p), self.byte(p + 1)) else {
            return Err(Bad::Pattern("unbalanced pattern"));
        };
        if self.text.get(s) != Some(&opens) {
            return Ok(None);
        }
        let mut open = 1;
        for at in s + 1..self.text.len() {
            self.step()?;
            let byte = self.text[at];
            if byte == closes {
                open -= 1;
                if open == 0 {
                    return Ok(Some(at + 1));
                }
            } else if byte == opens {
                open += 1;
            }
        }
        Ok(None)
    }

    /// `%f[set]`: between a byte that is not in the set and one that is. Where the pattern goes on.
    fn frontier(&self, s: usize, p: usize) -> Found {
        if self.byte(p) != Some(b'[') {
            return Err(Bad::Pattern("missing '[' after '%f' in pattern"));
        }
        let end = self.class_end(p)?;
        let before = s.checked_sub(1).map_or(0, |at| self.text[at]);
        let behind = self.text.get(s).copied().unwrap_or(0);
        let is_in = |byte| self.is_in_set(byte, p, end - 1);
        Ok((!is_in(before) && is_in(behind)).then_some(end))
    }
}

fn is_of_class(byte: u8, class: u8) -> bool {
    let is_in = match class.to_ascii_lowercase() {
        b'a' => byte.is_ascii_alphabetic(),
        b'c' => byte.is_ascii_control(),
        b'd' => byte.is_ascii_digit(),
        b'l' => byte.is_ascii_lowercase(),
        b'p' => byte.is_ascii_punctuation(),
        b's' => byte.is_ascii_whitespace() || byte == 0x0b,
        b'u' => byte.is_ascii_uppercase(),
        b'w' => byte.is_ascii_alphanumeric(),
        b'x' => byte.is_ascii_hexdigit(),
        b'z' => byte == 0,
        _ => return class == byte,
    };
    is_in != class.is_ascii_uppercase()
}
