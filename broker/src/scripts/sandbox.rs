//! What scripts find around them: Lua's functions that Redis leaves them, libraries that they cannot change, and no way to
//! leave anything behind.

use std::rc::Rc;

use mlua::{Function, Lua, MultiValue, Result, Table, Value};

use super::callback::Callback;
use super::context::Context;
use super::guard::{Protected, READ_ONLY, replace};
use super::strings::{self, Look};
use super::{args, bit, cjson, cmsgpack, convert, raise, structs};

/// The environment of scripts.
pub(super) struct Sandbox {
    /// Runs a script with its keys and its arguments: whether it came to its end, and its result or its error.
    pub run: Function,
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

impl Sandbox {
    /// Sets up the globals of a new Lua. `redis`: the library of that name.
    pub(super) fn build(
        lua: &Lua,
        context: &Rc<Context>,
        look: &Look,
        redis: Table,
    ) -> Result<Self> {
        let globals = lua.globals();
        keep_only(&globals)?;
        let protected = Protected::new(lua)?;
        let handler = lua.create_function(handle)?;
        let callback = Callback::new(lua, &globals)?;
        replace(lua, &globals, &protected, &callback)?;
        let run = install(lua, &globals, &protected, &handler, look)?;
        strings::install(lua, &globals.raw_get("string")?, look, &callback)?;
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
        methods(lua, &protected, &globals)?;
        lua.set_globals(front)?;
        Ok(Self { run })
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

/// Puts our own functions in the place of those of Lua's that know of no protected tables or of no errors of ours.
/// Answers the function that runs a script.
fn install(
    lua: &Lua,
    globals: &Table,
    protected: &Protected,
    handler: &Function,
    look: &Look,
) -> Result<Function> {
    let broker = lua.create_table()?;
    broker.raw_set("open", lua.create_function(raise::open)?)?;
    broker.raw_set("handle", handler)?;
    broker.raw_set("scan", strings::scanner(lua, look)?)?;
    broker.raw_set("wrong_type", lua.create_function(wrong_type)?)?;
    broker.raw_set("wrong_count", lua.create_function(wrong_count)?)?;
    broker.raw_set(
        "read_only",
        lua.create_function(|_, ()| -> Result<()> { Err(raise::bare(READ_ONLY)) })?,
    )?;
    let chunk = lua.load(include_str!("sandbox.lua")).set_name(raise::SANDBOX).into_function()?;
    chunk.call((globals, protected.reals(), broker))
}

/// Refuses an argument of a function in `sandbox.lua`: which, the type that is wanted, and all arguments.
fn wrong_type(lua: &Lua, mut args: MultiValue) -> Result<()> {
    let nth = args::number(lua, &args, 1)? as usize;
    let wanted = args::text(args.get(1)).unwrap_or_default();
    args.drain(..2);
    Err(raise::wrong_type_in_lua(lua, &args, nth, &String::from_utf8_lossy(&wanted)))
}

/// Refuses the number of arguments of a function in `sandbox.lua`.
fn wrong_count(lua: &Lua, name: String) -> Result<()> {
    Err(raise::text_in_lua(lua, format_args!("wrong number of arguments to '{name}'")))
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
                1 => (1, integer(lua, &args, 1)?),
                2 => (integer(lua, &args, 1)?, integer(lua, &args, 2)?),
                _ => return Err(raise::text(lua, "wrong number of arguments")),
            };
            if low > high {
                return Err(raise::argument(lua, args.len(), "interval is empty"));
            }
            let count = high.wrapping_sub(low).wrapping_add(1);
            Ok((number * f64::from(count)).floor() + f64::from(low))
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

/// Argument `nth` as C makes an `int` of it.
fn integer(lua: &Lua, args: &MultiValue, nth: usize) -> Result<i32> {
    args::number(lua, args, nth).map(|number| args::to_i64(number) as i32)
}

/// Refuses to read a global that is not there.
fn absent(lua: &Lua, args: MultiValue) -> Result<()> {
    let Some(mut name) = args::text(args.get(1)) else {
        let text = "Second argument to luaProtectedTableError must be a string or number";
        return Err(raise::text(lua, text));
    };
    convert::cut(&mut name);
    let text = [b"Script attempted to access nonexistent global variable '", &name[..], b"'"];
    Err(raise::bytes_at(lua, 1, &text.concat()))
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
fn methods(lua: &Lua, protected: &Protected, globals: &Table) -> Result<()> {
    let Some(meta) = lua.type_metatable::<mlua::String>() else { return Ok(()) };
    meta.raw_set("__index", globals.raw_get::<Table>("string")?)?;
    let shown = lua.create_table()?;
    shown.raw_set("__index", globals.raw_get::<Table>("string")?)?;
    meta.raw_set("__metatable", protected.protect(lua, &shown)?)
}

/// Makes a table of an error and notes where it was raised.
fn handle(lua: &Lua, error: Value) -> Result<Table> {
    let place = raise::place(lua, &error);
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
    if let Some((source, line)) = place {
        table.raw_set("source", source)?;
        table.raw_set("line", line)?;
    }
    Ok(table)
}
