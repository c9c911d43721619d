//! Natural numbers of any size, as far as reading and printing floating-point numbers needs them.

use std::cmp::Ordering;

/// Decimal digits that are cut off at once when printing.
const DIGITS_AT_ONCE: u32 = 1_000_000_000;

/// Limbs of 32 bits, the lowest first, the highest not zero.
#[derive(Clone, Debug, Default)]
pub(super) struct Big {
    limbs: Vec<u32>,
}

impl From<u64> for Big {
    fn from(value: u64) -> Self {
        let mut big = Big { limbs: vec![value as u32, (value >> 32) as u32] };
        big.trim();
        big
    }
}

impl Big {
    pub(super) fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    /// Number of binary digits.
    pub(super) fn bits(&self) -> u32 {
        let whole = self.limbs.len() as u32 * u32::BITS;
        whole - self.limbs.last().map_or(0, |limb| limb.leading_zeros())
    }

    /// Multiplies by `factor` and adds `summand`.
    pub(super) fn multiply_add(&mut self, factor: u32, summand: u32) {
        let mut carry = u64::from(summand);
        for limb in &mut self.limbs {
            carry += u64::from(*limb) * u64::from(factor);
            *limb = carry as u32;
            carry >>= 32;
        }
        self.limbs.push(carry as u32);
        self.trim();
    }

    /// Multiplies by two to the power of `bits`.
    pub(super) fn shift_left(&mut self, bits: u32) {
        self.multiply_add(1 << (bits % 32), 0);
        if !self.is_zero() {
            self.limbs.splice(0..0, std::iter::repeat_n(0, (bits / 32) as usize));
        }
    }

    /// Subtracts `other` if it is not greater; whether it did.
    pub(super) fn subtract(&mut self, other: &Big) -> bool {
        if self.compare(other) == Ordering::Less {
            return false;
        }
        let mut borrow = 0i64;
        for (at, limb) in self.limbs.iter_mut().enumerate() {
            borrow += i64::from(*limb) - i64::from(other.limbs.get(at).copied().unwrap_or(0));
            *limb = borrow as u32;
            borrow >>= 32;
        }
        self.trim();
        true
    }

    /// The decimal digits.
    pub(super) fn into_decimal(mut self) -> String {
        let mut groups = Vec::new();
        while !self.is_zero() {
            let mut rest = 0u64;
            for limb in self.limbs.iter_mut().rev() {
                let value = rest << 32 | u64::from(*limb);
                *limb = (value / u64::from(DIGITS_AT_ONCE)) as u32;
                rest = value % u64::from(DIGITS_AT_ONCE);
            }
            groups.push(rest);
            self.trim();
        }
        let mut text = groups.pop().unwrap_or(0).to_string();
        text.extend(groups.iter().rev().map(|group| format!("{group:09}")));
        text
    }

    fn compare(&self, other: &Big) -> Ordering {
        let by_length = self.limbs.len().cmp(&other.limbs.len());
        by_length.then_with(|| self.limbs.iter().rev().cmp(other.limbs.iter().rev()))
    }

    fn trim(&mut self) {
        while self.limbs.last() == Some(&0) {
            self.limbs.pop();
        }
    }
}
