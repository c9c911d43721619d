//! Tables that scripts can read and not write, and the functions of Lua's that have to know of them or would load what
//! was compiled elsewhere.
//!
//! Lua 5.1 has no such tables. So scripts see an empty table, a front, in the place of each: what they read comes from
//! the real one, and what they write is refused.

use mlua::{Function, Lua, MultiValue, Result, Table, Value};

use super::callback::Callback;
use super::{args, raise};

pub(super) const READ_ONLY: &str = "Attempt to modify a readonly table";

/// The fronts that scripts see, each with what is behind it.
#[derive(Clone)]
pub(super) struct Protected(Table);

impl Protected {
    /// With no fronts yet.
    pub(super) fn new(lua: &Lua) -> Result<Self> {
        lua.create_table().map(Self)
    }

    /// Protects a table: answers its front.
    pub(super) fn protect(&self, lua: &Lua, real: &Table) -> Result<Table> {
        let front = lua.create_table()?;
        let meta = lua.create_table()?;
        let refuse = lua.create_function(|lua, _: MultiValue| -> Result<()> {
            Err(raise::text(lua, READ_ONLY))
        })?;
        meta.raw_set("__index", real)?;
        meta.raw_set("__newindex", refuse)?;
        meta.raw_set("__metatable", false)?;
        front.set_metatable(Some(meta))?;
        self.0.raw_set(&front, real)?;
        Ok(front)
    }

    /// A table that says of each front what is behind it.
    pub(super) fn reals(&self) -> Table {
        self.0.clone()
    }

    /// What is behind a table, if it is a front.
    fn behind(&self, front: &Table) -> Option<Table> {
        self.0.raw_get(front).ok()
    }
}

/// A function in the place of one of Lua's: it knows what is protected, and the function that it replaces.
type Builtin = fn(&Lua, &Protected, &Function, &MultiValue) -> Result<MultiValue>;

/// Replaces functions of Lua's.
pub(super) fn replace(
    lua: &Lua,
    globals: &Table,
    protected: &Protected,
    callback: &Callback,
) -> Result<()> {
    let functions: [(&str, &str, Builtin); 6] = [
        ("pairs", "next", pairs),
        ("getmetatable", "getmetatable", getmetatable),
        ("setmetatable", "setmetatable", setmetatable),
        ("rawget", "rawget", rawget),
        ("rawset", "rawset", rawset),
        ("loadstring", "loadstring", loadstring),
    ];
    let (callback, raw) = (callback.clone(), globals.raw_get::<Function>("loadstring")?);
    let load =
        lua.create_function(move |lua, args: MultiValue| load(lua, &callback, &raw, &args))?;
    globals.raw_set("load", load)?;
    for (name, uses, run) in functions {
        let (known, raw) = (protected.clone(), globals.raw_get::<Function>(uses)?);
        let function =
            lua.create_function(move |lua, args: MultiValue| run(lua, &known, &raw, &args))?;
        globals.raw_set(name, function)?;
    }
    Ok(())
}

/// The first argument, which must be a table.
fn table<'a>(lua: &Lua, args: &'a MultiValue) -> Result<&'a Table> {
    let table = args.front().and_then(Value::as_table);
    table.ok_or_else(|| raise::wrong_type(lua, args, 1, "table"))
}

fn pairs(lua: &Lua, known: &Protected, next: &Function, args: &MultiValue) -> Result<MultiValue> {
    let table = table(lua, args)?;
    let step = match known.behind(table) {
        // Goes through what is behind the front, which itself nobody gets hold of.
        Some(real) => {
            let next = next.clone();
            lua.create_function(move |_, (_, key): (Value, Value)| {
                next.call::<MultiValue>((real.clone(), key))
            })?
        }
        None => next.clone(),
    };
    Ok(MultiValue::from_iter([Value::Function(step), Value::Table(table.clone()), Value::Nil]))
}

