//! Aggregates in an order in which expressions repeat, as first values have it that stand for DISTINCT ON. The
//! operator keeps one of those that are alike, is given the values of all, and fails. Later ones order nothing.

use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan, SortExpr};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

/// The rule, behind those that make expressions alike.
#[derive(Debug)]
pub(super) struct Repeated;

impl OptimizerRule for Repeated {
    fn name(&self) -> &'static str {
        "order_by_each_expression_once"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        _: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        match plan {
            LogicalPlan::Aggregate(all) if all.aggr_expr.iter().any(repeats) => {
                let calls = all.aggr_expr.into_iter().map(once_each).collect();
                let all = Aggregate::try_new(all.input, all.group_expr, calls)?;
                Ok(Transformed::yes(LogicalPlan::Aggregate(all)))
            }
            plan => Ok(Transformed::no(plan)),
        }
    }
}

fn repeats(expression: &Expr) -> bool {
    match expression {
        Expr::Alias(alias) => repeats(&alias.expr),
        Expr::AggregateFunction(call) => {
            let order = &call.params.order_by;
            order.iter().enumerate().any(|(n, sort)| is_among(order.iter().take(n), sort))
        }
        _ => false,
    }
}

fn is_among<'a>(mut sorts: impl Iterator<Item = &'a SortExpr>, sort: &SortExpr) -> bool {
    sorts.any(|other| other.expr == sort.expr)
}

/// The same call under the same name, ordered by each expression as it stands first.
fn once_each(expression: Expr) -> Expr {
    let name = expression.schema_name().to_string();
    match expression {
        Expr::Alias(mut alias) => {
            *alias.expr = once_each(*alias.expr).unalias();
            Expr::Alias(alias)
        }
        Expr::AggregateFunction(mut call) => {
            let mut kept: Vec<SortExpr> = Vec::new();
            for sort in std::mem::take(&mut call.params.order_by) {
                if !is_among(kept.iter(), &sort) {
                    kept.push(sort);
                }
            }
            call.params.order_by = kept;
            Expr::AggregateFunction(call).alias(name)
        }
        other => other,
    }
}
