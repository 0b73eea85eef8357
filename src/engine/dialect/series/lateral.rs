//! Functions that return rows of what another table's row holds: `from t, unnest(t.items)`, and subqueries
//! over such functions, in FROM or as a value.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::{bool_or, count};
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::logical_plan::{Filter, Join, JoinType, Projection, Subquery};
use datafusion::logical_expr::{Expr, LogicalPlan, lit, when};

use super::carried::{Carried, Rows};
use super::node::{Extras, SetReturning};

/// A join whose right side looks at rows of the left.
pub(super) fn joined(join: Join) -> Result<Transformed<LogicalPlan>> {
    if !is_lateral(&join.right) {
        return Ok(Transformed::no(LogicalPlan::Join(join)));
    }
    let is_true = |e: &Expr| matches!(e, Expr::Literal(ScalarValue::Boolean(Some(true)), _));
    let condition = join.filter.clone().filter(|filter| !is_true(filter));
    let plan = match join.join_type {
        JoinType::Inner | JoinType::Left if join.on.is_empty() => beside(&join, condition)?,
        _ => None,
    };
    match plan {
        Some(plan) => Ok(Transformed::yes(plan)),
        None => plan_err!(
            "this LATERAL is not supported: what looks at the other side may be a subquery's WHERE, its list, or a function in its FROM, joined by cross join lateral or left join lateral"
        ),
    }
}

/// The rows of the left side, each beside those that the right makes of it.
fn beside(join: &Join, condition: Option<Expr>) -> Result<Option<LogicalPlan>> {
    let keeps = join.join_type == JoinType::Left;
    let node = bare(&join.right).filter(|_| !keeps || condition.is_none());
    let plan = match node {
        Some(node) => made_of(&join.left, node, keeps)?,
        None => {
            let Some(mut carried) = Carried::over(&join.left, &join.right)? else {
                return Ok(None);
            };
            let columns = join.right.schema().columns();
            if let Some(condition) = condition.clone().filter(|_| keeps) {
                carried = carried.on(condition, &columns)?;
            }
            let columns = columns.into_iter().map(|c| (Expr::Column(c.clone()), c));
            carried.beside(&columns.collect::<Vec<_>>(), keeps)?
        }
    };
    Ok(Some(match condition.filter(|_| !keeps) {
        Some(condition) => LogicalPlan::Filter(Filter::try_new(condition, Arc::new(plan))?),
        None => plan,
    }))
}

/// The rows that a function makes of columns of the left side.
fn made_of(left: &Arc<LogicalPlan>, node: &SetReturning, keeps: bool) -> Result<LogicalPlan> {
    let schema = left.schema();
    let inside = |e: Expr| {
        let change = |e: Expr| match e {
            Expr::OuterReferenceColumn(_, column) if schema.has_column(&column) => {
                Ok(Transformed::yes(Expr::Column(column)))
            }
            other => Ok(Transformed::no(other)),
        };
        Ok(e.transform_up(change)?.data)
    };
    let extras = Extras { keeps, ..node.extras().clone() };
    node.moved(left.as_ref().clone(), extras, inside)
}

/// A function that stands in FROM by itself.
fn bare(plan: &LogicalPlan) -> Option<&SetReturning> {
    let LogicalPlan::Subquery(inner) = plan else { return None };
    let node = SetReturning::of(&inner.subquery)?;
    matches!(node.input(), LogicalPlan::EmptyRelation(_)).then_some(node)
}

fn is_lateral(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Subquery(inner) => !inner.outer_ref_columns.is_empty(),
        LogicalPlan::SubqueryAlias(alias) => is_lateral(&alias.input),
        _ => false,
    }
}

/// Computes subqueries over functions that look at the rows of a projection or a filter.
pub(super) fn with_subqueries(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    match plan {
        LogicalPlan::Projection(node) => {
            let names = NamePreserver::new_for_projection();
            let names: Vec<_> = node.expr.iter().map(|e| names.save(e)).collect();
            let mut below = Below { plan: node.input.as_ref().clone(), count: 0 };
            let values = node.expr.iter().cloned().map(|e| below.computed(e));
            let values = values.collect::<Result<Vec<_>>>()?;
            if below.count == 0 {
                return Ok(Transformed::no(LogicalPlan::Projection(node)));
            }
            let values = values.into_iter().zip(names).map(|(e, name)| name.restore(e)).collect();
            let node = Projection::try_new(values, Arc::new(below.plan))?;
            Ok(Transformed::yes(LogicalPlan::Projection(node)))
        }
        LogicalPlan::Filter(node) => {
            let mut below = Below { plan: node.input.as_ref().clone(), count: 0 };
            let condition = below.computed(node.predicate.clone())?;
            if below.count == 0 {
                return Ok(Transformed::no(LogicalPlan::Filter(node)));
            }
            let filter = Filter::try_new(condition, Arc::new(below.plan))?;
            let columns = node.input.schema().columns().into_iter().map(Expr::Column).collect();
            let own = Projection::try_new(columns, Arc::new(LogicalPlan::Filter(filter)))?;
            Ok(Transformed::yes(LogicalPlan::Projection(own)))
        }
        other => Ok(Transformed::no(other)),
    }
}

