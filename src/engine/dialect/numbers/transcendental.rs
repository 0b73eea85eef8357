//! Roots, logarithms and powers: of floats as floats, of decimals as decimals with the places that
//! PostgreSQL gives them. Outside their domain they fail.

use arrow::datatypes::DataType;
use datafusion::common::{ScalarValue, exec_err};
use datafusion::error::Result;

use super::doubles::in_range;
use crate::engine::dialect::exact::Exact;
use crate::engine::dialect::scalars::{Form, Function, Gives, Kind, Row, Value};

const DOUBLE: Gives = Gives::Kind(Kind::Double);

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "exp",
        forms: &[
            Form::strict(&[Kind::Numeric], Gives::Of(sixteen), |row| {
                row.exact(0).exponential().map(Value::Exact)
            }),
            Form::strict(&[Kind::Double], DOUBLE, |row| {
                let x = row.double(0);
                in_range(x, x.exp()).map(Value::Double)
            }),
        ],
    },
    Function {
        name: "ln",
        forms: &[
            Form::strict(&[Kind::Numeric], Gives::Of(sixteen), |row| {
                row.exact(0).logarithm().map(Value::Exact)
            }),
            Form::strict(&[Kind::Double], DOUBLE, |row| {
                positive(row.double(0)).map(|x| Value::Double(x.ln()))
            }),
        ],
    },
    Function { name: "log", forms: &[OF_TEN, OF_TEN_DOUBLE, TO_BASE] },
    Function { name: "log10", forms: &[OF_TEN, OF_TEN_DOUBLE] },
    Function { name: "pow", forms: POWER },
    Function { name: "power", forms: POWER },
    Function {
        name: "sqrt",
        forms: &[
            Form::strict(&[Kind::Numeric], Gives::Of(root), |row| {
                row.exact(0).square_root().map(Value::Exact)
            }),
            Form::strict(&[Kind::Double], DOUBLE, |row| match row.double(0) {
                x if x < 0.0 => exec_err!("cannot take square root of a negative number"),
                x => Ok(Value::Double(x.sqrt())),
            }),
        ],
    },
];

const OF_TEN: Form = Form::strict(&[Kind::Numeric], Gives::Of(sixteen), |row| {
    row.exact(0).logarithm_to(&Exact::new(10, 0)).map(Value::Exact)
});

const OF_TEN_DOUBLE: Form = Form::strict(&[Kind::Double], DOUBLE, |row| {
    positive(row.double(0)).map(|x| Value::Double(x.log10()))
});

const TO_BASE: Form = Form::strict(&[Kind::Numeric, Kind::Numeric], Gives::Of(sixteen), |row| {
    row.exact(1).logarithm_to(&row.exact(0)).map(Value::Exact)
});

const POWER: &[Form] = &[
    Form::strict(&[Kind::Double, Kind::Double], DOUBLE, double_power),
    Form::strict(&[Kind::Numeric, Kind::Numeric], Gives::Of(sixteen), |row| {
        row.exact(0).power(&row.exact(1)).map(Value::Exact)
    }),
];

/// At least sixteen places, and those of the arguments where digits allow.
fn sixteen(types: &[DataType], _: &[Option<&ScalarValue>]) -> DataType {
    let scales = types.iter().map(|given| match given {
        DataType::Decimal128(_, scale) => *scale,
        _ => 0,
    });
    DataType::Decimal128(38, scales.max().unwrap_or(0).clamp(16, 20))
}

fn root(types: &[DataType], _: &[Option<&ScalarValue>]) -> DataType {
    let (digits, scale) = match types.first() {
        Some(DataType::Decimal128(digits, scale)) => (i16::from(*digits), i16::from(*scale)),
        _ => (38, 0),
    };
    // A root has half as many digits before the point.
    let room = 38 - ((digits - scale + 1) / 2 + 1);
    DataType::Decimal128(38, i8::try_from(scale.max(16).min(room)).unwrap_or(16))
}

fn positive(x: f64) -> Result<f64> {
    if x == 0.0 {
        return exec_err!("cannot take logarithm of zero");
    }
    match x < 0.0 {
        true => exec_err!("cannot take logarithm of a negative number"),
        false => Ok(x),
    }
}

fn double_power<'a>(row: &Row<'a>) -> Result<Value<'a>> {
    let (base, exponent) = (row.double(0), row.double(1));
    if base == 0.0 && exponent < 0.0 {
        return exec_err!("zero raised to a negative power is undefined");
    }
    if base < 0.0 && exponent.is_finite() && exponent.fract() != 0.0 {
        return exec_err!(
            "a negative number raised to a non-integer power yields a complex result"
        );
    }
    let found = base.powf(exponent);
    if base.is_finite() && exponent.is_finite() {
        if found.is_infinite() {
            return exec_err!("value out of range: overflow");
        }
        if found == 0.0 && base != 0.0 {
            return exec_err!("value out of range: underflow");
        }
    }
    Ok(Value::Double(found))
}
