//! `LATENCY GRAPH`: delays as columns of characters, the oldest at the left.

use clawlink_actors::directory::Kind;

/// How high the columns are, in lines.
const ROWS: u64 = 4;

/// Draws the delays of a kind. `now`: in seconds since 1970; below each column stands how long ago it was.
pub(super) fn draw(name: &str, kind: &Kind, now: u64) -> String {
    let delays = || kind.delays.iter().map(|delay| delay.ms);
    let (high, low) = (delays().max().unwrap_or(0), delays().min().unwrap_or(0));
    let mut lines = vec![
        format!("{name} - high {high} ms, low {low} ms (all time high {} ms)", kind.worst_ms),
        "-".repeat(80),
    ];
    let step = |ms: u64| if high == low { 1 } else { 1 + (ms - low) * (ROWS - 1) / (high - low) };
    for row in (1..=ROWS).rev() {
        let column = |ms| if step(ms) >= row { '#' } else { ' ' };
        lines.push(delays().map(column).collect());
    }
    let ages: Vec<Vec<char>> = kind
        .delays
        .iter()
        .map(|delay| age(now.saturating_sub(delay.at_s)).chars().collect())
        .collect();
    let longest = ages.iter().map(Vec::len).max().unwrap_or(0);
    for row in 0..longest {
        lines.push(ages.iter().map(|age| age.get(row).copied().unwrap_or(' ')).collect());
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// A time in its largest unit: `59s`, `3m`, `2h`, `7d`.
fn age(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use clawlink_actors::directory::{Delay, Kind};

    use super::draw;

    #[test]
    fn delays_are_columns_with_their_age_below() {
        let delays = [(100, 40), (170, 10), (178, 20)].map(|(at_s, ms)| Delay { at_s, ms }).into();
        let text = draw("command", &Kind { worst_ms: 50, delays }, 180);
        let rule = "-".repeat(80);
        let title = "command - high 40 ms, low 10 ms (all time high 50 ms)";
        assert_eq!(text, format!("{title}\n{rule}\n#\n#\n# #\n###\n112\nm0s\n s\n"));
    }
}
