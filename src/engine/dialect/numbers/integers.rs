//! Functions of whole numbers, and of the whole parts of decimals.

use arrow::datatypes::DataType;
use datafusion::common::{ScalarValue, exec_datafusion_err, exec_err};
use datafusion::error::{DataFusionError, Result};
use num_bigint::BigInt;

use crate::engine::dialect::exact::Exact;
use crate::engine::dialect::scalars::{Form, Function, Gives, Kind, Row, Value};

const NUMERIC_PAIR: &[Kind] = &[Kind::Numeric, Kind::Numeric];

pub(super) const FUNCTIONS: &[Function] = &[
    // The operator `~`.
    Function {
        name: "bitwise_not",
        forms: &[
            Form::strict(&[Kind::Int2], Gives::First, |row| Ok(Value::Int(!row.int(0)))),
            Form::strict(&[Kind::Int4], Gives::First, |row| Ok(Value::Int(!row.int(0)))),
            Form::strict(&[Kind::Int8], Gives::First, |row| Ok(Value::Int(!row.int(0)))),
        ],
    },
    Function {
        name: "div",
        forms: &[Form::strict(NUMERIC_PAIR, Gives::Of(whole), |row| {
            Ok(Value::Exact(row.exact(0).whole_quotient(&divisor(row)?).0))
        })],
    },
    Function {
        name: "factorial",
        forms: &[Form::strict(&[Kind::Int8], Gives::Of(whole), |row| factorial(row.int(0)))],
    },
    Function {
        name: "gcd",
        forms: &[
            Form::strict(&[Kind::Int4, Kind::Int4], Gives::First, |row| Ok(Value::Int(gcd(row)?))),
            Form::strict(&[Kind::Int8, Kind::Int8], Gives::First, |row| Ok(Value::Int(gcd(row)?))),
            Form::strict(NUMERIC_PAIR, Gives::Of(larger_scale), |row| {
                Ok(Value::Exact(row.exact(0).common_divisor(&row.exact(1))))
            }),
        ],
    },
    Function {
        name: "lcm",
        forms: &[
            Form::strict(&[Kind::Int4, Kind::Int4], Gives::First, lcm),
            Form::strict(&[Kind::Int8, Kind::Int8], Gives::First, lcm),
            Form::strict(NUMERIC_PAIR, Gives::Of(larger_scale), |row| {
                let (a, b) = (row.exact(0), row.exact(1));
                if a.is_zero() || b.is_zero() {
                    return Ok(Value::Exact(Exact::zero()));
                }
                let (parts, _) = a.whole_quotient(&a.common_divisor(&b));
                Ok(Value::Exact(parts.times(&b).absolute()))
            }),
        ],
    },
    Function {
        name: "min_scale",
        forms: &[Form::strict(&[Kind::Numeric], Gives::Kind(Kind::Int4), |row| {
            Ok(Value::Int(row.exact(0).least_places()))
        })],
    },
    Function {
        name: "mod",
        forms: &[
            Form::strict(&[Kind::Int2, Kind::Int2], Gives::First, remainder),
            Form::strict(&[Kind::Int4, Kind::Int4], Gives::First, remainder),
            Form::strict(&[Kind::Int8, Kind::Int8], Gives::First, remainder),
            Form::strict(NUMERIC_PAIR, Gives::Of(larger_scale), |row| {
                Ok(Value::Exact(row.exact(0).whole_quotient(&divisor(row)?).1))
            }),
        ],
    },
    Function {
        name: "width_bucket",
        forms: &[
            Form::strict(
                &[Kind::Double, Kind::Double, Kind::Double, Kind::Int4],
                Gives::Kind(Kind::Int4),
                bucket_of_double,
            ),
            Form::strict(
                &[Kind::Numeric, Kind::Numeric, Kind::Numeric, Kind::Int4],
                Gives::Kind(Kind::Int4),
                bucket_of_numeric,
            ),
        ],
    },
];

/// A decimal of 38 digits without places.
fn whole(_: &[DataType], _: &[Option<&ScalarValue>]) -> DataType {
    DataType::Decimal128(38, 0)
}

fn larger_scale(types: &[DataType], _: &[Option<&ScalarValue>]) -> DataType {
    let scales = types.iter().map(|given| match given {
        DataType::Decimal128(_, scale) => *scale,
        _ => 0,
    });
    DataType::Decimal128(38, scales.max().unwrap_or(0))
}

