//! Replies into values of Lua, and back.

use std::cell::Cell;

use clawlink_actors::collections::number::format_f64;
use clawlink_actors::collections::stream::{Entries, ID_LEN_MAX};
use clawlink_actors::{Outcome, Refusal, Reply};
use mlua::{Either, Lua, Result, Table, Value};

use super::{MEMORY_BYTES_MAX, args};
use crate::wire::refusal_text;

/// Values are not nested deeper in a reply: the room on Lua's stack.
const DEPTH_MAX: usize = 2000;

/// Bytes as a string, in the form of which mlua makes one with the least ado: what is text needs no reference.
pub(super) fn string<'a>(lua: &Lua, bytes: &'a [u8]) -> Either<&'a str, Value> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Either::Left(text),
        // It cannot fail: memory is not bounded while values are converted.
        Err(_) => Either::Right(lua.create_string(bytes).map_or(Value::Nil, Value::String)),
    }
}

/// A reply as a script sees it.
pub(super) fn to_lua(lua: &Lua, reply: &Reply, resp3: bool) -> Result<Value> {
    let string = |bytes: &[u8]| lua.create_string(bytes).map(Value::String);
    let each = |items: &[Reply]| sequence(lua, items.iter(), items.len(), resp3);
    Ok(match reply {
        Reply::Ok => status(lua, b"OK")?,
        Reply::Status(text) => status(lua, text.as_bytes())?,
        Reply::Text(text) => status(lua, text)?,
        Reply::Nil | Reply::NilArray if resp3 => Value::Nil,
        // No command that scripts may run answers the last three.
        Reply::Nil
        | Reply::NilArray
        | Reply::Silence
        | Reply::Written(_)
        | Reply::Attributes(_) => Value::Boolean(false),
        Reply::Int(value) => Value::Number(*value as f64),
        Reply::Bulk(bytes) => string(bytes)?,
        Reply::Short(bytes) => string(bytes)?,
        Reply::Double(value) if resp3 => tagged(lua, "double", Value::Number(*value))?,
        Reply::Double(value) => string(format_f64(*value).as_bytes())?,
        Reply::Bool(value) if resp3 => Value::Boolean(*value),
        Reply::Bool(value) => Value::Number(f64::from(*value)),
        Reply::Verbatim(text) => verbatim(lua, b"txt", text.as_bytes(), resp3)?,
        Reply::Formatted(format, text) => verbatim(lua, format, text, resp3)?,
        Reply::BigNumber(digits) if resp3 => tagged(lua, "big_number", string(digits)?)?,
        Reply::BigNumber(digits) => string(digits)?,
        Reply::Array(items) | Reply::Push(items) | Reply::Many(items) => each(items)?,
        Reply::Entries(found) => entries(lua, found, resp3)?,
        Reply::Set(items) if resp3 => {
            // Not with room for all: it shows in the order in which a script meets them.
            let set = lua.create_table()?;
            for item in items {
                set.raw_set(to_lua(lua, item, resp3)?, true)?;
            }
            tagged(lua, "set", Value::Table(set))?
        }
        Reply::Set(items) => each(items)?,
        Reply::Map(pairs) | Reply::Named(pairs) if resp3 => {
            let map = lua.create_table()?;
            for (key, value) in pairs {
                map.raw_set(to_lua(lua, key, resp3)?, to_lua(lua, value, resp3)?)?;
            }
            tagged(lua, "map", Value::Table(map))?
        }
        Reply::Map(pairs) => flat(lua, pairs, resp3)?,
        Reply::Fields(fields) => {
            let pair = |(name, value)| (Reply::brief(name), Reply::brief(value));
            to_lua(lua, &Reply::Map(fields.iter().map(pair).collect()), resp3)?
        }
        Reply::Pairs(pairs) if !resp3 => flat(lua, pairs, resp3)?,
        Reply::Pairs(pairs) | Reply::Named(pairs) => {
            let table = lua.create_table_with_capacity(pairs.len(), 0)?;
            for (at, (key, value)) in pairs.iter().enumerate() {
                table.raw_set(at + 1, sequence(lua, [key, value].into_iter(), 2, resp3)?)?;
            }
            Value::Table(table)
        }
        Reply::Error(refusal) => error(lua, &refusal_text(refusal))?,
    })
}

