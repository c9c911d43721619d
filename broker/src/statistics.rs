//! What is counted for each command and each kind of error, and how fast things happen.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ahash::AHashMap;
use clawlink_actors::Command;
use hdrhistogram::Histogram;
use parking_lot::Mutex;

/// What is counted for a command.
#[derive(Debug, Clone, Copy, Default)]
pub struct Calls {
    /// How often it ran.
    pub calls: u64,
    /// How long it took in all, in nanoseconds. The time of neighbours that were measured together is shared equally.
    pub time_ns: u64,
    /// How often it was refused before it ran.
    pub rejected: u64,
    /// How often it answered with an error.
    pub failed: u64,
}

/// How the times of a command are distributed, in nanoseconds.
pub type Times = Histogram<u64>;

/// The longest time that a histogram tells from longer ones, and how many decimal digits of a time it keeps: Redis's.
const TIME_NS_MAX: u64 = 1_000_000_000;
const DIGITS: u8 = 2;

/// How many different codes of errors are counted: scripts can make up as many as they like.
const CODES_MAX: usize = 1000;

/// The counts of all commands and errors.
#[derive(Debug)]
pub struct Commands {
    calls: Mutex<Counts>,
    errors: Mutex<BTreeMap<String, u64>>,
    /// Whether the distribution of times is kept: `latency-tracking`.
    pub tracking: AtomicBool,
    /// The percentiles that `INFO latencystats` shows: `latency-tracking-info-percentiles`.
    pub percentiles: Mutex<Vec<f64>>,
}

/// What is counted for each command that was called.
#[derive(Debug, Default)]
struct Counts {
    counted: Vec<Counted>,
    /// Where a command's counts are, by the declaration's address, which is quicker to look up than a name.
    places: AHashMap<usize, usize>,
    /// The address and the place of the last: mostly the next is the same.
    last: (usize, usize),
}

#[derive(Debug)]
struct Counted {
    name: &'static str,
    calls: Calls,
    times: Option<Box<Times>>,
}

impl Default for Commands {
    fn default() -> Self {
        Self {
            calls: Mutex::default(),
            errors: Mutex::default(),
            tracking: AtomicBool::new(true),
            percentiles: Mutex::new(vec![50.0, 99.0, 99.9]),
        }
    }
}

impl Counted {
    fn note(&mut self, time_ns: u64, count: u64) {
        if self.times.is_none() {
            self.times = Times::new_with_max(TIME_NS_MAX, DIGITS).ok().map(Box::new);
        }
        if let Some(times) = &mut self.times {
            times.saturating_record_n(time_ns.clamp(1, TIME_NS_MAX), count);
        }
    }
}

impl Counts {
    fn of(&mut self, command: &'static Command) -> &mut Counted {
        let address = std::ptr::from_ref(command) as usize;
        if self.last.0 != address {
            let counted = &mut self.counted;
            let place = *self.places.entry(address).or_insert_with(|| {
                counted.push(Counted { name: command.name, calls: Calls::default(), times: None });
                counted.len() - 1
            });
            self.last = (address, place);
        }
        &mut self.counted[self.last.1]
    }
}

impl Commands {
    /// Adds to what is counted for a command.
    pub fn add(&self, command: &'static Command, more: Calls) {
        self.add_each([(command, more)]);
    }

    /// Adds to what is counted for each of several commands.
    pub fn add_each(&self, calls: impl IntoIterator<Item = (&'static Command, Calls)>) {
        let mut counts = self.calls.lock();
        for (command, more) in calls {
            let counted = counts.of(command);
            let sum = &mut counted.calls;
            sum.calls += more.calls;
            sum.time_ns += more.time_ns;
            sum.rejected += more.rejected;
            sum.failed += more.failed;
            if more.calls > 0 && more.time_ns > 0 && self.is_tracking() {
                counted.note(more.time_ns / more.calls, more.calls);
            }
        }
    }

    /// Notes the time of a call that was counted before, in nanoseconds.
    pub fn note_time(&self, command: &'static Command, time_ns: u64) {
        if self.is_tracking() {
            self.calls.lock().of(command).note(time_ns, 1);
        }
    }

    /// Whether the distribution of times is kept.
    pub fn is_tracking(&self) -> bool {
        self.tracking.load(Ordering::Relaxed)
    }

    /// Counts an error by its code.
    pub fn add_error(&self, code: String) {
        let mut errors = self.errors.lock();
        if errors.len() < CODES_MAX || errors.contains_key(&code) {
            *errors.entry(code).or_default() += 1;
        }
    }

    /// What is counted for each command that was called, in order of name.
    pub fn calls(&self) -> BTreeMap<&'static str, Calls> {
        self.calls.lock().counted.iter().map(|counted| (counted.name, counted.calls)).collect()
    }

    /// How the times of each command are distributed that has run, in order of name.
    pub fn times(&self) -> BTreeMap<&'static str, Times> {
        let counts = self.calls.lock();
        let times = counts.counted.iter().filter_map(|counted| {
            let times = counted.times.as_deref()?;
            Some((counted.name, times.clone()))
        });
        times.collect()
    }

    /// How often each error was answered, by code.
    pub fn errors(&self) -> BTreeMap<String, u64> {
        self.errors.lock().clone()
    }

    /// Forgets everything.
    pub fn reset(&self) {
        *self.calls.lock() = Counts::default();
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
    fn calls_of_a_command_add_up() {
        let commands = Commands::default();
        commands.add(&A, Calls { calls: 2, time_ns: 20, ..Calls::default() });
        commands.add(&A, Calls { calls: 1, time_ns: 40, ..Calls::default() });
        commands.add(&B, Calls { rejected: 1, ..Calls::default() });
        let calls = commands.calls();
        assert_eq!((calls["a"].calls, calls["a"].time_ns, calls["b"].calls), (3, 60, 0));
        let times = commands.times();
        assert_eq!((times["a"].len(), times["a"].min(), times["a"].max()), (3, 10, 40));
        assert!(!times.contains_key("b"), "it did not run");
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
