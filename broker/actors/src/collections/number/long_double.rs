//! The arithmetic of `INCRBYFLOAT` and `HINCRBYFLOAT`.
//!
//! Redis computes them in C's `long double`, which on x86 is the 80-bit extended format, and stores
//! what `%.17Lf` prints, without the zeros at the end. The numbers that users see depend on every
//! one of those steps (10.5 + 0.1 is 10.6 in 64 bits of mantissa and 10.5999… in 53), so the format
//! is computed here bit for bit, wherever we run.

use super::big::Big;
use super::binary::{Format, Unrounded};
use super::literal::Literal;
use super::without_zeros;

/// Longest text that is read as a number, as in Redis.
pub(super) const TEXT_MAX: usize = 5 * 1024 - 1;

/// Decimals that are printed, and the power of ten that moves them before the point.
const DECIMALS: usize = 17;
const DECIMALS_SCALE: u128 = 10u128.pow(DECIMALS as u32);

/// Bits by which the larger of two summands is moved up, so that their sum still fits into 128
/// bits.
const HEADROOM: u32 = 62;

/// A number in the x87 extended format; an infinity can be read, but not computed with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LongDouble {
    negative: bool,
    /// Times two to the power of `power`; zero's power is the smallest.
    mantissa: u64,
    power: i32,
    infinite: bool,
}

impl LongDouble {
    /// Reads the whole of `text` as `strtold` does. Refused are spaces, what is not a number,
    /// numbers too large or too near to zero for the format, and texts of 5 KB or more.
    pub fn parse(text: &[u8]) -> Option<LongDouble> {
        if text.len() > TEXT_MAX {
            return None;
        }
        Some(match Literal::parse(text)? {
            Literal::Infinite { negative } => {
                LongDouble { negative, mantissa: 0, power: 0, infinite: true }
            }
            Literal::Finite(number) => {
                let (mantissa, power) = number.round(Format::EXTENDED)?;
                LongDouble { negative: number.negative, mantissa, power, infinite: false }
            }
        })
    }

    /// Whether it was written as an infinity. `HINCRBYFLOAT` refuses such an increment before it
    /// looks at the field.
    pub fn is_infinite(self) -> bool {
        self.infinite
    }

    /// Whether it is zero; the smallest numbers of the format are zero as doubles, and not here.
    pub fn is_zero(self) -> bool {
        self.mantissa == 0 && !self.infinite
    }

    /// The sum, rounded once; `None` if it is not finite.
    pub fn plus(self, other: LongDouble) -> Option<LongDouble> {
        if self.infinite || other.infinite {
            return None;
        }
        let is_larger = (self.power, self.mantissa) >= (other.power, other.mantissa);
        let (large, small) = if is_larger { (self, other) } else { (other, self) };
        let distance = large.power.abs_diff(small.power);
        let lift = distance.min(HEADROOM);
        let high = u128::from(large.mantissa) << lift;
        let fall = distance - lift;
        let low = u128::from(small.mantissa).checked_shr(fall).unwrap_or(0);
        // What falls off the lower end is less than one unit, and makes itself felt in rounding
        // only.
        let more = small.mantissa.trailing_zeros() < fall && small.mantissa != 0;
        let bits = match large.negative == small.negative {
            true => high + low,
            false => high - low - u128::from(more),
        };
        let power = large.power - lift as i32;
        let (mantissa, power) = Format::EXTENDED.round(Unrounded { bits, more, power })?;
        Some(LongDouble { negative: large.negative, mantissa, power, infinite: false })
    }

    /// With at most 17 decimals, rounded from the exact value, without zeros at the end: `3.5`,
    /// `200`, `0`.
    fn digits(&self) -> String {
        if self.power >= 0 {
            let mut whole = Big::from(self.mantissa);
            whole.shift_left(self.power.unsigned_abs());
            return whole.into_decimal();
        }
        let scaled = u128::from(self.mantissa) * DECIMALS_SCALE;
        let shift = self.power.unsigned_abs();
        let kept = scaled.checked_shr(shift).unwrap_or(0);
        let lost = scaled - kept.checked_shl(shift).unwrap_or(0);
        // Below half of the last decimal whatever the digits when the shift is beyond the 121 bits
        // of `scaled`.
        let half = 1u128.checked_shl(shift - 1).unwrap_or(u128::MAX);
        let up = lost > half || lost == half && kept & 1 == 1;
        let rounded = kept + u128::from(up);
        let (whole, decimals) = (rounded / DECIMALS_SCALE, rounded % DECIMALS_SCALE);
        without_zeros(&format!("{whole}.{decimals:0DECIMALS$}")).to_owned()
    }
}

/// What `INCRBYFLOAT` replies and stores: at most 17 decimals, no exponent, no `-0`.
impl std::fmt::Display for LongDouble {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = if self.infinite { "inf".to_owned() } else { self.digits() };
        let sign = if self.negative && digits != "0" { "-" } else { "" };
        write!(out, "{sign}{digits}")
    }
}
