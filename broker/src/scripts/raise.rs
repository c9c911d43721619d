//! Errors that the broker's functions raise in a script.
//!
//! A function in Rust can only raise an [`mlua::Error`], which a script would see as an object of mlua's. What Redis raises
//! are texts and tables `{err = text}`; `pcall` and its like turn the one into the other (see `sandbox.lua`).

use std::fmt;

use mlua::{Error, Lua, MultiValue, Result, Value};

use super::{MEMORY_BYTES_MAX, callback, convert};

/// What was raised.
#[derive(Debug, Clone)]
pub(super) enum Raised {
    /// A text, as `luaL_error` raises it.
    Text(Vec<u8>),
    /// A table whose `err` is this, as the functions of `redis` raise it.
    Table(Vec<u8>),
    /// The same for an error that a request of the script was answered, which has been counted.
    Counted(Vec<u8>),
    /// What was raised in a function that one of ours had called ([`keep_passed`]), and where.
    Passed(Option<Place>),
}

/// The name of a script, or of our own code, and the line in it.
pub(super) type Place = (String, i64);

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Table(text) | Self::Counted(text) => {
                f.write_str(&String::from_utf8_lossy(text))
            }
            Self::Passed(_) => f.write_str("an error in a function that was called"),
        }
    }
}

impl std::error::Error for Raised {}

/// The name of our own code in Lua.
pub(super) const SANDBOX: &str = "=sandbox";
/// What Lua calls our own code where it says where an error was raised.
const OURS: [&str; 2] = ["sandbox", "[C]"];
/// Where in the registry what passes is kept.
const PASSED: &str = "passed";

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
    text_at(lua, 1, text)
}

/// The same where a function in `sandbox.lua` called the running one: what called that is meant.
pub(super) fn text_in_lua(lua: &Lua, text: impl fmt::Display) -> Error {
    text_at(lua, 2, text)
}

/// The same with the level at which the script stands in the stack.
pub(super) fn text_at(lua: &Lua, level: usize, text: impl fmt::Display) -> Error {
    bare(format!("{}{text}", position(lua, level)))
}

/// The same with bytes that need not be text.
pub(super) fn bytes_at(lua: &Lua, level: usize, text: &[u8]) -> Error {
    bare([position(lua, level).as_bytes(), text].concat())
}

/// A text alone.
pub(super) fn bare(text: impl Into<Vec<u8>>) -> Error {
    Error::external(Raised::Text(text.into()))
}

/// Refuses to make a string of so many bytes, which is not made in Lua's own memory yet.
pub(super) fn check_room(bytes: usize) -> Result<()> {
    if bytes > MEMORY_BYTES_MAX {
        return Err(bare("not enough memory"));
    }
    Ok(())
}

/// An argument (1 is the first) that the running function cannot take.
pub(super) fn argument(lua: &Lua, nth: usize, why: impl fmt::Display) -> Error {
    argument_at(lua, 0, nth, why)
}

fn argument_at(lua: &Lua, level: usize, nth: usize, why: impl fmt::Display) -> Error {
    let name = lua.inspect_stack(level, |frame| frame.names().name.map(|name| name.into_owned()));
    let name = name.flatten().unwrap_or_else(|| "?".into());
    text_at(lua, level + 1, format_args!("bad argument #{nth} to '{name}' ({why})"))
}

/// An argument of another type than is needed.
pub(super) fn wrong_type(lua: &Lua, args: &MultiValue, nth: usize, wanted: &str) -> Error {
    wrong_type_at(lua, 0, args, nth, wanted)
}

/// The same where a function in `sandbox.lua` called the running one: that one's argument is meant.
pub(super) fn wrong_type_in_lua(lua: &Lua, args: &MultiValue, nth: usize, wanted: &str) -> Error {
    wrong_type_at(lua, 1, args, nth, wanted)
}

