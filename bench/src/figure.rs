//! Figures, their targets, and what several rounds say about them.

use std::collections::BTreeMap;

use crate::servers::Kind;

/// What a figure should be at the most.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// Ours over Redis's, in the same run.
    Ratio(f64),
    /// Ours alone, in the figure's own unit.
    Own(f64),
}

/// One number that a row measures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    /// What it is called where there is little room.
    pub(crate) short: &'static str,
    /// Its unit.
    pub(crate) unit: &'static str,
    /// What it should be, if anything was promised.
    pub(crate) target: Option<Target>,
}

impl Figure {
    /// A figure without a target.
    pub(crate) const fn new(short: &'static str, unit: &'static str) -> Self {
        Self { short, unit, target: None }
    }

    /// The same figure with a target.
    pub(crate) fn to_reach(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    /// The target as the table shows it.
    pub(crate) fn target_text(&self) -> String {
        match self.target {
            Some(Target::Ratio(most)) => format!("≤ {most}"),
            Some(Target::Own(most)) => format!("≤ {most} {}", self.unit).trim_end().to_owned(),
            None => String::new(),
        }
    }
}

/// One line of the table: the figure it is about, and others from the same measurement.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// What was done.
    pub(crate) name: String,
    /// The figures, of which the first is the one the line is about.
    pub(crate) figures: Vec<Figure>,
}

impl Line {
    /// The figure the line is about.
    pub(crate) fn first(&self) -> &Figure {
        &self.figures[0]
    }
}

/// The middle of several rounds, and how far they lie apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    /// The median.
    pub(crate) median: f64,
    /// The lowest.
    pub(crate) min: f64,
    /// The highest.
    pub(crate) max: f64,
}

impl Spread {
    /// Of these values; `None` if there are none.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        let (below, above) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        Some(Self { median: f64::midpoint(below, above), min, max })
    }
}

/// What every server gave for one figure, round by round.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(BTreeMap<Kind, Vec<f64>>);

impl Samples {
    /// Notes what a server gave in the next round.
    pub(crate) fn push(&mut self, kind: Kind, value: f64) {
        self.0.entry(kind).or_default().push(value);
    }

    /// What each server gave.
    pub(crate) fn of(&self, kind: Kind) -> &[f64] {
        self.0.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// The servers that gave something.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.0.keys().copied()
    }

    /// This server over Redis. Each round is compared within itself, so that a machine that
    /// slows down for a while slows both sides of a ratio.
    pub(crate) fn ratio(&self, kind: Kind) -> Option<Spread> {
        let pairs = self.of(kind).iter().zip(self.of(Kind::Redis));
        Spread::of(&pairs.map(|(value, redis)| value / redis).collect::<Vec<_>>())
    }

    /// Whether the target of `figure` was met by the median; `None` if it has none, or nothing
    /// was measured.
    pub(crate) fn met(&self, figure: &Figure) -> Option<bool> {
        match figure.target? {
            // As the table shows it: a third digit is noise.
            Target::Ratio(most) => Some(two_digits(self.ratio(Kind::ClawLink)?.median) <= most),
            Target::Own(most) => Some(Spread::of(self.of(Kind::ClawLink))?.median <= most),
        }
    }
}

/// Rounded to hundredths.
fn two_digits(ratio: f64) -> f64 {
    (ratio * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_has_the_middle_and_both_ends() {
        assert_eq!(Spread::of(&[]), None);
        let odd = Spread { median: 2.0, min: 1.0, max: 9.0 };
        assert_eq!(Spread::of(&[9.0, 1.0, 2.0]), Some(odd));
        let even = Spread { median: 3.0, min: 1.0, max: 9.0 };
        assert_eq!(Spread::of(&[9.0, 1.0, 2.0, 4.0]), Some(even));
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        let mut samples = Samples::default();
        for (ours, redis) in [(1.0, 2.0), (30.0, 20.0), (4.0, 4.0)] {
            samples.push(Kind::ClawLink, ours);
            samples.push(Kind::Redis, redis);
        }
        let ratio = Spread { median: 1.0, min: 0.5, max: 1.5 };
        assert_eq!(samples.ratio(Kind::ClawLink), Some(ratio));
    }

    #[test]
    fn a_target_is_met_missed_or_not_there() {
        let mut samples = Samples::default();
        samples.push(Kind::ClawLink, 8.0);
        let plain = Figure::new("cpu", "µs");
        assert_eq!(samples.met(&plain), None);
        assert_eq!(samples.met(&plain.to_reach(Target::Own(8.0))), Some(true));
        assert_eq!(samples.met(&plain.to_reach(Target::Own(7.9))), Some(false));
        assert_eq!(samples.met(&plain.to_reach(Target::Ratio(1.0))), None, "no Redis, no ratio");
        samples.push(Kind::Redis, 4.0);
        assert_eq!(samples.met(&plain.to_reach(Target::Ratio(1.9))), Some(false));
    }
}