fn by_zero() -> DataFusionError {
    exec_datafusion_err!("division by zero")
}

fn divisor(row: &Row<'_>) -> Result<Exact> {
    let divisor = row.exact(1);
    match divisor.is_zero() {
        true => Err(by_zero()),
        false => Ok(divisor),
    }
}

fn remainder<'a>(row: &Row<'a>) -> Result<Value<'a>> {
    match row.int(1) {
        0 => Err(by_zero()),
        divisor => Ok(Value::Int(row.int(0).checked_rem(divisor).unwrap_or(0))),
    }
}

fn factorial<'a>(n: i64) -> Result<Value<'a>> {
    if n < 0 {
        return exec_err!("factorial of a negative number is undefined");
    }
    // 34! has 39 digits.
    if n > 34 {
        return exec_err!("numeric out of range: it takes more than 38 digits");
    }
    let product = (1..=n).fold(BigInt::from(1), |product, factor| product * factor);
    Ok(Value::Exact(Exact::new(product, 0)))
}

fn gcd(row: &Row<'_>) -> Result<i64> {
    let (mut a, mut b) = (row.int(0).unsigned_abs(), row.int(1).unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i64::try_from(a).map_err(|_| exec_datafusion_err!("bigint out of range"))
}

fn lcm<'a>(row: &Row<'a>) -> Result<Value<'a>> {
    let (a, b) = (row.int(0), row.int(1));
    if a == 0 || b == 0 {
        return Ok(Value::Int(0));
    }
    let common = gcd(row)?;
    let found = (a / common).checked_mul(b).and_then(i64::checked_abs);
    found.map(Value::Int).ok_or_else(|| exec_datafusion_err!("bigint out of range"))
}

fn counted(row: &Row<'_>) -> Result<i64> {
    match row.int(3) {
        count @ 1.. => Ok(count),
        _ => exec_err!("count must be greater than zero"),
    }
}

fn above(count: i64) -> Result<i64> {
    match i32::try_from(count + 1) {
        Ok(above) => Ok(i64::from(above)),
        Err(_) => exec_err!("integer out of range"),
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "counts are integers"
)]
fn bucket_of_double<'a>(row: &Row<'a>) -> Result<Value<'a>> {
    let (x, low, high, count) = (row.double(0), row.double(1), row.double(2), counted(row)?);
    if x.is_nan() || low.is_nan() || high.is_nan() {
        return exec_err!("operand, lower bound, and upper bound cannot be NaN");
    }
    if low.is_infinite() || high.is_infinite() {
        return exec_err!("lower and upper bounds must be finite");
    }
    let within = |off: f64, width: f64| {
        let bucket = (count as f64 * (off / width)) as i64;
        // What rounding has put above the last bucket belongs into it.
        bucket.min(count - 1) + 1
    };
    let found = match low < high {
        true if x < low => 0,
        true if x >= high => above(count)?,
        true => within(x - low, high - low),
        false if low == high => return exec_err!("lower bound cannot equal upper bound"),
        false if x > low => 0,
        false if x <= high => above(count)?,
        false => within(low - x, low - high),
    };
    Ok(Value::Int(found))
}

fn bucket_of_numeric<'a>(row: &Row<'a>) -> Result<Value<'a>> {
    let (x, low, high, count) = (row.exact(0), row.exact(1), row.exact(2), counted(row)?);
    let within = |off: Exact, width: Exact| {
        let (bucket, _) = off.times(&Exact::new(count, 0)).whole_quotient(&width);
        bucket.digits().and_then(|bucket| i64::try_from(bucket).ok()).unwrap_or(0) + 1
    };
    let found = match low.compared(&high) {
        std::cmp::Ordering::Equal => return exec_err!("lower bound cannot equal upper bound"),
        std::cmp::Ordering::Less if x.compared(&low).is_lt() => 0,
        std::cmp::Ordering::Less if x.compared(&high).is_ge() => above(count)?,
        std::cmp::Ordering::Less => within(x.minus(&low), high.minus(&low)),
        std::cmp::Ordering::Greater if x.compared(&low).is_gt() => 0,
        std::cmp::Ordering::Greater if x.compared(&high).is_le() => above(count)?,
        std::cmp::Ordering::Greater => within(low.minus(&x), low.minus(&high)),
    };
    Ok(Value::Int(found))
}