fn wrong_type_at(lua: &Lua, level: usize, args: &MultiValue, nth: usize, wanted: &str) -> Error {
    if wanted == ANY {
        return argument_at(lua, level, nth, "value expected");
    }
    let got = args.get(nth - 1).map_or("no value", type_name);
    argument_at(lua, level, nth, format_args!("{wanted} expected, got {got}"))
}

/// The type of a value that may have any, but has to be there.
const ANY: &str = "value";

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

/// `user_script:3: `, or nothing where the function at this level is not the script's.
fn position(lua: &Lua, level: usize) -> String {
    let place = lua.inspect_stack(level, |frame| {
        let source = frame.source().short_src.map(|source| source.into_owned());
        source.filter(|source| !OURS.contains(&&**source)).zip(frame.current_line())
    });
    place.flatten().map_or_else(String::new, |(source, line)| format!("{source}:{line}: "))
}

/// What an error object of mlua's stands for; other values are themselves. A place in our own code is none to be told.
pub(super) fn open(lua: &Lua, value: Value) -> Result<Value> {
    let error = match value {
        Value::Error(error) => error,
        Value::String(text) if OURS.iter().any(|name| is_placed(&text, name)) => {
            let text = text.as_bytes();
            let place = text.windows(2).position(|end| end == b": ").map_or(0, |at| at + 2);
            return lua.create_string(&text[place..]).map(Value::String);
        }
        other => return Ok(other),
    };
    match raised(&error) {
        Raised::Text(text) => Ok(Value::String(lua.create_string(text)?)),
        Raised::Table(text) => {
            let table = lua.create_table_with_capacity(0, 4)?;
            table.raw_set("err", lua.create_string(text)?)?;
            Ok(Value::Table(table))
        }
        Raised::Counted(text) => convert::error(lua, &text),
        Raised::Passed(_) => open(lua, lua.named_registry_value(PASSED)?),
    }
}

/// Where an error that is being raised comes from, which may have been noted.
pub(super) fn place(lua: &Lua, error: &Value) -> Option<Place> {
    if let Value::Error(error) = error
        && let Raised::Passed(Some(place)) = raised(error)
    {
        return Some(place);
    }
    origin(lua)
}

/// Where an error comes from: the function that raised it, or the one that called it if that is not Lua's. Our own
/// functions around it are passed over.
fn origin(lua: &Lua) -> Option<Place> {
    let (mut foreign, mut ours) = (0, false);
    for level in 1.. {
        let (what, name, line) = lua.inspect_stack(level, |frame| {
            let source = frame.source();
            let name = source.source.map(|name| name.into_owned());
            let line = frame.current_line().map_or(-1, |line| line as i64);
            (source.what, name.unwrap_or_default(), line)
        })?;
        if what == "C" && foreign == 0 {
            foreign += 1;
        } else if name == callback::NAME {
            return Some((name, -1));
        } else if name == SANDBOX {
            ours = true;
        } else if !ours || what != "tail" {
            return Some((name, line));
        }
    }
    None
}

/// Keeps what was raised until the function of ours that it passes has raised it again.
pub(super) fn keep_passed(lua: &Lua, error: Value) -> Result<()> {
    // One that has passed another function of ours is kept already.
    if matches!(&error, Value::Error(error) if matches!(raised(error), Raised::Passed(_))) {
        return Ok(());
    }
    lua.set_named_registry_value(PASSED, error)
}

/// Whether a text begins with a place in the code of this name.
fn is_placed(text: &mlua::String, name: &str) -> bool {
    text.as_bytes().strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b":"))
}

fn raised(error: &Error) -> Raised {
    if let Some(raised) = error.downcast_ref::<Raised>() {
        return raised.clone();
    }
    match error {
        Error::CallbackError { cause, .. } => raised(cause),
        Error::RuntimeError(text) | Error::MemoryError(text) => {
            // Where mlua was when Lua raised it is of no use to a script.
            let text = text.split("\nstack traceback:").next().unwrap_or_default();
            Raised::Text(text.into())
        }
        other => Raised::Text(other.to_string().into()),
    }
}
