//! What generic commands do on `file:` keys.

use super::claw_file::relocate;
use super::state::{File, Files};
use super::{check_lock, delete, path_of};
use crate::call::Call;
use crate::generic::ShowsKeys;
use crate::keyspace::{Str, Value};
use crate::listing::Listing;
use crate::place::FILE;
use crate::rdb::{self, Sizes};
use crate::{Outcome, Refusal, Reply};

pub use crate::generic::{exists, touch, ttl, type_};

const TYPE: &str = "string";

impl Files {
    fn listing(&self) -> Listing<'_, File> {
        Listing { names: self.files(), prefix: FILE, type_name: TYPE }
    }
}

impl ShowsKeys for Files {
    fn type_at(&self, key: &[u8]) -> Option<&'static str> {
        self.contains(path_of(key)).then_some(TYPE)
    }
}

/// `DEL`, `UNLINK`: all of them or, if somebody else has locked one, none.
pub fn del(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let mut gone = 0;
    for key in call.keys() {
        check_lock(state, path_of(call.word(key)), &call.speaker(None)?, call.now)?;
    }
    for key in call.keys() {
        let (path, editor) = (path_of(call.word(key)), call.speaker(None)?);
        gone += usize::from(delete(state, call, path, editor)?.is_some());
    }
    Ok(Reply::len(gone))
}

/// `OBJECT ENCODING`: what a plain string of the same content would have.
pub fn encoding(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let newest = state.get(path_of(call.key()));
    let encoding = newest.map(|version| Str::new(version.content.clone()).encoding());
    Ok(encoding.map_or(Reply::Nil, Reply::text))
}

/// `DUMP`: the newest version, as a plain string.
pub fn dump(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let newest = state.get(path_of(call.key()));
    let value = newest.map(|version| Value::Str(Str::new(version.content.clone())));
    let sizes = Sizes::of(&call.env.directory.limits);
    Ok(value.map_or(Reply::Nil, |value| Reply::Bulk(rdb::dump(&value, &sizes).into())))
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

/// `RENAME`: as `CLAW.FILE MOVE`. A file that has the new key already gets a new version.
pub fn rename(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let (from, to) = (path_of(call.word(1)), path_of(call.word(2)));
    if !state.contains(from) {
        return Err(Refusal::NoSuchKey);
    }
    let by = call.speaker(None)?;
    check_lock(state, from, &by, call.now)?;
    check_lock(state, to, &by, call.now)?;
    relocate(state, call, (from, to), by)?;
    Ok(Reply::Ok)
}

/// `RENAMENX`.
pub fn renamenx(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    if !state.contains(path_of(call.word(1))) {
        return Err(Refusal::NoSuchKey);
    }
    if state.contains(path_of(call.word(2))) {
        return Ok(Reply::Int(0));
    }
    rename(state, call)?;
    Ok(Reply::Int(1))
}