fn entries(lua: &Lua, found: &Entries, resp3: bool) -> Result<Value> {
    let table = lua.create_table_with_capacity(found.len(), 0)?;
    for (at, (id, words)) in found.iter().enumerate() {
        let entry = lua.create_table_with_capacity(2, 0)?;
        entry.raw_set(1, lua.create_string(id.text(&mut [0; ID_LEN_MAX]))?)?;
        match words {
            Some(words) => {
                let list = lua.create_table()?;
                for (at, word) in words.enumerate() {
                    list.raw_set(at + 1, lua.create_string(word)?)?;
                }
                entry.raw_set(2, list)?;
            }
            None => entry.raw_set(2, to_lua(lua, &Reply::NilArray, resp3)?)?,
        }
        table.raw_set(at + 1, entry)?;
    }
    Ok(Value::Table(table))
}

fn flat(lua: &Lua, pairs: &[(Reply, Reply)], resp3: bool) -> Result<Value> {
    sequence(lua, pairs.iter().flat_map(|(key, value)| [key, value]), pairs.len() * 2, resp3)
}

fn sequence<'a>(
    lua: &Lua,
    items: impl Iterator<Item = &'a Reply>,
    len: usize,
    resp3: bool,
) -> Result<Value> {
    let table = lua.create_table_with_capacity(len, 0)?;
    for (at, item) in items.enumerate() {
        table.raw_set(at + 1, to_lua(lua, item, resp3)?)?;
    }
    Ok(Value::Table(table))
}

fn tagged(lua: &Lua, name: &str, value: Value) -> Result<Value> {
    let table = lua.create_table_with_capacity(0, 1)?;
    table.raw_set(name, value)?;
    Ok(Value::Table(table))
}

/// A table `{ok = text}`.
pub(super) fn status(lua: &Lua, text: &[u8]) -> Result<Value> {
    tagged(lua, "ok", Value::String(lua.create_string(text)?))
}

/// The field by which Redis marks an error that has been counted.
const COUNTED: &str = "ignore_error_stats_update";

/// Whether an error's table says that it has been counted.
pub(super) fn is_counted(error: &Table) -> bool {
    error.raw_get(COUNTED).unwrap_or(false)
}

/// The table of an error that a command answered, which has been counted.
pub(super) fn error(lua: &Lua, text: &[u8]) -> Result<Value> {
    let table = lua.create_table_with_capacity(0, 4)?;
    table.raw_set("err", lua.create_string(text)?)?;
    table.raw_set(COUNTED, true)?;
    Ok(Value::Table(table))
}

fn verbatim(lua: &Lua, format: &[u8; 3], text: &[u8], resp3: bool) -> Result<Value> {
    let text = Value::String(lua.create_string(text)?);
    if !resp3 {
        return Ok(text);
    }
    let inner = lua.create_table_with_capacity(0, 2)?;
    inner.raw_set("format", lua.create_string(format)?)?;
    inner.raw_set("string", text)?;
    tagged(lua, "verbatim_string", Value::Table(inner))
}

/// How many values a reply is made of at most. A table that stands in itself many times over would have no end.
const ITEMS_MAX: usize = 1 << 24;

/// How a reply is made, and how much more of it may be.
struct Budget {
    resp3: bool,
    left: Cell<usize>,
    /// How many more bytes its strings may have. `None`: they have too many.
    bytes: Cell<Option<usize>>,
}

