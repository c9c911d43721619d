//! Random scripts, made of the pieces in `walks/lua.txt`.
//!
//! That file says of each kind of text, `<number>` for one, in which ways it can be written, a line for each. A line may
//! name kinds again. `3x` before it makes it three times as frequent.

use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::{Context, Result, ensure};

use crate::random::Random;

/// Pieces nested deeper are written in the shortest way.
const DEPTH_MAX: usize = 9;
/// What a script begins as.
const START: &str = "script";
/// The kind that is the end of a line, which the file cannot show.
const LINE: &str = "line";

/// How scripts are written.
pub struct Lua {
    kinds: BTreeMap<String, Kind>,
}

/// A kind of text.
#[derive(Default)]
struct Kind {
    ways: Vec<Way>,
    /// The way that nests least.
    least: usize,
}

/// One way to write a kind.
struct Way {
    weight: usize,
    pieces: Vec<Piece>,
}

enum Piece {
    Text(Rc<str>),
    Kind(Rc<str>),
}

/// A script, or a part of one, with the parts that it was made of.
#[derive(Clone, Debug)]
pub struct Tree {
    kind: Rc<str>,
    parts: Vec<Part>,
    /// Whether it is written in the way that nests least.
    is_least: bool,
    /// Its kind in that way.
    least: Rc<str>,
}

#[derive(Clone, Debug)]
enum Part {
    Text(Rc<str>),
    Tree(Tree),
}

impl Lua {
    /// Reads the file's text. Fails on what is not understood, and on a kind that is nowhere described or never ends.
    pub fn read(text: &str) -> Result<Self> {
        let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
        let mut current = None;
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
            if let Some(way) = line.strip_prefix("  ") {
                let kind: Option<&mut Kind> = current.and_then(|name| kinds.get_mut(name));
                kind.context("a line before the first kind")?.ways.push(Way::read(way)?);
            } else {
                let name = line.strip_prefix('<').and_then(|name| name.strip_suffix('>'));
                let name = name.with_context(|| format!("no kind: `{line}`"))?;
                kinds.entry(name.to_owned()).or_default();
                current = Some(name);
            }
        }
        let end = Way { weight: 1, pieces: vec![Piece::Text("\n".into())] };
        kinds.insert(LINE.to_owned(), Kind { ways: vec![end], least: 0 });
        let mut lua = Self { kinds };
        lua.find_least()?;
        Ok(lua)
    }

    /// Finds of each kind the way that nests least: kinds whose ends are known make those of others known.
    fn find_least(&mut self) -> Result<()> {
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for _ in 0..self.kinds.len() {
            for (name, kind) in &mut self.kinds {
                if known.contains_key(name) {
                    continue;
                }
                let depths = kind.ways.iter().map(|way| way.depth(&known));
                let ended = depths.enumerate().filter_map(|(at, depth)| Some((depth?, at)));
                if let Some((depth, at)) = ended.min() {
                    kind.least = at;
                    known.insert(name.clone(), depth);
                }
            }
        }
        for (name, kind) in &self.kinds {
            ensure!(known.contains_key(name), "<{name}> never ends");
            for piece in kind.ways.iter().flat_map(|way| &way.pieces) {
                if let Piece::Kind(inner) = piece {
                    ensure!(known.contains_key(&**inner), "<{name}> names no kind: <{inner}>");
                }
            }
        }
        Ok(())
    }

    /// A script.
    pub fn script(&self, random: &mut Random) -> Tree {
        self.write(START, 0, random)
    }

    fn write(&self, name: &str, depth: usize, random: &mut Random) -> Tree {
        let kind = &self.kinds[name];
        let at = if depth < DEPTH_MAX { kind.pick(random) } else { kind.least };
        let part = |piece: &Piece| match piece {
            Piece::Text(text) => Part::Text(text.clone()),
            Piece::Kind(inner) => Part::Tree(self.write(inner, depth + 1, random)),
        };
        let parts = kind.ways[at].pieces.iter().map(part).collect();
        let is_least = at == kind.least;
        Tree { kind: name.into(), parts, is_least, least: self.least(name).into() }
    }

    fn least(&self, name: &str) -> String {
        let kind = &self.kinds[name];
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => text.to_string(),
            Piece::Kind(inner) => self.least(inner),
        };
        kind.ways[kind.least].pieces.iter().map(text).collect()
    }
}

