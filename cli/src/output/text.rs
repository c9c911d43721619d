//! Text that others wrote, made safe and short enough to print.

use std::fmt::{self, Write};

/// Text with control characters made visible: another agent's words must not move the cursor,
/// change colours, retitle the window or reverse the reading direction of what stands beside them.
pub(crate) fn clean(text: &str) -> Clean<'_> {
    Clean(text)
}

/// See [`clean`].
pub(crate) struct Clean<'a>(&'a str);

impl fmt::Display for Clean<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '\t' => out.write_char(' ')?,
                '\n' => out.write_str("\\n")?,
                '\r' => out.write_str("\\r")?,
                _ if character.is_control() || is_bidi_control(character) => {
                    write!(out, "{}", character.escape_unicode())?;
                }
                _ => out.write_char(character)?,
            }
        }
        Ok(())
    }
}

fn is_bidi_control(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A timestamp as people read it: `2026-01-31 10:00:00Z`. Anything else stays as it is.
pub(crate) fn time(timestamp: &str) -> String {
    match (timestamp.get(..10), timestamp.get(11..19), timestamp.ends_with('Z')) {
        (Some(date), Some(time), true) => clean(&format!("{date} {time}Z")).to_string(),
        _ => clean(timestamp).to_string(),
    }
}

/// A span of time, in its largest unit.
pub(crate) fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// A size, in bytes up to 9 999 and in binary units above.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 10_000 {
        return format!("{bytes} B");
    }
    let (mut left, mut unit) = (bytes / 1_024, 0);
    while left >= 10_000 && unit + 1 < UNITS.len() {
        left /= 1_024;
        unit += 1;
    }
    format!("{left} {}", UNITS[unit])
}

/// `1 message`, `2 messages`.
pub(crate) fn plural(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::{clean, plural, size, span, time};

    #[test]
    fn nothing_can_drive_the_terminal() {
        let nasty = "a\x1b[31m\x07\u{9b}2J\u{202e}\u{7f}\tb\r\n";
        let shown = clean(nasty).to_string();
        assert_eq!(shown, r"a\u{1b}[31m\u{7}\u{9b}2J\u{202e}\u{7f} b\r\n");
        assert_eq!(clean("Zoë 日本 ✓").to_string(), "Zoë 日本 ✓");
    }

    #[test]
    fn figures_read_well() {
        assert_eq!(
            [0, 119, 120, 7_200, 172_800].map(span),
            ["0 s", "119 s", "2 min", "2 h", "2 d"]
        );
        assert_eq!([9_999, 10_240, 1 << 30].map(size), ["9999 B", "10 KiB", "1024 MiB"]);
        assert_eq!(size(u64::MAX), "16777215 TiB");
        assert_eq!((plural(1, "agent"), plural(0, "agent")), ("1 agent".into(), "0 agents".into()));
        assert_eq!(time("2026-01-31T10:20:30.123Z"), "2026-01-31 10:20:30Z");
        assert_eq!(time("soon\x1b"), r"soon\u{1b}");
        assert_eq!(time("éééééééééééééééééééé"), "éééééééééééééééééééé");
    }
}
