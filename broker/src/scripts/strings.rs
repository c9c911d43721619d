//! The functions of `string` that match patterns: as Lua's, but they can be stopped ([`Matcher`]).

use std::rc::Rc;

use mlua::{Function, Lua, MultiValue, Result, String as LuaString, Table, Value};

use super::callback::Callback;
use super::pattern::{Bad, Capture, Matcher};
use super::{args, raise};

/// Lets others have a turn, and ends the script if it is to end.
pub(super) type Look = Rc<dyn Fn(&Lua) -> Result<()>>;

/// What makes a text a pattern.
const SPECIAL: &[u8] = b"^$*+?.([%-";

/// Puts the functions into the library.
pub(super) fn install(lua: &Lua, string: &Table, look: &Look, callback: &Callback) -> Result<()> {
    string.raw_set("find", function(lua, look, |lua, look, args| find(lua, look, args, true))?)?;
    string
        .raw_set("match", function(lua, look, |lua, look, args| find(lua, look, args, false))?)?;
    let (look, callback) = (look.clone(), callback.clone());
    let gsub =
        lua.create_function(move |lua, args: MultiValue| gsub(lua, &look, &callback, &args))?;
    string.raw_set("gsub", gsub)
}

/// A step of `gmatch`, which is in `sandbox.lua`: from a text, a pattern and where to go on, where to go on next time and
/// the captures, or nothing.
pub(super) fn scanner(lua: &Lua, look: &Look) -> Result<Function> {
    function(lua, look, scan)
}

fn function(lua: &Lua, look: &Look, run: Run) -> Result<Function> {
    let look = look.clone();
    lua.create_function(move |lua, args: MultiValue| run(lua, &look, &args))
}

type Run = fn(&Lua, &Look, &MultiValue) -> Result<MultiValue>;

/// A text that a match is made in, and what is made of its captures.
struct Subject<'a> {
    lua: &'a Lua,
    text: &'a [u8],
    /// The level of the script in the stack.
    level: usize,
}

impl Subject<'_> {
    fn refuse(&self, bad: Bad) -> mlua::Error {
        match bad {
            Bad::Pattern(why) => raise::text_at(self.lua, self.level, why),
            Bad::Ended(error) => error,
        }
    }

    fn string(&self, from: usize, to: usize) -> Result<Value> {
        self.lua.create_string(&self.text[from..to]).map(Value::String)
    }

    /// Capture `nth`, 0 being the first. Without captures the first is the whole match.
    fn capture(&self, captures: &[Capture], nth: usize, from: usize, to: usize) -> Result<Value> {
        match captures.get(nth) {
            None if nth == 0 => self.string(from, to),
            None => Err(raise::text_at(self.lua, self.level, "invalid capture index")),
            Some(Capture::Open(_)) => {
                Err(raise::text_at(self.lua, self.level, "unfinished capture"))
            }
            Some(Capture::Place(at)) => Ok(Value::Number((at + 1) as f64)),
            Some(&Capture::Span(from, to)) => self.string(from, to),
        }
    }

    /// All captures, or the whole match if there are none.
    fn captures(&self, captures: &[Capture], from: usize, to: usize) -> Result<Vec<Value>> {
        let count = captures.len().max(1);
        (0..count).map(|nth| self.capture(captures, nth, from, to)).collect()
    }
}

/// An optional number, as C makes an integer of it.
fn integer(lua: &Lua, args: &MultiValue, nth: usize, or: i64) -> Result<i64> {
    match args.get(nth - 1) {
        None | Some(Value::Nil) => Ok(or),
        Some(_) => args::number(lua, args, nth).map(args::to_i64),
    }
}

/// Argument `nth` as a string of Lua's, of which nothing is copied.
fn string(lua: &Lua, args: &MultiValue, nth: usize) -> Result<LuaString> {
    match args.get(nth - 1) {
        Some(Value::String(text)) => Ok(text.clone()),
        _ => lua.create_string(args::string(lua, args, nth)?),
    }
}

fn find(lua: &Lua, look: &Look, args: &MultiValue, places: bool) -> Result<MultiValue> {
    let (text, pattern) = (string(lua, args, 1)?, string(lua, args, 2)?);
    let (text, pattern) = (text.as_bytes(), pattern.as_bytes());
    let begin = integer(lua, args, 3, 1)?;
    let begin = if begin < 0 { begin.saturating_add(text.len() as i64 + 1).max(0) } else { begin };
    let begin = (begin.saturating_sub(1).max(0) as usize).min(text.len());
    let subject = Subject { lua, text: &text, level: 1 };
    let place = |at: usize| Value::Number(at as f64);
    let plain =
        args.get(3).is_some_and(|plain| !matches!(plain, Value::Nil | Value::Boolean(false)));
    let special = pattern.iter().take_while(|byte| **byte != 0).any(|byte| SPECIAL.contains(byte));
    if places && (plain || !special) {
        let found = memchr::memmem::find(&text[begin..], &pattern).map(|at| at + begin);
        let found = found.map(|at| [place(at + 1), place(at + pattern.len())]);
        return Ok(found.map_or_else(|| MultiValue::from_iter([Value::Nil]), MultiValue::from_iter));
    }
    let (anchored, pattern) = anchor(&pattern);
    let looks = || look(lua);
    let mut matcher = Matcher::new(&text, pattern, &looks);
    let last = if anchored { begin } else { text.len() };
    for from in begin..=last {
        let Some(to) = matcher.at(from).map_err(|bad| subject.refuse(bad))? else { continue };
        let mut values = if places { vec![place(from + 1), place(to)] } else { Vec::new() };
        if !places || !matcher.captures().is_empty() {
            values.extend(subject.captures(matcher.captures(), from, to)?);
        }
        return Ok(MultiValue::from_vec(values));
    }
    Ok(MultiValue::from_iter([Value::Nil]))
}

