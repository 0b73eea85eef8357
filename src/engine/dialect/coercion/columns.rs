//! Columns of a plan, and a plan with its columns in other types.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Distinct, Expr, LogicalPlan, Projection, SubqueryAlias};

use super::super::kinds::{Kind, literal};
use super::typed::Typed;

/// A column of a branch: a literal in the list of its SELECT, or the column as it is.
pub(super) fn column(branch: &LogicalPlan, place: usize) -> Result<Typed> {
    let Some(field) = branch.schema().fields().get(place) else {
        return plan_err!("each branch must have the same number of columns");
    };
    let written = match branch {
        LogicalPlan::Projection(projection) => projection.expr.get(place).cloned(),
        LogicalPlan::Distinct(Distinct::All(inner)) => return column(inner, place),
        LogicalPlan::SubqueryAlias(alias) => return column(&alias.input, place),
        _ => None,
    };
    let expression = match written.filter(|written| literal(written).is_some()) {
        Some(written) => written,
        None => Expr::Column(branch.schema().columns().swap_remove(place)),
    };
    Ok(Typed::new(expression, field.data_type().clone()))
}

/// A plan with its columns in other types, and by the same names.
pub(super) fn cast_columns(plan: LogicalPlan, wanted: &[Option<DataType>]) -> Result<LogicalPlan> {
    let fields = plan.schema().fields().iter();
    let is_other = |(field, wanted): (&Arc<arrow::datatypes::Field>, &Option<DataType>)| {
        wanted.as_ref().is_some_and(|wanted| wanted != field.data_type())
    };
    let has_literals = (0..wanted.len()).any(|place| {
        wanted.get(place).is_some_and(Option::is_some)
            && column(&plan, place).is_ok_and(|found| found.kind == Kind::Unknown)
    });
    if !has_literals && !fields.zip(wanted).any(is_other) {
        return Ok(plan);
    }
    match plan {
        LogicalPlan::Distinct(Distinct::All(inner)) => {
            let inner = cast_columns(Arc::unwrap_or_clone(inner), wanted)?;
            Ok(LogicalPlan::Distinct(Distinct::All(Arc::new(inner))))
        }
        LogicalPlan::SubqueryAlias(alias) => {
            let inner = cast_columns(Arc::unwrap_or_clone(alias.input), wanted)?;
            SubqueryAlias::try_new(Arc::new(inner), alias.alias).map(LogicalPlan::SubqueryAlias)
        }
        LogicalPlan::Projection(projection) => {
            let Projection { expr, input, schema, .. } = projection;
            project(expr, input, &schema, wanted)
        }
        other => {
            let schema = Arc::clone(other.schema());
            let columns = schema.columns().into_iter().map(Expr::Column).collect();
            project(columns, Arc::new(other), &schema, wanted)
        }
    }
}

/// Expressions in other types, by the names of a schema.
pub(super) fn project(
    expressions: Vec<Expr>,
    input: Arc<LogicalPlan>,
    schema: &DFSchema,
    wanted: &[Option<DataType>],
) -> Result<LogicalPlan> {
    let names = NamePreserver::new_for_projection();
    let all = expressions.into_iter().zip(schema.fields()).enumerate();
    let cast = |(place, (expression, field)): (usize, (Expr, &Arc<arrow::datatypes::Field>))| {
        let Some(Some(wanted)) = wanted.get(place) else { return Ok(expression) };
        let name = names.save(&expression);
        let value = Typed::new(expression.unalias(), field.data_type().clone());
        Ok(name.restore(value.cast_to(wanted)?.expression))
    };
    let expressions = all.map(cast).collect::<Result<Vec<_>>>()?;
    Projection::try_new(expressions, input).map(LogicalPlan::Projection)
}
