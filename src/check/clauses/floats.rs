//! NaN and infinities: counted apart in the tests of numbers, with why they fail.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use datafusion::prelude::lit;

use crate::check::plan::clause::RowTest;
use crate::contract::types::plain;

/// Counts NaN and infinities of a test apart. Without a reason NaN is not among the rows that fail.
pub(super) fn counted_apart(
    test: RowTest,
    of_nan: Option<&'static str>,
    of_infinite: &'static str,
) -> RowTest {
    let test = match of_nan {
        Some(why) => {
            test.note_because("NaN", why, |v, t| Ok(if is_float(t) { nan(v) } else { lit(false) }))
        }
        None => test,
    };
    test.note_because("infinite", of_infinite, |v, t| {
        Ok(if is_float(t) { infinite(v, t) } else { lit(false) })
    })
}

fn is_float(data_type: &DataType) -> bool {
    matches!(plain(data_type), DataType::Float32 | DataType::Float64)
}

/// The value of a text in a type of floats.
pub(super) fn float(text: &str, data_type: &DataType) -> ScalarValue {
    match plain(data_type) {
        DataType::Float32 => ScalarValue::Float32(text.parse().ok()),
        _ => ScalarValue::Float64(text.parse().ok()),
    }
}

fn nan(value: &Expr) -> Expr {
    datafusion::functions::expr_fn::isnan(value.clone())
}

fn infinite(value: &Expr, data_type: &DataType) -> Expr {
    value
        .clone()
        .eq(lit(float("inf", data_type)))
        .or(value.clone().eq(lit(float("-inf", data_type))))
}
