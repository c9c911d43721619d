//! What scripts find around them: Lua's functions that Redis leaves them, libraries that they cannot change, and no way to
//! leave anything behind.

use std::rc::Rc;

use mlua::{Function, Lua, MultiValue, Result, Table, Value};

use super::context::Context;
use super::guard::{Protected, replace};
use super::{args, bit, cjson, cmsgpack, raise, structs};

/// The environment of scripts.
pub(super) struct Sandbox {
    /// Where global variables really are.
    pub globals: Table,
    /// Runs a script: whether it came to its end, and its result or its error.
    pub run: Function,
    touched: Function,
    /// The tables that scripts see in the place of protected ones.
    fronts: Table,
}

/// The globals that are left to scripts besides libraries.
const KEPT: [&str; 22] = [
    "loadstring",
    "_VERSION",
    "assert",
    "collectgarbage",
    "error",
    "gcinfo",
    "getmetatable",
    "ipairs",
    "next",
    "pairs",
    "pcall",
    "rawequal",
    "rawget",
    "rawset",
    "select",
    "setmetatable",
    "tonumber",
    "tostring",
    "type",
    "unpack",
    "xpcall",
    "coroutine",
];
const LIBRARIES: [&str; 3] = ["string", "table", "math"];
/// The name of our own code in Lua.
const SANDBOX: &str = "=sandbox";

impl Sandbox {
    /// Sets up the globals of a new Lua. `redis`: the library of that name.
    pub(super) fn build(lua: &Lua, context: &Rc<Context>, redis: Table) -> Result<Self> {
        let globals = lua.globals();
        keep_only(&globals)?;
        let protected = Protected::default();
        let handler = lua.create_function(handle)?;
        let run = install(lua, &globals, &handler)?;
        replace(lua, &globals, &protected)?;
        randomness(lua, &globals.raw_get("math")?, context)?;
        globals.raw_set("cjson", cjson::module(lua)?)?;
        globals.raw_set("cmsgpack", cmsgpack::module(lua)?)?;
        globals.raw_set("struct", structs::module(lua)?)?;
        globals.raw_set("bit", bit::module(lua)?)?;
        globals.raw_set("redis", redis)?;
        globals.raw_set("__redis__err__handler", handler)?;
        for name in ["coroutine", "cjson", "cmsgpack", "struct", "bit", "redis"]
            .into_iter()
            .chain(LIBRARIES)
        {
            let real: Table = globals.raw_get(name)?;
            globals.raw_set(name, protected.protect(lua, &real)?)?;
        }
        let front = protected.protect(lua, &globals)?;
        globals.raw_set("_G", &front)?;
        let missing = lua.create_table()?;
        missing.raw_set("__index", lua.create_function(absent)?)?;
        globals.set_metatable(Some(missing.clone()))?;
        hide_metatable(lua, &protected, &front, &missing)?;
        strings(lua, &protected, &globals)?;
        lua.set_globals(front)?;
        let fronts = lua.create_sequence_from(protected.fronts())?;
        Ok(Self { globals, run: run.0, touched: run.1, fronts })
    }

    /// Empties the tables that scripts see of what library functions, which do not ask, have put into them.
    pub(super) fn clean(&self) -> Result<()> {
        while let Some(front) = self.touched.call::<Option<Table>>(&self.fronts)? {
            let keys = front.pairs::<Value, Value>().map(|pair| pair.map(|(key, _)| key));
            for key in keys.collect::<Result<Vec<_>>>()? {
                front.raw_set(key, Value::Nil)?;
            }
        }
        Ok(())
    }
}

fn keep_only(globals: &Table) -> Result<()> {
    let names: Vec<Value> = globals
        .pairs::<Value, Value>()
        .map(|pair| pair.map(|(name, _)| name))
        .collect::<Result<_>>()?;
    for name in names {
        let kept = name
            .as_string()
            .is_some_and(|name| KEPT.iter().chain(&LIBRARIES).any(|kept| *name == **kept));
        if !kept {
            globals.raw_set(name, Value::Nil)?;
        }
    }
    Ok(())
}

