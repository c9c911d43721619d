//! The times that `SET`, `GETEX` and `SETEX` take.

use std::num::NonZeroU64;

use crate::Refusal;
use crate::call::Call;
use crate::collections::number;

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// Milliseconds in its unit.
    pub(super) unit_ms: i64,
    /// Whether it counts from now; else from 1970.
    pub(super) from_now: bool,
}

impl Clock {
    /// Seconds from now.
    pub(super) const SECONDS: Self = Self { unit_ms: 1000, from_now: true };
    /// Milliseconds from now.
    pub(super) const MILLISECONDS: Self = Self { unit_ms: 1, from_now: true };
    /// Seconds since 1970.
    pub(super) const UNIX_SECONDS: Self = Self { unit_ms: 1000, from_now: false };
    /// Milliseconds since 1970.
    pub(super) const UNIX_MILLISECONDS: Self = Self { unit_ms: 1, from_now: false };

    /// The options that announce them.
    pub(super) const OPTIONS: [(&'static str, Self); 4] = [
        ("EX", Self::SECONDS),
        ("PX", Self::MILLISECONDS),
        ("EXAT", Self::UNIX_SECONDS),
        ("PXAT", Self::UNIX_MILLISECONDS),
    ];

    /// A time in milliseconds since 1970; `None` if it does not fit.
    pub(super) fn resolve(self, time: i64, now: u64) -> Option<i64> {
        let start = if self.from_now { i64::try_from(now).ok()? } else { 0 };
        time.checked_mul(self.unit_ms)?.checked_add(start)
    }
}

/// A time as it was sent.
#[derive(Debug)]
pub(super) struct Timing<'a> {
    pub(super) clock: Clock,
    pub(super) time: &'a [u8],
}

/// The time in milliseconds since 1970. Refuses what is not a positive number that fits.
pub(super) fn until(timing: &Timing<'_>, call: &Call<'_>) -> Result<NonZeroU64, Refusal> {
    let time = number::parse_i64(timing.time).ok_or(Refusal::NotInteger)?;
    let at = (time > 0).then(|| timing.clock.resolve(time, call.now)).flatten();
    at.and_then(|at| NonZeroU64::new(at.unsigned_abs()))
        .ok_or(Refusal::InvalidExpire(call.command.name))
}
