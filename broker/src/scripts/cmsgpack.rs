//! `cmsgpack`: MessagePack by the rules of lua-cmsgpack 0.4.

use mlua::{Lua, MultiValue, Result, Table, Value};
use rmp::Marker;
use rmp::decode::{Bytes, RmpRead};
use rmp::encode;

use super::{args, raise};

/// Tables in tables beyond this depth are written as nil.
const NESTING_MAX: usize = 16;
/// What is read is not nested deeper: the bound of Lua's own stack.
const DEPTH_MAX: usize = 2000;

/// The module.
pub(super) fn module(lua: &Lua) -> Result<Table> {
    let module = lua.create_table()?;
    let add = |name: &str, run: fn(&Lua, &MultiValue) -> Result<MultiValue>| {
        module.raw_set(name, lua.create_function(move |lua, args: MultiValue| run(lua, &args))?)
    };
    add("pack", pack)?;
    add("unpack", |lua, args| unpack(lua, args, 0, 0))?;
    add("unpack_one", |lua, args| {
        let offset = optional(lua, args, 2, 0)?;
        unpack(lua, args, 1, offset)
    })?;
    add("unpack_limit", |lua, args| {
        let limit = args::to_i64(args::number(lua, args, 2)?);
        let offset = optional(lua, args, 3, 0)?;
        unpack(lua, args, limit, offset)
    })?;
    module.raw_set("_NAME", "cmsgpack")?;
    module.raw_set("_VERSION", "lua-cmsgpack 0.4.0")?;
    module.raw_set("_COPYRIGHT", "Copyright (C) 2012, Salvatore Sanfilippo")?;
    module.raw_set("_DESCRIPTION", "MessagePack C implementation for Lua")?;
    Ok(module)
}

fn optional(lua: &Lua, args: &MultiValue, nth: usize, or: i64) -> Result<i64> {
    match args.get(nth - 1) {
        None | Some(Value::Nil) => Ok(or),
        Some(_) => args::number(lua, args, nth).map(args::to_i64),
    }
}

fn pack(lua: &Lua, args: &MultiValue) -> Result<MultiValue> {
    if args.is_empty() {
        return Err(raise::argument(lua, 0, "MessagePack pack needs input."));
    }
    let mut out = Vec::with_capacity(64);
    for value in args {
        write(value, 0, &mut out)?;
    }
    args::one(lua.create_string(&out)?)
}

fn write(value: &Value, level: usize, out: &mut Vec<u8>) -> Result<()> {
    match value {
        Value::String(text) => {
            let text = text.as_bytes();
            // One string can stand in a table many times over.
            raise::check_room(out.len() + text.len())?;
            // Writing to memory does not fail.
            let _ = encode::write_str_len(out, text.len() as u32);
            out.extend_from_slice(&text);
        }
        Value::Boolean(value) => drop(encode::write_bool(out, *value)),
        Value::Integer(number) => drop(encode::write_sint(out, *number)),
        Value::Number(number) => write_number(*number, out),
        Value::Table(table) if level < NESTING_MAX => write_table(table, level, out)?,
        _ => drop(encode::write_nil(out)),
    }
    Ok(())
}

fn write_number(number: f64, out: &mut Vec<u8>) {
    let integer = args::to_i64(number);
    if number.is_finite() && integer as f64 == number {
        let _ = encode::write_sint(out, integer);
    } else if f64::from(number as f32) == number {
        let _ = encode::write_f32(out, number as f32);
    } else {
        let _ = encode::write_f64(out, number);
    }
}

fn write_table(table: &Table, level: usize, out: &mut Vec<u8>) -> Result<()> {
    // A table that stands in itself many times over would fill all memory.
    raise::check_room(out.len())?;
    if let Some(len) = array_len(table) {
        let _ = encode::write_array_len(out, len as u32);
        for index in 1..=len {
            write(&table.raw_get(index)?, level + 1, out)?;
        }
        return Ok(());
    }
    let mut len = 0;
    table.for_each::<Value, Value>(|_, _| {
        len += 1;
        Ok(())
    })?;
    let _ = encode::write_map_len(out, len);
    table.for_each::<Value, Value>(|key, value| {
        write(&key, level + 1, out)?;
        write(&value, level + 1, out)
    })
}

/// The length of a table whose keys are 1, 2, 3… An empty one is an array.
fn array_len(table: &Table) -> Option<i64> {
    let (mut count, mut largest) = (0, 0);
    let indices = table.for_each::<Value, Value>(|key, _| {
        let index = match key {
            Value::Integer(index) if index > 0 => index,
            Value::Number(index) if index > 0.0 && index.floor() == index => args::to_i64(index),
            _ => return Err(mlua::Error::runtime("")),
        };
        largest = largest.max(index);
        count += 1;
        Ok(())
    });
    (indices.is_ok() && count == largest).then_some(largest)
}

/// Why bytes cannot be read.
enum Bad {
    /// They end too early.
    Missing,
    /// They are no MessagePack.
    Format,
    /// Lua refused.
    Lua(mlua::Error),
}

impl From<mlua::Error> for Bad {
    fn from(error: mlua::Error) -> Self {
        Self::Lua(error)
    }
}

/// How many values Lua's stack holds besides the text that they are read from.
const VALUES_MAX: usize = 7_999;
const TOO_MANY: &str =
    "stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)";

