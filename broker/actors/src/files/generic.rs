//! What generic commands do on `file:` keys.

use super::state::{File, Files};
use super::{delete, path_of};
use crate::call::Call;
use crate::keyspace::Str;
use crate::listing::Listing;
use crate::place::FILE;
use crate::{Outcome, Reply};

const TYPE: &str = "string";

impl Files {
    fn has(&self, key: &[u8]) -> bool {
        self.contains(path_of(key))
    }

    fn listing(&self) -> Listing<'_, File> {
        Listing { names: self.files(), prefix: FILE, type_name: TYPE }
    }
}

/// `DEL`, `UNLINK`.
pub fn del(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let mut gone = 0;
    for key in call.keys() {
        let (path, editor) = (path_of(call.word(key)), call.speaker(None));
        gone += usize::from(delete(state, call, path, editor).is_some());
    }
    Ok(Reply::len(gone))
}

/// `EXISTS`.
pub fn exists(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::len(call.keys().filter(|key| state.has(call.word(*key))).count()))
}

/// `TOUCH`: files have no idle time, so it only counts.
pub fn touch(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    exists(state, call)
}

/// `TYPE`.
pub fn type_(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::Status(if state.has(call.key()) { TYPE } else { "none" }))
}

/// `TTL`, `PTTL`, `EXPIRETIME`, `PEXPIRETIME`: files do not expire.
pub fn ttl(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::Int(if state.has(call.key()) { -1 } else { -2 }))
}

/// `OBJECT ENCODING`: what a plain string of the same content would have.
pub fn encoding(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let newest = state.get(path_of(call.key()));
    let encoding = newest.map(|version| Str::new(version.content.clone()).encoding());
    Ok(encoding.map_or(Reply::Nil, Reply::text))
}

/// `MEMORY USAGE`: with all kept versions.
pub fn memory(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let path = path_of(call.key());
    let file = state.file(path);
    Ok(file.map_or(Reply::Nil, |file| Reply::len(file.memory() + path.len())))
}

/// `KEYS`.
pub fn keys(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    state.listing().keys(call)
}

/// `SCAN`.
pub fn scan(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    state.listing().scan(call)
}

/// `DBSIZE`.
pub fn dbsize(state: &mut Files, _: &mut Call<'_>) -> Outcome {
    Ok(Reply::len(state.files().len()))
}