impl Budget {
    /// Whether there may be another value.
    fn spend(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    /// Whether there may be a string of so many bytes.
    fn spend_bytes(&self, bytes: usize) -> bool {
        self.bytes.set(self.bytes.get().and_then(|left| left.checked_sub(bytes)));
        self.bytes.get().is_some()
    }
}

/// What a script returned as a reply. `resp3`: whether the script says true and false by RESP3's booleans.
pub(super) fn to_reply(value: &Value, resp3: bool) -> Outcome {
    let budget =
        Budget { resp3, left: Cell::new(ITEMS_MAX), bytes: Cell::new(Some(MEMORY_BYTES_MAX)) };
    match reply(&budget, value, 0) {
        Ok(Reply::Error(refusal)) => Err(refusal),
        Ok(reply) => Ok(reply),
        Err(_) if budget.bytes.get().is_none() => {
            Err(Refusal::Fixed("ERR", "the reply of the script is too large"))
        }
        Err(_) => Err(Refusal::Fixed("ERR", "reached lua stack limit")),
    }
}

fn reply(budget: &Budget, value: &Value, depth: usize) -> Result<Reply> {
    if depth >= DEPTH_MAX || !budget.spend() {
        // Ends it as a whole: what is left could be as much again and again.
        return Err(mlua::Error::runtime(""));
    }
    Ok(match value {
        Value::String(text) => {
            let text = text.as_bytes();
            if !budget.spend_bytes(text.len()) {
                return Err(mlua::Error::runtime(""));
            }
            Reply::brief(&text)
        }
        Value::Boolean(value) if budget.resp3 => Reply::Bool(*value),
        Value::Boolean(true) => Reply::Int(1),
        Value::Integer(number) => Reply::Int(*number),
        Value::Number(number) => Reply::Int(args::to_i64(*number)),
        Value::Table(table) => of_table(budget, table, depth + 1)?,
        _ => Reply::Nil,
    })
}

fn of_table(budget: &Budget, table: &Table, depth: usize) -> Result<Reply> {
    if let Some(tagged) = of_tagged(budget, table, depth)? {
        return Ok(tagged);
    }
    let mut items = Vec::with_capacity(table.raw_len());
    loop {
        let item: Value = table.raw_get(items.len() + 1)?;
        if item.is_nil() {
            return Ok(Reply::Array(items));
        }
        items.push(reply(budget, &item, depth)?);
    }
}

/// A table that says by a field what it is.
fn of_tagged(budget: &Budget, table: &Table, depth: usize) -> Result<Option<Reply>> {
    let text = |name: &str| -> Result<Option<Vec<u8>>> {
        let value: Value = table.raw_get(name)?;
        Ok(value.as_string().map(|text| text.as_bytes().to_vec()))
    };
    if let Some(mut text) = text("err")? {
        cut(&mut text);
        while text.pop_if(|last| matches!(last, b'\r' | b'\n')).is_some() {}
        let text = one_line(&text);
        let repeats = is_counted(table);
        let refusal = if repeats { Refusal::Repeated } else { Refusal::Told };
        return Ok(Some(Reply::Error(refusal(text.into()))));
    }
    if let Some(mut text) = text("ok")? {
        cut(&mut text);
        return Ok(Some(Reply::Text(one_line(&text))));
    }
    let field = |name: &str| table.raw_get::<Value>(name);
    if let number @ (Value::Number(_) | Value::Integer(_)) = field("double")? {
        return Ok(Some(Reply::Double(args::of_number(&number))));
    }
    if let Value::Table(map) = field("map")? {
        let mut pairs = Vec::new();
        map.for_each::<Value, Value>(|key, value| {
            pairs.push((reply(budget, &key, depth)?, reply(budget, &value, depth)?));
            Ok(())
        })?;
        return Ok(Some(Reply::Map(pairs)));
    }
    if let Value::Table(set) = field("set")? {
        let mut items = Vec::new();
        set.for_each::<Value, Value>(|key, _| {
            items.push(reply(budget, &key, depth)?);
            Ok(())
        })?;
        return Ok(Some(Reply::Set(items)));
    }
    if let Some(digits) = text("big_number")? {
        return Ok(Some(Reply::BigNumber(one_line(&digits))));
    }
    if let Value::Table(verbatim) = field("verbatim_string")? {
        let part = |name: &str| verbatim.raw_get::<Value>(name);
        if let (Value::String(format), Value::String(text)) = (part("format")?, part("string")?) {
            let mut letters = [b' '; 3];
            let mut given = format.as_bytes().to_vec();
            cut(&mut given);
            letters.iter_mut().zip(given).for_each(|(letter, given)| *letter = given);
            return Ok(Some(Reply::Formatted(letters, text.as_bytes().to_vec().into())));
        }
    }
    Ok(None)
}

/// Ends a text where C's strings end.
pub(super) fn cut(text: &mut Vec<u8>) {
    let len = memchr::memchr(0, text).unwrap_or(text.len());
    text.truncate(len);
}

/// A text without the ends of lines, which would end a reply of one line.
fn one_line(text: &[u8]) -> Vec<u8> {
    let blank = |byte: &u8| if matches!(byte, b'\r' | b'\n') { b' ' } else { *byte };
    text.iter().map(blank).collect()
}
