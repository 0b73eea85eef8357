//! Decimal numbers of any length, and their quotients, rounded to the places that PostgreSQL chooses.

mod powers;

use num_bigint::{BigInt, Sign};

/// Significant digits that PostgreSQL gives at least.
const SIGNIFICANT: i64 = 16;

/// Places that PostgreSQL gives at most.
const MOST_PLACES: i64 = 1000;

/// `digits / 10^scale`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exact {
    digits: BigInt,
    scale: i64,
}

/// Digits in groups of four, as PostgreSQL keeps them.
struct Grouped {
    /// The power of 10,000 of the first group.
    weight: i64,
    first: i64,
    second: i64,
    /// How many groups there are.
    groups: usize,
}

fn ten(power: i64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(power.max(0)).unwrap_or(u32::MAX))
}

/// `a / b`, rounded half away from zero.
fn divided(a: &BigInt, b: &BigInt) -> BigInt {
    let (whole, rest) = (a / b, a % b);
    let is_half = rest.magnitude() * 2_u32 >= *b.magnitude();
    match (is_half, a.sign() == b.sign()) {
        (false, _) => whole,
        (true, true) => whole + 1,
        (true, false) => whole - 1,
    }
}

/// Digits at another scale, rounded half away from zero; `None` where an `i128` does not hold them.
pub(super) fn rescaled(digits: i128, from: i8, to: i8) -> Option<i128> {
    let by = i32::from(to) - i32::from(from);
    let power = 10_i128.checked_pow(by.unsigned_abs());
    match (by, power) {
        (0.., Some(power)) => digits.checked_mul(power),
        (0.., None) => (digits == 0).then_some(0),
        (_, Some(power)) => {
            let (whole, rest) = (digits / power, digits % power);
            let is_half = rest.unsigned_abs() >= power.unsigned_abs() - rest.unsigned_abs();
            Some(if is_half { whole + digits.signum() } else { whole })
        }
        (_, None) => Some(0),
    }
}

impl Exact {
    pub fn new(digits: impl Into<BigInt>, scale: i64) -> Self {
        Self { digits: digits.into(), scale }
    }

    pub fn zero() -> Self {
        Self::new(0, 0)
    }

    pub fn one() -> Self {
        Self::new(1, 0)
    }

    pub fn is_zero(&self) -> bool {
        self.digits.sign() == Sign::NoSign
    }

    pub fn is_negative(&self) -> bool {
        self.digits.sign() == Sign::Minus
    }

    /// The digits, where an `i128` holds them.
    pub fn digits(&self) -> Option<i128> {
        i128::try_from(&self.digits).ok()
    }

    /// The value at a scale, rounded half away from zero.
    pub fn rounded(&self, scale: i64) -> Self {
        let by = scale - self.scale;
        let digits = match by {
            0 => self.digits.clone(),
            1.. => &self.digits * ten(by),
            _ => divided(&self.digits, &ten(-by)),
        };
        Self { digits, scale }
    }

    fn is_whole(&self) -> bool {
        (&self.digits % ten(self.scale)).sign() == Sign::NoSign
    }

    /// Two values at the larger of their scales.
    fn aligned(&self, other: &Self) -> (BigInt, BigInt, i64) {
        let scale = self.scale.max(other.scale);
        (self.rounded(scale).digits, other.rounded(scale).digits, scale)
    }

    pub fn minus(&self, other: &Self) -> Self {
        let (a, b, scale) = self.aligned(other);
        Self { digits: a - b, scale }
    }

    pub fn times(&self, other: &Self) -> Self {
        Self { digits: &self.digits * &other.digits, scale: self.scale + other.scale }
    }

    /// The quotient at a scale; the divisor is not zero.
    pub fn over(&self, other: &Self, scale: i64) -> Self {
        let by = scale - self.scale + other.scale;
        let digits = match by {
            0.. => divided(&(&self.digits * ten(by)), &other.digits),
            _ => divided(&self.digits, &(&other.digits * ten(-by))),
        };
        Self { digits, scale }
    }

    pub fn compared(&self, other: &Self) -> std::cmp::Ordering {
        let (a, b, _) = self.aligned(other);
        a.cmp(&b)
    }

