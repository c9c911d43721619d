//! The options of `SET` and `GETEX`.

use super::expire_at::{Clock, Timing, until};
use crate::call::Call;
use crate::keyspace::Expiry;
use crate::{Args, Refusal};

/// Whose options are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `SET`'s.
    Set,
    /// `GETEX`'s.
    GetEx,
}

/// The options that were given.
#[derive(Debug, Default)]
pub(super) struct SetOptions<'a> {
    /// Only if the key is not there.
    pub(super) nx: bool,
    /// Only if the key is there.
    pub(super) xx: bool,
    /// Answer what the key held.
    pub(super) get: bool,
    /// Leave the expiry as it is.
    pub(super) keep_ttl: bool,
    /// End the expiry.
    pub(super) persist: bool,
    /// A new expiry, as it was sent: it is read when everything else has been.
    timing: Option<Timing<'a>>,
}

impl<'a> SetOptions<'a> {
    /// Reads the words from the cursor to the end. As in Redis an option may be repeated, and options that exclude
    /// one another are a syntax error.
    pub(super) fn read(args: &mut Args<'a>, kind: Kind) -> Result<Self, Refusal> {
        let mut options = Self::default();
        let set = kind == Kind::Set;
        while !args.at_end() {
            let timed = options.timing.is_some();
            if set && !options.xx && args.accept("NX") {
                options.nx = true;
            } else if set && !options.nx && args.accept("XX") {
                options.xx = true;
            } else if set && args.accept("GET") {
                options.get = true;
            } else if set && !timed && args.accept("KEEPTTL") {
                options.keep_ttl = true;
            } else if !set && !timed && args.accept("PERSIST") {
                options.persist = true;
            } else {
                options.read_timing(args)?;
            }
        }
        Ok(options)
    }

    /// `EX seconds` and the like.
    fn read_timing(&mut self, args: &mut Args<'a>) -> Result<(), Refusal> {
        let clock = Clock::OPTIONS.into_iter().find(|(name, _)| args.accept(name));
        let (_, clock) = clock.ok_or(Refusal::Syntax)?;
        let time = args.next_word()?;
        let other_clock = self.timing.as_ref().is_some_and(|timing| timing.clock != clock);
        if self.keep_ttl || self.persist || other_clock {
            return Err(Refusal::Syntax);
        }
        self.timing = Some(Timing { clock, time });
        Ok(())
    }

    /// The new expiry.
    pub(super) fn until(&self, call: &Call<'_>) -> Result<Expiry, Refusal> {
        self.timing.as_ref().map(|timing| until(timing, call)).transpose()
    }
}
