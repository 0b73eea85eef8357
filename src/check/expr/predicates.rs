//! Predicates that SQL has no function for: patterns, text formats, exact multiples.
//!
//! Each is a scalar function of one argument that is true where the value is good, so that a
//! clause stays one DataFusion expression.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int64Type, UInt64Type,
};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Expr;

use crate::contract::decimal::Decimal;
use crate::contract::pattern::Pattern;
use crate::contract::types::plain;

use super::function::{ValueTest, tested};

/// A property of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::check) enum Predicate {
    /// The pattern is found in the text.
    Matches(Pattern),
    /// The text has the format.
    Format(TextFormat),
    /// The number is a whole multiple of the step, given by its text.
    MultipleOf(String),
}

/// A format of the standard that texts have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextFormat {
    /// An e-mail address.
    Email,
    /// A UUID in its 36-character form.
    Uuid,
    /// An absolute URI.
    Uri,
    /// A host name by RFC 1123.
    Hostname,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// Base64 with padding.
    Byte,
}

impl TextFormat {
    /// The format of a word of the standard.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "email" => Self::Email,
            "uuid" => Self::Uuid,
            "uri" => Self::Uri,
            "hostname" => Self::Hostname,
            "ipv4" => Self::Ipv4,
            "ipv6" => Self::Ipv6,
            "byte" => Self::Byte,
            _ => return None,
        })
    }

    /// The word of the standard.
    pub fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Uuid => "uuid",
            Self::Uri => "uri",
            Self::Hostname => "hostname",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Byte => "byte",
        }
    }

    /// Whether a text has the format.
    pub fn fits(self, text: &str) -> bool {
        use base64::Engine;
        match self {
            Self::Email => is_email(text),
            Self::Uuid => text.len() == 36 && uuid::Uuid::try_parse(text).is_ok(),
            Self::Uri => url::Url::parse(text).is_ok() && !text.contains(char::is_whitespace),
            Self::Hostname => is_hostname(text),
            Self::Ipv4 => text.parse::<std::net::Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<std::net::Ipv6Addr>().is_ok(),
            Self::Byte => base64::engine::general_purpose::STANDARD.decode(text).is_ok(),
        }
    }
}

/// The expression that is true where `column` is good.
pub(in crate::check) fn holds(predicate: Predicate, column: &Expr) -> Expr {
    tested(predicate, column)
}

impl ValueTest for Predicate {
    const NAME: &'static str = "pactum_holds";

    fn test(&self, values: &ArrayRef) -> Result<BooleanArray> {
        match self {
            Self::MultipleOf(step) => multiples(values, step),
            text => texts(values, text),
        }
    }
}

fn texts(array: &ArrayRef, predicate: &Predicate) -> Result<BooleanArray> {
    of_texts(array, &|text| is_good(predicate, text))
}

/// Tests each text of an array; NULL for NULL.
pub(super) fn of_texts(
    array: &ArrayRef,
    is_good: &dyn Fn(&str) -> Result<bool>,
) -> Result<BooleanArray> {
    let good = |text: Option<&str>| text.map(is_good).transpose();
    Ok(match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().map(good).collect::<Result<_>>()?,
        DataType::LargeUtf8 => array.as_string::<i64>().iter().map(good).collect::<Result<_>>()?,
        DataType::Utf8View => array.as_string_view().iter().map(good).collect::<Result<_>>()?,
        DataType::Dictionary(..) => {
            // Once per value, not once per row.
            let dictionary = array.as_any_dictionary();
            let by_value = of_texts(dictionary.values(), is_good)?;
            let keys = dictionary.normalized_keys();
            (0..array.len())
                .map(|row| {
                    let valid = array.is_valid(row) && by_value.is_valid(keys[row]);
                    valid.then(|| by_value.value(keys[row]))
                })
                .collect()
        }
        other => return Err(DataFusionError::Internal(format!("text predicate on {other}"))),
    })
}

fn is_good(predicate: &Predicate, text: &str) -> Result<bool> {
    Ok(match predicate {
        Predicate::Matches(pattern) => {
            pattern.is_match(text).map_err(|e| DataFusionError::Execution(e.to_string()))?
        }
        Predicate::Format(format) => format.fits(text),
        Predicate::MultipleOf(_) => false,
    })
}

/// One `@`, a local part of RFC 5322 atoms, and a host name with a dot.
fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let local_fits = local.len() <= 64
        && local.split('.').all(|part| !part.is_empty() && part.chars().all(atom));
    local_fits && host.contains('.') && is_hostname(host)
}

fn is_hostname(text: &str) -> bool {
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let name = text.strip_suffix('.').unwrap_or(text);
    !name.is_empty() && name.len() <= 253 && name.split('.').all(label)
}

