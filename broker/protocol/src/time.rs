//! How moments are written in records.

/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// A moment, given in milliseconds since 1970, as ISO 8601 in UTC: `2026-01-31T12:00:00.000Z`.
pub fn iso8601(ms: u64) -> String {
    let (year, month, day) = date(ms / DAY_MS);
    let ms = ms % DAY_MS;
    let (seconds, ms) = (ms / 1000, ms % 1000);
    let (minutes, second) = (seconds / 60, seconds % 60);
    let (hour, minute) = (minutes / 60, minutes % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// Year, month and day of the month, from days since 1970.
///
/// A year is taken to begin on the first of March, so that the leap day is its last and the lengths of the months
/// before it follow one linear rule; the calendar repeats every 400 years of 146 097 days.
fn date(days: u64) -> (u64, u64, u64) {
    // Days since 0000-03-01.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // March is month 0. Every five months have 153 days.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let january_or_february = month >= 10;
    let month = if january_or_february { month - 9 } else { month + 3 };
    (era * 400 + year + u64::from(january_or_february), month, day)
}

#[cfg(test)]
mod tests {
    use super::iso8601;

    #[test]
    fn moments_are_written_as_the_calendar_has_them() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399, "2000-02-28T23:59:59.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (951_868_800, "2000-03-01T00:00:00.000Z"),
            (1_767_225_599, "2025-12-31T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(iso8601(seconds * 1000), text);
        }
        assert_eq!(iso8601(7), "1970-01-01T00:00:00.007Z");
    }

    #[test]
    fn every_day_of_four_centuries_follows_the_one_before() {
        let day = |number: u64| super::date(number);
        for number in 1..146_097 {
            let (year, month, of_month) = day(number - 1);
            let next = [
                (year, month, of_month + 1),
                (year, month + 1, 1),
                (year + 1, 1, 1),
            ];
            assert!(next.contains(&day(number)), "{:?}", day(number));
        }
    }
}
