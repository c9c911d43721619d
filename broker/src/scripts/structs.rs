//! `struct`: values in and out of packed bytes, by the rules of Roberto Ierusalimschy's library.

use mlua::{Lua, MultiValue, Result, Table, Value};

use super::{args, raise};

/// The largest alignment, that of a double or a pointer.
const ALIGN_MAX: usize = 8;
/// The longest integer.
const INTEGER_BYTES_MAX: usize = 32;
/// The length of an `int` where none is said.
const INT_BYTES: usize = 4;

/// The module.
pub(super) fn module(lua: &Lua) -> Result<Table> {
    let module = lua.create_table()?;
    let add = |name: &str, run: fn(&Lua, &MultiValue) -> Result<MultiValue>| {
        module.raw_set(name, lua.create_function(move |lua, args: MultiValue| run(lua, &args))?)
    };
    add("pack", pack)?;
    add("unpack", unpack)?;
    add("size", size)?;
    Ok(module)
}

/// A format as it is read, and what it has said of byte order and alignment.
struct Format<'a> {
    lua: &'a Lua,
    text: Vec<u8>,
    at: usize,
    little: bool,
    align: usize,
}

/// One thing that is packed: its letter, its size, and how many bytes stand before it to align it.
struct Item {
    kind: u8,
    size: usize,
}

impl Format<'_> {
    fn next(&mut self) -> Result<Option<Item>> {
        let Some(&kind) = self.text.get(self.at) else { return Ok(None) };
        self.at += 1;
        let size = match kind {
            b'b' | b'B' | b'x' => 1,
            b'h' | b'H' => 2,
            b'l' | b'L' | b'T' | b'd' => 8,
            b'f' => 4,
            b'c' => self.number()?.unwrap_or(1),
            b'i' | b'I' => {
                let size = self.number()?.unwrap_or(INT_BYTES);
                if size > INTEGER_BYTES_MAX {
                    let text =
                        format!("integral size {size} is larger than limit of {INTEGER_BYTES_MAX}");
                    return Err(raise::text(self.lua, text));
                }
                size
            }
            _ => 0,
        };
        Ok(Some(Item { kind, size }))
    }

    fn number(&mut self) -> Result<Option<usize>> {
        let from = self.at;
        let mut value: usize = 0;
        while let Some(digit) = self.text.get(self.at).filter(|byte| byte.is_ascii_digit()) {
            let next = value
                .checked_mul(10)
                .and_then(|value| value.checked_add(usize::from(digit - b'0')));
            value = next
                .filter(|value| i32::try_from(*value).is_ok())
                .ok_or_else(|| raise::text(self.lua, "integral size overflow"))?;
            self.at += 1;
        }
        Ok((self.at > from).then_some(value))
    }

    /// How many bytes align an item that would stand at `total`: by Redis's formula, also for sizes for which it makes no
    /// sense.
    fn padding(&self, item: &Item, total: usize) -> usize {
        let align = item.size.min(self.align);
        if align == 0 || matches!(item.kind, b'c' | b'x') {
            return 0;
        }
        (align - (total & (align - 1))) & (align - 1)
    }

    /// Byte order and alignment, and letters that mean nothing.
    fn control(&mut self, kind: u8) -> Result<()> {
        match kind {
            b' ' => {}
            b'>' => self.little = false,
            b'<' => self.little = true,
            b'!' => {
                let align = self.number()?.unwrap_or(ALIGN_MAX);
                if align == 0 || !align.is_power_of_two() {
                    let text = format!("alignment {align} is not a power of 2");
                    return Err(raise::text(self.lua, text));
                }
                self.align = align;
            }
            other => {
                let text = format!("invalid format option '{}'", char::from(other));
                return Err(raise::argument(self.lua, 1, text));
            }
        }
        Ok(())
    }
}

fn format<'a>(lua: &'a Lua, args: &MultiValue) -> Result<Format<'a>> {
    // As for C, a format ends at a zero byte.
    let mut text = args::string(lua, args, 1)?;
    text.truncate(memchr::memchr(0, &text).unwrap_or(text.len()));
    Ok(Format { lua, text, at: 0, little: true, align: 1 })
}

fn pack(lua: &Lua, args: &MultiValue) -> Result<MultiValue> {
    let mut format = format(lua, args)?;
    // An argument that is missing is nil.
    let mut args = args.clone();
    args.push_back(Value::Nil);
    let args = &args;
    let mut out = Vec::new();
    let mut nth = 1;
    while let Some(item) = format.next()? {
        let padding = format.padding(&item, out.len());
        out.resize(out.len() + padding, 0);
        match item.kind {
            b'b' | b'B' | b'h' | b'H' | b'l' | b'L' | b'T' | b'i' | b'I' => {
                nth += 1;
                let number = args::number(lua, args, nth)?;
                let value = to_bits(number);
                let mut bytes = vec![0; item.size];
                let low = item.size.min(8);
                bytes[..low].copy_from_slice(&value.to_le_bytes()[..low]);
                if !format.little {
                    bytes.reverse();
                }
                out.extend_from_slice(&bytes);
            }
            b'x' => out.push(0),
            b'f' => {
                nth += 1;
                let mut bytes = (args::number(lua, args, nth)? as f32).to_le_bytes();
                if !format.little {
                    bytes.reverse();
                }
                out.extend_from_slice(&bytes);
            }
            b'd' => {
                nth += 1;
                let mut bytes = args::number(lua, args, nth)?.to_le_bytes();
                if !format.little {
                    bytes.reverse();
                }
                out.extend_from_slice(&bytes);
            }
            b'c' | b's' => {
                nth += 1;
                let text = args::string(lua, args, nth)?;
                let size = if item.size == 0 { text.len() } else { item.size };
                if text.len() < size {
                    return Err(raise::argument(lua, nth + 1, "string too short"));
                }
                raise::check_room(out.len() + size)?;
                out.extend_from_slice(&text[..size]);
                if item.kind == b's' {
                    out.push(0);
                }
            }
            other => format.control(other)?,
        }
    }
    args::one(lua.create_string(&out)?)
}

