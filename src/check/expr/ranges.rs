//! Ranges and few values: what single numbers are compared with, in one pass.
//!
//! For floats, NaN and infinities are beyond every limit, and `-0.0` equals `0.0`.

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray};
use arrow::buffer::BooleanBuffer;
use arrow::compute::cast;
use arrow::compute::kernels::cmp::{gt, lt};
use arrow::datatypes::{
    DataType, Date32Type, Float32Type, Float64Type, Int32Type, Int64Type, TimeUnit,
    TimestampMicrosecondType,
};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;

use crate::contract::types::plain;

use super::function::{ValueTest, tested};

use datafusion::prelude::lit;

/// The expression that is true for values beyond a limit: below it when it is the low one.
///
/// `strict` and `allow_nan` are for floats: whether the limit itself is beyond, and whether NaN is
/// left out.
pub(in crate::check) fn outside(
    value: &Expr,
    limit: ScalarValue,
    low: bool,
    strict: bool,
    allow_nan: bool,
) -> Expr {
    tested(Outside { limit, low, strict, allow_nan }, value)
}

/// The expression that is true for values that equal one of these; not for NULL.
pub(in crate::check) fn one_of(value: &Expr, values: Vec<ScalarValue>) -> Expr {
    let whole: Option<Vec<i64>> = values.iter().map(whole).collect();
    match whole {
        Some(whole) if (1..=FEW).contains(&whole.len()) => tested(OneOf { whole }, value),
        _ if values.is_empty() => lit(false),
        _ => value.clone().in_list(values.into_iter().map(lit).collect(), false),
    }
}

/// Values that are compared one after the other; more go into a hash table.
const FEW: usize = 4;

/// A value as the whole number that its type stores.
fn whole(value: &ScalarValue) -> Option<i64> {
    match value {
        ScalarValue::Int64(value) | ScalarValue::TimestampMicrosecond(value, _) => *value,
        ScalarValue::Int32(value) | ScalarValue::Date32(value) => value.map(i64::from),
        _ => None,
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct OneOf {
    whole: Vec<i64>,
}

impl ValueTest for OneOf {
    const NAME: &'static str = "pactum_one_of";

    fn test(&self, values: &ArrayRef) -> Result<BooleanArray> {
        let array = cast(values, &plain(values.data_type()))?;
        Ok(match array.data_type() {
            DataType::Int64 => self.find::<Int64Type>(&array),
            DataType::Int32 => self.find::<Int32Type>(&array),
            DataType::Date32 => self.find::<Date32Type>(&array),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                self.find::<TimestampMicrosecondType>(&array)
            }
            _ => self.find::<Int64Type>(&cast(&array, &DataType::Int64)?),
        })
    }
}

impl OneOf {
    fn find<T: ArrowPrimitiveType>(&self, array: &ArrayRef) -> BooleanArray
    where
        T::Native: Into<i64>,
    {
        let array = array.as_primitive::<T>();
        match self.whole.as_slice() {
            [one] => mask(array, |v| v.into() == *one),
            several => mask(array, |v| several.contains(&v.into())),
        }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Outside {
    limit: ScalarValue,
    low: bool,
    strict: bool,
    allow_nan: bool,
}

impl ValueTest for Outside {
    const NAME: &'static str = "pactum_outside";

    fn test(&self, values: &ArrayRef) -> Result<BooleanArray> {
        // The limit was made for this type: only its encoding can differ.
        let wanted = self.limit.data_type();
        match values.data_type() == &wanted {
            true => self.beyond(values),
            false => self.beyond(&cast(values, &wanted)?),
        }
    }
}

impl Outside {
    fn beyond(&self, array: &ArrayRef) -> Result<BooleanArray> {
        Ok(match &self.limit {
            ScalarValue::Float64(Some(limit)) => self.floats::<Float64Type>(array, *limit),
            ScalarValue::Float32(Some(limit)) => self.floats::<Float32Type>(array, *limit),
            ScalarValue::Int64(Some(limit)) => self.whole::<Int64Type>(array, *limit),
            ScalarValue::Int32(Some(limit)) => self.whole::<Int32Type>(array, *limit),
            other => {
                let limit = other.to_scalar()?;
                if self.low { lt(array, &limit)? } else { gt(array, &limit)? }
            }
        })
    }

    fn whole<T: ArrowPrimitiveType>(&self, array: &ArrayRef, limit: T::Native) -> BooleanArray
    where
        T::Native: PartialOrd,
    {
        let array = array.as_primitive::<T>();
        match self.low {
            true => mask(array, |v| v < limit),
            false => mask(array, |v| v > limit),
        }
    }

    fn floats<T: ArrowPrimitiveType>(&self, array: &ArrayRef, limit: T::Native) -> BooleanArray
    where
        T::Native: PartialOrd + Into<f64> + Copy,
    {
        let array = array.as_primitive::<T>();
        // A value is good when it is finite and on the right side: NaN compares with nothing.
        let finite = |v: T::Native| v.into().abs() < f64::INFINITY;
        let nan = |v: T::Native| self.allow_nan && v.into().is_nan();
        match (self.low, self.strict) {
            (true, false) => mask(array, |v| !(nan(v) || finite(v) && v >= limit)),
            (true, true) => mask(array, |v| !(nan(v) || finite(v) && v > limit)),
            (false, false) => mask(array, |v| !(nan(v) || finite(v) && v <= limit)),
            (false, true) => mask(array, |v| !(nan(v) || finite(v) && v < limit)),
        }
    }
}

/// True where a value fails. Most batches have none: failures are counted first, in a tight loop.
fn mask<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    fails: impl Fn(T::Native) -> bool,
) -> BooleanArray {
    let values = array.values();
    let any = values.iter().fold(0u32, |count, value| count + u32::from(fails(*value)));
    let failing = match any {
        0 => BooleanBuffer::new_unset(values.len()),
        _ => BooleanBuffer::collect_bool(values.len(), |n| fails(values[n])),
    };
    BooleanArray::new(failing, array.nulls().cloned())
}
