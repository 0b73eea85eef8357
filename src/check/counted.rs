//! Counted: whether what a plan answers is a count of rows, or made of such counts alone.
//!
//! A count tells how many rows there are of a kind, and no value that stands in one.

use datafusion::common::{Column, DFSchema, ScalarValue};
use datafusion::logical_expr::expr::{AggregateFunction, WindowFunctionDefinition};
use datafusion::logical_expr::logical_plan::Distinct;
use datafusion::logical_expr::{Expr, ExprSchemable, JoinType, LogicalPlan};

use arrow::datatypes::DataType;

/// Whether every field of a plan's answer is a count, or is computed of counts and literals.
pub(super) fn is_count(plan: &LogicalPlan) -> bool {
    let fields = fields(plan);
    !fields.is_empty() && fields.into_iter().all(|is_count| is_count)
}

/// By field of a plan's schema: whether it is one. What is not known is none.
fn fields(plan: &LogicalPlan) -> Vec<bool> {
    let width = plan.schema().fields().len();
    let found = match plan {
        LogicalPlan::Projection(node) => {
            let input = Fields::of(&node.input);
            node.expr.iter().map(|e| input.is_count(e)).collect()
        }
        LogicalPlan::Aggregate(node) => {
            let input = Fields::of(&node.input);
            let groups = width.saturating_sub(node.aggr_expr.len());
            let groups = match node.group_expr.len() == groups {
                true => node.group_expr.iter().map(|e| input.is_count(e)).collect(),
                // Grouping sets.
                false => vec![false; groups],
            };
            groups.into_iter().chain(node.aggr_expr.iter().map(|e| input.is_count(e))).collect()
        }
        LogicalPlan::Window(node) => {
            let input = Fields::of(&node.input);
            let windows = node.window_expr.iter().map(|e| input.is_count(e));
            input.counts.iter().copied().chain(windows).collect()
        }
        LogicalPlan::Filter(node) => fields(&node.input),
        LogicalPlan::Sort(node) => fields(&node.input),
        LogicalPlan::Limit(node) => fields(&node.input),
        LogicalPlan::SubqueryAlias(node) => fields(&node.input),
        LogicalPlan::Distinct(Distinct::All(input)) => fields(input),
        LogicalPlan::Union(node) => {
            let inputs: Vec<Vec<bool>> = node.inputs.iter().map(|input| fields(input)).collect();
            let all = |n| inputs.iter().all(|input| input.get(n).copied().unwrap_or(false));
            (0..width).map(all).collect()
        }
        LogicalPlan::Join(join) => match join.join_type {
            JoinType::LeftSemi | JoinType::LeftAnti => fields(&join.left),
            JoinType::RightSemi | JoinType::RightAnti => fields(&join.right),
            JoinType::LeftMark | JoinType::RightMark => vec![false; width],
            _ => fields(&join.left).into_iter().chain(fields(&join.right)).collect(),
        },
        LogicalPlan::EmptyRelation(_) => vec![true; width],
        _ => vec![false; width],
    };
    if found.len() == width { found } else { vec![false; width] }
}

/// The fields of an input.
struct Fields<'a> {
    schema: &'a DFSchema,
    counts: Vec<bool>,
}

impl<'a> Fields<'a> {
    fn of(plan: &'a LogicalPlan) -> Self {
        Self { schema: plan.schema(), counts: fields(plan) }
    }

    fn is_count(&self, expression: &Expr) -> bool {
        let every = |of: &[Expr]| of.iter().all(|e| self.is_count(e));
        match expression {
            Expr::Literal(..) => true,
            Expr::Column(column) => self.column(column),
            Expr::Alias(alias) => self.is_count(&alias.expr),
            Expr::Cast(cast) => self.is_count(&cast.expr),
            Expr::TryCast(cast) => self.is_count(&cast.expr),
            Expr::Negative(inner) | Expr::Not(inner) => self.is_count(inner),
            Expr::IsNull(inner) | Expr::IsNotNull(inner) => self.is_count(inner),
            Expr::BinaryExpr(both) => self.is_count(&both.left) && self.is_count(&both.right),
            Expr::Between(of) => {
                self.is_count(&of.expr) && self.is_count(&of.low) && self.is_count(&of.high)
            }
            Expr::Case(case) => {
                let parts = case.when_then_expr.iter().flat_map(|(when, then)| [when, then]);
                let mut parts = parts.chain(&case.expr).chain(&case.else_expr);
                parts.all(|part| self.is_count(part))
            }
            Expr::ScalarFunction(call) => every(&call.args),
            Expr::ScalarSubquery(subquery) => is_count(&subquery.subquery),
            Expr::AggregateFunction(call) => self.aggregate(call),
            Expr::WindowFunction(call) => match &call.fun {
                WindowFunctionDefinition::AggregateUDF(function) => function.name() == "count",
                WindowFunctionDefinition::WindowUDF(_) => false,
            },
            _ => false,
        }
    }