/// As C makes a 64-bit integer of a double that may be meant as an unsigned one.
fn to_bits(number: f64) -> u64 {
    const HALF: f64 = 9_223_372_036_854_775_808.0;
    if number < HALF || number.is_nan() {
        args::to_i64(number).cast_unsigned()
    } else {
        args::to_i64(number - HALF).cast_unsigned() ^ (1 << 63)
    }
}

/// How many values Lua's stack holds for a function.
const STACK_MAX: usize = 8_000;

fn unpack(lua: &Lua, args: &MultiValue) -> Result<MultiValue> {
    let mut format = format(lua, args)?;
    let data = args::string(lua, args, 2)?;
    let start = match args.get(2) {
        None | Some(Value::Nil) => 1.0,
        Some(_) => args::number(lua, args, 3)?,
    };
    // An offset below zero is one beyond all data.
    let mut at = args::to_i64(start).cast_unsigned() as usize;
    if at == 0 {
        return Err(raise::argument(lua, 3, "offset must be 1 or greater"));
    }
    at -= 1;
    let mut values: Vec<Value> = Vec::new();
    while let Some(item) = format.next()? {
        at = at.wrapping_add(format.padding(&item, at));
        let short = || raise::argument(lua, 2, "data string too short");
        let rest = data.get(at..).ok_or_else(short)?;
        let mut size = item.size;
        let mut bytes = rest.get(..size).ok_or_else(short)?;
        if args.len() + values.len() + 2 > STACK_MAX {
            return Err(raise::text(lua, "stack overflow (too many results)"));
        }
        match item.kind {
            b'b' | b'B' | b'h' | b'H' | b'l' | b'L' | b'T' | b'i' | b'I' => {
                let signed = item.kind.is_ascii_lowercase();
                values.push(Value::Number(integer(bytes, format.little, signed)));
            }
            b'x' => {}
            b'f' => {
                let mut four: [u8; 4] = bytes.try_into().unwrap_or_default();
                if !format.little {
                    four.reverse();
                }
                values.push(Value::Number(f32::from_le_bytes(four).into()));
            }
            b'd' => {
                let mut eight: [u8; 8] = bytes.try_into().unwrap_or_default();
                if !format.little {
                    eight.reverse();
                }
                values.push(Value::Number(f64::from_le_bytes(eight)));
            }
            b'c' => {
                if size == 0 {
                    let last = values.pop().filter(|value| args::to_number(Some(value)).is_some());
                    let last =
                        last.ok_or_else(|| raise::text(lua, "format 'c0' needs a previous size"))?;
                    // A negative length is a huge one, as in C.
                    size = to_bits(args::to_number(Some(&last)).unwrap_or(0.0)) as usize;
                    bytes = rest.get(..size).ok_or_else(short)?;
                }
                values.push(Value::String(lua.create_string(bytes)?));
            }
            b's' => {
                let len = memchr::memchr(0, rest);
                let len = len.ok_or_else(|| raise::text(lua, "unfinished string in data"))?;
                values.push(Value::String(lua.create_string(&rest[..len])?));
                size = len + 1;
            }
            other => format.control(other)?,
        }
        at += size;
    }
    values.push(Value::Number(at.wrapping_add(1).cast_signed() as f64));
    Ok(MultiValue::from_vec(values))
}

fn integer(bytes: &[u8], little: bool, signed: bool) -> f64 {
    let byte = |at: usize| if little { bytes[at] } else { bytes[bytes.len() - 1 - at] };
    let len = bytes.len().min(8);
    let value = (0..len).rev().fold(0_u64, |value, at| (value << 8) | u64::from(byte(at)));
    if !signed || len == 0 {
        return value as f64;
    }
    // Beyond 8 bytes the sign is where a shift by that many bits gets on the machines at hand.
    let sign = u64::MAX.wrapping_shl(bytes.len() as u32 * 8 - 1);
    (if value & sign == 0 { value } else { value | sign }).cast_signed() as f64
}

fn size(lua: &Lua, args: &MultiValue) -> Result<MultiValue> {
    let mut format = format(lua, args)?;
    let mut total: usize = 0;
    while let Some(item) = format.next()? {
        total += format.padding(&item, total);
        if item.kind == b's' || item.kind == b'c' && item.size == 0 {
            let name = if item.kind == b's' { "s" } else { "c0" };
            let why = format!("option '{name}' has no fixed size");
            return Err(raise::argument(lua, 1, why));
        }
        // Letters and digits that mean nothing have no size either.
        if !item.kind.is_ascii_alphanumeric() {
            format.control(item.kind)?;
        }
        total += item.size;
    }
    args::one(total as f64)
}
