//! Types as statements write them. Times are microseconds throughout, as they are stored: the engine's
//! nanoseconds end in the year 2262.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::Result;
use datafusion::logical_expr::planner::TypePlanner;
use datafusion::sql::sqlparser::ast::{
    ArrayElemTypeDef, DataType as Written, ExactNumberInfo, TimezoneInfo,
};

use super::kinds::Kind;
use super::literals;
use super::numerics;

/// The name of a type's field where a statement wrote it: a cast to it is one of PostgreSQL's, and one that
/// the engine or a check made is not judged.
pub(super) const NAME: &str = "written";

/// Types of PostgreSQL.
#[derive(Debug)]
pub(super) struct Types;

impl TypePlanner for Types {
    fn plan_type_field(&self, written: &Written) -> Result<Option<FieldRef>> {
        let field = |name: &str, data_type| Ok(Some(Arc::new(Field::new(name, data_type, true))));
        if let Written::Custom(name, modifiers) = written {
            return match literals::planned(name, modifiers) {
                Some(literal) => field(literals::field_name(&literal), literal),
                None => Ok(None),
            };
        }
        match plain(written).or_else(|| array(written)) {
            Some(data_type) => field(NAME, data_type),
            None => Ok(None),
        }
    }
}

/// A type that is not one of arrays.
fn plain(written: &Written) -> Option<DataType> {
    kind(written).and_then(Kind::data_type).or_else(|| numeric(written))
}

/// An array: as in PostgreSQL, a type says nothing of the number of its dimensions.
fn array(written: &Written) -> Option<DataType> {
    let mut item = written;
    while let Written::Array(ArrayElemTypeDef::SquareBracket(inner, _)) = item {
        item = inner.as_ref();
    }
    let item = match item {
        Written::Array(_) => return None,
        Written::Text | Written::Varchar(None) | Written::CharacterVarying(None) => DataType::Utf8,
        Written::Numeric(ExactNumberInfo::None) | Written::Decimal(ExactNumberInfo::None) => {
            numerics::digits(&DataType::Utf8).ok()?
        }
        other => plain(other)?,
    };
    matches!(written, Written::Array(_)).then(|| DataType::new_list(item, true))
}

/// The kind of a type's name.
fn kind(written: &Written) -> Option<Kind> {
    Some(match written {
        Written::Bool | Written::Boolean => Kind::Boolean,
        Written::SmallInt(None) | Written::Int2(None) => Kind::SmallInt,
        Written::Int(None) | Written::Integer(None) | Written::Int4(None) => Kind::Integer,
        Written::BigInt(None) | Written::Int8(None) => Kind::BigInt,
        Written::Real | Written::Float4 => Kind::Real,
        Written::Float(ExactNumberInfo::Precision(1..=24)) => Kind::Real,
        Written::Float(ExactNumberInfo::None | ExactNumberInfo::Precision(25..=53)) => Kind::Double,
        Written::Float8 | Written::DoublePrecision => Kind::Double,
        Written::Double(ExactNumberInfo::None) => Kind::Double,
        Written::Bytea => Kind::Bytea,
        Written::Date => Kind::Date,
        Written::Timestamp(_, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => {
            Kind::Timestamp
        }
        Written::Timestamp(_, TimezoneInfo::WithTimeZone | TimezoneInfo::Tz) => Kind::Timestamptz,
        Written::Time(_, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => Kind::Time,
        Written::Interval { .. } => Kind::Interval,
        Written::JSON => Kind::Json,
        Written::JSONB => Kind::Jsonb,
        _ => return None,
    })
}

/// A numeric of so many digits.
fn numeric(written: &Written) -> Option<DataType> {
    let digits = match written {
        Written::Numeric(digits) | Written::Decimal(digits) | Written::Dec(digits) => digits,
        _ => return None,
    };
    let (digits, scale) = match digits {
        ExactNumberInfo::Precision(digits) => (*digits, 0),
        ExactNumberInfo::PrecisionAndScale(digits, scale) => (*digits, *scale),
        ExactNumberInfo::None => return None,
    };
    let (digits, scale) = (u8::try_from(digits).ok()?, i8::try_from(scale).ok()?);
    let is_held = (1..=38).contains(&digits) && scale >= 0 && scale.unsigned_abs() <= digits;
    is_held.then_some(DataType::Decimal128(digits, scale))
}
