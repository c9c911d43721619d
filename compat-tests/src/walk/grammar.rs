//! Reads the grammar: what commands may look like, one a line, in the files of `walks/`.
//!
//! | in a line | what comes of it |
//! |---|---|
//! | `WORD`, `"quoted \x00"`, `"{{x*45}}"` | the word, as in a transcript |
//! | `<kind>` | a word or several of this kind, see `words.txt` |
//! | `(a b\|c)` | one of the alternatives |
//! | `(a b)+`, `(a b)*` | one to four times, none to three times |
//! | `[a\|b]` | one of the alternatives, or nothing |
//! | `{a\|b\|c}` | any of them, in any order, now and then one twice |
//! | `a ; b` | two commands, always together and in this order |
//!
//! Before a command: `3x` makes its line three times as frequent; `~`, `~2`, `@clock`, `@shape`, `@kind`
//! say what of the reply is compared, see [`Equality`]; `!` and `!!` what may be spoiled in it, see [`Care`].
//!
//! `@keys a b` says which keys `<key>` stands for in a file, `@keys *` that it stands for all.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};

use super::equality::Equality;
use super::lua::Lua;
use crate::binary::workspace;
use crate::words;

/// A piece of a line.
#[derive(Debug)]
pub enum Part {
    /// This word.
    Word(Vec<u8>),
    /// Words of this kind.
    Kind(String),
    /// One of these.
    OneOf(Vec<Vec<Part>>),
    /// One of these, or nothing.
    Maybe(Vec<Vec<Part>>),
    /// Any of these in any order.
    AnyOf(Vec<Vec<Part>>),
    /// One of these, each time anew, this many times or up to three times more.
    Times(usize, Vec<Vec<Part>>),
}

/// How carefully a command is to be spoiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Care {
    /// In any way.
    None,
    /// Only so that no number takes another's place: it could become a short time.
    Some,
    /// Not at all.
    Full,
}

/// One command of a line.
#[derive(Debug)]
pub struct Pattern {
    /// What of its reply is compared.
    pub equality: Equality,
    /// What may be spoiled in it.
    pub care: Care,
    /// What it consists of.
    pub parts: Vec<Part>,
}

/// The commands of a line, and how frequent it is beside the other lines of its family.
#[derive(Debug)]
pub struct Line {
    /// At least one.
    pub weight: usize,
    /// At least one.
    pub patterns: Vec<Pattern>,
}

/// One file.
#[derive(Debug)]
pub struct Family {
    /// What `<key>` stands for; empty for the keys of all families.
    pub keys: Vec<String>,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// What a `<kind>` stands for.
#[derive(Debug)]
pub struct Kind {
    /// What is usual.
    pub usual: Vec<Vec<Part>>,
    /// What comes more rarely, if there is anything.
    pub edges: Vec<Vec<Part>>,
}

/// All files.
pub struct Grammar {
    /// By the name of the file.
    pub families: BTreeMap<String, Family>,
    /// By name, without the angles.
    pub kinds: BTreeMap<String, Kind>,
    /// How scripts are written.
    pub lua: Lua,
}

impl Grammar {
    /// Reads all files of `walks/`. Fails on the first line that is not understood.
    pub fn read() -> Result<Self> {
        let lua = std::fs::read_to_string(folder().join("lua.txt"))?;
        let lua = Lua::read(&lua).context("in lua.txt")?;
        let mut grammar = Self { families: BTreeMap::new(), kinds: BTreeMap::new(), lua };
        for entry in folder().read_dir()? {
            let path = entry?.path();
            let name = path.file_stem().context("a file without a name")?.to_string_lossy();
            let text = std::fs::read_to_string(&path)?;
            match &*name {
                "words" => grammar.kinds = kinds(&text)?,
                "left_out" | "lua" => {}
                name => {
                    let family = family(&text).with_context(|| format!("in {name}.txt"))?;
                    grammar.families.insert(name.to_owned(), family);
                }
            }
        }
        Ok(grammar)
    }

    /// The commands that no walk sends, and why.
    pub fn left_out() -> Result<BTreeMap<String, String>> {
        let text = std::fs::read_to_string(folder().join("left_out.txt"))?;
        lines(&text)
            .map(|line| {
                let (name, reason) = line.split_once("  ").context("a name without a reason")?;
                Ok((name.to_owned(), reason.trim().to_owned()))
            })
            .collect()
    }
}

fn folder() -> PathBuf {
    workspace().join("compat-tests/walks")
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("# "))
}

fn kinds(text: &str) -> Result<BTreeMap<String, Kind>> {
    lines(text)
        .map(|line| {
            let (name, values) = line.split_once(" = ").context("a kind without values")?;
            let (usual, edges) = values.split_once(" ! ").unwrap_or((values, ""));
            let name = name.strip_prefix('<').and_then(|name| name.strip_suffix('>'));
            let name = name.context("a kind without angles")?.to_owned();
            let parse = |text| alternatives(text).with_context(|| format!("in <{name}>"));
            let edges = if edges.is_empty() { Vec::new() } else { parse(edges)? };
            let kind = Kind { usual: parse(usual)?, edges };
            Ok((name, kind))
        })
        .collect()
}

