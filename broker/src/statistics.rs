//! What is counted for each command and each kind of error, and how fast things happen.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ahash::AHashMap;
use clawlink_actors::Command;
use parking_lot::Mutex;

/// What is counted for a command.
#[derive(Debug, Clone, Copy, Default)]
pub struct Calls {
    /// How often it ran.
    pub calls: u64,
    /// How long it took in all, in nanoseconds. The time of neighbours that travelled together is shared equally.
    pub time_ns: u64,
    /// How often it was refused before it ran.
    pub rejected: u64,
    /// How often it answered with an error.
    pub failed: u64,
}

/// The counts of all commands and errors.
#[derive(Debug, Default)]
pub struct Commands {
    /// By the declaration's address, which is quicker to look up than a name.
    calls: Mutex<AHashMap<usize, (&'static str, Calls)>>,
    errors: Mutex<BTreeMap<String, u64>>,
}

impl Commands {
    /// Adds to what is counted for commands: one lock for a batch, one look-up for a run of the same command.
    pub fn add(&self, calls: impl Iterator<Item = (&'static Command, Calls)>) {
        let mut counted = self.calls.lock();
        let mut run: Option<(&'static Command, Calls)> = None;
        let mut store = |(command, calls): (&'static Command, Calls)| {
            let key = std::ptr::from_ref(command) as usize;
            let (_, sum) = counted.entry(key).or_insert((command.name, Calls::default()));
            sum.calls += calls.calls;
            sum.time_ns += calls.time_ns;
            sum.rejected += calls.rejected;
            sum.failed += calls.failed;
        };
        for (command, more) in calls {
            match &mut run {
                Some((same, sum)) if std::ptr::eq(*same, command) => {
                    sum.calls += more.calls;
                    sum.time_ns += more.time_ns;
                    sum.rejected += more.rejected;
                    sum.failed += more.failed;
                }
                _ => run.replace((command, more)).into_iter().for_each(&mut store),
            }
        }
        run.into_iter().for_each(store);
    }

    /// Counts an error by its code.
    pub fn add_error(&self, code: String) {
        *self.errors.lock().entry(code).or_default() += 1;
    }

    /// What is counted for each command that was called, in order of name.
    pub fn calls(&self) -> BTreeMap<&'static str, Calls> {
        self.calls.lock().values().copied().collect()
    }

    /// How often each error was answered, by code.
    pub fn errors(&self) -> BTreeMap<String, u64> {
        self.errors.lock().clone()
    }

    /// Forgets everything.
    pub fn reset(&self) {
        self.calls.lock().clear();
        self.errors.lock().clear();
    }
}

/// How many samples a rate is the mean of: Redis's number, which makes it the mean of the last 1.6 s.
const SAMPLES: usize = 16;

/// Commands, bytes received and bytes sent, per second.
#[derive(Debug, Default)]
pub struct Rates {
    kept: Mutex<Samples>,
    sampled: AtomicU64,
}

#[derive(Debug, Default)]
struct Samples {
    last: Option<(Instant, [u64; 3])>,
    /// Per second.
    rates: [[f64; 3]; SAMPLES],
}

impl Rates {
    /// Takes a sample of the counters.
    pub fn sample(&self, counters: [u64; 3]) {
        let now = Instant::now();
        let mut kept = self.kept.lock();
        let at = self.sampled.fetch_add(1, Ordering::Relaxed) as usize % SAMPLES;
        if let Some((then, before)) = kept.last.replace((now, counters)) {
            let seconds = (now - then).max(Duration::from_millis(1)).as_secs_f64();
            let rate = |kind: usize| counters[kind].saturating_sub(before[kind]) as f64 / seconds;
            kept.rates[at] = [0, 1, 2].map(rate);
        }
    }

    /// The rates per second: commands, bytes received, bytes sent.
    pub fn per_second(&self) -> [f64; 3] {
        let kept = self.kept.lock();
        let mean = |kind: usize| kept.rates.iter().map(|rates| rates[kind]).sum::<f64>();
        [0, 1, 2].map(|kind| mean(kind) / SAMPLES as f64)
    }

    /// Forgets all samples.
    pub fn reset(&self) {
        *self.kept.lock() = Samples::default();
    }
}

#[cfg(test)]
mod tests {
    use super::{Calls, Commands, Rates};
    use clawlink_actors::Command;

    static A: Command = Command { name: "a", ..Command::BASE };
    static B: Command = Command { name: "b", ..Command::BASE };

    #[test]
    fn runs_of_a_command_add_up() {
        let commands = Commands::default();
        let one = Calls { calls: 1, time_ns: 10, ..Calls::default() };
        commands.add([(&A, one), (&A, one), (&B, one), (&A, one)].into_iter());
        let calls = commands.calls();
        assert_eq!((calls["a"].calls, calls["a"].time_ns, calls["b"].calls), (3, 30, 1));
        commands.reset();
        assert!(commands.calls().is_empty());
    }

    #[test]
    fn nothing_happens_at_rate_zero() {
        let rates = Rates::default();
        (0..20).for_each(|_| rates.sample([5, 5, 5]));
        assert_eq!(rates.per_second(), [0.0; 3]);
        rates.sample([1_000, 5, 5]);
        assert!(rates.per_second()[0] > 0.0);
    }
}
