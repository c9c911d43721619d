//! JSON into values.

use mlua::{Lua, Result, Value};

use super::super::number::parse_prefix;
use super::super::raise;
use super::Options;

/// What a token is.
#[derive(Debug, PartialEq)]
enum Token {
    ObjectBegin,
    ObjectEnd,
    ArrayBegin,
    ArrayEnd,
    String(Vec<u8>),
    Number(f64),
    Boolean(bool),
    Null,
    Colon,
    Comma,
    End,
    /// No token, and why.
    Error(&'static str),
}

impl Token {
    /// As error texts name it.
    fn name(&self) -> &'static str {
        match self {
            Self::ObjectBegin => "T_OBJ_BEGIN",
            Self::ObjectEnd => "T_OBJ_END",
            Self::ArrayBegin => "T_ARR_BEGIN",
            Self::ArrayEnd => "T_ARR_END",
            Self::String(_) => "T_STRING",
            Self::Number(_) => "T_NUMBER",
            Self::Boolean(_) => "T_BOOLEAN",
            Self::Null => "T_NULL",
            Self::Colon => "T_COLON",
            Self::Comma => "T_COMMA",
            Self::End => "T_END",
            Self::Error(why) => why,
        }
    }
}

struct Decoder<'a> {
    lua: &'a Lua,
    options: &'a Options,
    text: &'a [u8],
    at: usize,
    /// Where the token that was read last begins, or where it is wrong.
    index: usize,
    depth: i64,
}

pub(super) fn decode(lua: &Lua, options: &Options, text: &[u8]) -> Result<Value> {
    if text.len() >= 2 && (text[0] == 0 || text[1] == 0) {
        return Err(raise::text(lua, "JSON parser does not support UTF-16 or UTF-32"));
    }
    let mut decoder = Decoder { lua, options, text, at: 0, index: 0, depth: 0 };
    let token = decoder.next();
    let value = decoder.value(token)?;
    match decoder.next() {
        Token::End => Ok(value),
        other => Err(decoder.expected("the end", &other)),
    }
}

