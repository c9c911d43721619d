//! The table: Markdown that is also aligned for a terminal.

use crate::compare::Measured;
use crate::figure::{Figure, Samples, Spread, Target};
use crate::servers::Kind;

/// Renders all lines as one table, with a column for each further server that was measured.
pub(crate) fn render(measured: &[Measured]) -> String {
    let others: Vec<Kind> = [Kind::Valkey, Kind::Nats]
        .into_iter()
        .filter(|&kind| {
            let mut all = measured.iter().flat_map(|one| &one.samples);
            all.any(|samples| !samples.of(kind).is_empty())
        })
        .collect();
    let mut cells = vec![heading(&others)];
    cells.extend(measured.iter().map(|one| row(one, &others)));
    align(&cells)
}

fn heading(others: &[Kind]) -> Vec<String> {
    let fixed = ["load", "unit", "clawlinkd", "redis", "ratio", "spread", "target", "", "also"];
    let mut cells: Vec<String> = fixed.iter().map(|&cell| cell.to_owned()).collect();
    cells.extend(others.iter().map(|kind| format!("{} ratio", kind.name())));
    cells
}

fn row(one: &Measured, others: &[Kind]) -> Vec<String> {
    let (figure, samples) = (one.line.first(), &one.samples[0]);
    let ratio = samples.ratio(Kind::ClawLink);
    let verdict = samples.met(figure).map_or("", |met| if met { "met" } else { "missed" });
    let mut cells = vec![
        one.line.name.clone(),
        figure.unit.to_owned(),
        middle(samples, Kind::ClawLink),
        middle(samples, Kind::Redis),
        ratio.map_or(String::new(), |ratio| format!("{:.2}", ratio.median)),
        spread(figure, samples, ratio),
        figure.target_text(),
        verdict.to_owned(),
        also(one),
    ];
    cells.extend(others.iter().map(|&kind| {
        samples.ratio(kind).map_or(String::new(), |ratio| format!("{:.2}", ratio.median))
    }));
    cells
}

fn middle(samples: &Samples, kind: Kind) -> String {
    Spread::of(samples.of(kind)).map_or(String::new(), |spread| three_digits(spread.median))
}

/// How far the rounds lie apart: in ratios, or in our own values where the target is about those.
fn spread(figure: &Figure, samples: &Samples, ratio: Option<Spread>) -> String {
    match (figure.target, ratio) {
        (Some(Target::Own(_)), _) | (_, None) => Spread::of(samples.of(Kind::ClawLink))
            .map_or(String::new(), |own| {
                format!("{}–{}", three_digits(own.min), three_digits(own.max))
            }),
        (_, Some(ratio)) => format!("{:.2}–{:.2}", ratio.min, ratio.max),
    }
}

/// The other figures of the line: as ratios to Redis, or as they are where Redis has none.
fn also(one: &Measured) -> String {
    let rest = one.line.figures.iter().zip(&one.samples).skip(1);
    let texts = rest.filter_map(|(figure, samples)| match samples.ratio(Kind::ClawLink) {
        Some(ratio) => Some(format!("{} {:.2}", figure.short, ratio.median)),
        None => Spread::of(samples.of(Kind::ClawLink))
            .map(|own| format!("{} {} {}", figure.short, three_digits(own.median), figure.unit)),
    });
    texts.collect::<Vec<_>>().join(", ")
}

/// A number with three digits that say something.
fn three_digits(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// Pads every column to its widest cell.
fn align(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut out = String::new();
    for (number, row) in rows.iter().enumerate() {
        let padded = row.iter().zip(&widths).map(|(cell, &width)| format!(" {cell:<width$} "));
        out += &format!("|{}|\n", padded.collect::<Vec<_>>().join("|"));
        if number == 0 {
            let rule: Vec<_> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
            out += &format!("|{}|\n", rule.join("|"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Line;

    #[test]
    fn a_line_shows_ratio_spread_target_and_verdict() {
        let cpu = Figure::new("cpu", "µs/op").to_reach(Target::Ratio(0.9));
        let line = Line { name: "SET".into(), figures: vec![cpu, Figure::new("rate", "kop/s")] };
        let mut samples = vec![Samples::default(), Samples::default()];
        for (ours, redis) in [(6.0, 8.0), (7.0, 8.0), (6.4, 8.0)] {
            samples[0].push(Kind::ClawLink, ours);
            samples[0].push(Kind::Redis, redis);
            samples[1].push(Kind::ClawLink, 120.0);
            samples[1].push(Kind::Redis, 100.0);
        }
        let table = render(&[Measured { line, samples }]);
        let last = table.lines().last().unwrap_or_default();
        let cells: Vec<_> = last.split('|').map(str::trim).collect();
        let expected = "|SET|µs/op|6.40|8.00|0.80|0.75–0.88|≤ 0.9|met|rate 1.20|";
        assert_eq!(cells.join("|"), expected);
    }
}
