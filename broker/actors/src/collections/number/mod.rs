//! Numbers as Redis reads and writes them.
//!
//! Integers are read by stricter rules than the usual ones, since a string that reads as an integer
//! must also print as the same bytes. Floating-point numbers are read as C's `strtod` does,
//! hexadecimal and `infinity` included, and `INCRBYFLOAT` computes in [`LongDouble`].

mod big;
mod binary;
mod literal;
mod long_double;

use binary::Format;
use literal::Literal;

use long_double::TEXT_MAX;

pub use long_double::LongDouble;

/// The integer that `text` is the canonical decimal form of: no sign but a minus, no leading zeros,
/// no `-0`, no spaces.
pub fn parse_i64(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        b"0" => return Some(0),
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if !matches!(digits.first(), Some(b'1'..=b'9')) {
        return None;
    }
    // Counting downwards reaches the smallest integer, whose absolute value has no positive form.
    let mut value = 0i64;
    for digit in digits {
        let digit = digit.is_ascii_digit().then(|| i64::from(digit - b'0'))?;
        value = value.checked_mul(10)?.checked_sub(digit)?;
    }
    if negative { Some(value) } else { value.checked_neg() }
}

/// The double that the whole of `text` denotes by the rules of `strtod`: decimal or hexadecimal,
/// with or without exponent, or an infinity. Refused are spaces, what is not a number, and numbers
/// too large or too near to zero for a double.
pub fn parse_f64(text: &[u8]) -> Option<f64> {
    if is_short_decimal(text) {
        return std::str::from_utf8(text).ok()?.parse().ok();
    }
    let magnitude = match Literal::parse(text)? {
        Literal::Infinite { .. } => f64::INFINITY,
        Literal::Finite(number) if number.is_decimal() => {
            let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
            let in_range = value.is_finite() && (value != 0.0 || number.is_zero());
            return in_range.then_some(value);
        }
        // Reading takes the square of the length here, and no one writes so many digits.
        Literal::Finite(_) if text.len() > TEXT_MAX => return None,
        Literal::Finite(number) => {
            let (mantissa, exponent) = number.round(Format::DOUBLE)?;
            Format::double(mantissa, exponent)
        }
    };
    Some(if text.starts_with(b"-") { -magnitude } else { magnitude })
}

/// Whether `text` is digits, with a sign or a point if it likes, that no range can exclude: the usual case.
fn is_short_decimal(text: &[u8]) -> bool {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let points = unsigned.iter().filter(|byte| **byte == b'.').count();
    let digits = unsigned.iter().filter(|byte| byte.is_ascii_digit()).count();
    digits > 0 && points <= 1 && digits + points == unsigned.len() && unsigned.len() <= 19
}

/// The double that `text` denotes as a bound of a range. Unlike [`parse_f64`] this is `strtod` alone: spaces before the
/// number, no number at all, and one out of range, which is infinite or zero, are fine; what follows a zero byte is not
/// read.
pub fn parse_bound(text: &[u8]) -> Option<f64> {
    let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
    if text.is_empty() {
        return Some(0.0);
    }
    let number = text.trim_ascii_start();
    parse_f64(number).or_else(|| match Literal::parse(number)? {
        Literal::Finite(read) if read.is_decimal() => {
            std::str::from_utf8(number).ok()?.parse().ok()
        }
        _ => None,
    })
}

/// `value` with 17 significant digits, as C's `%.17g` prints it and Redis replies with:
/// `0.10000000000000001`, `3`, `1e+17`, `inf`.
pub fn format_f64(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    // All integers of up to 17 digits are printed as such.
    if value.fract() == 0.0 && value.abs() < 1e15 && (value != 0.0 || value.is_sign_positive()) {
        return format!("{}", value as i64);
    }
    let scientific = format!("{value:.16e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    match exponent {
        // The shifted form has as many decimals as are left of the 17 digits.
        -4..=16 => without_zeros(&format!("{value:.*}", (16 - exponent) as usize)).to_owned(),
        _ => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{}e{sign}{:02}", without_zeros(mantissa), exponent.abs())
        }
    }
}

/// A decimal fraction without zeros at its end, and without the point if nothing follows it.
fn without_zeros(text: &str) -> &str {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    }
}

#[cfg(test)]
mod tests;
