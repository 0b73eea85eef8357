//! Kinds of values that functions of time take and give, row by row.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Float32Array,
    Float64Array, Int32Array, Int64Array, IntervalMonthDayNanoArray, StringBuilder,
    Time64MicrosecondArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int32Type, Int64Type,
    IntervalMonthDayNanoType, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::exec_err;
use datafusion::error::Result;

use super::intervals::span::Span;
use super::intervals::{INTERVAL, instant};

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Text,
    Boolean,
    /// An `integer`.
    Integer,
    /// A `bigint`.
    Bigint,
    Float,
    /// A `real`.
    Real,
    /// A `numeric` with so many digits, some behind the point.
    Numeric(u8, i8),
    Date,
    Time,
    Timestamp,
    /// A timestamp of a zone.
    Instant,
    Interval,
}

/// A value; NULL reaches no function.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Text(Cow<'a, str>),
    Boolean(bool),
    Integer(i32),
    Bigint(i64),
    Float(f64),
    Real(f32),
    /// Units of the scale of a result.
    Numeric(i128),
    /// Units and scale of an argument.
    Decimal(i128, i8),
    /// Days from 1970-01-01.
    Date(i32),
    /// Microseconds from midnight.
    Time(i64),
    /// Microseconds from 1970-01-01.
    Timestamp(i64),
    /// Microseconds from 1970-01-01 in UTC.
    Instant(i64),
    Interval(Span),
}

impl Kind {
    /// The type of columns of the kind.
    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Boolean => DataType::Boolean,
            Self::Integer => DataType::Int32,
            Self::Bigint => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Real => DataType::Float32,
            Self::Numeric(digits, scale) => DataType::Decimal128(digits, scale),
            Self::Date => DataType::Date32,
            Self::Time => DataType::Time64(TimeUnit::Microsecond),
            Self::Timestamp => instant(false),
            Self::Instant => instant(true),
            Self::Interval => INTERVAL,
        }
    }

    /// The kind that values of a type are of by themselves.
    pub(super) fn of(data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Utf8 | DataType::LargeUtf8 => Self::Text,
            DataType::Boolean => Self::Boolean,
            DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::UInt8
            | DataType::UInt16 => Self::Integer,
            DataType::Int64 | DataType::UInt32 | DataType::UInt64 => Self::Bigint,
            DataType::Float64 => Self::Float,
            DataType::Float16 | DataType::Float32 => Self::Real,
            DataType::Decimal128(digits, scale) => Self::Numeric(*digits, *scale),
            DataType::Date32 | DataType::Date64 => Self::Date,
            DataType::Time32(_) | DataType::Time64(_) => Self::Time,
            DataType::Timestamp(_, None) => Self::Timestamp,
            DataType::Timestamp(_, Some(_)) => Self::Instant,
            DataType::Interval(_) | DataType::Duration(_) => Self::Interval,
            DataType::Dictionary(_, values) => Self::of(values)?,
            _ => return None,
        })
    }

    /// The value of a row of an array of the kind's type.
    ///
    /// # Errors
    /// When the array has another type.
    pub(super) fn value(self, array: &dyn Array, row: usize) -> Result<Value<'_>> {
        if array.data_type() != &self.data_type() {
            return exec_err!("{} is given in place of {}", array.data_type(), self.data_type());
        }
        if array.is_null(row) {
            return Ok(Value::Null);
        }
        Ok(match self {
            Self::Text => Value::Text(Cow::Borrowed(array.as_string::<i32>().value(row))),
            Self::Boolean => Value::Boolean(array.as_boolean().value(row)),
            Self::Integer => Value::Integer(array.as_primitive::<Int32Type>().value(row)),
            Self::Bigint => Value::Bigint(array.as_primitive::<Int64Type>().value(row)),
            Self::Float => Value::Float(array.as_primitive::<Float64Type>().value(row)),
            Self::Real => Value::Real(array.as_primitive::<Float32Type>().value(row)),
            Self::Numeric(_, scale) => {
                Value::Decimal(array.as_primitive::<Decimal128Type>().value(row), scale)
            }
            Self::Date => Value::Date(array.as_primitive::<Date32Type>().value(row)),
            Self::Time => Value::Time(array.as_primitive::<Time64MicrosecondType>().value(row)),
            Self::Timestamp => {
                Value::Timestamp(array.as_primitive::<TimestampMicrosecondType>().value(row))
            }
            Self::Instant => {
                Value::Instant(array.as_primitive::<TimestampMicrosecondType>().value(row))
            }
            Self::Interval => {
                let interval = array.as_primitive::<IntervalMonthDayNanoType>().value(row);
                Value::Interval(Span::of_engine(interval))
            }
        })
    }

    /// Values as an array of the kind's type.
    ///
    /// # Errors
    /// When a value does not fit.
    pub(super) fn array(self, values: Vec<Value<'_>>) -> Result<ArrayRef> {
        macro_rules! collect {
            ($array:ty, $variant:ident) => {{
                let one = |value: Value| match value {
                    Value::$variant(value) => Some(value),
                    _ => None,
                };
                values.into_iter().map(one).collect::<$array>()
            }};
        }
        Ok(match self {
            Self::Text => {
                let mut builder = StringBuilder::with_capacity(values.len(), values.len() * 10);
                for value in &values {
                    match value {
                        Value::Text(text) => builder.append_value(text),
                        _ => builder.append_null(),
                    }
                }
                Arc::new(builder.finish())
            }
            Self::Boolean => Arc::new(collect!(BooleanArray, Boolean)),
            Self::Integer => Arc::new(collect!(Int32Array, Integer)),
            Self::Bigint => Arc::new(collect!(Int64Array, Bigint)),
            Self::Float => Arc::new(collect!(Float64Array, Float)),
            Self::Real => Arc::new(collect!(Float32Array, Real)),
            Self::Numeric(digits, scale) => {
                let numbers = collect!(Decimal128Array, Numeric);
                numbers.validate_decimal_precision(digits)?;
                Arc::new(numbers.with_precision_and_scale(digits, scale)?)
            }
            Self::Date => Arc::new(collect!(Date32Array, Date)),
            Self::Time => Arc::new(collect!(Time64MicrosecondArray, Time)),
            Self::Timestamp => Arc::new(collect!(TimestampMicrosecondArray, Timestamp)),
            Self::Instant => {
                Arc::new(collect!(TimestampMicrosecondArray, Instant).with_timezone("UTC"))
            }
            Self::Interval => {
                let one = |value: Value| match value {
                    Value::Interval(span) => span.to_engine().map(Some),
                    _ => Ok(None),
                };
                let found = values.into_iter().map(one);
                Arc::new(found.collect::<Result<IntervalMonthDayNanoArray>>()?)
            }
        })
    }
}
