//! `minProperties`, `maxProperties` and `required` of objects: a field that is NULL counts as
//! absent.

use arrow::datatypes::DataType;
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::{Expr, cast};
use datafusion::prelude::lit;

use crate::check::plan::clause::{Clause, RowTest, Test};
use crate::contract::clause_id::option_kind;
use crate::contract::model::{Column, LogicalType};
use crate::contract::types::instead;
use crate::contract::yaml::Node;

use super::planning::Planning;

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    if column.logical_type.as_ref().map(|t| t.value) != Some(LogicalType::Object) {
        return;
    }
    for (kind, node) in column.options.iter() {
        let number = node.scalar_text().and_then(|t| t.parse::<i64>().ok());
        let (expected, test) = match (kind, number) {
            ("minProperties", Some(n)) => (
                format!("at least {n} fields that are not NULL"),
                RowTest::new(column, move |v, t| Ok(present(v, t)?.lt(lit(n)))),
            ),
            ("maxProperties", Some(n)) => (
                format!("at most {n} fields that are not NULL"),
                RowTest::new(column, move |v, t| Ok(present(v, t)?.gt(lit(n)))),
            ),
            ("required", _) => {
                let names: Vec<String> =
                    node.items().iter().filter_map(Node::scalar_text).collect();
                let expected = format!("no NULL in {}", names.join(", "));
                let names: Vec<String> = names.iter().map(|n| physical(column, n)).collect();
                (expected, RowTest::new(column, move |v, t| lacks(v, t, &names)))
            }
            _ => continue,
        };
        let test = Test::Rows(test);
        let (table, kind) = (planning.table, option_kind(kind));
        out.push(Clause::new(table, Some(column), kind, node.span, expected, test));
    }
}

/// The name that files give a field, which may differ from the contract's.
fn physical(column: &Column, name: &str) -> String {
    let declared = column.properties.iter().find(|c| c.name.value == name);
    declared.map_or(name, Column::physical).to_owned()
}

/// How many fields are not NULL; NULL where the struct is.
fn present(value: &Expr, data_type: &DataType) -> Result<Expr, String> {
    let fields = match data_type {
        DataType::Struct(fields) => fields,
        other => return Err(instead(other, "objects")),
    };
    let one = |name: &str| {
        let there = value.clone().is_not_null().and(field(value, name).is_not_null());
        cast(there, DataType::Int64)
    };
    let count = fields.iter().map(|f| one(f.name())).reduce(|a, b| a + b);
    let count = count.unwrap_or_else(|| lit(0_i64));
    // Nothing is required of a struct that is NULL.
    datafusion::logical_expr::when(value.clone().is_not_null(), count)
        .end()
        .map_err(|e| e.to_string())
}

fn lacks(value: &Expr, data_type: &DataType, names: &[String]) -> Result<Expr, String> {
    let fields = match data_type {
        DataType::Struct(fields) => fields,
        other => return Err(instead(other, "objects")),
    };
    let missing = |name: &String| match fields.iter().any(|f| f.name() == name) {
        true => field(value, name).is_null(),
        false => lit(true),
    };
    let any = names.iter().map(missing).reduce(Expr::or).unwrap_or_else(|| lit(false));
    Ok(value.clone().is_not_null().and(any))
}

fn field(value: &Expr, name: &str) -> Expr {
    get_field(value.clone(), name)
}
