//! How the times of commands are distributed: `LATENCY HISTOGRAM` and `INFO latencystats`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clawlink_actors::command::Command;
use clawlink_actors::{Args, Outcome, Reply};

use super::BASE;
use crate::commands::{EdgeCommand, EdgeRun};
use crate::session::Session;
use crate::statistics::Times;

pub(super) static HISTOGRAM: EdgeCommand = EdgeCommand {
    command: Command {
        name: "latency|histogram",
        arity: -2,
        since: "7.0.0",
        complexity: "O(N), N being the number of commands shown",
        summary: "Counts for each of these commands, or all, how many calls took up to 1, 2, 4, … microseconds.",
        syntax: "[command [command ...]]",
        ..BASE
    },
    run: EdgeRun::Now(histogram),
};

fn histogram(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let all = session.shared.commands.times();
    let mut shown = Vec::new();
    if args.len() == 2 {
        shown.extend(all.iter().map(|(name, times)| entry(name, times)));
    }
    for word in args.words().skip(2) {
        shown.extend(named(&all, word).map(|(name, times)| entry(name, times)));
    }
    Ok(Reply::Map(shown))
}

/// The command of this name, or the subcommands of that container; what has not run is passed over.
fn named<'a>(
    all: &'a BTreeMap<&'static str, Times>,
    word: &[u8],
) -> impl Iterator<Item = (&'static str, &'a Times)> {
    let name = String::from_utf8_lossy(word).to_ascii_lowercase();
    let container = format!("{name}|");
    let meant = move |full: &str| full == name || full.starts_with(&container);
    all.iter().filter(move |(full, _)| meant(full)).map(|(full, times)| (*full, times))
}

fn entry(name: &'static str, times: &Times) -> (Reply, Reply) {
    let counts = counts(times).into_iter();
    let counts = counts.map(|(us, count)| (Reply::Int(us as i64), Reply::Int(count as i64)));
    let fields = vec![
        (Reply::text("calls"), Reply::Int(times.len() as i64)),
        (Reply::text("histogram_usec"), Reply::Map(counts.collect())),
    ];
    (Reply::text(name), Reply::Map(fields))
}

/// The first bound, in nanoseconds; each is twice the one before.
const FIRST_BOUND_NS: u64 = 1024;

/// How many calls took up to so many microseconds, for each bound that adds some.
fn counts(times: &Times) -> Vec<(u64, u64)> {
    let mut counts: Vec<(u64, u64)> = Vec::new();
    let (mut bound, mut sum) = (FIRST_BOUND_NS, 0);
    for step in times.iter_recorded() {
        while step.value_iterated_to() > times.highest_equivalent(bound) {
            bound *= 2;
        }
        sum += step.count_since_last_iteration();
        let us = times.highest_equivalent(bound) / 1000;
        match counts.last_mut().filter(|(last, _)| *last == us) {
            Some((_, count)) => *count = sum,
            None => counts.push((us, sum)),
        }
    }
    counts
}

/// The percentiles of a command's times in microseconds, as `INFO latencystats` writes them: `p50=1.003,p99=2.007`.
pub(in crate::commands) fn percentiles(times: &Times, percentiles: &[f64]) -> String {
    let mut line = String::new();
    for percentile in percentiles {
        let comma = if line.is_empty() { "" } else { "," };
        let us = times.value_at_percentile(*percentile) as f64 / 1000.0;
        // Writing to a string does not fail.
        let _ = write!(line, "{comma}p{percentile}={us:.3}");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::{counts, percentiles};
    use crate::statistics::Times;

    fn times(values_us: &[u64]) -> Times {
        let mut times = Times::new_with_max(1_000_000_000, 2).expect("the bounds are good");
        values_us.iter().for_each(|us| times.record(us * 1000).expect("it is within bounds"));
        times
    }

    /// The pairs that Redis 7.0.15 showed for commands that took so long.
    #[test]
    fn calls_are_counted_up_to_bounds_that_double() {
        assert_eq!(counts(&times(&[60, 10_081])), [(66, 1), (16_908, 2)]);
        assert_eq!(counts(&times(&[2, 6])), [(2, 1), (8, 2)]);
        assert_eq!(counts(&times(&[1])), [(1, 1)]);
        assert_eq!(counts(&times(&[])), []);
    }

    #[test]
    fn percentiles_are_in_microseconds() {
        let line = percentiles(&times(&[60, 10_081]), &[50.0, 99.0, 99.9]);
        assert_eq!(line, "p50=60.159,p99=10092.543,p99.9=10092.543");
        assert_eq!(percentiles(&times(&[1]), &[]), "");
    }
}
