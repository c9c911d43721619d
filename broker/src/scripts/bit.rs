//! `bit`: operations on 32 bits, by the rules of LuaBitOp.

use mlua::{Lua, MultiValue, Result, Table};

use super::args;

/// Added to a double, this leaves the integer it is nearest to in the lowest bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// The module.
pub(super) fn module(lua: &Lua) -> Result<Table> {
    let module = lua.create_table()?;
    let add = |name: &str, run: fn(&Lua, &MultiValue) -> Result<MultiValue>| {
        module.raw_set(name, lua.create_function(move |lua, args: MultiValue| run(lua, &args))?)
    };
    add("tobit", |lua, args| signed(bits(lua, args, 1)?))?;
    add("bnot", |lua, args| signed(!bits(lua, args, 1)?))?;
    add("bswap", |lua, args| signed(bits(lua, args, 1)?.swap_bytes()))?;
    add("band", |lua, args| fold(lua, args, |a, b| a & b))?;
    add("bor", |lua, args| fold(lua, args, |a, b| a | b))?;
    add("bxor", |lua, args| fold(lua, args, |a, b| a ^ b))?;
    add("lshift", |lua, args| shift(lua, args, |a, n| a << n))?;
    add("rshift", |lua, args| shift(lua, args, |a, n| a >> n))?;
    add("arshift", |lua, args| shift(lua, args, |a, n| (a.cast_signed() >> n).cast_unsigned()))?;
    add("rol", |lua, args| shift(lua, args, u32::rotate_left))?;
    add("ror", |lua, args| shift(lua, args, u32::rotate_right))?;
    add("tohex", hex)?;
    Ok(module)
}

fn bits(lua: &Lua, args: &MultiValue, nth: usize) -> Result<u32> {
    Ok((args::number(lua, args, nth)? + ROUND).to_bits() as u32)
}

fn signed(bits: u32) -> Result<MultiValue> {
    args::one(f64::from(bits.cast_signed()))
}

fn fold(lua: &Lua, args: &MultiValue, with: fn(u32, u32) -> u32) -> Result<MultiValue> {
    let mut result = bits(lua, args, 1)?;
    // As there, the last argument is looked at first.
    for nth in (2..=args.len()).rev() {
        result = with(result, bits(lua, args, nth)?);
    }
    signed(result)
}

fn shift(lua: &Lua, args: &MultiValue, by: fn(u32, u32) -> u32) -> Result<MultiValue> {
    let value = bits(lua, args, 1)?;
    signed(by(value, bits(lua, args, 2)? & 31))
}

fn hex(lua: &Lua, args: &MultiValue) -> Result<MultiValue> {
    let value = bits(lua, args, 1)?;
    let digits = if args.len() < 2 { 8 } else { bits(lua, args, 2)?.cast_signed() };
    let count = digits.unsigned_abs().min(8) as usize;
    let text = if digits < 0 { format!("{value:08X}") } else { format!("{value:08x}") };
    args::one(lua.create_string(&text[8 - count..])?)
}
