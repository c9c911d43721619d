//! Values into JSON.

use mlua::{Lua, Result, String as LuaString, Table, Value};

use super::super::number::format_g;
use super::super::{args, raise};
use super::Options;

struct Encoder<'a> {
    lua: &'a Lua,
    options: &'a Options,
    out: Vec<u8>,
}

pub(super) fn encode(lua: &Lua, options: &Options, value: &Value) -> Result<LuaString> {
    let mut encoder = Encoder { lua, options, out: Vec::with_capacity(64) };
    encoder.value(value, 0)?;
    lua.create_string(&encoder.out)
}

impl Encoder<'_> {
    fn value(&mut self, value: &Value, depth: i64) -> Result<()> {
        match value {
            Value::String(text) => self.string(&text.as_bytes())?,
            Value::Integer(number) => self.number(*number as f64, value)?,
            Value::Number(number) => self.number(*number, value)?,
            Value::Boolean(true) => self.out.extend_from_slice(b"true"),
            Value::Boolean(false) => self.out.extend_from_slice(b"false"),
            Value::Table(table) => self.table(table, value, depth + 1)?,
            Value::Nil => self.out.extend_from_slice(b"null"),
            Value::LightUserData(data) if data.0.is_null() => self.out.extend_from_slice(b"null"),
            other => return Err(self.refuse(other, "type not supported")),
        }
        Ok(())
    }

    fn refuse(&self, value: &Value, why: &str) -> mlua::Error {
        let kind = raise::type_name(value);
        raise::text(self.lua, format_args!("Cannot serialise {kind}: {why}"))
    }

    fn table(&mut self, table: &Table, value: &Value, depth: i64) -> Result<()> {
        if depth > self.options.encode_depth.get() {
            let text = format!("Cannot serialise, excessive nesting ({depth})");
            return Err(raise::text(self.lua, text));
        }
        // A table that stands in itself many times over would fill all memory.
        raise::check_room(self.out.len())?;
        match self.array_len(table, value)? {
            Some(len) if len > 0 => self.array(table, len, depth),
            _ => self.object(table, depth),
        }
    }

    /// The largest index of a table that has only indices.
    fn array_len(&self, table: &Table, value: &Value) -> Result<Option<i64>> {
        let (mut largest, mut items) = (0, 0);
        let only = table.for_each::<Value, Value>(|key, _| {
            let index = match key {
                Value::Integer(index) if index >= 1 => index,
                Value::Number(index) if index >= 1.0 && index.floor() == index => index as i64,
                _ => return Err(mlua::Error::runtime("")),
            };
            // As in C, where the index is an int: what is larger does not count.
            largest = largest.max(i32::try_from(index).map_or(0, i64::from));
            items += 1;
            Ok(())
        });
        if only.is_err() {
            return Ok(None);
        }
        let Options { sparse_ratio, sparse_safe, sparse_convert, .. } = self.options;
        let ratio = sparse_ratio.get();
        if ratio > 0 && largest > ratio.saturating_mul(items) && largest > sparse_safe.get() {
            if !sparse_convert.get() {
                return Err(self.refuse(value, "excessively sparse array"));
            }
            return Ok(None);
        }
        Ok(Some(largest))
    }

    fn array(&mut self, table: &Table, len: i64, depth: i64) -> Result<()> {
        self.out.push(b'[');
        for index in 1..=len {
            if index > 1 {
                self.out.push(b',');
            }
            self.value(&table.raw_get(index)?, depth)?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn object(&mut self, table: &Table, depth: i64) -> Result<()> {
        self.out.push(b'{');
        let mut first = true;
        table.for_each::<Value, Value>(|key, value| {
            if !std::mem::take(&mut first) {
                self.out.push(b',');
            }
            match &key {
                Value::String(text) => self.string(&text.as_bytes())?,
                Value::Integer(_) | Value::Number(_) => {
                    self.out.push(b'"');
                    self.number(args::of_number(&key), &key)?;
                    self.out.push(b'"');
                }
                other => return Err(self.refuse(other, "table key must be a number or string")),
            }
            self.out.push(b':');
            self.value(&value, depth)
        })?;
        self.out.push(b'}');
        Ok(())
    }

    fn number(&mut self, number: f64, value: &Value) -> Result<()> {
        if !number.is_finite() {
            match self.options.encode_invalid.get() {
                0 => return Err(self.refuse(value, "must not be NaN or Inf")),
                2 => {
                    self.out.extend_from_slice(b"null");
                    return Ok(());
                }
                _ if number.is_nan() => {
                    self.out.extend_from_slice(b"nan");
                    return Ok(());
                }
                _ => {}
            }
        }
        if number.abs() < 1e14
            && number.fract() == 0.0
            && !(number == 0.0 && number.is_sign_negative())
            && self.options.precision.get() == 14
        {
            self.out.extend_from_slice(itoa::Buffer::new().format(number as i64).as_bytes());
            return Ok(());
        }
        let precision = self.options.precision.get() as usize;
        self.out.extend_from_slice(format_g(number, precision).as_bytes());
        Ok(())
    }

    fn string(&mut self, text: &[u8]) -> Result<()> {
        raise::check_room(self.out.len() + text.len())?;
        self.out.push(b'"');
        let mut rest = text;
        while let Some(at) = rest.iter().position(|byte| is_escaped(*byte)) {
            self.out.extend_from_slice(&rest[..at]);
            self.escaped(rest[at]);
            rest = &rest[at + 1..];
        }
        self.out.extend_from_slice(rest);
        self.out.push(b'"');
        Ok(())
    }

    fn escaped(&mut self, byte: u8) {
        match byte {
            b'"' => self.out.extend_from_slice(b"\\\""),
            b'\\' => self.out.extend_from_slice(b"\\\\"),
            b'/' => self.out.extend_from_slice(b"\\/"),
            0x08 => self.out.extend_from_slice(b"\\b"),
            b'\t' => self.out.extend_from_slice(b"\\t"),
            b'\n' => self.out.extend_from_slice(b"\\n"),
            0x0c => self.out.extend_from_slice(b"\\f"),
            b'\r' => self.out.extend_from_slice(b"\\r"),
            other => self.out.extend_from_slice(format!("\\u{other:04x}").as_bytes()),
        }
    }
}

fn is_escaped(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | b'/' | 0..0x20 | 0x7f)
}