/// Puts the functions that catch errors in the place of Lua's. Answers the functions that run a script and that find what
/// it has changed.
fn install(lua: &Lua, globals: &Table, handler: &Function) -> Result<(Function, Function)> {
    let get = |name: &str| globals.raw_get::<Value>(name);
    let open = lua.create_function(|lua, value: Value| raise::open(lua, value))?;
    let chunk = lua.load(include_str!("sandbox.lua")).set_name(SANDBOX).into_function()?;
    let (made, run, touched): (Table, Function, Function) = chunk.call((
        get("pcall")?,
        get("xpcall")?,
        get("coroutine")?,
        open,
        get("next")?,
        handler,
    ))?;
    for name in ["pcall", "xpcall"] {
        globals.raw_set(name, made.raw_get::<Function>(name)?)?;
    }
    Ok((run, touched))
}

/// `math.random`, which gives every broker the same row of numbers.
fn randomness(lua: &Lua, math: &Table, context: &Rc<Context>) -> Result<()> {
    const MODULUS: u64 = i32::MAX as u64;
    let numbers = context.clone();
    math.raw_set(
        "random",
        lua.create_function(move |lua, args: MultiValue| {
            let number = (numbers.random() % MODULUS) as f64 / MODULUS as f64;
            let (low, high) = match args.len() {
                0 => return Ok(number),
                1 => (1.0, args::number(lua, &args, 1)?.trunc()),
                2 => (args::number(lua, &args, 1)?.trunc(), args::number(lua, &args, 2)?.trunc()),
                _ => return Err(raise::text(lua, "wrong number of arguments")),
            };
            if low > high {
                return Err(raise::argument(lua, args.len(), "interval is empty"));
            }
            Ok((number * (high - low + 1.0)).floor() + low)
        })?,
    )?;
    let numbers = context.clone();
    math.raw_set(
        "randomseed",
        lua.create_function(move |lua, args: MultiValue| {
            numbers.seed(args::number(lua, &args, 1)? as i32);
            Ok(())
        })?,
    )
}

/// Refuses to read a global that is not there.
fn absent(lua: &Lua, args: MultiValue) -> Result<()> {
    let name = args::text(args.get(1)).unwrap_or_default();
    let name = String::from_utf8_lossy(&name);
    let text = format!("Script attempted to access nonexistent global variable '{name}'");
    Err(raise::text(lua, text))
}

/// What a script sees of the globals' metatable, which it cannot change either.
fn hide_metatable(lua: &Lua, protected: &Protected, front: &Table, shown: &Table) -> Result<()> {
    let shown = protected.protect(lua, shown)?;
    match front.metatable() {
        Some(meta) => meta.raw_set("__metatable", shown),
        None => Ok(()),
    }
}

/// Strings have the functions of `string` that scripts see.
fn strings(lua: &Lua, protected: &Protected, globals: &Table) -> Result<()> {
    let Some(meta) = lua.type_metatable::<mlua::String>() else { return Ok(()) };
    meta.raw_set("__index", globals.raw_get::<Table>("string")?)?;
    let shown = lua.create_table()?;
    shown.raw_set("__index", globals.raw_get::<Table>("string")?)?;
    meta.raw_set("__metatable", protected.protect(lua, &shown)?)
}

/// Makes a table of an error and notes where it was raised.
fn handle(lua: &Lua, error: Value) -> Result<Table> {
    let table = match raise::open(lua, error)? {
        Value::Table(table) => table,
        other => {
            let text = other.to_string().unwrap_or_default();
            let table = lua.create_table_with_capacity(0, 4)?;
            let text = args::text(Some(&other)).unwrap_or(text.into_bytes());
            table.raw_set("err", lua.create_string([b"ERR ", &text[..]].concat())?)?;
            table
        }
    };
    if let Some((source, line)) = origin(lua) {
        table.raw_set("source", source)?;
        table.raw_set("line", line)?;
    }
    Ok(table)
}

/// Where an error comes from: the function that raised it, or the one that called it if that is not Lua's. Our own
/// functions around it are passed over.
fn origin(lua: &Lua) -> Option<(String, i64)> {
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
        } else if name == SANDBOX {
            ours = true;
        } else if !ours || what != "tail" {
            return Some((name, line));
        }
    }
    None
}
