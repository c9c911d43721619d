//! What a plain key holds.

use bytes::Bytes;

use crate::collections::{Dict, List, number};

/// The value of a plain key.
#[derive(Debug)]
pub enum Value {
    /// A string.
    Str(Str),
    /// A list.
    List(Box<List>),
    /// A hash.
    Hash(Box<Dict<Bytes>>),
}

impl Value {
    /// What `TYPE` answers.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Str(_) => "string",
            Self::List(_) => "list",
            Self::Hash(_) => "hash",
        }
    }
}

/// A string, in the form that its last writer left.
#[derive(Debug, Clone)]
pub enum Str {
    /// The decimal form of an integer, kept as the integer.
    Int(i64),
    /// Bytes that were set whole.
    Whole(Bytes),
    /// Bytes that are edited in place: `APPEND`, `SETRANGE`.
    Edited(Vec<u8>),
}

/// Redis embeds a string of up to this many bytes in its object, and says so in `OBJECT ENCODING`.
const EMBSTR_LEN_MAX: usize = 44;

impl Str {
    /// A string that was set whole.
    pub fn new(bytes: Bytes) -> Self {
        // No 64-bit integer is longer than 20 characters, so long strings skip the parse.
        let integer = (bytes.len() <= 20).then(|| number::parse_i64(&bytes)).flatten();
        integer.map_or(Self::Whole(bytes), Self::Int)
    }

    /// Its bytes.
    pub fn bytes(&self) -> Bytes {
        match self {
            Self::Int(value) => Bytes::from(value.to_string()),
            Self::Whole(bytes) => bytes.clone(),
            Self::Edited(bytes) => Bytes::copy_from_slice(bytes),
        }
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::Int(value) => value.to_string().len(),
            Self::Whole(bytes) => bytes.len(),
            Self::Edited(bytes) => bytes.len(),
        }
    }

    /// Whether it is the empty string.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its value as an integer, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Whole(bytes) => number::parse_i64(bytes),
            Self::Edited(bytes) => number::parse_i64(bytes),
        }
    }

    /// Its bytes, to be edited in place.
    pub fn edit(&mut self) -> &mut Vec<u8> {
        if !matches!(self, Self::Edited(_)) {
            *self = Self::Edited(self.bytes().to_vec());
        }
        match self {
            Self::Edited(bytes) => bytes,
            _ => unreachable!("made editable above"),
        }
    }

    /// What `OBJECT ENCODING` answers.
    pub fn encoding(&self) -> &'static str {
        match self {
            Self::Int(_) => "int",
            Self::Whole(bytes) if bytes.len() <= EMBSTR_LEN_MAX => "embstr",
            _ => "raw",
        }
    }
}
