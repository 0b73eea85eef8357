//! Casts: which there are, and literals that are cast at once.

use arrow::datatypes::DataType;
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, cast};

use super::super::conversions;
use super::super::kinds::{Kind, literal, type_name};
use super::super::literals;
use super::super::texts;
use super::dimensions;

/// A value that the coercion casts, because another has that type.
pub(in super::super) fn converted(value: Expr, from: &DataType, wanted: &DataType) -> Result<Expr> {
    let kinds = (Kind::of(&value, from), Kind::of_type(wanted));
    match literal(&value) {
        Some(ScalarValue::Utf8(Some(text))) if kinds.1 == Kind::Text => {
            return Ok(Expr::Literal(ScalarValue::Utf8(Some(text)), None));
        }
        Some(ScalarValue::Utf8(text)) if conversions::is_ours(Kind::Text, kinds.1) => {
            return Ok(Expr::Literal(conversions::read(text.as_deref(), wanted)?, None));
        }
        Some(ScalarValue::Null) => {
            return Ok(Expr::Literal(ScalarValue::try_from(wanted)?, None));
        }
        _ => {}
    }
    if let (Some(text), true) = (literals::wide(&value), kinds.1.is_float()) {
        return Ok(Expr::Literal(conversions::read(Some(text), wanted)?, None));
    }
    match value {
        Expr::Literal(number, metadata) if kinds.0.is_number() && kinds.1.is_number() => {
            let cast = conversions::of_scalar(&number, wanted)?;
            Ok(Expr::Literal(cast, metadata))
        }
        value if kinds.1 == Kind::Text => Ok(texts::text(value)),
        value if conversions::is_ours(kinds.0, kinds.1) => {
            Ok(conversions::convert(value, wanted.clone()))
        }
        value => Ok(cast(value, wanted.clone())),
    }
}

/// A cast that a statement asks for.
///
/// # Errors
/// Where PostgreSQL has no such cast.
pub(super) fn written(value: Expr, from: &DataType, wanted: &DataType) -> Result<Expr> {
    let kinds = (Kind::of(&value, from), Kind::of_type(wanted));
    if !exists(kinds.0, kinds.1) {
        return plan_err!("cannot cast type {} to {}", type_name(from), type_name(wanted));
    }
    match (&value, kinds) {
        // The engine rounds where it makes whole numbers of fractions, once types fit.
        (Expr::Literal(..), (Kind::Numeric | Kind::Real | Kind::Double, to)) if to.is_whole() => {
            Ok(cast(value, wanted.clone()))
        }
        (_, (Kind::Text | Kind::Unknown | Kind::Array, Kind::Array)) => {
            let depth = match literal(&value) {
                Some(ScalarValue::Utf8(Some(text))) => dimensions::dimensions(&text),
                _ => dimensions::depth(from),
            };
            converted(value, from, &dimensions::of_dimensions(wanted, depth))
        }
        (_, (_, Kind::Array)) => {
            plan_err!("cannot cast type {} to {}", type_name(from), type_name(wanted))
        }
        (_, (_, Kind::Record | Kind::Other)) => Ok(cast(value, wanted.clone())),
        _ => converted(value, from, wanted),
    }
}

/// Whether PostgreSQL casts a kind to another.
fn exists(from: Kind, to: Kind) -> bool {
    use Kind::{
        Boolean, Bytea, Date, Integer, Interval, Text, Time, Timestamp, Timestamptz, Unknown,
    };
    match (from, to) {
        (Kind::Json | Kind::Jsonb, Kind::Json | Kind::Jsonb) => true,
        (Kind::Jsonb, to) if to.is_number() || to == Boolean => true,
        (Kind::Json | Kind::Jsonb, Text) | (Unknown | Text, Kind::Json | Kind::Jsonb) => true,
        (Kind::Json | Kind::Jsonb, _) | (_, Kind::Json | Kind::Jsonb) => false,
        // The engine decides about these.
        (Kind::Array | Kind::Record | Kind::Other, _)
        | (_, Kind::Array | Kind::Record | Kind::Other) => true,
        (Unknown | Text, _) | (_, Text) => true,
        (a, b) if a == b => true,
        (a, b) if a.is_number() && b.is_number() => true,
        (Integer, Boolean) | (Boolean, Integer) => true,
        (Date, Timestamp | Timestamptz) => true,
        (Timestamp | Timestamptz, Date | Time | Timestamp | Timestamptz) => true,
        (Time, Interval) | (Interval, Time) => true,
        (Bytea, _) | (_, Bytea) => false,
        _ => false,
    }
}
