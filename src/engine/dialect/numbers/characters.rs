//! Numbers as texts, and texts as numbers: `to_hex`, `to_number`; and counts of NULLs.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;

use super::templates;
use crate::engine::dialect::scalars::{Form, Function, Gives, Kind, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "num_nonnulls",
        forms: &[Form::variadic(&[Kind::Any], Kind::Any, Gives::Kind(Kind::Int4), |row| {
            let found = (0..row.len()).filter(|at| !row.is_null(*at)).count();
            Ok(Value::Int(i64::try_from(found).unwrap_or(i64::MAX)))
        })],
    },
    Function {
        name: "num_nulls",
        forms: &[Form::variadic(&[Kind::Any], Kind::Any, Gives::Kind(Kind::Int4), |row| {
            let found = (0..row.len()).filter(|at| row.is_null(*at)).count();
            Ok(Value::Int(i64::try_from(found).unwrap_or(i64::MAX)))
        })],
    },
    Function {
        name: "to_hex",
        forms: &[
            Form::strict(&[Kind::Int4], Gives::Kind(Kind::Text), |row| {
                let value = i32::try_from(row.int(0)).unwrap_or(0);
                Ok(Value::text(format!("{value:x}")))
            }),
            Form::strict(&[Kind::Int8], Gives::Kind(Kind::Text), |row| {
                Ok(Value::text(format!("{:x}", row.int(0))))
            }),
        ],
    },
    Function {
        name: "to_number",
        forms: &[Form::strict(&[Kind::Text, Kind::Text], Gives::Of(read_places), |row| match row
            .text(1)
        {
            "" => Ok(Value::Null),
            template => templates::read(row.text(0), template).map(Value::Exact),
        })],
    },
];

/// As many places as a constant template has.
fn read_places(_: &[DataType], constants: &[Option<&ScalarValue>]) -> DataType {
    let template = constants.get(1).copied().flatten().and_then(ScalarValue::try_as_str).flatten();
    let places = template.and_then(templates::places).unwrap_or(16);
    DataType::Decimal128(38, i8::try_from(places.min(38)).unwrap_or(16))
}
