//! Files as plain strings: what Redis's string commands do on `file:` keys. Each write is a new
//! version, saved by the connection's agent. The commands themselves are declared with the plain
//! strings.

use bytes::Bytes;

use super::state::{Draft, Files};
use super::{check_lock, check_size, delete, path_of, save};
use crate::call::Call;
use crate::{Outcome, Refusal, Reply};

impl Files {
    fn content(&self, key: &[u8]) -> Option<Bytes> {
        self.get(path_of(key)).map(|newest| newest.content.clone())
    }
}

/// `GET key`
pub fn get(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::bulk_or_nil(state.content(call.key())))
}

/// `SET key value [NX | XX] [GET]`. The options about expiry have no meaning: files do not expire.
pub fn set(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let options = SetOptions::parse(call)?;
    let key = call.key();
    let old = state.content(key);
    let refused = match &old {
        Some(_) => options.only_new,
        None => options.only_old,
    };
    if !refused {
        write(state, call, key, call.value(2))?;
    }
    Ok(match old {
        old if options.get => Reply::bulk_or_nil(old),
        _ if refused => Reply::Nil,
        _ => Reply::Ok,
    })
}

#[derive(Default)]
struct SetOptions {
    only_new: bool,
    only_old: bool,
    get: bool,
    expiry: bool,
}

impl SetOptions {
    fn parse(call: &mut Call<'_>) -> Result<Self, Refusal> {
        let mut options = Self::default();
        call.seek(3);
        while !call.at_end() {
            if !options.accept(call) && !options.accept_expiry(call) {
                return Err(Refusal::Syntax);
            }
        }
        if options.expiry {
            return Err(Refusal::NoMeaning("set", call.place.prefix()));
        }
        Ok(options)
    }

    fn accept(&mut self, call: &mut Call<'_>) -> bool {
        if !self.only_old && call.accept("NX") {
            self.only_new = true;
        } else if !self.only_new && call.accept("XX") {
            self.only_old = true;
        } else if call.accept("GET") {
            self.get = true;
        } else {
            return false;
        }
        true
    }

    /// One option about expiry, with its value; two of them contradict each other.
    fn accept_expiry(&mut self, call: &mut Call<'_>) -> bool {
        let taken = call.accept("KEEPTTL")
            || ["EX", "PX", "EXAT", "PXAT"].iter().any(|word| call.accept(word))
                && call.next_word().is_ok();
        let first = !self.expiry;
        self.expiry |= taken;
        taken && first
    }
}

/// `SETNX key value`
pub fn setnx(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let key = call.key();
    if state.contains(path_of(key)) {
        return Ok(Reply::Int(0));
    }
    write(state, call, key, call.value(2))?;
    Ok(Reply::Int(1))
}

/// `GETSET key value`
pub fn getset(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let key = call.key();
    let old = state.content(key);
    write(state, call, key, call.value(2))?;
    Ok(Reply::bulk_or_nil(old))
}

/// `GETDEL key`
pub fn getdel(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let (path, editor) = (path_of(call.key()), call.speaker(None)?);
    Ok(Reply::bulk_or_nil(delete(state, call, path, editor)?))
}

/// `APPEND key value`
pub fn append(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let key = call.key();
    let (old, suffix) = (state.content(key).unwrap_or_default(), call.word(2));
    let len = old.len() + suffix.len();
    // Before anything is copied.
    check_size(path_of(key), len, &call.env.directory)?;
    write(state, call, key, [&old, suffix].concat().into())?;
    Ok(Reply::len(len))
}

/// `STRLEN key`
pub fn strlen(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::len(state.content(call.key()).map_or(0, |content| content.len())))
}

/// `GETRANGE key start end`, `SUBSTR key start end`
pub fn getrange(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    call.seek(2);
    let (start, end) = (call.next_int()?, call.next_int()?);
    let content = state.content(call.key()).unwrap_or_default();
    Ok(Reply::Bulk(slice(&content, start, end)))
}

/// From one index to another, both included and negative ones counted from the end, shared with the
/// whole.
fn slice(content: &Bytes, start: i64, end: i64) -> Bytes {
    let len = content.len() as i64;
    let from_end = |index: i64| {
        if index < 0 { len.saturating_add(index) } else { index }
    };
    // Both before the beginning, where clamping would make them meet.
    if start < 0 && end < 0 && start > end {
        return Bytes::new();
    }
    let (start, end) = (from_end(start).max(0), from_end(end).max(0).min(len - 1));
    if start > end { Bytes::new() } else { content.slice(start as usize..=end as usize) }
}

/// `MGET key [key …]`
pub fn mget(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let contents = call.keys().map(|key| Reply::bulk_or_nil(state.content(call.word(key))));
    Ok(Reply::Array(contents.collect()))
}

/// `MSET key value [key value …]`: all of them or, if one is too large or locked by somebody else, none.
pub fn mset(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    if call.len().is_multiple_of(2) {
        return Err(Refusal::WrongArity(call.command.name.into()));
    }
    for key in call.keys() {
        let (path, len) = (path_of(call.word(key)), call.word(key + 1).len());
        check_size(path, len, &call.env.directory)?;
        check_lock(state, path, &call.speaker(None)?, call.now)?;
    }
    for key in call.keys() {
        write(state, call, call.word(key), call.value(key + 1))?;
    }
    Ok(Reply::Ok)
}

fn write(
    state: &mut Files,
    call: &mut Call<'_>,
    key: &[u8],
    content: Bytes,
) -> Result<u64, Refusal> {
    let draft = Draft { content, editor: call.speaker(None)?, ..Draft::default() };
    save(state, call, path_of(key), draft, false)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::slice;

    #[test]
    fn ranges_are_cut_as_redis_cuts_them() {
        let content = Bytes::from("hello");
        for (start, end, expected) in [
            (0, 4, "hello"),
            (1, -2, "ell"),
            (-3, 100, "llo"),
            (-100, 1, "he"),
            (-100, -90, "h"),
            (-90, -100, ""),
            (3, 2, ""),
            (5, 9, ""),
            (i64::MIN, i64::MAX, "hello"),
        ] {
            assert_eq!(slice(&content, start, end), expected, "{start} {end}");
        }
        assert_eq!(slice(&Bytes::new(), 0, -1), "");
    }
}