/// Reads up to `limit` values from `offset` on; both 0 is all. With a limit the first result says where to go on, -1 at the end.
fn unpack(lua: &Lua, args: &MultiValue, limit: i64, offset: i64) -> Result<MultiValue> {
    let text = args::string(lua, args, 1)?;
    // The library writes both as C's `int`.
    let (shown, len) = (offset as i32, text.len() as i32);
    if offset < 0 || limit < 0 {
        let why = format!("Invalid request to unpack with offset of {shown} and limit of {len}.");
        return Err(raise::text(lua, why));
    }
    let offset = offset as usize;
    if offset > text.len() {
        let why = format!("Start offset {shown} greater than input length {len}.");
        return Err(raise::text(lua, why));
    }
    let mut input = Bytes::new(&text[offset..]);
    let mut values = Vec::new();
    let everything = limit == 0 && offset == 0;
    while !input.remaining_slice().is_empty() && (everything || (values.len() as i64) < limit) {
        if values.len() == VALUES_MAX {
            return Err(raise::text(lua, TOO_MANY));
        }
        match read(lua, &mut input, 0) {
            Ok(value) => values.push(value),
            Err(Bad::Missing) => return Err(raise::text(lua, "Missing bytes in input.")),
            Err(Bad::Format) => return Err(raise::text(lua, "Bad data format in input.")),
            Err(Bad::Lua(error)) => return Err(error),
        }
    }
    if !everything {
        let left = input.remaining_slice().len();
        let next = if left == 0 { -1.0 } else { (text.len() - left) as f64 };
        values.insert(0, Value::Number(next));
    }
    Ok(MultiValue::from_vec(values))
}

fn read(lua: &Lua, input: &mut Bytes<'_>, depth: usize) -> std::result::Result<Value, Bad> {
    if depth > DEPTH_MAX {
        return Err(Bad::Format);
    }
    let marker = Marker::from_u8(input.read_u8().map_err(|_| Bad::Missing)?);
    let number = |number: f64| Ok(Value::Number(number));
    match marker {
        Marker::FixPos(value) => number(f64::from(value)),
        Marker::FixNeg(value) => number(f64::from(value)),
        Marker::U8 => number(fixed::<1>(input)?[0].into()),
        Marker::U16 => number(u16::from_be_bytes(fixed(input)?).into()),
        Marker::U32 => number(u32::from_be_bytes(fixed(input)?).into()),
        // As Redis reads it, what is beyond the largest signed number is below zero.
        Marker::U64 => number(i64::from_be_bytes(fixed(input)?) as f64),
        Marker::I8 => number(i8::from_be_bytes(fixed(input)?).into()),
        Marker::I16 => number(i16::from_be_bytes(fixed(input)?).into()),
        Marker::I32 => number(i32::from_be_bytes(fixed(input)?).into()),
        Marker::I64 => number(i64::from_be_bytes(fixed(input)?) as f64),
        Marker::F32 => number(f32::from_be_bytes(fixed(input)?).into()),
        Marker::F64 => number(f64::from_be_bytes(fixed(input)?)),
        Marker::Null => Ok(Value::Nil),
        Marker::True => Ok(Value::Boolean(true)),
        Marker::False => Ok(Value::Boolean(false)),
        Marker::FixStr(len) => string(lua, len.into(), input),
        Marker::Str8 => string(lua, fixed::<1>(input)?[0].into(), input),
        Marker::Str16 => string(lua, len16(input)?, input),
        Marker::Str32 => string(lua, len32(input)?, input),
        Marker::FixArray(len) => array(lua, len.into(), input, depth),
        Marker::Array16 => array(lua, len16(input)?, input, depth),
        Marker::Array32 => array(lua, len32(input)?, input, depth),
        Marker::FixMap(len) => map(lua, len.into(), input, depth),
        Marker::Map16 => map(lua, len16(input)?, input, depth),
        Marker::Map32 => map(lua, len32(input)?, input, depth),
        _ => Err(Bad::Format),
    }
}

fn len16(input: &mut Bytes<'_>) -> std::result::Result<usize, Bad> {
    Ok(u16::from_be_bytes(fixed(input)?).into())
}

fn len32(input: &mut Bytes<'_>) -> std::result::Result<usize, Bad> {
    Ok(u32::from_be_bytes(fixed(input)?) as usize)
}

fn fixed<const N: usize>(input: &mut Bytes<'_>) -> std::result::Result<[u8; N], Bad> {
    let mut bytes = [0; N];
    input.read_exact_buf(&mut bytes).map_err(|_| Bad::Missing)?;
    Ok(bytes)
}

fn string(lua: &Lua, len: usize, input: &mut Bytes<'_>) -> std::result::Result<Value, Bad> {
    let rest = input.remaining_slice();
    let text = rest.get(..len).ok_or(Bad::Missing)?;
    let value = Value::String(lua.create_string(text)?);
    *input = Bytes::new(&rest[len..]);
    Ok(value)
}

fn array(
    lua: &Lua,
    len: usize,
    input: &mut Bytes<'_>,
    depth: usize,
) -> std::result::Result<Value, Bad> {
    let table = lua.create_table()?;
    for index in 1..=len {
        table.raw_set(index, read(lua, input, depth + 1)?)?;
    }
    Ok(Value::Table(table))
}

fn map(
    lua: &Lua,
    len: usize,
    input: &mut Bytes<'_>,
    depth: usize,
) -> std::result::Result<Value, Bad> {
    let table = lua.create_table()?;
    for _ in 0..len {
        let key = read(lua, input, depth + 1)?;
        let value = read(lua, input, depth + 1)?;
        table.raw_set(key, value)?;
    }
    Ok(Value::Table(table))
}
