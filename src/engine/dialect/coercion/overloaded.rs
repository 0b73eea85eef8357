//! Operators of arrays and of JSON, by the types of their sides.

use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;

use super::super::arrays::Function;
use super::super::json;
use super::super::kinds::{Kind, type_name};
use super::super::overloaded::{CONTAINED, CONTAINS};
use super::arrays;
use super::typed::Typed;

/// The function that an operator is of these values; `None` of a name that is not such an operator.
pub(super) fn settled(name: &str, sides: &[Typed]) -> Result<Option<Expr>> {
    let (sign, of_arrays) = match name {
        CONTAINS => ("@>", Function::Contains),
        CONTAINED => ("<@", Function::Contained),
        _ => return Ok(None),
    };
    if sides.iter().any(|side| side.kind == Kind::Array) {
        return arrays::called(sign, of_arrays, sides.to_vec()).map(Some);
    }
    if sides.iter().any(|side| matches!(side.kind, Kind::Json | Kind::Jsonb)) {
        let mut sides = sides.to_vec();
        if name == CONTAINED {
            sides.reverse();
        }
        let of_json = (json::Function::Contains, Some(true));
        return super::json::called("jsonb_contains", of_json, sides).map(Some);
    }
    let names: Vec<String> = sides.iter().map(|side| type_name(&side.data_type)).collect();
    plan_err!("operator does not exist: {}", names.join(&format!(" {sign} ")))
}
