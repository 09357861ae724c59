//! Signed numbers wide enough that no sum of a test can pass their end.

use std::ops::{Add, Sub};

/// A signed 256-bit number: `high` · 2^128 + `low`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Wide {
    high: i128,
    low: u128,
}

impl From<u128> for Wide {
    fn from(low: u128) -> Self {
        Self { high: 0, low }
    }
}

impl From<i128> for Wide {
    fn from(value: i128) -> Self {
        Self {
            high: if value < 0 { -1 } else { 0 },
            low: value as u128,
        }
    }
}

impl Add for Wide {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let (low, carry) = self.low.overflowing_add(other.low);
        Self {
            high: self.high + other.high + i128::from(carry),
            low,
        }
    }
}

impl Sub for Wide {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        Self {
            high: self.high - other.high - i128::from(borrow),
            low,
        }
    }
}

impl Wide {
    /// The number as an amount: 0 when it is negative, `u128::MAX` when it is larger.
    pub(crate) fn amount(self) -> u128 {
        match self.high {
            ..0 => 0,
            0 => self.low,
            1.. => u128::MAX,
        }
    }
}

#[test]
fn signs_and_carries() {
    let (min, max) = (Wide::from(i128::MIN), Wide::from(u128::MAX));
    assert!(min < Wide::from(0u128) && Wide::from(0u128) < max);
    assert_eq!(max + Wide::from(1u128) - Wide::from(1u128), max);
    assert_eq!((min - max + max).amount(), 0);
    assert_eq!(min - max + max, min);
    assert_eq!((max + max).amount(), u128::MAX);
    assert_eq!((Wide::from(5i128) - Wide::from(-2i128)).amount(), 7);
}