/// Exact for integers and decimals; a float counts as the shortest decimal that names it.
fn multiples(array: &ArrayRef, step: &str) -> Result<BooleanArray> {
    if let (Ok(step @ 1..), true) = (step.parse::<u32>(), fits_i64(array.data_type())) {
        return whole_multiples(array, step);
    }
    let exact: Decimal =
        step.parse().map_err(|e| DataFusionError::Internal(format!("multipleOf {step}: {e}")))?;
    let test =
        |value: Option<Decimal>| value.and_then(|v| v.is_multiple_of(exact)).unwrap_or(false);
    let float = |value: f64, text: String| match text.parse::<Decimal>() {
        Ok(decimal) => test(Some(decimal)),
        // Beyond 38 digits a double is a whole number of a large power of two.
        Err(_) => value.is_finite() && value % exact.to_f64() == 0.0,
    };
    let wide = match plain(array.data_type()) {
        DataType::Decimal32(_, scale) | DataType::Decimal64(_, scale) => {
            DataType::Decimal128(38, scale)
        }
        other => other,
    };
    let array = &if array.data_type() == &wide { Arc::clone(array) } else { cast(array, &wide)? };
    Ok(match wide {
        DataType::Decimal128(_, scale) => array
            .as_primitive::<Decimal128Type>()
            .iter()
            .map(|v| v.map(|v| test(Some(Decimal::units(v, scale.into())))))
            .collect(),
        DataType::Decimal256(_, scale) => array
            .as_primitive::<Decimal256Type>()
            .iter()
            .map(|v| v.map(|v| test(v.to_i128().map(|v| Decimal::units(v, scale.into())))))
            .collect(),
        DataType::Float32 => array
            .as_primitive::<Float32Type>()
            .iter()
            .map(|v| v.map(|v| float(v.into(), v.to_string())))
            .collect(),
        DataType::Float64 => array
            .as_primitive::<Float64Type>()
            .iter()
            .map(|v| v.map(|v| float(v, v.to_string())))
            .collect(),
        DataType::UInt64 => array
            .as_primitive::<UInt64Type>()
            .iter()
            .map(|v| v.map(|v| test(Some(Decimal::integer(v.into())))))
            .collect(),
        _ => {
            // Every other integer fits a signed one of 64 bits.
            let wide = cast(array, &DataType::Int64)?;
            wide.as_primitive::<Int64Type>()
                .iter()
                .map(|v| v.map(|v| test(Some(Decimal::integer(v.into())))))
                .collect()
        }
    })
}

fn fits_i64(data_type: &DataType) -> bool {
    let data_type = plain(data_type);
    data_type.is_integer() && data_type != DataType::UInt64
}

/// Multiples of a small whole number: small values by a division that is several times as fast.
fn whole_multiples(array: &ArrayRef, step: u32) -> Result<BooleanArray> {
    let wide = cast(array, &DataType::Int64)?;
    let wide = wide.as_primitive::<Int64Type>();
    let good = |value: &i64| match u32::try_from(value.unsigned_abs()) {
        Ok(small) => small.is_multiple_of(step),
        Err(_) => value % i64::from(step) == 0,
    };
    let found = wide.values().iter().map(good).collect();
    Ok(BooleanArray::new(found, wide.nulls().cloned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_accept_the_good_and_refuse_the_bad() {
        let good = |format: TextFormat, t: &str| format.fits(t);
        assert!(good(TextFormat::Email, "a.b+c@mail.example.org"));
        for bad in ["a@b", "@x.org", "a..b@x.org", "a b@x.org", "a@x..org"] {
            assert!(!good(TextFormat::Email, bad), "{bad}");
        }
        assert!(good(TextFormat::Uuid, "53581432-6c55-4ba2-a65f-72344a91553a"));
        assert!(!good(TextFormat::Uuid, "535814326c554ba2a65f72344a91553a"));
        assert!(good(TextFormat::Uri, "https://example.org/a?b=c"));
        assert!(!good(TextFormat::Uri, "example.org/a"));
        assert!(good(TextFormat::Hostname, "db-1.example") && !good(TextFormat::Hostname, "-a.b"));
        assert!(good(TextFormat::Ipv4, "10.0.0.1") && !good(TextFormat::Ipv4, "10.0.0.256"));
        assert!(good(TextFormat::Ipv6, "::1") && !good(TextFormat::Ipv6, "1.2.3.4"));
    }

    #[test]
    fn multiples_are_exact_for_every_number() {
        let floats: ArrayRef =
            Arc::new(arrow::array::Float64Array::from(vec![0.07, 0.075, f64::NAN, -0.5]));
        let found = multiples(&floats, "0.01").unwrap();
        assert_eq!(found, BooleanArray::from(vec![true, false, false, true]));
        let integers: ArrayRef = Arc::new(arrow::array::UInt64Array::from(vec![u64::MAX, 10]));
        assert_eq!(multiples(&integers, "5").unwrap(), BooleanArray::from(vec![true, true]));
    }
}
