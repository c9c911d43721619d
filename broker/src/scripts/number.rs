//! Numbers as C writes and reads them.

/// `%.<precision>g`.
pub(super) fn format_g(value: f64, precision: usize) -> String {
    if value.is_nan() {
        return if value.is_sign_negative() { "-nan" } else { "nan" }.into();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-inf" } else { "inf" }.into();
    }
    let precision = precision.max(1);
    let scientific = format!("{:.*e}", precision - 1, value);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if exponent < -4 || exponent >= precision as i32 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(mantissa), exponent.abs());
    }
    let decimals = (precision as i32 - 1 - exponent).max(0) as usize;
    trimmed(&format!("{value:.decimals$}")).to_owned()
}

/// Without zeros at the end of its decimals.
fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

/// The number at the beginning of a text as `strtod` finds it, and its length; no leading space.
pub(super) fn parse_prefix(text: &[u8]) -> Option<(f64, usize)> {
    let signed = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let negative = text.first() == Some(&b'-');
    let sign = |value: f64| if negative { -value } else { value };
    let rest = &text[signed..];
    let starts =
        |word: &[u8]| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    if starts(b"0x") && rest.get(2).is_some_and(u8::is_ascii_hexdigit) {
        let (value, len) = hexadecimal(&rest[2..]);
        return Some((sign(value), signed + 2 + len));
    }
    for (word, value) in
        [(&b"infinity"[..], f64::INFINITY), (b"inf", f64::INFINITY), (b"nan", f64::NAN)]
    {
        if starts(word) {
            return Some((sign(value), signed + word.len()));
        }
    }
    let len = decimal_len(rest)?;
    let value: f64 = std::str::from_utf8(&rest[..len]).ok()?.parse().ok()?;
    Some((sign(value), signed + len))
}

/// Digits, a fraction and an exponent, each of which may be missing.
fn decimal_len(text: &[u8]) -> Option<usize> {
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(0);
    let mut len = whole;
    if text.get(len) == Some(&b'.') {
        let fraction = digits(len + 1);
        if whole + fraction == 0 {
            return None;
        }
        len += 1 + fraction;
    }
    if len == 0 {
        return None;
    }
    if matches!(text.get(len), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(len + 1), Some(b'-' | b'+')));
        let exponent = digits((len + 1 + sign).min(text.len()));
        if exponent > 0 {
            len += 1 + sign + exponent;
        }
    }
    Some(len)
}

fn hexadecimal(text: &[u8]) -> (f64, usize) {
    let (mut value, mut len, mut scale) = (0.0, 0, None::<i32>);
    while let Some(byte) = text.get(len) {
        match char::from(*byte).to_digit(16) {
            Some(digit) => {
                value = value * 16.0 + f64::from(digit);
                scale = scale.map(|scale| scale - 4);
            }
            None if *byte == b'.' && scale.is_none() => scale = Some(0),
            None => break,
        }
        len += 1;
    }
    let mut power = scale.unwrap_or(0);
    if matches!(text.get(len), Some(b'p' | b'P')) {
        let from = len + 1;
        let sign = usize::from(matches!(text.get(from), Some(b'-' | b'+')));
        let digits =
            text[(from + sign).min(text.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
        if digits > 0 {
            let end = from + sign + digits;
            let read =
                std::str::from_utf8(&text[from..end]).ok().and_then(|t| t.parse::<i32>().ok());
            power = power.saturating_add(read.unwrap_or(0));
            len = end;
        }
    }
    (value * 2f64.powi(power), len)
}

#[cfg(test)]
mod tests {
    use super::{format_g, parse_prefix};

    #[test]
    fn numbers_are_written_as_by_c() {
        let cases = [
            (0.0, "0"),
            (1.0, "1"),
            (0.1, "0.1"),
            (1e14, "1e+14"),
            (123_456.0, "123456"),
            (1.0 / 3.0, "0.33333333333333"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (-2.5e300, "-2.5e+300"),
        ];
        for (value, text) in cases {
            assert_eq!(format_g(value, 14), text);
        }
        assert_eq!(format_g(0.1, 17), "0.10000000000000001");
        assert_eq!(format_g(f64::INFINITY, 17), "inf");
    }

    #[test]
    fn numbers_are_read_as_by_c() {
        assert_eq!(parse_prefix(b"12,"), Some((12.0, 2)));
        assert_eq!(parse_prefix(b"-1.5e3]"), Some((-1500.0, 6)));
        assert_eq!(parse_prefix(b"1e"), Some((1.0, 1)));
        assert_eq!(parse_prefix(b"0x1F"), Some((31.0, 4)));
        assert_eq!(parse_prefix(b"0x"), Some((0.0, 1)));
        assert_eq!(parse_prefix(b"-"), None);
        assert!(parse_prefix(b"nan").is_some_and(|(value, len)| value.is_nan() && len == 3));
    }
}
