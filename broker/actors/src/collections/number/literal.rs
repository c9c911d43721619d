//! The grammar of `strtod`: what text denotes a number, exactly and before any rounding.

use super::big::Big;
use super::binary::{Format, Unrounded, ratio};

/// Powers of ten beyond these, taken from the first significant digit, are beyond any format here.
const POWER_MAX: i64 = 6000;

/// Largest power of five below 2^61, so that dividing 128 bits by it leaves more bits than a format
/// has.
const FAST_POWER_MAX: u32 = 26;

/// Largest power of five below 2^32.
const FIVES_AT_ONCE: u32 = 13;

/// A number as written.
#[derive(Debug, PartialEq)]
pub(super) enum Literal {
    Infinite { negative: bool },
    Finite(Number),
}

/// Digits, read as an integer, times a power: of ten for decimal digits, of two for hexadecimal
/// ones.
#[derive(Debug, PartialEq)]
pub(super) struct Number {
    pub(super) negative: bool,
    base: u32,
    /// Without leading zeros; empty for zero.
    digits: Vec<u8>,
    power: i64,
}

impl Literal {
    /// Reads the whole of `text`; `None` if it is not a number, and for every spelling of NaN.
    pub(super) fn parse(text: &[u8]) -> Option<Literal> {
        let (negative, unsigned) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        if unsigned.eq_ignore_ascii_case(b"inf") || unsigned.eq_ignore_ascii_case(b"infinity") {
            return Some(Literal::Infinite { negative });
        }
        let number = match unsigned {
            [b'0', b'x' | b'X', rest @ ..] => Number::parse(rest, 16, b'p'),
            _ => Number::parse(unsigned, 10, b'e'),
        }?;
        Some(Literal::Finite(Number { negative, ..number }))
    }
}

impl Number {
    pub(super) fn is_decimal(&self) -> bool {
        self.base == 10
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Digits with at most one point among them and at least one digit, then perhaps the letter and
    /// an exponent.
    fn parse(text: &[u8], base: u32, exponent_letter: u8) -> Option<Number> {
        let is_letter = |byte: &u8| byte.eq_ignore_ascii_case(&exponent_letter);
        let (significand, exponent) = match text.iter().position(is_letter) {
            Some(at) => (&text[..at], parse_exponent(&text[at + 1..])?),
            None => (text, 0),
        };
        let mut digits = Vec::with_capacity(significand.len());
        let (mut after_point, mut any) = (None, false);
        for byte in significand {
            if *byte == b'.' && after_point.is_none() {
                after_point = Some(0i64);
                continue;
            }
            let digit = char::from(*byte).to_digit(base)?;
            any = true;
            after_point = after_point.map(|count| count + 1);
            if digit > 0 || !digits.is_empty() {
                digits.push(digit as u8);
            }
        }
        let digit_power = if base == 16 { 4 } else { 1 };
        let power = exponent - after_point.unwrap_or(0) * digit_power;
        any.then_some(Number { negative: false, base, digits, power })
    }

    /// The nearest number of `format` without its sign, as mantissa and power of two; `None` if it
    /// is too large, or so small that it would become zero.
    pub(super) fn round(&self, format: Format) -> Option<(u64, i32)> {
        if self.is_zero() {
            return Some((0, format.power_min));
        }
        let length = self.digits.len() as i64;
        let extent = if self.is_decimal() { length + self.power } else { self.power / 4 + length };
        if extent.abs() > POWER_MAX {
            return None;
        }
        let exact = self.fast().unwrap_or_else(|| self.slow());
        format.round(exact).filter(|(mantissa, _)| *mantissa > 0)
    }

    /// The usual case, a few digits and a small power of ten, in machine integers.
    fn fast(&self) -> Option<Unrounded> {
        let power = i32::try_from(self.power).ok()?;
        if !self.is_decimal() || self.digits.len() > 19 || power.unsigned_abs() > FAST_POWER_MAX {
            return None;
        }
        let append = |value: u128, digit: &u8| value * 10 + u128::from(*digit);
        let value = self.digits.iter().fold(0, append);
        let fives = 5u128.pow(power.unsigned_abs());
        if power >= 0 {
            return Some(Unrounded { bits: value * fives, more: false, power });
        }
        let shift = value.leading_zeros();
        let scaled = value << shift;
        let (bits, more) = (scaled / fives, scaled % fives != 0);
        Some(Unrounded { bits, more, power: power - shift as i32 })
    }

    /// Any number of digits and any power.
    fn slow(&self) -> Unrounded {
        let mut numerator = Big::default();
        for digit in &self.digits {
            numerator.multiply_add(self.base, u32::from(*digit));
        }
        let mut denominator = Big::from(1);
        if self.is_decimal() {
            let scaled = if self.power < 0 { &mut denominator } else { &mut numerator };
            let power = u32::try_from(self.power.unsigned_abs()).unwrap_or(0);
            for _ in 0..power / FIVES_AT_ONCE {
                scaled.multiply_add(5u32.pow(FIVES_AT_ONCE), 0);
            }
            scaled.multiply_add(5u32.pow(power % FIVES_AT_ONCE), 0);
        }
        ratio(numerator, denominator, self.power as i32)
    }
}

/// A decimal exponent, which may be signed. What is beyond all use is cut to something that still
/// is.
fn parse_exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let append =
        |value: i64, digit: &u8| (value * 10 + i64::from(digit - b'0')).min(i64::MAX / 1000);
    let value = digits.iter().fold(0, append);
    Some(if negative { -value } else { value })
}
