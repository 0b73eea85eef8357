//! Recursive queries: rows of the recursive part are rows of the first.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::metadata::FieldMetadata;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Projection, RecursiveQuery};

use super::super::kinds::{Kind, type_name};
use super::super::written_types;
use super::columns::{cast_columns, column};
use super::sides::common;

/// The recursive part as it was written: the engine casts its columns to the types of the first part, a
/// numeric to an integer too.
fn own_types(plan: LogicalPlan) -> LogicalPlan {
    let LogicalPlan::Projection(projection) = plan else { return plan };
    let own = |expression: Expr| match expression {
        // The type of a number is its own.
        Expr::Cast(cast)
            if cast.field.name() != written_types::NAME
                && !matches!(cast.expr.as_ref(), Expr::Literal(..)) =>
        {
            *cast.expr
        }
        other => other,
    };
    let names = NamePreserver::new_for_projection();
    let expressions = projection.expr.iter().cloned().map(|expression| {
        let name = names.save(&expression);
        name.restore(own(expression.unalias()))
    });
    let input = Arc::clone(&projection.input);
    match Projection::try_new(expressions.collect(), input) {
        Ok(plan) => LogicalPlan::Projection(plan),
        Err(_) => LogicalPlan::Projection(projection),
    }
}

/// The rows of a recursive query have the types of its first part. `settled` settles the types of a part.
pub(super) fn of(
    query: RecursiveQuery,
    settled: impl Fn(LogicalPlan) -> Result<LogicalPlan>,
) -> Result<LogicalPlan> {
    let RecursiveQuery { name, static_term, recursive_term, is_distinct, .. } = query;
    let first = settled(Arc::unwrap_or_clone(static_term))?;
    let unknown = |place: usize| {
        column(&first, place).ok().filter(|c| c.kind == Kind::Unknown).map(|_| DataType::Utf8)
    };
    let texts: Vec<_> = (0..first.schema().fields().len()).map(unknown).collect();
    let first = cast_columns(first, &texts)?;
    let next = settled(own_types(Arc::unwrap_or_clone(recursive_term)))?;
    let mut wanted = Vec::new();
    for (place, field) in first.schema().fields().iter().enumerate() {
        let values = [column(&first, place)?, column(&next, place)?];
        let kind = common("UNION", &values)?;
        if kind != Kind::of_type(field.data_type()) {
            return plan_err!(
                "recursive query \"{name}\" column {} has type {} in non-recursive term but type {} overall",
                place + 1,
                type_name(field.data_type()),
                kind.name()
            );
        }
        wanted.push(Some(field.data_type().clone()));
    }
    let next = cast_columns(next, &wanted)?;
    let (first, next) =
        (described(first.clone(), &first, &next)?, described(next, &first, &first)?);
    RecursiveQuery::try_new(name, Arc::new(first), Arc::new(next), is_distinct)
        .map(LogicalPlan::RecursiveQuery)
}

/// A part whose columns are described as those of the first: the engine wants one description of both. What
/// only the recursive part says of a column gives way to the name of the first part's.
fn described(part: LogicalPlan, first: &LogicalPlan, other: &LogicalPlan) -> Result<LogicalPlan> {
    let mut columns = Vec::with_capacity(part.schema().fields().len());
    for (place, (qualifier, field)) in part.schema().iter().enumerate() {
        let own = first.schema().field(place);
        let others = other.schema().field(place).metadata().keys().chain(field.metadata().keys());
        let mut said: BTreeMap<String, String> =
            others.map(|key| (key.clone(), own.name().clone())).collect();
        said.extend(own.metadata().iter().map(|(key, value)| (key.clone(), value.clone())));
        let column = Expr::Column((qualifier, field).into());
        columns.push(match said.is_empty() {
            true => column,
            false => column.alias_with_metadata(field.name(), Some(FieldMetadata::from(said))),
        });
    }
    LogicalPlanBuilder::from(part).project(columns)?.build()
}
