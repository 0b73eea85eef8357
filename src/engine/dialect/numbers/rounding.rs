//! Functions that take a number's sign or its places: abs, sign, round, trunc, ceil, floor. Decimals are
//! rounded half away from zero, floats to the even neighbour of a half.

use arrow::datatypes::DataType;
use datafusion::common::{ScalarValue, exec_datafusion_err};
use datafusion::error::Result;

use crate::engine::dialect::exact::rescaled;
use crate::engine::dialect::scalars::{Form, Function, Gives, Kind, Row, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "abs",
        forms: &[
            Form::strict(&[Kind::Int2], Gives::First, absolute),
            Form::strict(&[Kind::Int4], Gives::First, absolute),
            Form::strict(&[Kind::Int8], Gives::First, absolute),
            Form::strict(&[Kind::Numeric], Gives::First, |row| {
                let (digits, scale) = row.numeric(0);
                Ok(Value::Numeric(digits.abs(), scale))
            }),
            Form::strict(&[Kind::Real], Gives::First, |row| Ok(Value::Double(row.double(0).abs()))),
            Form::strict(&[Kind::Double], Gives::First, |row| {
                Ok(Value::Double(row.double(0).abs()))
            }),
        ],
    },
    Function { name: "ceil", forms: CEIL },
    Function { name: "ceiling", forms: CEIL },
    Function {
        name: "floor",
        forms: &[
            Form::strict(&[Kind::Numeric], Gives::Of(whole), |row| {
                let (digits, scale) = row.numeric(0);
                Ok(Value::Numeric(digits.div_euclid(unit(scale)), 0))
            }),
            Form::strict(&[Kind::Double], Gives::First, |row| {
                Ok(Value::Double(row.double(0).floor()))
            }),
        ],
    },
    Function {
        name: "round",
        forms: &[
            Form::strict(&[Kind::Numeric], Gives::Of(whole), |row| at_places(row, Some(0), true)),
            Form::strict(&[Kind::Double], Gives::First, |row| {
                Ok(Value::Double(row.double(0).round_ties_even()))
            }),
            Form::strict(&[Kind::Numeric, Kind::Int4], Gives::Of(of_places), |row| {
                at_places(row, None, true)
            }),
            Form::strict(&[Kind::Float, Kind::Int4], Gives::First, |row| {
                Ok(Value::Double(double(row.double(0), row.int(1), f64::round)))
            }),
        ],
    },
    Function {
        name: "sign",
        forms: &[
            Form::strict(&[Kind::Numeric], Gives::Of(whole), |row| {
                Ok(Value::Numeric(row.numeric(0).0.signum(), 0))
            }),
            Form::strict(&[Kind::Double], Gives::First, |row| {
                // Of what is not a number it is zero, too.
                let value = row.double(0);
                let found = f64::from(i8::from(value > 0.0) - i8::from(value < 0.0));
                Ok(Value::Double(found))
            }),
        ],
    },
    Function {
        name: "trunc",
        forms: &[
            Form::strict(&[Kind::Numeric], Gives::Of(whole), |row| at_places(row, Some(0), false)),
            Form::strict(&[Kind::Double], Gives::First, |row| {
                Ok(Value::Double(row.double(0).trunc()))
            }),
            Form::strict(&[Kind::Numeric, Kind::Int4], Gives::Of(of_places), |row| {
                at_places(row, None, false)
            }),
            Form::strict(&[Kind::Float, Kind::Int4], Gives::First, |row| {
                Ok(Value::Double(double(row.double(0), row.int(1), f64::trunc)))
            }),
        ],
    },
];

const CEIL: &[Form] = &[
    Form::strict(&[Kind::Numeric], Gives::Of(whole), |row| {
        let (digits, scale) = row.numeric(0);
        Ok(Value::Numeric(-(-digits).div_euclid(unit(scale)), 0))
    }),
    Form::strict(&[Kind::Double], Gives::First, |row| Ok(Value::Double(row.double(0).ceil()))),
];

fn unit(scale: i8) -> i128 {
    10_i128.pow(u32::try_from(scale).unwrap_or(0))
}

fn absolute<'a>(row: &Row<'a>) -> Result<Value<'a>> {
    let (value, is_int) = (row.int(0), row.array(0).map(|(array, _)| array.data_type().clone()));
    let name = match is_int {
        Some(DataType::Int16) => "smallint",
        Some(DataType::Int32) => "integer",
        _ => "bigint",
    };
    let found = value.checked_abs();
    let found = found.filter(|found| match name {
        "smallint" => i16::try_from(*found).is_ok(),
        "integer" => i32::try_from(*found).is_ok(),
        _ => true,
    });
    found.map(Value::Int).ok_or_else(|| exec_datafusion_err!("{name} out of range"))
}

fn digits_of(types: &[DataType]) -> (i16, i16) {
    match types.first() {
        Some(DataType::Decimal128(digits, scale)) => (i16::from(*digits), i16::from(*scale)),
        _ => (38, 0),
    }
}

/// A decimal without places; one digit more: 9.9 becomes 10.
fn whole(types: &[DataType], _: &[Option<&ScalarValue>]) -> DataType {
    decimal(digits_of(types), 0)
}

fn decimal((digits, scale): (i16, i16), places: i16) -> DataType {
    let before = (digits - scale + 1).clamp(1, 38);
    let places = places.clamp(0, 38 - before.min(38));
    DataType::Decimal128(
        u8::try_from(before + places).unwrap_or(38),
        i8::try_from(places).unwrap_or(0),
    )
}

/// A decimal of as many places as a constant says; where it is none, of those that there were.
fn of_places(types: &[DataType], constants: &[Option<&ScalarValue>]) -> DataType {
    let (digits, scale) = digits_of(types);
    let constant = constants.get(1).copied().flatten();
    let places = match constant.and_then(|c| c.cast_to(&DataType::Int64).ok()) {
        Some(ScalarValue::Int64(Some(places))) => i16::try_from(places.clamp(0, 38)).unwrap_or(0),
        _ => scale,
    };
    decimal((digits, scale), places)
}

fn at_places<'a>(row: &Row<'a>, places: Option<i64>, is_rounded: bool) -> Result<Value<'a>> {
    let (digits, scale) = row.numeric(0);
    let places = places.unwrap_or_else(|| row.int(1));
    if places >= i64::from(scale) {
        return Ok(Value::Numeric(digits, scale));
    }
    // Beyond 38 places before the point nothing is left.
    let places = i8::try_from(places.max(-39)).unwrap_or(-39);
    let found = match is_rounded {
        true => rescaled(digits, scale, places).unwrap_or(0),
        false => {
            let by = u32::try_from(i16::from(scale) - i16::from(places)).unwrap_or(0);
            10_i128.checked_pow(by).map_or(0, |power| digits / power)
        }
    };
    let back = match places {
        0.. => return Ok(Value::Numeric(found, places)),
        _ => rescaled(found, places, 0),
    };
    back.map(|digits| Value::Numeric(digits, 0))
        .ok_or_else(|| exec_datafusion_err!("numeric out of range: it takes more than 38 digits"))
}

/// PostgreSQL rounds no floats to places; this does, half away from zero.
fn double(value: f64, places: i64, to_whole: fn(f64) -> f64) -> f64 {
    let places = i32::try_from(places.clamp(-400, 400)).unwrap_or(0);
    let power = 10_f64.powi(places);
    let found = to_whole(value * power) / power;
    if found.is_finite() { found } else { value }
}
