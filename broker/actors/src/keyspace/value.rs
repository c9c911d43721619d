//! What a plain key holds.

use super::{Hash, Str};
use crate::Refusal;
use crate::collections::{List, Set};

/// The value of a plain key.
#[derive(Debug, Clone)]
pub enum Value {
    /// A string.
    Str(Str),
    /// A list.
    List(Box<List>),
    /// A hash.
    Hash(Box<Hash>),
    /// A set.
    Set(Box<Set>),
}

impl Value {
    /// What `TYPE` answers.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Str(_) => "string",
            Self::List(_) => "list",
            Self::Hash(_) => "hash",
            Self::Set(_) => "set",
        }
    }

    /// Estimate of the bytes that it holds on the heap.
    pub fn memory(&self) -> usize {
        match self {
            Self::Str(string) => string.memory(),
            Self::List(list) => list.memory(),
            Self::Hash(hash) => hash.memory(),
            Self::Set(set) => set.memory(),
        }
    }
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

typed! {
    as_str as_str_mut Str Str;
    as_list as_list_mut List List;
    as_hash as_hash_mut Hash Hash;
    as_set as_set_mut Set Set;
}
