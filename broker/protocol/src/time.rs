//! How moments are written in records.

/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// The last moment that four digits for the year can say: the end of 9999.
const MS_MAX: u64 = 253_402_300_799_999;

/// A moment, given in milliseconds since 1970, as ISO 8601 in UTC: `2026-01-31T12:00:00.000Z`.
pub fn iso8601(ms: u64) -> String {
    let ms = ms.min(MS_MAX);
    let (year, month, day) = date(ms / DAY_MS);
    let of_day = ms % DAY_MS;
    let seconds = of_day / 1000;
    let mut text = *b"0000-00-00T00:00:00.000Z";
    put(&mut text[0..4], year);
    put(&mut text[5..7], month);
    put(&mut text[8..10], day);
    put(&mut text[11..13], seconds / 3600);
    put(&mut text[14..16], seconds / 60 % 60);
    put(&mut text[17..19], seconds % 60);
    put(&mut text[20..23], of_day % 1000);
    text.iter().map(|byte| char::from(*byte)).collect()
}

/// Writes a number into its place, with zeros before it.
fn put(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Year, month and day of the month, from days since 1970.
///
/// A year is taken to begin on the first of March, so that the leap day is its last and the lengths
/// of the months before it follow one linear rule; the calendar repeats every 400 years of 146 097
/// days.
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
        assert_eq!(iso8601(u64::MAX), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn every_day_of_four_centuries_follows_the_one_before() {
        let day = |number: u64| super::date(number);
        for number in 1..146_097 {
            let (year, month, of_month) = day(number - 1);
            let next = [(year, month, of_month + 1), (year, month + 1, 1), (year + 1, 1, 1)];
            assert!(next.contains(&day(number)), "{:?}", day(number));
        }
    }
}
