//! Rounding exact values to a binary floating-point format, to nearest, ties to even.

use super::big::Big;

/// A binary floating-point format: a mantissa of so many bits times a power of two.
#[derive(Clone, Copy, Debug)]
pub(super) struct Format {
    pub(super) mantissa_bits: u32,
    /// Powers of the mantissa's lowest bit.
    pub(super) power_min: i32,
    pub(super) power_max: i32,
}

/// An exact value, `bits` × 2^`power`, or (if there is `more`) a little above it, by less than one
/// unit of `bits`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unrounded {
    pub(super) bits: u128,
    pub(super) more: bool,
    pub(super) power: i32,
}

impl Format {
    /// IEEE 754 binary64.
    pub(super) const DOUBLE: Format =
        Format { mantissa_bits: 53, power_min: -1074, power_max: 971 };

    /// The x87 extended format, which is C's `long double` where Redis is mostly run.
    pub(super) const EXTENDED: Format =
        Format { mantissa_bits: 64, power_min: -16445, power_max: 16320 };

    /// Mantissa and power of the nearest number; `None` if it is too large for the format. Zero if
    /// it is too small. When there is more, `bits` must have more bits than the mantissa, or the
    /// power be below the smallest.
    pub(super) fn round(self, exact: Unrounded) -> Option<(u64, i32)> {
        let Unrounded { bits, more, power } = exact;
        if bits == 0 {
            return Some((0, self.power_min));
        }
        let length = u128::BITS - bits.leading_zeros();
        let too_long = length.saturating_sub(self.mantissa_bits);
        let too_low = u32::try_from(self.power_min - power).unwrap_or(0);
        let (mut mantissa, mut power) = cut(bits, more, power, too_long.max(too_low));
        if mantissa >> self.mantissa_bits != 0 {
            mantissa >>= 1;
            power += 1;
        }
        // Short mantissas are moved up, so that the power alone tells whether the number is too
        // large.
        let short = self.mantissa_bits - (u128::BITS - mantissa.leading_zeros());
        let up = short.min(power.abs_diff(self.power_min));
        (mantissa, power) = (mantissa << up, power - up as i32);
        (power <= self.power_max).then_some((u64::try_from(mantissa).ok()?, power))
    }

    /// The double of a mantissa and power that [`DOUBLE`](Self::DOUBLE) has rounded to.
    pub(super) fn double(mantissa: u64, power: i32) -> f64 {
        let hidden_bit = 1u64 << 52;
        if mantissa < hidden_bit {
            return f64::from_bits(mantissa);
        }
        let exponent = u64::from(power.abs_diff(Self::DOUBLE.power_min)) + 1;
        f64::from_bits(exponent << 52 | (mantissa - hidden_bit))
    }
}

/// Rounds the lowest `count` bits away.
fn cut(bits: u128, more: bool, power: i32, count: u32) -> (u128, i32) {
    if count == 0 {
        return (bits, power);
    }
    let power = power.saturating_add_unsigned(count);
    if count > u128::BITS {
        return (0, power);
    }
    let kept = bits.checked_shr(count).unwrap_or(0);
    let half = 1u128 << (count - 1);
    let lost = bits & (half | (half - 1));
    let up = lost > half || lost == half && (more || kept & 1 == 1);
    (kept + u128::from(up), power)
}

/// `numerator` / `denominator` × 2^`power`, both not zero, to 66 bits at least.
pub(super) fn ratio(mut numerator: Big, mut denominator: Big, power: i32) -> Unrounded {
    const BITS: u32 = 66;
    // Scaled so that the quotient has 66 or 67 binary digits.
    let shift = (BITS + denominator.bits()) as i32 - numerator.bits() as i32;
    if shift >= 0 {
        numerator.shift_left(shift.unsigned_abs());
    } else {
        denominator.shift_left(shift.unsigned_abs());
    }
    denominator.shift_left(BITS);
    let mut bits = 0;
    for _ in 0..=BITS {
        bits = bits << 1 | u128::from(numerator.subtract(&denominator));
        numerator.shift_left(1);
    }
    Unrounded { bits, more: !numerator.is_zero(), power: power - shift }
}
