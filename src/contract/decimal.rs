//! Exact decimal numbers, so that a bound such as `0.1` is compared as written.

use std::cmp::Ordering;
use std::str::FromStr;

/// `mantissa × 10^-scale`, exact.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    mantissa: i128,
    scale: i32,
}

impl Decimal {
    /// A whole number.
    pub fn integer(value: i128) -> Self {
        Self { mantissa: value, scale: 0 }
    }

    /// The greatest whole number of units of `10^-scale` that is not above this; `None` when it
    /// does not fit 128 bits.
    pub fn floor_at(self, scale: i32) -> Option<i128> {
        if scale >= self.scale {
            let factor = 10i128.checked_pow(u32::try_from(scale - self.scale).ok()?)?;
            return self.mantissa.checked_mul(factor);
        }
        match 10i128.checked_pow(u32::try_from(self.scale - scale).ok()?) {
            Some(factor) => Some(self.mantissa.div_euclid(factor)),
            None => Some(if self.mantissa < 0 { -1 } else { 0 }),
        }
    }

    /// The least whole number of units of `10^-scale` that is not below this.
    pub fn ceil_at(self, scale: i32) -> Option<i128> {
        Self { mantissa: self.mantissa.checked_neg()?, scale: self.scale }
            .floor_at(scale)?
            .checked_neg()
    }

    /// Whether this is a whole number of units of `10^-scale`.
    pub fn is_whole_at(self, scale: i32) -> bool {
        self.floor_at(scale).is_some() && self.floor_at(scale) == self.ceil_at(scale)
    }

    /// This many times as much; `None` when it does not fit 128 bits.
    pub fn times(self, factor: u64) -> Option<Self> {
        let mantissa = self.mantissa.checked_mul(factor.into())?;
        Some(Self { mantissa, scale: self.scale })
    }

    /// A number of units of `10^-scale`.
    pub fn units(count: i128, scale: i32) -> Self {
        Self { mantissa: count, scale }
    }

    /// Whether this is a whole multiple of `step`; `None` when that does not fit 128 bits.
    pub fn is_multiple_of(self, step: Self) -> Option<bool> {
        let scale = self.scale.max(step.scale);
        let (value, step) = (self.floor_at(scale)?, step.floor_at(scale)?);
        value.checked_rem(step).map(|rest| rest == 0)
    }

    /// The same number without trailing zeros after the point.
    #[must_use]
    pub fn normalized(mut self) -> Self {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }

    /// The nearest double.
    pub fn to_f64(self) -> f64 {
        format!("{}e{}", self.mantissa, -self.scale).parse().unwrap_or(f64::NAN)
    }

    /// Whether this is below zero.
    pub fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// Whether this is above zero.
    pub fn is_positive(self) -> bool {
        self.mantissa > 0
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Decimal {}
impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        match (self.floor_at(scale), other.floor_at(scale)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => self.to_f64().total_cmp(&other.to_f64()),
        }
    }
}

/// A text that is not a finite decimal number, or one of more than 38 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number of at most 38 digits")]
pub struct NotDecimal;

impl FromStr for Decimal {
    type Err = NotDecimal;

    fn from_str(text: &str) -> Result<Self, NotDecimal> {
        let (digits, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i32>().map_err(|_| NotDecimal)?),
            None => (text, 0),
        };
        if exponent.abs() > 400 {
            return Err(NotDecimal);
        }
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let fraction = fraction.trim_end_matches('0');
        let joined = format!("{whole}{fraction}");
        let body = joined.strip_prefix(['-', '+']).unwrap_or(&joined);
        if body.is_empty() || !body.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotDecimal);
        }
        let mantissa = joined.parse().map_err(|_| NotDecimal)?;
        let scale = i32::try_from(fraction.len()).map_err(|_| NotDecimal)? - exponent;
        Ok(Self { mantissa, scale })
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.scale <= 0 {
            return match 10i128
                .checked_pow(self.scale.unsigned_abs())
                .and_then(|factor| self.mantissa.checked_mul(factor))
            {
                Some(whole) => write!(f, "{whole}"),
                None => write!(f, "{}e{}", self.mantissa, -self.scale),
            };
        }
        let scale = self.scale as usize;
        let digits = format!("{:0>width$}", self.mantissa.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let sign = if self.mantissa < 0 { "-" } else { "" };
        write!(f, "{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn floors_and_ceilings_are_exact_on_both_sides_of_zero() {
        assert_eq!((d("0.125").floor_at(2), d("0.125").ceil_at(2)), (Some(12), Some(13)));
        assert_eq!((d("-0.125").floor_at(2), d("-0.125").ceil_at(2)), (Some(-13), Some(-12)));
        assert_eq!(d("1e3").floor_at(0), Some(1000));
        assert!(d("1.50").is_whole_at(1) && !d("1.55").is_whole_at(1));
    }

    #[test]
    fn comparing_is_by_value_and_text_survives() {
        assert_eq!(d("1.0"), d("1"));
        assert!(d("0.1") < d("0.11") && d("-2") < d("1e-3"));
        assert_eq!(d("-0.05").to_string(), "-0.05");
        assert_eq!(d("2e2").to_string(), "200");
        assert!("NaN".parse::<Decimal>().is_err() && "1.2.3".parse::<Decimal>().is_err());
    }
}