    fn column(&self, column: &Column) -> bool {
        let place = self.schema.maybe_index_of_column(column);
        place.and_then(|n| self.counts.get(n)).copied().unwrap_or(false)
    }

    fn aggregate(&self, call: &AggregateFunction) -> bool {
        let arguments = &call.params.args;
        match call.func.name() {
            "count" => true,
            // Each row counts as one, or not at all; their mean is a share of rows.
            "sum" | "avg" => arguments.iter().all(|e| self.is_count(e) || self.is_flag(e)),
            "min" | "max" => arguments.iter().all(|e| self.is_count(e)),
            _ => false,
        }
    }

    /// Whether an expression is 1 or 0 of a row, whatever it looks at.
    fn is_flag(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Alias(alias) => self.is_flag(&alias.expr),
            Expr::Cast(cast) => {
                let of_truth =
                    cast.expr.get_type(self.schema).is_ok_and(|t| t == DataType::Boolean);
                of_truth || self.is_flag(&cast.expr)
            }
            Expr::Case(case) => {
                let results = case.when_then_expr.iter().map(|(_, then)| then);
                let mut results = results.chain(&case.else_expr);
                results.all(|result| is_bit(result))
            }
            _ => false,
        }
    }
}

fn is_bit(expression: &Expr) -> bool {
    match expression {
        Expr::Cast(cast) => is_bit(&cast.expr),
        Expr::Literal(value, _) => {
            let number = value.cast_to(&DataType::Float64);
            value.is_null()
                || matches!(number, Ok(ScalarValue::Float64(Some(n))) if n == 0.0 || n == 1.0)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::{Field, Schema};
    use datafusion::datasource::empty::EmptyTable;

    use super::*;
    use crate::engine::{Limits, Session, sql};

    async fn counts(query: &str) -> bool {
        let session = Session::new(&Limits::default(), "t").unwrap();
        let fields = ["n", "m"].map(|name| Field::new(name, DataType::Int64, true));
        let table = EmptyTable::new(Arc::new(Schema::new(fields.to_vec())));
        session.register("t", "t", Arc::new(table)).unwrap();
        let frame = sql::plan_query(session.context(), query).await.unwrap();
        is_count(frame.logical_plan())
    }

    #[tokio::test]
    async fn counts_and_what_is_made_of_them_count_rows() {
        for query in [
            "select count(*) from t",
            "select count(n) from t where m > (select max(n) from t)",
            "select count(distinct n) from t",
            "select count(*) filter (where n > 3) from t",
            "select sum(case when n > 3 then 1 else 0 end) from t",
            "select sum((n > 3)::int) from t",
            "select avg(case when n > 3 then 1.0 else 0.0 end) from t",
            "select 100.0 * count(n) / nullif(count(*), 0) from t",
            "select round(cast(count(n) as double) / count(*), 2) from t",
            "select max(c) from (select n, count(*) as c from t group by n) as g",
            "select count(*) > 3 from t",
            "select (select count(*) from t) - (select count(n) from t)",
            "select coalesce(sum(c - 1), 0) from (select count(*) c from t group by n having count(*) > 1) g",
            "with a as (select count(*) c from t) select c from a union all select 0",
        ] {
            assert!(counts(query).await, "{query}");
        }
    }

    #[tokio::test]
    async fn what_holds_a_value_does_not() {
        for query in [
            "select n from t",
            "select max(n) from t",
            "select sum(n) from t",
            "select avg(n) from t",
            "select max(n) < 5 from t",
            "select count(*) * max(n) from t",
            "select sum(case when n > 3 then n else 0 end) from t",
            "select sum(case when n > 3 then 4 else 0 end) from t",
            "select max(case when n > 3 then 1 else 0 end) from t",
            "select n from (select n, count(*) from t group by n) as g",
            "select case when max(n) > 3 then count(*) else 0 end from t",
            "select (select max(n) from t) - count(*) from t",
            "select count(*) from t union all select max(n) from t",
            "select row_number() over (order by n) from t",
            "select median(n) from t",
            "select string_agg(n::text, ',') from t",
        ] {
            assert!(!counts(query).await, "{query}");
        }
    }
}
