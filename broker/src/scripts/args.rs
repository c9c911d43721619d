//! Arguments of the broker's functions in scripts, read as C libraries read them.

use mlua::{Lua, MultiValue, Result, Value};

use super::number::{format_g, parse_prefix};
use super::raise;

/// One result.
pub(super) fn one(value: impl IntoLuaOne) -> Result<MultiValue> {
    Ok(MultiValue::from_iter([value.into_value()]))
}

/// What a result can be made of without asking Lua.
pub(super) trait IntoLuaOne {
    fn into_value(self) -> Value;
}

impl IntoLuaOne for Value {
    fn into_value(self) -> Value {
        self
    }
}

impl IntoLuaOne for mlua::String {
    fn into_value(self) -> Value {
        Value::String(self)
    }
}

impl IntoLuaOne for bool {
    fn into_value(self) -> Value {
        Value::Boolean(self)
    }
}

impl IntoLuaOne for i64 {
    fn into_value(self) -> Value {
        Value::Number(self as f64)
    }
}

impl IntoLuaOne for f64 {
    fn into_value(self) -> Value {
        Value::Number(self)
    }
}

/// Argument `nth` (1 is the first) as a string; numbers are written as Lua writes them.
pub(super) fn string(lua: &Lua, args: &MultiValue, nth: usize) -> Result<Vec<u8>> {
    text(args.get(nth - 1)).ok_or_else(|| raise::wrong_type(lua, args, nth, "string"))
}

/// The bytes of a string, or of a number as Lua writes it.
pub(super) fn text(value: Option<&Value>) -> Option<Vec<u8>> {
    match value? {
        Value::String(text) => Some(text.as_bytes().to_vec()),
        number @ (Value::Integer(_) | Value::Number(_)) => {
            Some(format_g(of_number(number), 14).into_bytes())
        }
        _ => None,
    }
}

/// Argument `nth` as a number; strings that are numbers are read.
pub(super) fn number(lua: &Lua, args: &MultiValue, nth: usize) -> Result<f64> {
    to_number(args.get(nth - 1)).ok_or_else(|| raise::wrong_type(lua, args, nth, "number"))
}

/// A number, or a string that is one.
pub(super) fn to_number(value: Option<&Value>) -> Option<f64> {
    match value? {
        Value::Integer(number) => Some(*number as f64),
        Value::Number(number) => Some(*number),
        Value::String(text) => read_number(&text.as_bytes()),
        _ => None,
    }
}

/// A string that is a number, with spaces around it. As in C it ends at a zero byte.
fn read_number(text: &[u8]) -> Option<f64> {
    let text = text.split(|byte| *byte == 0).next()?;
    let is_seen = |byte: &u8| !matches!(byte, b' ' | b'\t'..=b'\r');
    let text = &text[text.iter().position(is_seen)?..=text.iter().rposition(is_seen)?];
    parse_prefix(text).filter(|(_, len)| *len == text.len()).map(|(number, _)| number)
}

/// The number that a value is; 0 for what is none.
pub(super) fn of_number(value: &Value) -> f64 {
    match value {
        Value::Integer(number) => *number as f64,
        Value::Number(number) => *number,
        _ => 0.0,
    }
}

/// As C makes a 64-bit integer of a double on the machines at hand.
pub(super) fn to_i64(number: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&number) { number as i64 } else { i64::MIN }
}
