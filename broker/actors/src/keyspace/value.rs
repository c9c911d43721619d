//! What a plain key holds.

use super::{Hash, Str};
use crate::Refusal;
use crate::collections::{List, Set, SortedSet, Stream};

/// The value of a plain key.
#[derive(Debug, Clone)]
pub enum Value {
    /// A string.
    Str(Str),
    /// A list.
    List(Box<List>),
    /// A hash.
    Hash(Hash),
    /// A set.
    Set(Box<Set>),
    /// A sorted set.
    SortedSet(SortedSet),
    /// A stream.
    Stream(Box<Stream>),
}

impl Value {
    /// What `TYPE` answers.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Str(_) => "string",
            Self::List(_) => "list",
            Self::Hash(_) => "hash",
            Self::Set(_) => "set",
            Self::SortedSet(_) => "zset",
            Self::Stream(_) => "stream",
        }
    }

    /// Whether it has no element. No key stays like this; a string may be empty.
    pub fn is_empty(&self) -> bool {
        match self {
            // A stream without entries has its last id, and groups.
            Self::Str(_) | Self::Stream(_) => false,
            Self::List(list) => list.is_empty(),
            Self::Hash(hash) => hash.is_empty(),
            Self::Set(set) => set.is_empty(),
            Self::SortedSet(sorted) => sorted.is_empty(),
        }
    }

    /// Estimate of the bytes that it holds on the heap.
    pub fn memory(&self) -> usize {
        match self {
            Self::Str(string) => string.memory(),
            Self::List(list) => list.memory(),
            Self::Hash(hash) => hash.memory(),
            Self::Set(set) => set.memory(),
            Self::SortedSet(sorted) => sorted.memory(),
            Self::Stream(stream) => stream.memory(),
        }
    }
}

/// A type of values that hold elements: all but strings.
pub trait Container: Sized {
    /// The value, if it is of this type.
    ///
    /// # Errors
    /// [`Refusal::WrongType`]
    fn of(value: &Value) -> Result<&Self, Refusal>;

    /// The value to be changed, if it is of this type.
    ///
    /// # Errors
    /// [`Refusal::WrongType`]
    fn of_mut(value: &mut Value) -> Result<&mut Self, Refusal>;

    /// One that holds nothing yet.
    fn fresh() -> Value;
}

/// Reads a value as the type that a command is for.
macro_rules! typed {
    ($($read:ident $change:ident $variant:ident $type:ty;)*) => {
        impl Value {
            $(
                /// The value, if it is of this type; else [`Refusal::WrongType`].
                pub fn $read(&self) -> Result<&$type, Refusal> {
                    if let Self::$variant(value) = self { Ok(value) } else { Err(Refusal::WrongType) }
                }

                /// The value to be changed, if it is of this type; else [`Refusal::WrongType`].
                pub fn $change(&mut self) -> Result<&mut $type, Refusal> {
                    if let Self::$variant(value) = self { Ok(value) } else { Err(Refusal::WrongType) }
                }
            )*
        }
    };
}

/// The same, and what every type of values with elements can do.
macro_rules! containers {
    ($($read:ident $change:ident $variant:ident $type:ty;)*) => {
        typed! { $($read $change $variant $type;)* }

        $(
            impl Container for $type {
                fn of(value: &Value) -> Result<&Self, Refusal> {
                    value.$read()
                }

                fn of_mut(value: &mut Value) -> Result<&mut Self, Refusal> {
                    value.$change()
                }

                fn fresh() -> Value {
                    Value::$variant(Default::default())
                }
            }
        )*
    };
}

typed! {
    as_str as_str_mut Str Str;
}

containers! {
    as_list as_list_mut List List;
    as_hash as_hash_mut Hash Hash;
    as_set as_set_mut Set Set;
    as_sorted_set as_sorted_set_mut SortedSet SortedSet;
    as_stream as_stream_mut Stream Stream;
}