impl Decoder<'_> {
    fn expected(&self, what: &str, found: &Token) -> mlua::Error {
        let (found, at) = (found.name(), self.index + 1);
        raise::text(self.lua, format_args!("Expected {what} but found {found} at character {at}"))
    }

    fn value(&mut self, token: Token) -> Result<Value> {
        Ok(match token {
            Token::String(text) => Value::String(self.lua.create_string(text)?),
            Token::Number(number) => Value::Number(number),
            Token::Boolean(value) => Value::Boolean(value),
            Token::Null => Value::NULL,
            Token::ObjectBegin => self.object()?,
            Token::ArrayBegin => self.array()?,
            other => return Err(self.expected("value", &other)),
        })
    }

    fn descend(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth <= self.options.decode_depth.get() {
            return Ok(());
        }
        let (depth, at) = (self.depth, self.at);
        let text = format!("Found too many nested data structures ({depth}) at character {at}");
        Err(raise::text(self.lua, text))
    }

    fn object(&mut self) -> Result<Value> {
        self.descend()?;
        let table = self.lua.create_table()?;
        let mut token = self.next();
        while token != Token::ObjectEnd {
            let Token::String(key) = token else {
                return Err(self.expected("object key string", &token));
            };
            let key = self.lua.create_string(key)?;
            token = self.next();
            if token != Token::Colon {
                return Err(self.expected("colon", &token));
            }
            token = self.next();
            table.raw_set(key, self.value(token)?)?;
            token = self.next();
            if token == Token::ObjectEnd {
                break;
            }
            if token != Token::Comma {
                return Err(self.expected("comma or object end", &token));
            }
            token = self.next();
            if token == Token::ObjectEnd {
                return Err(self.expected("object key string", &token));
            }
        }
        self.depth -= 1;
        Ok(Value::Table(table))
    }

    fn array(&mut self) -> Result<Value> {
        self.descend()?;
        let table = self.lua.create_table()?;
        let mut token = self.next();
        let mut index = 1;
        if token != Token::ArrayEnd {
            loop {
                table.raw_set(index, self.value(token)?)?;
                index += 1;
                token = self.next();
                if token == Token::ArrayEnd {
                    break;
                }
                if token != Token::Comma {
                    return Err(self.expected("comma or array end", &token));
                }
                token = self.next();
            }
        }
        self.depth -= 1;
        Ok(Value::Table(table))
    }

    /// The byte at `at`; 0 behind the end, as in C.
    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    fn next(&mut self) -> Token {
        while matches!(self.byte(self.at), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
        self.index = self.at;
        let simple = match self.byte(self.at) {
            b'{' => Token::ObjectBegin,
            b'}' => Token::ObjectEnd,
            b'[' => Token::ArrayBegin,
            b']' => Token::ArrayEnd,
            b':' => Token::Colon,
            b',' => Token::Comma,
            0 => return Token::End,
            b'"' => return self.string(),
            b'-' | b'0'..=b'9' => return self.number(),
            _ => return self.word(),
        };
        self.at += 1;
        simple
    }

    fn word(&mut self) -> Token {
        let words = [
            (&b"true"[..], Token::Boolean(true)),
            (b"false", Token::Boolean(false)),
            (b"null", Token::Null),
        ];
        let rest = &self.text[self.at..];
        for (word, token) in words {
            if rest.starts_with(word) {
                self.at += word.len();
                return token;
            }
        }
        if self.options.decode_invalid.get() && is_invalid_number(rest) {
            return self.number();
        }
        Token::Error("invalid token")
    }

    fn number(&mut self) -> Token {
        let rest = &self.text[self.at..];
        if !self.options.decode_invalid.get() && is_invalid_number(rest) {
            return Token::Error("invalid number");
        }
        match parse_prefix(rest) {
            Some((number, len)) => {
                self.at += len;
                Token::Number(number)
            }
            None => Token::Error("invalid number"),
        }
    }

    fn string(&mut self) -> Token {
        self.at += 1;
        let mut text = Vec::new();
        loop {
            let from = self.at;
            while !matches!(self.byte(self.at), b'"' | b'\\' | 0) {
                self.at += 1;
            }
            text.extend_from_slice(&self.text[from..self.at]);
            match self.byte(self.at) {
                b'"' => {
                    self.at += 1;
                    return Token::String(text);
                }
                b'\\' => {
                    if let Err(why) = self.escape(&mut text) {
                        self.index = self.at;
                        return Token::Error(why);
                    }
                }
                _ => {
                    self.index = self.at;
                    return Token::Error("unexpected end of string");
                }
            }
        }
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> std::result::Result<(), &'static str> {
        let byte = match self.byte(self.at + 1) {
            byte @ (b'"' | b'\\' | b'/') => byte,
            b'b' => 0x08,
            b't' => b'\t',
            b'n' => b'\n',
            b'f' => 0x0c,
            b'r' => b'\r',
            b'u' => {
                let (point, len) = self.unicode().ok_or("invalid unicode escape code")?;
                let mut utf8 = [0; 4];
                text.extend_from_slice(point.encode_utf8(&mut utf8).as_bytes());
                self.at += len;
                return Ok(());
            }
            _ => return Err("invalid escape code"),
        };
        text.push(byte);
        self.at += 2;
        Ok(())
    }

    /// The character of `\uXXXX`, or of two of them, and how long that is.
    fn unicode(&self) -> Option<(char, usize)> {
        let first = self.hex(self.at + 2)?;
        if let Some(point) = char::from_u32(first) {
            return Some((point, 6));
        }
        let second = (self.byte(self.at + 6) == b'\\' && self.byte(self.at + 7) == b'u')
            .then(|| self.hex(self.at + 8))??;
        let is_pair = first & 0xfc00 == 0xd800 && second & 0xfc00 == 0xdc00;
        let point = (((first & 0x3ff) << 10) | (second & 0x3ff)) + 0x1_0000;
        is_pair.then(|| char::from_u32(point))?.map(|point| (point, 12))
    }

    fn hex(&self, at: usize) -> Option<u32> {
        (at..at + 4).try_fold(0, |value, at| {
            char::from(self.byte(at)).to_digit(16).map(|digit| value * 16 + digit)
        })
    }
}

/// Whether C's `strtod` would take what JSON does not: hexadecimal numbers, leading zeros, infinity, NaN.
fn is_invalid_number(text: &[u8]) -> bool {
    if text.first() == Some(&b'+') {
        return true;
    }
    let text = text.strip_prefix(b"-").unwrap_or(text);
    match text.first() {
        Some(b'0') => text.get(1).is_some_and(|byte| matches!(byte, b'x' | b'X' | b'0'..=b'9')),
        Some(b'1'..=b'9') => false,
        Some(_) => {
            let is =
                |word: &[u8]| text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(word));
            is(b"inf") || is(b"nan")
        }
        None => false,
    }
}