impl Kind {
    fn pick(&self, random: &mut Random) -> usize {
        let mut place = random.below(self.ways.iter().map(|way| way.weight).sum());
        let chosen = self.ways.iter().position(|way| {
            let is_here = place < way.weight;
            place = place.saturating_sub(way.weight);
            is_here
        });
        chosen.unwrap_or(self.least)
    }
}

impl Way {
    fn read(text: &str) -> Result<Self> {
        let (weight, mut rest) = match text.split_once("x ") {
            Some((weight, rest)) if weight.parse::<usize>().is_ok() => (weight.parse()?, rest),
            _ => (1, text),
        };
        let mut pieces = Vec::new();
        while !rest.is_empty() {
            let (before, name, after) = split(rest).unwrap_or((rest, "", ""));
            if !before.is_empty() {
                pieces.push(Piece::Text(before.into()));
            }
            if !name.is_empty() {
                pieces.push(Piece::Kind(name.into()));
            }
            rest = after;
        }
        Ok(Self { weight, pieces })
    }

    /// How deep it nests, as far as that is known.
    fn depth(&self, known: &BTreeMap<String, usize>) -> Option<usize> {
        let depth = |piece: &Piece| match piece {
            Piece::Text(_) => Some(0),
            Piece::Kind(name) => known.get(&**name).map(|depth| depth + 1),
        };
        self.pieces.iter().map(depth).try_fold(0, |deepest, depth| Some(deepest.max(depth?)))
    }
}

/// A text up to the first `<kind>`, the kind, and the rest. Lua's `<` stands alone.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    for (at, _) in text.match_indices('<') {
        let inside = &text[at + 1..];
        let len = inside.find(|letter: char| !letter.is_ascii_lowercase()).unwrap_or(inside.len());
        if len > 0 && inside[len..].starts_with('>') {
            return Some((&text[..at], &inside[..len], &inside[len + 1..]));
        }
    }
    None
}

impl Tree {
    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => text.to_string(),
            Part::Tree(tree) => tree.text(),
        };
        self.parts.iter().map(text).collect()
    }

    /// The same with one part made shorter: a part of its own kind in its place, or its kind's shortest text. What leaves
    /// out most comes first.
    #[must_use]
    pub fn shorter(&self) -> Vec<Self> {
        let mut all = Vec::new();
        self.within(&self.kind, &mut all);
        if !self.is_least {
            let parts = vec![Part::Text(self.least.clone())];
            all.push(Self { parts, is_least: true, ..self.clone() });
        }
        for (at, part) in self.parts.iter().enumerate() {
            let Part::Tree(tree) = part else { continue };
            for shorter in tree.shorter() {
                let mut whole = self.clone();
                whole.parts[at] = Part::Tree(shorter);
                all.push(whole);
            }
        }
        all
    }

    /// The outermost parts of a kind.
    fn within(&self, kind: &str, found: &mut Vec<Self>) {
        for part in &self.parts {
            match part {
                Part::Tree(tree) if &*tree.kind == kind => found.push(tree.clone()),
                Part::Tree(tree) => tree.within(kind, found),
                Part::Text(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUMS: &str = "# Sums.\n<script>\n  return <sum>\n<sum>\n  3x (<sum> + <sum>)\n  1\n";

    #[test]
    fn a_script_is_the_same_for_the_same_seed() {
        let lua = Lua::read(SUMS).unwrap();
        let script = |seed| lua.script(&mut Random::new(seed)).text();
        assert_eq!(script(7), script(7));
        assert!((1..50).any(|seed| script(seed) != script(7)));
        assert!(script(7).starts_with("return "));
    }

    #[test]
    fn a_script_can_be_made_shorter_until_it_is_shortest() {
        let lua = Lua::read(SUMS).unwrap();
        let mut random = Random::new(3);
        let mut tree =
            (0..).map(|_| lua.script(&mut random)).find(|t| t.text().len() > 50).unwrap();
        while let Some(shorter) = tree.shorter().into_iter().last() {
            assert!(shorter.text().len() < tree.text().len());
            tree = shorter;
        }
        assert_eq!(tree.text(), "return 1");
    }

    #[test]
    fn what_is_no_grammar_is_refused() {
        assert!(Lua::read("<script>\n  <script>\n").is_err());
        assert!(Lua::read("<script>\n  return <number>\n").is_err());
        assert!(Lua::read("  return 1\n").is_err());
        assert!(Lua::read("script\n").is_err());
    }
}
