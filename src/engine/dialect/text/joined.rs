//! Values of any type put together.

use datafusion::error::Result;

use super::shown::shown;
use crate::engine::dialect::scalars::{
    Form, Function, Gives, Kind, Row, VALUE_BYTES, Value, too_long,
};

const TEXT: Gives = Gives::Kind(Kind::Text);

pub(super) const FUNCTIONS: &[Function] =
    &[
        Function {
            name: "concat",
            forms: &[Form::variadic(&[Kind::Spelled], Kind::Spelled, TEXT, |row| {
                joined(row, 0, "").map(Value::text)
            })],
        },
        Function {
            name: "concat_ws",
            forms: &[Form::variadic(&[Kind::Text, Kind::Spelled], Kind::Spelled, TEXT, |row| {
                match row.is_null(0) {
                    true => Ok(Value::Null),
                    false => joined(row, 1, row.text(0)).map(Value::text),
                }
            })],
        },
    ];

/// The arguments from one on that are not NULL, with a separator between them.
fn joined(row: &Row<'_>, from: usize, separator: &str) -> Result<String> {
    let mut text = String::new();
    let mut is_first = true;
    for at in (from..row.len()).filter(|at| !row.is_null(*at)) {
        if !is_first {
            text.push_str(separator);
        }
        is_first = false;
        text.push_str(shown(row, at)?);
        if text.len() > VALUE_BYTES {
            return Err(too_long());
        }
    }
    Ok(text)
}
