//! What took longer than it should: Redis's latency monitor. `LATENCY` shows it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

/// How many delays of each kind are kept: Redis's number.
const KEPT_MAX: usize = 160;

/// The delays, by what was delayed.
#[derive(Debug, Default)]
pub struct Delays {
    /// From how many milliseconds on a delay is kept; 0: none is.
    pub threshold_ms: AtomicU64,
    kinds: Mutex<BTreeMap<&'static str, Kind>>,
}

/// A delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delay {
    /// When, in seconds since 1970.
    pub at_s: u64,
    /// How long, in milliseconds.
    pub ms: u64,
}

/// The delays of one kind.
#[derive(Debug, Default, Clone)]
pub struct Kind {
    /// The worst that there ever was, in milliseconds.
    pub worst_ms: u64,
    /// Oldest first, at most one for each second; there is always one.
    pub delays: VecDeque<Delay>,
}

impl Delays {
    /// Whether a delay of this length is kept.
    pub fn wants(&self, took: Duration) -> bool {
        let threshold = self.threshold_ms.load(Ordering::Relaxed);
        threshold > 0 && took.as_millis() >= u128::from(threshold)
    }

    /// Whether delays are kept at all.
    pub fn is_on(&self) -> bool {
        self.threshold_ms.load(Ordering::Relaxed) > 0
    }

    /// Keeps a delay, if it is long enough. `now` is in milliseconds since 1970.
    pub fn note(&self, kind: &'static str, now: u64, took: Duration) {
        if !self.wants(took) {
            return;
        }
        let delay =
            Delay { at_s: now / 1000, ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX) };
        let mut kinds = self.kinds.lock();
        let kind = kinds.entry(kind).or_default();
        kind.worst_ms = kind.worst_ms.max(delay.ms);
        match kind.delays.back_mut().filter(|last| last.at_s == delay.at_s) {
            // Of the delays of one second the worst is kept.
            Some(last) => last.ms = last.ms.max(delay.ms),
            None => {
                if kind.delays.len() == KEPT_MAX {
                    kind.delays.pop_front();
                }
                kind.delays.push_back(delay);
            }
        }
    }

    /// All kinds of which there was a delay, in order of name.
    pub fn kinds(&self) -> Vec<(&'static str, Kind)> {
        self.kinds.lock().iter().map(|(name, kind)| (*name, kind.clone())).collect()
    }

    /// The delays of the kind with this name.
    pub fn kind(&self, name: &[u8]) -> Option<Kind> {
        self.kinds
            .lock()
            .iter()
            .find(|(known, _)| known.as_bytes() == name)
            .map(|(_, kind)| kind.clone())
    }

    /// Forgets the kinds whose names are wanted; how many there were.
    pub fn forget(&self, wanted: impl Fn(&str) -> bool) -> usize {
        let mut kinds = self.kinds.lock();
        let before = kinds.len();
        kinds.retain(|name, _| !wanted(name));
        before - kinds.len()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;
    use std::time::Duration;

    use super::{Delay, Delays};

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn only_long_delays_are_kept_and_the_worst_of_each_second() {
        let delays = Delays::default();
        delays.note("command", 1_000, ms(500));
        assert!(delays.kinds().is_empty(), "it is off");
        delays.threshold_ms.store(10, Ordering::Relaxed);
        [9, 10, 30, 20].iter().for_each(|&took| delays.note("command", 1_500, ms(took)));
        delays.note("command", 2_000, ms(15));
        let kind = delays.kind(b"command").expect("some were long");
        assert_eq!(kind.worst_ms, 30);
        assert_eq!(kind.delays, [Delay { at_s: 1, ms: 30 }, Delay { at_s: 2, ms: 15 }]);
        assert_eq!(delays.forget(|name| name == "other"), 0);
        assert_eq!(delays.forget(|_| true), 1);
        assert!(delays.kind(b"command").is_none());
    }

    #[test]
    fn old_delays_make_room() {
        let delays = Delays::default();
        delays.threshold_ms.store(1, Ordering::Relaxed);
        (0..200).for_each(|second| delays.note("command", second * 1000, ms(5)));
        let kind = delays.kind(b"command").expect("all were long");
        assert_eq!((kind.delays.len(), kind.delays[0].at_s), (160, 40));
    }
}
