//! `minLength` and `maxLength`, in Unicode characters.

use datafusion::functions::expr_fn::character_length;
use datafusion::prelude::lit;

use crate::check::plan::clause::{Clause, RowTest, Test};
use crate::contract::model::{Column, LogicalType};
use crate::contract::types::{instead, plain};

use super::planning::Planning;

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    if column.logical_type.as_ref().map(|t| t.value) != Some(LogicalType::String) {
        return;
    }
    for (kind, words) in [("minLength", "at least"), ("maxLength", "at most")] {
        let Some(node) = column.options.get(kind) else { continue };
        let Some(limit) = node.scalar_text().and_then(|t| t.parse::<i64>().ok()) else { continue };
        let test = RowTest::new(column, move |value, data_type| {
            let plain = plain(data_type);
            if plain != arrow::datatypes::DataType::Utf8 {
                return Err(instead(&plain, "text"));
            }
            let length = character_length(value.clone());
            Ok(if kind == "minLength" { length.lt(lit(limit)) } else { length.gt(lit(limit)) })
        });
        out.push(Clause::new(
            planning.table,
            Some(column),
            kind,
            node.span,
            format!("{words} {limit} characters"),
            Test::Rows(test),
        ));
    }
}