    pub fn to_double(&self) -> f64 {
        format!("{}e{}", self.digits, -self.scale).parse().unwrap_or(f64::NAN)
    }

    /// As a fraction and a power of ten: `1.5e3`.
    pub fn in_exponents(&self, places: usize) -> String {
        let power = if self.is_zero() { 0 } else { self.exponent() - 1 };
        let places = i64::try_from(places).unwrap_or(0);
        let fraction = Self { digits: self.digits.clone(), scale: self.scale + power };
        format!("{}e{power}", fraction.rounded(places))
    }

    /// The places without the zeros at the end.
    pub fn least_places(&self) -> i64 {
        let text = self.digits.magnitude().to_string();
        let zeros = text.len() - text.trim_end_matches('0').len();
        match self.is_zero() {
            true => 0,
            false => (self.scale - i64::try_from(zeros).unwrap_or(0)).max(0),
        }
    }

    /// The quotient without its places, and the rest; the divisor is not zero.
    pub fn whole_quotient(&self, divisor: &Self) -> (Self, Self) {
        let (a, b, scale) = self.aligned(divisor);
        (Self { digits: &a / &b, scale: 0 }, Self { digits: a % b, scale })
    }

    /// The greatest common divisor, without a sign.
    pub fn common_divisor(&self, other: &Self) -> Self {
        let (mut a, mut b, scale) = self.aligned(other);
        while b.sign() != Sign::NoSign {
            (a, b) = (b.clone(), a % b);
        }
        Self { digits: a.magnitude().clone().into(), scale }
    }

    pub fn absolute(&self) -> Self {
        Self { digits: self.digits.magnitude().clone().into(), scale: self.scale }
    }

    /// The power of ten above the value: `10^(e - 1) <= |value| < 10^e`.
    fn exponent(&self) -> i64 {
        i64::try_from(self.digits.magnitude().to_string().len()).unwrap_or(i64::MAX) - self.scale
    }

    fn grouped(&self) -> Grouped {
        if self.is_zero() {
            return Grouped { weight: 0, first: 0, second: 0, groups: 0 };
        }
        let last = self.exponent() - 1;
        let weight = last.div_euclid(4);
        let leading = usize::try_from(last - 4 * weight + 1).unwrap_or(1);
        let text = self.digits.magnitude().to_string();
        let text = text.trim_end_matches('0');
        let group = |from: usize, to: usize| {
            (from..to).fold(0_i64, |value, at| {
                let digit = text.as_bytes().get(at).map_or(0, |b| i64::from(b - b'0'));
                value * 10 + digit
            })
        };
        let groups = 1 + text.len().saturating_sub(leading).div_ceil(4);
        Grouped { weight, first: group(0, leading), second: group(leading, leading + 4), groups }
    }

    /// The places that PostgreSQL gives a quotient.
    pub fn places_of_quotient(&self, divisor: &Self) -> i64 {
        let (a, b) = (self.grouped(), divisor.grouped());
        let weight = a.weight - b.weight - i64::from(a.first <= b.first);
        (SIGNIFICANT - weight * 4).max(self.scale).max(divisor.scale).clamp(0, MOST_PLACES)
    }
}

impl std::fmt::Display for Exact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let places = usize::try_from(self.scale.max(0)).unwrap_or(0);
        let text = self.digits.magnitude().to_string();
        let text = format!("{text:0>width$}", width = places + 1);
        let (whole, rest) = text.split_at(text.len() - places);
        let sign = if self.is_negative() { "-" } else { "" };
        match places {
            0 => write!(f, "{sign}{whole}"),
            _ => write!(f, "{sign}{whole}.{rest}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_rounded_half_away_from_zero() {
        assert_eq!(rescaled(25, 1, 0), Some(3));
        assert_eq!(rescaled(-25, 1, 0), Some(-3));
        assert_eq!(rescaled(24, 1, 0), Some(2));
        assert_eq!(rescaled(1, 0, 38), Some(10_i128.pow(38)));
        assert_eq!(rescaled(i128::MAX, 0, 1), None);
        assert_eq!(rescaled(5, 38, 0), Some(0));
    }
}