/// The input of a node, beside whose rows the values of subqueries are computed.
struct Below {
    plan: LogicalPlan,
    count: usize,
}

impl Below {
    /// An expression with the columns of computed values in the place of subqueries.
    fn computed(&mut self, expression: Expr) -> Result<Expr> {
        let compute = |e: Expr| {
            let value = match &e {
                Expr::ScalarSubquery(inner) if looks_around(inner) => self.scalar(inner)?,
                Expr::Exists(inner) if makes_rows(&inner.subquery) => self.exists(inner)?,
                Expr::InSubquery(inner) if looks_around(&inner.subquery) => self.contains(inner)?,
                _ => return Ok(Transformed::no(e)),
            };
            Ok(Transformed::new(value, true, TreeNodeRecursion::Jump))
        };
        Ok(expression.transform_down(compute)?.data)
    }

    fn carried(&self, subquery: &Subquery) -> Result<Carried> {
        match Carried::over(&self.plan, &subquery.subquery)? {
            Some(carried) => Ok(carried),
            None => plan_err!(
                "this subquery that looks at the query around it is not supported: write it in FROM, and group its rows"
            ),
        }
    }

    /// The column of a value, which is computed beside each row.
    fn add(&mut self, carried: Carried, value: Expr) -> Result<Expr> {
        let name = Column::new_unqualified(format!("__value_{}", self.fresh()));
        self.plan = carried.beside(&[(value, name.clone())], true)?;
        Ok(Expr::Column(name))
    }

    fn fresh(&mut self) -> usize {
        self.count += 1;
        let taken = |n: usize| {
            let name = format!("__value_{n}");
            self.plan.schema().fields().iter().any(|field| *field.name() == name)
        };
        while taken(self.count) {
            self.count += 1;
        }
        self.count
    }

    fn scalar(&mut self, subquery: &Subquery) -> Result<Expr> {
        let carried = self.carried(subquery)?;
        let columns = subquery.subquery.schema().columns();
        let [column] = columns.as_slice() else {
            return plan_err!("subquery must return only one column");
        };
        if carried.rows == Rows::Any {
            return plan_err!(
                "a subquery as a value that may return several rows is not supported: aggregate them, or write order by … limit 1"
            );
        }
        self.add(carried, Expr::Column(column.clone()))
    }

    fn exists(&mut self, exists: &Exists) -> Result<Expr> {
        let carried = self.carried(&exists.subquery)?;
        let counted = carried.reduced(vec![count(lit(1_i64)).alias("__count")])?;
        let found = Expr::Column(Column::new_unqualified("__count")).gt(lit(0_i64));
        let found = self.add(counted, found)?;
        Ok(if exists.negated { Expr::Not(Box::new(found)) } else { found })
    }

    /// `value IN (…)`: false where there are no rows, and NULL where only NULLs could decide.
    fn contains(&mut self, inner: &InSubquery) -> Result<Expr> {
        // The value is a column of its own, which the subquery's rows carry.
        let name = Column::new_unqualified(format!("__value_{}", self.fresh()));
        let columns = self.plan.schema().columns().into_iter().map(Expr::Column);
        let value = inner.expr.as_ref().clone().alias(name.name.clone());
        let all = columns.chain([value]).collect();
        let input = Arc::new(std::mem::take(&mut self.plan));
        self.plan = LogicalPlan::Projection(Projection::try_new(all, input)?);
        let carried = self.carried(&inner.subquery)?;
        let columns = inner.subquery.subquery.schema().columns();
        let [item] = columns.as_slice() else {
            return plan_err!("subquery has too many columns");
        };
        let (_, field) = self.plan.schema().qualified_field_from_column(&name)?;
        let outer = Expr::OuterReferenceColumn(Arc::clone(field), name);
        let equal = carried.inside(outer)?.eq(Expr::Column(item.clone()));
        let aggregates = vec![
            count(lit(1_i64)).alias("__count"),
            count(equal.clone()).alias("__known"),
            bool_or(equal).alias("__equal"),
        ];
        let reduced = carried.reduced(aggregates)?;
        let of = |name: &str| Expr::Column(Column::new_unqualified(name));
        let found = when(of("__equal").is_true(), lit(true))
            .when(of("__known").lt(of("__count")), lit(ScalarValue::Boolean(None)))
            .otherwise(lit(false))?;
        let found = self.add(reduced, found)?;
        Ok(if inner.negated { Expr::Not(Box::new(found)) } else { found })
    }
}

/// Whether a subquery looks at the query around it in a way that the engine does not plan: it makes rows of
/// a function, or takes the first of them.
fn looks_around(subquery: &Subquery) -> bool {
    let is_ours = |node: &LogicalPlan| {
        Ok(SetReturning::of(node).is_some() || matches!(node, LogicalPlan::Limit(_)))
    };
    !subquery.outer_ref_columns.is_empty() && subquery.subquery.exists(is_ours).unwrap_or(false)
}

/// The same, where it makes no difference which rows are taken.
fn makes_rows(subquery: &Subquery) -> bool {
    let is_ours = |node: &LogicalPlan| Ok(SetReturning::of(node).is_some());
    !subquery.outer_ref_columns.is_empty() && subquery.subquery.exists(is_ours).unwrap_or(false)
}
