//! Errors that the broker's functions raise in a script.
//!
//! A function in Rust can only raise an [`mlua::Error`], which a script would see as an object of mlua's. What Redis raises
//! are texts and tables `{err = text}`; `pcall` and its like turn the one into the other (see `sandbox.lua`).

use std::fmt;

use mlua::{Error, Lua, MultiValue, Result, Value};

use super::convert;

/// What was raised.
#[derive(Debug, Clone)]
pub(super) enum Raised {
    /// A text, as `luaL_error` raises it.
    Text(Vec<u8>),
    /// A table whose `err` is this, as the functions of `redis` raise it.
    Table(Vec<u8>),
    /// The same for an error that a request of the script was answered, which has been counted.
    Counted(Vec<u8>),
}

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Text(text) | Self::Table(text) | Self::Counted(text)) = self;
        f.write_str(&String::from_utf8_lossy(text))
    }
}

impl std::error::Error for Raised {}

/// A table `{err = text}`.
pub(super) fn table(text: impl Into<Vec<u8>>) -> Error {
    Error::external(Raised::Table(text.into()))
}

/// A table `{err = text}` for an error that has been counted.
pub(super) fn counted(text: impl Into<Vec<u8>>) -> Error {
    Error::external(Raised::Counted(text.into()))
}

/// A text behind the place in the script that called the running function, as C libraries raise it.
pub(super) fn text(lua: &Lua, text: impl fmt::Display) -> Error {
    bare(format!("{}{text}", position(lua, 1)))
}

/// A text alone.
pub(super) fn bare(text: impl Into<Vec<u8>>) -> Error {
    Error::external(Raised::Text(text.into()))
}

/// An argument (1 is the first) that the running function cannot take.
pub(super) fn argument(lua: &Lua, nth: usize, why: impl fmt::Display) -> Error {
    let name = lua.inspect_stack(0, |frame| frame.names().name.map(|name| name.into_owned()));
    let name = name.flatten().unwrap_or_else(|| "?".into());
    text(lua, format_args!("bad argument #{nth} to '{name}' ({why})"))
}

/// An argument of another type than is needed.
pub(super) fn wrong_type(lua: &Lua, args: &MultiValue, nth: usize, wanted: &str) -> Error {
    let got = args.get(nth - 1).map_or("no value", type_name);
    argument(lua, nth, format_args!("{wanted} expected, got {got}"))
}

/// A type as Lua names it.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Nil => "nil",
        Value::Boolean(_) => "boolean",
        Value::Integer(_) | Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Table(_) => "table",
        Value::Function(_) => "function",
        Value::Thread(_) => "thread",
        _ => "userdata",
    }
}

/// `user_script:3: `, or nothing where the function at this level is not Lua's.
fn position(lua: &Lua, level: usize) -> String {
    let place = lua.inspect_stack(level, |frame| {
        let source = frame.source().short_src.map(|source| source.into_owned());
        source.zip(frame.current_line())
    });
    place.flatten().map_or_else(String::new, |(source, line)| format!("{source}:{line}: "))
}

/// What an error object of mlua's stands for; other values are themselves.
pub(super) fn open(lua: &Lua, value: Value) -> Result<Value> {
    let Value::Error(error) = value else { return Ok(value) };
    match raised(&error) {
        Raised::Text(text) => Ok(Value::String(lua.create_string(text)?)),
        Raised::Table(text) => {
            let table = lua.create_table_with_capacity(0, 4)?;
            table.raw_set("err", lua.create_string(text)?)?;
            Ok(Value::Table(table))
        }
        Raised::Counted(text) => convert::error(lua, &text),
    }
}

fn raised(error: &Error) -> Raised {
    if let Some(raised) = error.downcast_ref::<Raised>() {
        return raised.clone();
    }
    match error {
        Error::CallbackError { cause, .. } => raised(cause),
        Error::RuntimeError(text) | Error::MemoryError(text) => Raised::Text(text.clone().into()),
        other => Raised::Text(other.to_string().into()),
    }
}
