//! How long a command waits, and how it waits in steps.

use std::time::{Duration, Instant};

/// Longest single wait. A long one is made of steps, so that a broker that has vanished is noticed,
/// and so that each step is a sign of life: an agent goes stale after 120 s without one.
const STEP: Duration = Duration::from_secs(30);

/// Until when to wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// `None`: for ever.
    until: Option<Instant>,
}

impl Patience {
    /// As a `--wait` says: so many seconds from now, and for ever if 0.
    pub(crate) fn seconds(seconds: u64) -> Self {
        match seconds {
            0 => Self::FOR_EVER,
            _ => Self { until: Instant::now().checked_add(Duration::from_secs(seconds)) },
        }
    }

    /// Until something comes.
    pub(crate) const FOR_EVER: Self = Self { until: None };

    /// How long to wait next: more than nothing, at most a step. `None` when the time is over.
    pub(crate) fn step(self) -> Option<Duration> {
        let Some(until) = self.until else {
            return Some(STEP);
        };
        let left = until.saturating_duration_since(Instant::now());
        // Both commands that wait take 0 for "for ever", so a step never rounds down to it.
        (left >= Duration::from_millis(1)).then(|| left.min(STEP))
    }
}

#[cfg(test)]
mod tests {
    use super::{Patience, STEP};
    use std::time::Duration;

    #[test]
    fn steps_are_bounded_and_end() {
        assert_eq!(Patience::FOR_EVER.step(), Some(STEP));
        assert_eq!(Patience::seconds(0).step(), Some(STEP));
        assert_eq!(Patience::seconds(u64::MAX).step(), Some(STEP));
        let step = Patience::seconds(5).step().expect("time is left");
        assert!(step > Duration::from_secs(4) && step <= Duration::from_secs(5));
        let over = Patience { until: Some(std::time::Instant::now()) };
        assert_eq!(over.step(), None);
    }
}