fn getmetatable(
    lua: &Lua,
    known: &Protected,
    raw: &Function,
    args: &MultiValue,
) -> Result<MultiValue> {
    let Some(value) = args.front() else {
        return Err(raise::argument(lua, 1, "value expected"));
    };
    let front = value.as_table().filter(|table| known.behind(table).is_some());
    let Some(meta) = front.and_then(Table::metatable) else { return raw.call(value) };
    // What protects a table is not shown.
    let shown: Value = meta.raw_get("__metatable")?;
    args::one(if shown.is_boolean() { Value::Nil } else { shown })
}

fn setmetatable(
    lua: &Lua,
    known: &Protected,
    _: &Function,
    args: &MultiValue,
) -> Result<MultiValue> {
    let table = table(lua, args)?;
    let meta = match args.get(1) {
        Some(Value::Nil) => None,
        Some(Value::Table(meta)) => Some(meta.clone()),
        _ => return Err(raise::argument(lua, 2, "nil or table expected")),
    };
    if known.behind(table).is_some() {
        return Err(raise::bare(READ_ONLY));
    }
    let keeps = |meta: Table| !matches!(meta.raw_get("__metatable"), Ok(Value::Nil));
    if table.metatable().is_some_and(keeps) {
        return Err(raise::text(lua, "cannot change a protected metatable"));
    }
    table.set_metatable(meta)?;
    args::one(Value::Table(table.clone()))
}

fn rawget(lua: &Lua, known: &Protected, _: &Function, args: &MultiValue) -> Result<MultiValue> {
    let table = table(lua, args)?;
    let Some(key) = args.get(1) else { return Err(raise::argument(lua, 2, "value expected")) };
    let real = known.behind(table);
    args::one(real.as_ref().unwrap_or(table).raw_get::<Value>(key)?)
}

fn rawset(lua: &Lua, known: &Protected, _: &Function, args: &MultiValue) -> Result<MultiValue> {
    let table = table(lua, args)?;
    let (Some(key), Some(value)) = (args.get(1), args.get(2)) else {
        return Err(raise::argument(lua, args.len() + 1, "value expected"));
    };
    if known.behind(table).is_some() {
        return Err(raise::bare(READ_ONLY));
    }
    table.raw_set(key, value)?;
    args::one(Value::Table(table.clone()))
}

fn loadstring(lua: &Lua, _: &Protected, raw: &Function, args: &MultiValue) -> Result<MultiValue> {
    let text = args::string(lua, args, 1)?;
    let name = args::text(args.get(1)).unwrap_or_else(|| text.clone());
    compile(lua, raw, text, &name)
}

fn load(lua: &Lua, callback: &Callback, raw: &Function, args: &MultiValue) -> Result<MultiValue> {
    let Some(Value::Function(read)) = args.front() else {
        return Err(raise::wrong_type(lua, args, 1, "function"));
    };
    let name = match args.get(1) {
        None | Some(Value::Nil) => b"=(load)".to_vec(),
        Some(_) => args::string(lua, args, 2)?,
    };
    match read_all(lua, callback, read) {
        Ok(text) => compile(lua, raw, text, &name),
        Err(error) => {
            let why = raise::open(lua, Value::Error(Box::new(error)))?;
            Ok(MultiValue::from_iter([Value::Nil, why]))
        }
    }
}

/// All that a function reads, piece by piece.
fn read_all(lua: &Lua, callback: &Callback, read: &Function) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    loop {
        let piece = callback.call(lua, read, MultiValue::new())?;
        if piece.is_nil() {
            return Ok(text);
        }
        let Some(piece) = args::text(Some(&piece)) else {
            return Err(raise::text(lua, "reader function must return a string"));
        };
        if piece.is_empty() {
            return Ok(text);
        }
        raise::check_room(text.len() + piece.len())?;
        text.extend_from_slice(&piece);
    }
}

/// Compiles a text. What begins like compiled Lua is one too, and no good one.
fn compile(lua: &Lua, raw: &Function, mut text: Vec<u8>, name: &[u8]) -> Result<MultiValue> {
    if text.first() == Some(&0x1b) {
        text.insert(0, b' ');
    }
    raw.call((lua.create_string(text)?, lua.create_string(name)?))
}
