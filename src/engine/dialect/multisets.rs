//! EXCEPT ALL and INTERSECT ALL count rows: each row of one side stands for one of the other. The engine
//! plans them as joins that look for any.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, NullEquality};
use datafusion::error::Result;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{
    Expr, ExprFunctionExt, Join, JoinType, LogicalPlan, LogicalPlanBuilder,
};
use datafusion::optimizer::AnalyzerRule;

/// Numbers equal rows on both sides, and joins by the number too.
#[derive(Debug)]
pub(super) struct CountedSets;

impl AnalyzerRule for CountedSets {
    fn name(&self) -> &'static str {
        "counted_sets"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        plan.transform_up_with_subqueries(|node| match node {
            LogicalPlan::Join(join) if is_of_all(&join) => counted(join).map(Transformed::yes),
            other => Ok(Transformed::no(other)),
        })
        .map(|done| done.data)
    }
}

/// Whether a join is a set operation with ALL. Before the optimizer nothing else joins NULL with NULL; with
/// distinct rows on the left, any is all.
fn is_of_all(join: &Join) -> bool {
    matches!(join.join_type, JoinType::LeftAnti | JoinType::LeftSemi)
        && join.null_equality == NullEquality::NullEqualsNull
        && join.filter.is_none()
        && join.on.len() == join.left.schema().fields().len()
        && !matches!(join.left.as_ref(), LogicalPlan::Distinct(_))
}

fn counted(join: Join) -> Result<LogicalPlan> {
    let columns = join.left.schema().columns();
    let left = numbered(Arc::unwrap_or_clone(join.left))?;
    let right = numbered(Arc::unwrap_or_clone(join.right))?;
    let mut on = join.on;
    on.push((number(&left), number(&right)));
    let (on_left, on_right): (Vec<Expr>, Vec<Expr>) = on.into_iter().unzip();
    let column = |expression: Expr| expression.try_as_col().cloned();
    let keys = on_left.into_iter().map(column).collect::<Option<Vec<Column>>>();
    let others = on_right.into_iter().map(column).collect::<Option<Vec<Column>>>();
    let (Some(keys), Some(others)) = (keys, others) else {
        return datafusion::common::internal_err!("a set operation joins by its columns");
    };
    LogicalPlanBuilder::from(left)
        .join_detailed(right, join.join_type, (keys, others), None, NullEquality::NullEqualsNull)?
        .project(columns.into_iter().map(Expr::Column))?
        .build()
}

/// The number of a row, which is its last column.
fn number(plan: &LogicalPlan) -> Expr {
    let last = plan.schema().columns().pop();
    Expr::Column(last.unwrap_or_else(|| Column::from_name("row_number")))
}

/// Rows with their number among their equals, as the last column.
fn numbered(plan: LogicalPlan) -> Result<LogicalPlan> {
    let columns: Vec<Expr> = plan.schema().columns().into_iter().map(Expr::Column).collect();
    let count = row_number().partition_by(columns).build()?;
    LogicalPlanBuilder::from(plan).window([count])?.build()
}