/// Whether a pattern matches at the beginning alone, and what is left of it.
fn anchor(pattern: &[u8]) -> (bool, &[u8]) {
    pattern.strip_prefix(b"^").map_or((false, pattern), |rest| (true, rest))
}

fn scan(lua: &Lua, look: &Look, args: &MultiValue) -> Result<MultiValue> {
    let (text, pattern) = (string(lua, args, 1)?, string(lua, args, 2)?);
    let (text, pattern) = (text.as_bytes(), pattern.as_bytes());
    let begin = integer(lua, args, 3, 0)? as usize;
    let subject = Subject { lua, text: &text, level: 2 };
    let looks = || look(lua);
    let mut matcher = Matcher::new(&text, &pattern, &looks);
    for from in begin..=text.len() {
        let Some(to) = matcher.at(from).map_err(|bad| subject.refuse(bad))? else { continue };
        let mut values = subject.captures(matcher.captures(), from, to)?;
        // After an empty match it goes on behind the next byte.
        let next = if to == from { to + 1 } else { to };
        values.insert(0, Value::Number(next as f64));
        return Ok(MultiValue::from_vec(values));
    }
    Ok(MultiValue::from_iter([Value::Number((text.len() + 1) as f64)]))
}

/// What takes the place of a match.
enum Replacement {
    Text(Vec<u8>),
    Table(Table),
    Function(Function),
}

fn gsub(lua: &Lua, look: &Look, callback: &Callback, args: &MultiValue) -> Result<MultiValue> {
    let (text, pattern) = (string(lua, args, 1)?, string(lua, args, 2)?);
    let (text, pattern) = (text.as_bytes(), pattern.as_bytes());
    // C's `int` is narrower.
    let most = i64::from(integer(lua, args, 4, text.len() as i64 + 1)? as i32);
    let (anchored, pattern) = anchor(&pattern);
    let replacement = match args.get(2) {
        Some(Value::Table(table)) => Replacement::Table(table.clone()),
        Some(Value::Function(function)) => Replacement::Function(function.clone()),
        other => match args::text(other) {
            Some(text) => Replacement::Text(text),
            None => return Err(raise::argument(lua, 3, "string/function/table expected")),
        },
    };
    let subject = Subject { lua, text: &text, level: 1 };
    let looks = || look(lua);
    let mut matcher = Matcher::new(&text, pattern, &looks);
    let (mut at, mut count, mut out) = (0, 0, Vec::with_capacity(text.len()));
    while count < most {
        let found = matcher.at(at).map_err(|bad| subject.refuse(bad))?;
        if let Some(to) = found {
            count += 1;
            let found = (matcher.captures(), at, to);
            replace(&subject, callback, &replacement, found, &mut out)?;
        }
        match (found, text.get(at)) {
            (Some(to), _) if to > at => at = to,
            (_, Some(&byte)) => {
                out.push(byte);
                at += 1;
            }
            _ => break,
        }
        if anchored {
            break;
        }
    }
    out.extend_from_slice(&text[at..]);
    let replaced = lua.create_string(&out)?;
    Ok(MultiValue::from_iter([Value::String(replaced), Value::Number(count as f64)]))
}

type Match<'a> = (&'a [Capture], usize, usize);

/// Adds what takes the place of a match.
fn replace(
    subject: &Subject<'_>,
    callback: &Callback,
    replacement: &Replacement,
    (captures, from, to): Match<'_>,
    out: &mut Vec<u8>,
) -> Result<()> {
    let value = match replacement {
        Replacement::Text(text) => {
            add_text(subject, text, (captures, from, to), out)?;
            return raise::check_room(out.len());
        }
        Replacement::Table(table) => {
            callback.index(subject.lua, table, subject.capture(captures, 0, from, to)?)?
        }
        Replacement::Function(function) => {
            let captured = MultiValue::from_vec(subject.captures(captures, from, to)?);
            callback.call(subject.lua, function, captured)?
        }
    };
    match (args::text(Some(&value)), &value) {
        (Some(text), _) => out.extend_from_slice(&text),
        (None, Value::Nil | Value::Boolean(false)) => {
            out.extend_from_slice(&subject.text[from..to]);
        }
        (None, other) => {
            let text = format!("invalid replacement value (a {})", raise::type_name(other));
            return Err(raise::text(subject.lua, text));
        }
    }
    raise::check_room(out.len())
}

/// Adds a text in which `%1` to `%9` stand for captures and `%0` for the match.
fn add_text(
    subject: &Subject<'_>,
    text: &[u8],
    (captures, from, to): Match<'_>,
    out: &mut Vec<u8>,
) -> Result<()> {
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        match bytes.next().copied() {
            Some(b'0') => out.extend_from_slice(&subject.text[from..to]),
            Some(digit) if digit.is_ascii_digit() => {
                let nth = usize::from(digit - b'1');
                let captured = subject.capture(captures, nth, from, to)?;
                out.extend(args::text(Some(&captured)).unwrap_or_default());
            }
            // As for C, a zero byte stands behind the last.
            other => out.push(other.unwrap_or(0)),
        }
    }
    Ok(())
}
