//! `cjson`: JSON by the rules of lua-cjson 2.1, errors included. An empty table is an object, `cjson.null` stands for
//! null, numbers have 14 digits.

mod decode;
mod encode;

use std::cell::Cell;
use std::rc::Rc;

use mlua::{Lua, MultiValue, Result, Table, Value};

use super::args;
use super::raise;

/// How a module instance encodes and decodes: what its functions change.
#[derive(Debug)]
struct Options {
    sparse_convert: Cell<bool>,
    sparse_ratio: Cell<i64>,
    sparse_safe: Cell<i64>,
    encode_depth: Cell<i64>,
    decode_depth: Cell<i64>,
    precision: Cell<i64>,
    keep_buffer: Cell<bool>,
    /// 0: refused, 1: written as they are, 2: written as null.
    encode_invalid: Cell<u8>,
    decode_invalid: Cell<bool>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            sparse_convert: Cell::new(false),
            sparse_ratio: Cell::new(2),
            sparse_safe: Cell::new(10),
            encode_depth: Cell::new(1000),
            decode_depth: Cell::new(1000),
            precision: Cell::new(14),
            keep_buffer: Cell::new(true),
            encode_invalid: Cell::new(0),
            decode_invalid: Cell::new(true),
        }
    }
}

/// The module.
pub(super) fn module(lua: &Lua) -> Result<Table> {
    let options = Rc::new(Options::default());
    let module = lua.create_table()?;
    let add = |name: &str, run: fn(&Lua, &Options, &MultiValue) -> Result<MultiValue>| {
        let options = options.clone();
        let function =
            lua.create_function(move |lua, args: MultiValue| run(lua, &options, &args))?;
        module.raw_set(name, function)
    };
    add("encode", |lua, options, args| {
        one_argument(lua, args)?;
        args::one(encode::encode(lua, options, &args[0])?)
    })?;
    add("decode", |lua, options, args| {
        one_argument(lua, args)?;
        let text = args::string(lua, args, 1)?;
        args::one(decode::decode(lua, options, &text)?)
    })?;
    add("encode_sparse_array", sparse)?;
    add("encode_max_depth", |lua, options, args| {
        integer(lua, args, &options.encode_depth, i64::from(i32::MAX))
    })?;
    add("decode_max_depth", |lua, options, args| {
        integer(lua, args, &options.decode_depth, i64::from(i32::MAX))
    })?;
    add("encode_number_precision", |lua, options, args| {
        integer(lua, args, &options.precision, 14)
    })?;
    add("encode_keep_buffer", |lua, options, args| switch(lua, args, &options.keep_buffer))?;
    add("encode_invalid_numbers", invalid)?;
    add("decode_invalid_numbers", |lua, options, args| switch(lua, args, &options.decode_invalid))?;
    module.raw_set("new", lua.create_function(|lua, _: MultiValue| self::module(lua))?)?;
    module.raw_set("null", Value::NULL)?;
    module.raw_set("_NAME", "cjson")?;
    module.raw_set("_VERSION", "2.1.0")?;
    Ok(module)
}

fn one_argument(lua: &Lua, args: &MultiValue) -> Result<()> {
    if args.len() == 1 { Ok(()) } else { Err(raise::argument(lua, 1, "expected 1 argument")) }
}

fn at_most(lua: &Lua, args: &MultiValue, most: usize) -> Result<()> {
    if args.len() <= most {
        return Ok(());
    }
    Err(raise::argument(lua, most + 1, "found too many arguments"))
}

/// Reads an integer from 1 to `most` where one is given. Answers what holds.
fn integer(lua: &Lua, args: &MultiValue, option: &Cell<i64>, most: i64) -> Result<MultiValue> {
    at_most(lua, args, 1)?;
    set_integer(lua, args, 1, option, 1, most)?;
    args::one(option.get())
}

fn set_integer(
    lua: &Lua,
    args: &MultiValue,
    nth: usize,
    option: &Cell<i64>,
    least: i64,
    most: i64,
) -> Result<()> {
    if args.get(nth - 1).is_none_or(Value::is_nil) {
        return Ok(());
    }
    let value = args::number(lua, args, nth)? as i64;
    if !(least..=most).contains(&value) {
        let why = format!("expected integer between {least} and {most}");
        return Err(raise::argument(lua, nth, why));
    }
    option.set(value);
    Ok(())
}

fn switch(lua: &Lua, args: &MultiValue, option: &Cell<bool>) -> Result<MultiValue> {
    at_most(lua, args, 1)?;
    set_switch(lua, args, 1, option)?;
    args::one(option.get())
}

fn set_switch(lua: &Lua, args: &MultiValue, nth: usize, option: &Cell<bool>) -> Result<()> {
    match args.get(nth - 1) {
        None | Some(Value::Nil) => {}
        Some(Value::Boolean(on)) => option.set(*on),
        Some(Value::String(word)) if *word == "on" => option.set(true),
        Some(Value::String(word)) if *word == "off" => option.set(false),
        Some(Value::String(word)) => {
            let why = format!("invalid option '{}'", word.to_string_lossy());
            return Err(raise::argument(lua, nth, why));
        }
        Some(_) => return Err(raise::wrong_type(lua, args, nth, "string")),
    }
    Ok(())
}

fn sparse(lua: &Lua, options: &Options, args: &MultiValue) -> Result<MultiValue> {
    at_most(lua, args, 3)?;
    set_switch(lua, args, 1, &options.sparse_convert)?;
    set_integer(lua, args, 2, &options.sparse_ratio, 0, i64::from(i32::MAX))?;
    set_integer(lua, args, 3, &options.sparse_safe, 0, i64::from(i32::MAX))?;
    let numbers =
        [options.sparse_ratio.get(), options.sparse_safe.get()].map(|n| Value::Number(n as f64));
    let first = Value::Boolean(options.sparse_convert.get());
    Ok([first].into_iter().chain(numbers).collect())
}

fn invalid(lua: &Lua, options: &Options, args: &MultiValue) -> Result<MultiValue> {
    at_most(lua, args, 1)?;
    match args.front() {
        Some(Value::String(word)) if *word == "null" => options.encode_invalid.set(2),
        _ => {
            let on = Cell::new(options.encode_invalid.get() == 1);
            if args.front().is_some_and(|value| !value.is_nil()) {
                set_switch(lua, args, 1, &on)?;
                options.encode_invalid.set(u8::from(on.get()));
            }
        }
    }
    match options.encode_invalid.get() {
        2 => args::one(lua.create_string("null")?),
        other => args::one(other == 1),
    }
}
