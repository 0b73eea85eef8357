//! Roots, logarithms and powers of decimals, rounded to the places that PostgreSQL chooses for each result.

use datafusion::common::exec_datafusion_err;
use datafusion::error::{DataFusionError, Result};
use std::f64::consts::LOG10_E;

use num_bigint::{BigInt, Sign};

use super::{Exact, MOST_PLACES, SIGNIFICANT, ten};

impl Exact {
    /// The square root, at a scale.
    pub fn root(&self, scale: i64) -> Self {
        // Two digits more, so that rounding sees what is cut.
        let wide = scale + 2;
        let by = 2 * wide - self.scale;
        let digits = if by < 0 { &self.digits / ten(-by) } else { &self.digits * ten(by) };
        Self { digits: digits.sqrt(), scale: wide }.rounded(scale)
    }

    /// The square root, with the places that PostgreSQL gives it.
    pub fn square_root(&self) -> Result<Self> {
        if self.is_negative() {
            return Err(exec_datafusion_err!("cannot take square root of a negative number"));
        }
        let weight = (self.grouped().weight + 1) * 4 / 2 - 1;
        Ok(self.root((SIGNIFICANT - weight).max(self.scale).clamp(0, MOST_PLACES)))
    }

    /// The power of ten of the logarithm, as PostgreSQL estimates it.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "an estimate")]
    fn places_of_logarithm(&self) -> i64 {
        let is_near_one =
            self.compared(&Self::new(9, 1)).is_ge() && self.compared(&Self::new(11, 1)).is_le();
        if is_near_one {
            let off = self.minus(&Self::one()).grouped();
            return match off.groups {
                0 => 0,
                _ => off.weight * 4 + (off.first as f64).log10() as i64,
            };
        }
        let found = self.grouped();
        let (digits, weight) = match found.groups {
            0 => return 0,
            1 => (found.first, found.weight * 4),
            _ => (found.first * 10_000 + found.second, found.weight * 4 - 4),
        };
        let logarithm = (digits as f64).ln() + weight as f64 * std::f64::consts::LN_10;
        logarithm.abs().log10() as i64
    }

    fn positive(&self) -> Result<&Self, DataFusionError> {
        match self.digits.sign() {
            Sign::Plus => Ok(self),
            Sign::NoSign => Err(exec_datafusion_err!("cannot take logarithm of zero")),
            Sign::Minus => Err(exec_datafusion_err!("cannot take logarithm of a negative number")),
        }
    }

    /// The natural logarithm, with the places that PostgreSQL gives it.
    pub fn logarithm(&self) -> Result<Self> {
        let places = SIGNIFICANT - self.positive()?.places_of_logarithm();
        Ok(self.ln(places.max(self.scale).clamp(0, MOST_PLACES)))
    }

    /// The logarithm to a base, with the places that PostgreSQL gives it.
    pub fn logarithm_to(&self, base: &Self) -> Result<Self> {
        let (of_base, of_self) =
            (base.positive()?.places_of_logarithm(), self.positive()?.places_of_logarithm());
        let places = SIGNIFICANT - of_self + of_base;
        let places = places.max(self.scale).max(base.scale).clamp(0, MOST_PLACES);
        let wide = places + 20 + of_base.abs() + of_self.abs();
        let below = base.ln(wide);
        match below.is_zero() {
            true => Err(exec_datafusion_err!("division by zero")),
            false => Ok(self.ln(wide).over(&below, places)),
        }
    }

    /// e to this power, with the places that PostgreSQL gives it.
    #[expect(clippy::cast_possible_truncation, reason = "an estimate")]
    pub fn exponential(&self) -> Result<Self> {
        let weight = (self.to_double() * LOG10_E) as i64;
        if weight > 60 {
            return Err(exec_datafusion_err!("value overflows numeric format"));
        }
        Ok(self.exp((SIGNIFICANT - weight).max(self.scale).clamp(0, MOST_PLACES)))
    }

    /// This to a power, with the places that PostgreSQL gives it.
    #[expect(clippy::cast_possible_truncation, reason = "an estimate")]
    pub fn power(&self, exponent: &Self) -> Result<Self> {
        if self.is_zero() && exponent.is_negative() {
            return Err(exec_datafusion_err!("zero raised to a negative power is undefined"));
        }
        if self.is_negative() && !exponent.is_whole() {
            return Err(exec_datafusion_err!(
                "a negative number raised to a non-integer power yields a complex result"
            ));
        }
        let whole = exponent.is_whole().then(|| exponent.rounded(0).digits()).flatten();
        if let Some(whole) = whole.and_then(|whole| i32::try_from(whole).ok()) {
            return self.whole_power(whole, self.scale.clamp(SIGNIFICANT, MOST_PLACES));
        }
        if self.is_zero() {
            return Ok(Self::new(0, SIGNIFICANT));
        }
        let magnitude = self.absolute();
        let weight = magnitude.ln(30).times(exponent).to_double() * LOG10_E;
        if weight > 60.0 {
            return Err(exec_datafusion_err!("value overflows numeric format"));
        }
        let weight = weight.max(-1000.0) as i64;
        let places =
            (SIGNIFICANT - weight).max(self.scale).max(exponent.scale).clamp(0, MOST_PLACES);
        let wide = places + 20 + exponent.exponent().max(0) + weight.abs();
        let found = magnitude.ln(wide).times(exponent).rounded(wide).exp(places);
        let is_odd = &exponent.rounded(0).digits % 2_i32 != BigInt::from(0);
        let sign = if self.is_negative() && is_odd { -1 } else { 1 };
        Ok(Self { digits: found.digits * sign, scale: found.scale })
    }

