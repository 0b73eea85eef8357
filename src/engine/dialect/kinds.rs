//! Types as PostgreSQL sees them: what a value is, which type two of them have in common, and how a type
//! is called.

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;

use super::intervals::{INTERVAL, instant};
use super::json;
use super::literals;
use super::unknown;

/// A type of PostgreSQL, without its digits. The numbers and the instants are in the order in which one
/// becomes the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A quoted literal or NULL, whose type is that of what stands beside it.
    Unknown,
    Boolean,
    SmallInt,
    Integer,
    BigInt,
    Numeric,
    Real,
    Double,
    Text,
    Bytea,
    Date,
    Timestamp,
    Timestamptz,
    Time,
    Interval,
    Array,
    Json,
    Jsonb,
    Record,
    Other,
}

/// Types of which one becomes another without a cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Number,
    Instant,
    Alone(Kind),
}

impl Kind {
    /// The kind of an expression of this type.
    pub(super) fn of(expression: &Expr, data_type: &DataType) -> Self {
        match literal(expression) {
            Some(_) => Self::Unknown,
            None if literals::wide(expression).is_some() => Self::Numeric,
            None => Self::of_type(data_type),
        }
    }

    /// The kind of a column of this type.
    pub(super) fn of_type(data_type: &DataType) -> Self {
        match data_type {
            DataType::Null => Self::Unknown,
            DataType::Boolean => Self::Boolean,
            DataType::Int8 | DataType::Int16 | DataType::UInt8 => Self::SmallInt,
            DataType::Int32 | DataType::UInt16 => Self::Integer,
            DataType::Int64 | DataType::UInt32 => Self::BigInt,
            DataType::UInt64 | DataType::Decimal128(..) | DataType::Decimal256(..) => Self::Numeric,
            DataType::Decimal32(..) | DataType::Decimal64(..) => Self::Numeric,
            DataType::Float16 | DataType::Float32 => Self::Real,
            DataType::Float64 => Self::Double,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Self::Text,
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => Self::Bytea,
            DataType::FixedSizeBinary(_) => Self::Bytea,
            DataType::Date32 | DataType::Date64 => Self::Date,
            DataType::Time32(_) | DataType::Time64(_) => Self::Time,
            DataType::Timestamp(_, None) => Self::Timestamp,
            DataType::Timestamp(_, Some(_)) => Self::Timestamptz,
            DataType::Interval(_) | DataType::Duration(_) => Self::Interval,
            DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => Self::Array,
            DataType::Struct(_) => match json::kind_of(data_type) {
                Some(true) => Self::Jsonb,
                Some(false) => Self::Json,
                None => Self::Record,
            },
            DataType::Dictionary(_, value) => Self::of_type(value),
            DataType::RunEndEncoded(_, value) => Self::of_type(value.data_type()),
            _ => Self::Other,
        }
    }

    fn family(self) -> Family {
        match self {
            number if number.is_number() => Family::Number,
            Self::Date | Self::Timestamp | Self::Timestamptz => Family::Instant,
            other => Family::Alone(other),
        }
    }

    pub(super) fn is_number(self) -> bool {
        self >= Self::SmallInt && self <= Self::Double
    }

    pub(super) fn is_whole(self) -> bool {
        self >= Self::SmallInt && self <= Self::BigInt
    }

    pub(super) fn is_float(self) -> bool {
        matches!(self, Self::Real | Self::Double)
    }

    /// The kind that values of both have in one column: results of CASE, branches of UNION. `None` where
    /// PostgreSQL has none.
    pub(super) fn common(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Unknown, kind) | (kind, Self::Unknown) => Some(kind),
            _ if self.family() == other.family() => Some(self.max(other)),
            _ => None,
        }
    }

    /// The kind in which both are compared or calculated with. Beside a float, every other number is a
    /// double.
    pub(super) fn operand(self, other: Self) -> Option<Self> {
        let kind = self.common(other)?;
        let differ = self != other && self != Self::Unknown && other != Self::Unknown;
        Some(if kind == Self::Real && differ { Self::Double } else { kind })
    }

    /// The type of values of this kind, where a kind has one: a numeric has its own digits, an array its
    /// own items.
    pub(super) fn data_type(self) -> Option<DataType> {
        Some(match self {
            Self::Boolean => DataType::Boolean,
            Self::SmallInt => DataType::Int16,
            Self::Integer => DataType::Int32,
            Self::BigInt => DataType::Int64,
            Self::Real => DataType::Float32,
            Self::Double => DataType::Float64,
            Self::Text => DataType::Utf8,
            Self::Bytea => DataType::Binary,
            Self::Date => DataType::Date32,
            Self::Timestamp => instant(false),
            Self::Timestamptz => instant(true),
            Self::Time => DataType::Time64(TimeUnit::Microsecond),
            Self::Interval => INTERVAL,
            Self::Json => json::JSON.clone(),
            Self::Jsonb => json::JSONB.clone(),
            _ => return None,
        })
    }

    /// PostgreSQL's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Boolean => "boolean",
            Self::SmallInt => "smallint",
            Self::Integer => "integer",
            Self::BigInt => "bigint",
            Self::Numeric => "numeric",
            Self::Real => "real",
            Self::Double => "double precision",
            Self::Text => "text",
            Self::Bytea => "bytea",
            Self::Date => "date",
            Self::Timestamp => "timestamp without time zone",
            Self::Timestamptz => "timestamp with time zone",
            Self::Time => "time without time zone",
            Self::Interval => "interval",
            Self::Array => "array",
            Self::Json => "json",
            Self::Jsonb => "jsonb",
            Self::Record => "record",
            Self::Other => "value",
        }
    }
}

/// PostgreSQL's name of a type, that of an array's items included.
pub fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            format!("{}[]", type_name(item.data_type()).trim_end_matches("[]"))
        }
        other => Kind::of_type(other).name().to_owned(),
    }
}

/// The value of a literal whose type is unknown: a quoted text, or NULL.
pub(super) fn literal(expression: &Expr) -> Option<ScalarValue> {
    match expression {
        Expr::Literal(value @ (ScalarValue::Utf8(_) | ScalarValue::Null), _) => Some(value.clone()),
        Expr::Alias(alias) => literal(&alias.expr),
        Expr::ScalarFunction(call) if call.name() == unknown::NAME => {
            call.args.first().and_then(literal)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_instants_have_the_wider_kind_in_common() {
        use Kind::{BigInt, Date, Double, Integer, Numeric, Real, Text, Timestamptz, Unknown};
        assert_eq!(Integer.common(BigInt), Some(BigInt));
        assert_eq!(Numeric.common(Real), Some(Real));
        assert_eq!(Numeric.common(Double), Some(Double));
        assert_eq!(Date.common(Timestamptz), Some(Timestamptz));
        assert_eq!(Unknown.common(Date), Some(Date));
        assert_eq!(Text.common(Integer), None);
        assert_eq!(Date.common(Integer), None);
    }

    #[test]
    fn beside_a_real_every_other_number_is_a_double() {
        use Kind::{Double, Integer, Numeric, Real, Unknown};
        assert_eq!(Integer.operand(Real), Some(Double));
        assert_eq!(Numeric.operand(Real), Some(Double));
        assert_eq!(Real.operand(Real), Some(Real));
        assert_eq!(Unknown.operand(Real), Some(Real));
    }
}
