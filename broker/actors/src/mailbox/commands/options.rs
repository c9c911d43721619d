//! Options that several commands of tasks have.

use crate::Refusal;
use crate::call::Call;
use crate::collections::number;
use crate::request::Args;

/// The longest delay or deadline, in milliseconds: a year.
const TIME_MS_MAX: f64 = 365.0 * 24.0 * 60.0 * 60.0 * 1_000.0;
/// The longest lease, a week, in seconds.
const LEASE_S_MAX: i64 = 7 * 24 * 60 * 60;
/// The longest reason, in bytes: it is told to everybody concerned, and kept.
const REASON_BYTES_MAX: usize = 4_096;
/// The most that one request lists.
const LIMIT_MAX: i64 = 10_000;
/// What a request lists unless it says otherwise.
pub(super) const LIMIT_DEFAULT: usize = 100;

/// Seconds, with a fraction if need be, in milliseconds rounded up.
pub(super) fn seconds(args: &mut Args<'_>) -> Result<u64, Refusal> {
    let seconds = number::parse_f64(args.next_word()?).ok_or(Refusal::NotFloat)?;
    let ms = (seconds * 1_000.0).ceil();
    if (0.0..=TIME_MS_MAX).contains(&ms) { Ok(ms as u64) } else { Err(Refusal::OutOfRange) }
}

/// A lease: whole seconds, in milliseconds.
pub(super) fn lease(args: &mut Args<'_>) -> Result<u64, Refusal> {
    let seconds = args.next_int()?;
    let allowed = (1..=LEASE_S_MAX).contains(&seconds);
    allowed.then(|| seconds as u64 * 1_000).ok_or(Refusal::NotInteger)
}

/// Why something is done.
pub(super) fn reason(args: &mut Args<'_>) -> Result<String, Refusal> {
    let reason = args.next_text()?;
    if reason.len() > REASON_BYTES_MAX {
        return Err(Refusal::Fixed("ERR", "the reason must have at most 4096 bytes"));
    }
    Ok(reason)
}

/// How many things are listed at most.
pub(super) fn limit(args: &mut Args<'_>) -> Result<usize, Refusal> {
    let limit = args.next_int()?;
    usize::try_from(limit.min(LIMIT_MAX)).map_err(|_| Refusal::OutOfRange)
}

/// The id of a task that stands at this word, of which the attempt, if it is a receipt, does not matter.
pub(super) fn task_id(call: &Call<'_>, index: usize) -> String {
    let word = super::text(call.word(index));
    crate::mailbox::split_receipt(&word).0.to_owned()
}
