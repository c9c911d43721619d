//! What an owner answers, before anyone has thought of bytes.

use bytes::Bytes;

use crate::Refusal;
use crate::collections::{Entries, Short};
use crate::keyspace::FieldList;

/// One answer, typed. The edge encodes it for the protocol version of the connection that asked:
/// a map is a flat array under RESP2, a double is a bulk string, and so on. The owners never know.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// `+OK`.
    Ok,
    /// A simple string that is part of the program, such as `PONG` or a type's name.
    Status(&'static str),
    /// A simple string that is made at run time, and need not be text. It must hold neither CR nor LF.
    Text(Vec<u8>),
    /// The null of a missing value: `$-1` under RESP2.
    Nil,
    /// The null of a missing array: `*-1` under RESP2. Under RESP3 both nulls are `_`.
    NilArray,
    /// An integer.
    Int(i64),
    /// A binary-safe string.
    Bulk(Bytes),
    /// A binary-safe string that is short enough to travel in the reply itself.
    Short(Short),
    /// A double: a bulk string under RESP2.
    Double(f64),
    /// A boolean: an integer under RESP2.
    Bool(bool),
    /// Text for people: a verbatim string (`txt`) under RESP3, a bulk string under RESP2.
    Verbatim(String),
    /// Text in a format of three letters: a verbatim string under RESP3, a bulk string under RESP2.
    Formatted([u8; 3], Bytes),
    /// A number of any length, in decimal digits as a script wrote them: a bulk string under RESP2.
    BigNumber(Vec<u8>),
    /// An array.
    Array(Vec<Reply>),
    /// A map: a flat array of keys and values under RESP2.
    Map(Vec<(Reply, Reply)>),
    /// The fields of a small hash: a map like any other.
    Fields(FieldList),
    /// Pairs: an array of two-element arrays under RESP3, flat under RESP2.
    Pairs(Vec<(Reply, Reply)>),
    /// Things by name: a map under RESP3, an array of two-element arrays under RESP2; what `XREAD` answers.
    Named(Vec<(Reply, Reply)>),
    /// Entries of a stream: an array of pairs, an id and an array of fields and values; the null of an array in its place
    /// if the entry is gone.
    Entries(Entries),
    /// A set: an array under RESP2.
    Set(Vec<Reply>),
    /// Out-of-band data: an array under RESP2.
    Push(Vec<Reply>),
    /// What may be known beside the reply that follows: nothing is written under RESP2.
    Attributes(Vec<(Reply, Reply)>),
    /// Several replies one after the other, such as the confirmations of `SUBSCRIBE a b`.
    Many(Vec<Reply>),
    /// A reply, or several, that the edge has written already.
    Written(Bytes),
    /// Nothing is written at all.
    Silence,
    /// A refusal.
    Error(Refusal),
}

impl Reply {
    /// A bulk string that copies `bytes`.
    pub fn copy(bytes: &[u8]) -> Self {
        Self::Bulk(Bytes::copy_from_slice(bytes))
    }

    /// As [`copy`](Self::copy); a few bytes travel in the reply itself.
    pub fn brief(bytes: &[u8]) -> Self {
        Short::copy(bytes).map_or_else(|| Self::copy(bytes), Self::Short)
    }

    /// A bulk string of static text.
    pub const fn text(text: &'static str) -> Self {
        Self::Bulk(Bytes::from_static(text.as_bytes()))
    }

    /// An integer from a length; lengths never reach 2^63.
    pub fn len(len: usize) -> Self {
        Self::Int(i64::try_from(len).unwrap_or(i64::MAX))
    }

    /// `:1` or `:0`, Redis's answer to yes-or-no questions under both protocols.
    pub const fn flag(yes: bool) -> Self {
        Self::Int(yes as i64)
    }

    /// A bulk string, or nil.
    pub fn bulk_or_nil(bytes: Option<Bytes>) -> Self {
        bytes.map_or(Self::Nil, Self::Bulk)
    }

    /// The bytes of a string.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bulk(bytes) => Some(bytes),
            Self::Short(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Whether this is the answer of a command that found nothing: what a blocking command waits to change.
    pub const fn is_nothing(&self) -> bool {
        matches!(self, Self::Nil | Self::NilArray)
    }

    /// Whether this is a refusal.
    pub const fn is_error(&self) -> bool {
        matches!(self, Self::Error(_))
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        Self::Error(refusal)
    }
}

impl From<Outcome> for Reply {
    fn from(outcome: Outcome) -> Self {
        outcome.unwrap_or_else(Self::Error)
    }
}

impl From<Bytes> for Reply {
    fn from(bytes: Bytes) -> Self {
        Self::Bulk(bytes)
    }
}

impl From<String> for Reply {
    fn from(text: String) -> Self {
        Self::Bulk(Bytes::from(text))
    }
}

impl From<i64> for Reply {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

/// How running a command ends: with a reply or with a refusal, so that `?` reads well.
pub type Outcome = Result<Reply, Refusal>;
