//! How long requests take: measured here, where they run, so that waiting for one's turn does not count.

use std::time::{Duration, Instant};

use crate::Command;
use crate::command::Flags;

/// The time of neighbouring requests that were measured together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lap {
    /// How many requests; at least one.
    pub requests: u32,
    /// What all of them took, in nanoseconds.
    pub time_ns: u64,
}

/// The clock by which durations are measured.
#[expect(clippy::disallowed_methods, reason = "measures what the owner does; no state sees it")]
pub(super) fn clock() -> Instant {
    Instant::now()
}

/// A duration in nanoseconds.
pub(super) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Measures the requests of one message.
///
/// Reading the clock takes a fifth of the time of a pipelined `SET`. So neighbours that run the same quick command share a
/// lap; a command that may take long has one of its own.
#[derive(Debug)]
pub(super) struct Stopwatch {
    since: Instant,
    command: Option<&'static Command>,
    requests: u32,
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self { since: clock(), command: None, requests: 0 }
    }

    /// A request begins.
    pub(super) fn begin(&mut self, command: Option<&'static Command>, laps: &mut Vec<Lap>) {
        let shares = match (self.command, command) {
            (Some(last), Some(next)) => std::ptr::eq(last, next) && is_quick(next),
            _ => false,
        };
        if !shares {
            self.cut(laps);
            self.command = command;
        }
        self.requests += 1;
    }

    /// Ends the lap.
    pub(super) fn cut(&mut self, laps: &mut Vec<Lap>) {
        if self.requests > 0 {
            let now = clock();
            let time_ns = nanoseconds(now - self.since);
            laps.push(Lap { requests: std::mem::take(&mut self.requests), time_ns });
            self.since = now;
        }
    }

    /// Begins anew: what was done since the last lap is no request's.
    pub(super) fn restart(&mut self) {
        self.since = clock();
    }
}

fn is_quick(command: &Command) -> bool {
    command.flags.has(Flags::FAST) || command.complexity == "O(1)"
}

#[cfg(test)]
mod tests {
    use super::{Lap, Stopwatch};
    use crate::Command;

    static QUICK: Command = Command { name: "quick", ..Command::BASE };
    static LONG: Command = Command { name: "long", complexity: "O(N)", ..Command::BASE };

    fn laps(commands: &[&'static Command]) -> Vec<u32> {
        let (mut watch, mut laps) = (Stopwatch::start(), Vec::new());
        commands.iter().for_each(|command| watch.begin(Some(command), &mut laps));
        watch.cut(&mut laps);
        watch.cut(&mut laps);
        laps.iter().map(|lap: &Lap| lap.requests).collect()
    }

    #[test]
    fn quick_neighbours_share_a_lap() {
        assert_eq!(laps(&[&QUICK, &QUICK, &QUICK]), [3]);
        assert_eq!(laps(&[&LONG, &LONG, &QUICK, &QUICK, &LONG]), [1, 1, 2, 1]);
        assert_eq!(laps(&[]), [0; 0]);
    }
}
