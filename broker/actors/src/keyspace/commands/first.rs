//! Pops from the first of several keys that has something: what lists and sorted sets share.
//!
//! A blocking pop is a pop that says what it would wait for. When a key it waits for changes it
//! runs again, on that key alone.

use crate::call::Call;
use crate::collections::number;
use crate::{Args, Outcome, Refusal, Reply};

/// Reads `numkeys key [key …] END [COUNT count]` from the word at `numkeys` on: the end, as `read` reads it, and how
/// many.
pub(super) fn multi_pop<E>(
    args: &Args<'_>,
    numkeys: usize,
    read: fn(&[u8]) -> Option<E>,
) -> Result<(E, usize), Refusal> {
    let mut args = *args;
    let keys = positive(args.word(numkeys)).ok_or(Refusal::NumkeysNotPositive)?;
    args.seek(numkeys.saturating_add(1).saturating_add(keys).min(args.len()));
    let end = read(args.next_word()?).ok_or(Refusal::Syntax)?;
    let mut count = 1;
    if args.left() >= 2 && args.accept("COUNT") {
        count = positive(args.next_word()?).ok_or(Refusal::CountNotPositive)?;
    }
    args.finish()?;
    Ok((end, count))
}

fn positive(word: &[u8]) -> Option<usize> {
    number::parse_i64(word).and_then(|value| usize::try_from(value).ok()).filter(|value| *value > 0)
}

/// Runs `take` on this owner's keys in order until one gives something, and answers with that key
/// and what it gave.
pub(super) fn from_first<S>(
    state: &mut S,
    call: &mut Call<'_>,
    take: impl Fn(&mut S, &[u8], &mut Call<'_>) -> Result<Option<Vec<Reply>>, Refusal>,
) -> Outcome {
    let ready = call.ready;
    for index in call.keys() {
        let key = call.word(index);
        if ready.is_some_and(|ready| ready != key) {
            continue;
        }
        match take(state, key, call) {
            Ok(Some(mut taken)) => {
                taken.insert(0, Reply::copy(key));
                return Ok(Reply::Array(taken));
            }
            // A key that has become another type is not what was waited for.
            Err(Refusal::WrongType) if ready.is_some() => {}
            Ok(None) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    for index in call.keys() {
        let key = call.word(index);
        call.wait_on(key);
    }
    Ok(Reply::NilArray)
}