fn family(text: &str) -> Result<Family> {
    let mut family = Family { keys: Vec::new(), lines: Vec::new() };
    for text in lines(text) {
        if let Some(keys) = text.strip_prefix("@keys ") {
            family.keys = keys.split(' ').filter(|key| *key != "*").map(str::to_owned).collect();
        } else {
            family.lines.push(line(text).with_context(|| format!("in `{text}`"))?);
        }
    }
    Ok(family)
}

fn line(text: &str) -> Result<Line> {
    let (weight, text) = match text.split_once("x ") {
        Some((weight, rest)) if weight.parse::<usize>().is_ok() => (weight.parse()?, rest),
        _ => (1, text),
    };
    let mut patterns = text.split(" ; ").map(pattern).collect::<Result<Vec<_>>>()?;
    // A spoiled part would spoil the whole.
    let care = patterns.iter().map(|pattern| pattern.care).max().context("an empty line")?;
    patterns.iter_mut().for_each(|pattern| pattern.care = care);
    Ok(Line { weight, patterns })
}

fn pattern(mut text: &str) -> Result<Pattern> {
    let (mut equality, mut care) = (Equality::Exact, Care::None);
    while let Some((mark, rest)) = text.split_once(' ') {
        match mark {
            "~" => equality = Equality::Unordered,
            "~2" => equality = Equality::Pairs,
            "@clock" => equality = Equality::Clock,
            "@shape" => equality = Equality::Shape,
            "@kind" => equality = Equality::Kind,
            "!" => care = Care::Some,
            "!!" => care = Care::Full,
            _ => break,
        }
        text = rest;
    }
    let mut alternatives = alternatives(text)?;
    ensure!(alternatives.len() == 1, "alternatives need brackets");
    Ok(Pattern { equality, care, parts: alternatives.remove(0) })
}

fn alternatives(text: &str) -> Result<Vec<Vec<Part>>> {
    let mut bytes = text.bytes().peekable();
    let parsed = sequences(&mut bytes)?;
    ensure!(bytes.next().is_none(), "a closing bracket too many");
    Ok(parsed)
}

/// Alternatives up to a closing bracket or the end.
fn sequences(bytes: &mut words::Bytes<'_>) -> Result<Vec<Vec<Part>>> {
    let mut all = vec![Vec::new()];
    loop {
        let Some(&next) = bytes.peek() else { return Ok(all) };
        let part = match next {
            b' ' => {
                bytes.next();
                continue;
            }
            b'|' => {
                bytes.next();
                all.push(Vec::new());
                continue;
            }
            b')' | b']' | b'}' => return Ok(all),
            b'(' => {
                let inside = bracket(bytes, b')')?;
                match bytes.next_if(|byte| matches!(byte, b'+' | b'*')) {
                    Some(b'+') => Part::Times(1, inside),
                    Some(_) => Part::Times(0, inside),
                    None => Part::OneOf(inside),
                }
            }
            b'[' => Part::Maybe(bracket(bytes, b']')?),
            b'{' => Part::AnyOf(bracket(bytes, b'}')?),
            b'"' => Part::Word(words::expand(&words::double_quoted(bytes)?, 0)?),
            _ => bare(bytes)?,
        };
        all.last_mut().context("there is always one")?.push(part);
    }
}

fn bracket(bytes: &mut words::Bytes<'_>, end: u8) -> Result<Vec<Vec<Part>>> {
    bytes.next();
    let inside = sequences(bytes)?;
    match bytes.next() {
        Some(byte) if byte == end => Ok(inside),
        _ => bail!("`{}` is missing", end as char),
    }
}

fn bare(bytes: &mut words::Bytes<'_>) -> Result<Part> {
    let mut word = Vec::new();
    while let Some(byte) = bytes.next_if(|byte| !b" ()[]{}|".contains(byte)) {
        word.push(byte);
    }
    match word.strip_prefix(b"<").and_then(|word| word.strip_suffix(b">")) {
        Some(kind) => Ok(Part::Kind(String::from_utf8(kind.to_vec())?)),
        None => Ok(Part::Word(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read() {
        let line = line("3x !! ~ LPOS <key> (a|b)+ [x y] {A|B 1} ; GET \"a b\"").unwrap();
        assert_eq!((line.weight, line.patterns.len()), (3, 2));
        let first = &line.patterns[0];
        assert_eq!((&first.equality, first.care), (&Equality::Unordered, Care::Full));
        let [Part::Word(name), Part::Kind(key), Part::Times(1, times), Part::Maybe(maybe), rest] =
            &first.parts[..]
        else {
            panic!("{:?}", first.parts);
        };
        assert_eq!((&name[..], &key[..]), (&b"LPOS"[..], "key"));
        assert_eq!((times.len(), maybe.len(), maybe[0].len()), (2, 1, 2));
        assert!(matches!(rest, Part::AnyOf(options) if options.len() == 2));
        assert!(matches!(&line.patterns[1].parts[1], Part::Word(word) if word == b"a b"));
    }

    #[test]
    fn brackets_must_close() {
        assert!(line("GET (a").is_err());
        assert!(line("GET a)").is_err());
        assert!(line("GET (a]").is_err());
    }
}