    fn whole_power(&self, exponent: i32, places: i64) -> Result<Self> {
        if exponent == 0 {
            return Ok(Self::one().rounded(places));
        }
        if self.is_zero() {
            return Ok(Self::zero().rounded(places));
        }
        let weight = self.to_double().abs().log10() * f64::from(exponent);
        if weight > 60.0 {
            return Err(exec_datafusion_err!("value overflows numeric format"));
        }
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        if weight < -(places as f64) - 5.0 {
            return Ok(Self::zero().rounded(places));
        }
        let length = self.digits.bits().saturating_mul(u64::from(exponent.unsigned_abs()));
        if length > 20_000 {
            let magnitude = self.absolute();
            let by = Self::new(exponent, 0);
            let found = magnitude.ln(places + 90).times(&by).exp(places);
            let sign = if self.is_negative() && exponent % 2 != 0 { -1 } else { 1 };
            return Ok(Self { digits: found.digits * sign, scale: found.scale });
        }
        let raised = Self {
            digits: self.digits.pow(exponent.unsigned_abs()),
            scale: self.scale * i64::from(exponent.unsigned_abs()),
        };
        Ok(match exponent {
            0.. => raised.rounded(places),
            _ => Self::one().over(&raised, places),
        })
    }

    /// The natural logarithm of a positive value, at a scale.
    fn ln(&self, scale: i64) -> Self {
        let wide = scale + 12;
        let unit = ten(wide);
        // m * 2^k, with m between 3/4 and 3/2.
        let mut twos = 0_i64;
        let mut m = self.rounded(wide.max(self.scale) + 140);
        let places = m.scale - wide;
        let (low, high) = (ten(m.scale) * 3 / 4, ten(m.scale) * 3 / 2);
        while m.digits >= high {
            m.digits /= 2;
            twos += 1;
        }
        while m.digits < low {
            m.digits *= 2;
            twos -= 1;
        }
        let m = m.digits / ten(places);
        let ratio = (&m - &unit) * &unit / (&m + &unit);
        let third = &unit / 3;
        let found = arc_tangent(&ratio, &unit) * 2 + arc_tangent(&third, &unit) * 2 * twos;
        Self { digits: found, scale: wide }.rounded(scale)
    }

    /// e to this power, at a scale.
    #[expect(clippy::cast_possible_truncation, reason = "bounded by its callers")]
    fn exp(&self, scale: i64) -> Self {
        let value = self.to_double();
        if value * LOG10_E < -(scale + 5) as f64 {
            return Self::zero().rounded(scale);
        }
        let wide = scale + 30 + (value * LOG10_E).abs() as i64;
        let unit = ten(wide);
        let two = arc_tangent(&(&unit / 3), &unit) * 2;
        let twos = (value / std::f64::consts::LN_2).round() as i64;
        let rest = self.rounded(wide).digits - &two * twos;
        let small = rest / 256;
        let (mut sum, mut term) = (unit.clone(), unit.clone());
        let mut n = 1;
        while term.sign() != Sign::NoSign {
            term = term * &small / &unit / n;
            sum += &term;
            n += 1;
        }
        for _ in 0..8 {
            sum = &sum * &sum / &unit;
        }
        let digits = match twos {
            0.. => sum << twos.unsigned_abs(),
            _ => sum >> twos.unsigned_abs(),
        };
        Self { digits, scale: wide }.rounded(scale)
    }
}

/// The inverse hyperbolic tangent of a fraction of a unit, by its series.
fn arc_tangent(ratio: &BigInt, unit: &BigInt) -> BigInt {
    let square = ratio * ratio / unit;
    let (mut sum, mut power) = (ratio.clone(), ratio.clone());
    let mut n = 3;
    while power.sign() != Sign::NoSign {
        power = power * &square / unit;
        sum += &power / n;
        n += 2;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Exact {
        let scale = text.split_once('.').map_or(0, |(_, rest)| rest.len());
        let digits: BigInt = text.replace('.', "").parse().unwrap();
        Exact::new(digits, i64::try_from(scale).unwrap())
    }

    #[test]
    fn roots_and_logarithms_are_postgresqls() {
        let text = |found: Result<Exact>| found.unwrap().to_string();
        assert_eq!(text(of("2.0").square_root()), "1.414213562373095");
        assert_eq!(text(of("2.0").logarithm()), "0.6931471805599453");
        assert_eq!(text(of("100.0").logarithm()), "4.6051701859880914");
        assert_eq!(text(of("1.0").exponential()), "2.7182818284590452");
        assert_eq!(text(of("10.0").exponential()), "22026.465794806717");
        assert_eq!(text(of("2.5").power(&of("3"))), "15.6250000000000000");
        assert_eq!(text(of("2").power(&of("0.5"))), "1.4142135623730950");
        assert!(of("0").power(&of("-1")).is_err());
        assert!(of("-8").power(&of("0.5")).is_err());
        assert!(of("0").logarithm().is_err());
    }
}
