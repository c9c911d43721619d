//! Timestamps as the records carry them: ISO 8601, UTC, milliseconds.

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Writes a time in milliseconds since 1970 as `2026-01-31T09:05:00.123Z`.
///
/// ```
/// assert_eq!(clawlink_protocol::time::iso8601(0), "1970-01-01T00:00:00.000Z");
/// ```
pub fn iso8601(ms: u64) -> String {
    let (year, month, day) = date(ms / DAY_MS);
    let (seconds, millis) = (ms % DAY_MS / 1_000, ms % 1_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// The Gregorian date of a day counted from 1970-01-01.
///
/// Years are counted from 1 March, so that the leap day comes last and every month but the last has a fixed
/// place: five months take 153 days, over and over.
fn date(day: u64) -> (u64, u64, u64) {
    // From 0000-03-01, the start of a cycle of 400 years.
    let day = day + 719_468;
    let (cycle, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (cycle * 400 + year + next_year, month, day)
}

#[cfg(test)]
mod tests {
    use super::{DAY_MS, iso8601};

    #[test]
    fn known_times() {
        for (ms, text) in [
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (1_767_225_599_001, "2025-12-31T23:59:59.001Z"),
        ] {
            assert_eq!(iso8601(ms), text);
        }
    }

    /// Counts the days of 500 years one by one.
    #[test]
    fn every_day_follows_the_one_before() {
        let leap = |y: u64| y.is_multiple_of(4) && (!y.is_multiple_of(100) || y.is_multiple_of(400));
        let mut today = 0;
        for year in 1970..2470 {
            for month in 1..=12 {
                let days = match month {
                    2 => 28 + u64::from(leap(year)),
                    4 | 6 | 9 | 11 => 30,
                    _ => 31,
                };
                for day in 1..=days {
                    let expected = format!("{year:04}-{month:02}-{day:02}T00:00:00.000Z");
                    assert_eq!(iso8601(today * DAY_MS), expected);
                    today += 1;
                }
            }
        }
    }
}
