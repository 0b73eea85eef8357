//! EXISTS, IN and ANY anywhere. The engine answers them in a condition, where NULL counts as false; inside
//! an expression it knows no NULL, and in a list of SELECT it does not plan them at all.
//!
//! Where NULL matters, IN and ANY become questions whether there are rows: one that matches, and one whose
//! comparison is NULL. Outside of a condition the answers come from joins that mark their rows.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, ExprSchema, ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::expr::{Exists, InSubquery, SetComparison, SetQuantifier};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::logical_plan::{FetchType, SkipType, Subquery};
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{
    Distinct, Expr, Filter, JoinType, LogicalPlan, LogicalPlanBuilder, Operator, binary_expr, lit,
    when,
};
use datafusion::optimizer::decorrelate::PullUpCorrelatedExpr;

use super::super::series;

/// The name of rows that are looked for.
const ROWS: &str = "#rows";

/// The column of a mark.
const MARK: &str = "mark";

/// What rows are called that should not be there.
const UNWANTED: &str = "#unwanted";

/// A predicate in which the engine's answers are PostgreSQL's.
pub(super) fn in_condition(predicate: Expr, schema: &DFSchema) -> Result<Expr> {
    condition(predicate, true, schema)
}

/// A part of a condition that is true or not, by ANDs and ORs from its top: NULL is as good as false here.
fn condition(part: Expr, is_top: bool, schema: &DFSchema) -> Result<Expr> {
    Ok(match part {
        Expr::BinaryExpr(mut both) if matches!(both.op, Operator::And | Operator::Or) => {
            let is_top = is_top && both.op == Operator::And;
            both.left = Box::new(condition(*both.left, is_top, schema)?);
            both.right = Box::new(condition(*both.right, is_top, schema)?);
            Expr::BinaryExpr(both)
        }
        Expr::Not(inner) => match *inner {
            Expr::InSubquery(inside) => {
                let turned = InSubquery { negated: !inside.negated, ..inside };
                condition(Expr::InSubquery(turned), is_top, schema)?
            }
            other => Expr::Not(Box::new(anywhere(other, schema)?)),
        },
        // One that stands alone is a join that knows NULL, if it compares a column: what is compared with a
        // constant is filtered ahead of that join, and NULL with it.
        Expr::InSubquery(inside)
            if !inside.negated
                || is_top
                    && inside.subquery.outer_ref_columns.is_empty()
                    && is_column(&inside.expr) =>
        {
            Expr::InSubquery(inside)
        }
        Expr::SetComparison(SetComparison {
            expr,
            subquery,
            op,
            quantifier: SetQuantifier::Any,
        }) => Expr::Exists(Exists {
            subquery: matching(*expr, op, &subquery, schema)?,
            negated: false,
        }),
        other => anywhere(other, schema)?,
    })
}

/// Whether a value is a column and stays one. Expressions may turn out to be constants.
fn is_column(value: &Expr) -> bool {
    match value {
        Expr::Column(_) => true,
        Expr::Cast(cast) => is_column(&cast.expr),
        _ => false,
    }
}

/// An expression in which IN and ANY are answered by whether there are rows.
fn anywhere(expression: Expr, schema: &DFSchema) -> Result<Expr> {
    let one = |e: Expr| match e {
        Expr::InSubquery(InSubquery { expr, subquery, negated }) => {
            let found = any(*expr, Operator::Eq, &subquery, schema, negated)?;
            Ok(Transformed::yes(if negated { !found } else { found }))
        }
        Expr::SetComparison(SetComparison { expr, subquery, op, quantifier }) => {
            Ok(Transformed::yes(match quantifier {
                SetQuantifier::Any => any(*expr, op, &subquery, schema, false)?,
                SetQuantifier::All => match op.negate() {
                    Some(op) => !any(*expr, op, &subquery, schema, true)?,
                    None => return plan_err!("{op} ALL is not supported"),
                },
            }))
        }
        other => Ok(Transformed::no(other)),
    };
    Ok(expression.transform_up(one)?.data)
}

/// Whether a comparison is true for any row: NULL where it is true for none, and NULL for some. `is_unwanted`
/// tells whether the surrounding condition holds when there is no such row.
fn any(
    value: Expr,
    op: Operator,
    subquery: &Subquery,
    schema: &DFSchema,
    is_unwanted: bool,
) -> Result<Expr> {
    let matches = exists(matching(value.clone(), op, subquery, schema)?, is_unwanted)?;
    let (rows, column) = named(subquery)?;
    let open = LogicalPlanBuilder::from(rows.clone()).filter(column.is_null())?.build()?;
    let is_open = exists(subquery_of(open), is_unwanted)?;
    let is_open = match &value {
        Expr::Literal(literal, _) if !literal.is_null() => is_open,
        _ => is_open.or(value.is_null().and(exists(subquery_of(rows), is_unwanted)?)),
    };
    when(matches, lit(true)).when(is_open, lit(ScalarValue::Boolean(None))).otherwise(lit(false))
}

/// The rows of a subquery that a value compares with so.
fn matching(value: Expr, op: Operator, rows: &Subquery, schema: &DFSchema) -> Result<Subquery> {
    let (rows, column) = named(rows)?;
    let compare = binary_expr(outwards(value, schema)?, op, column);
    Ok(subquery_of(LogicalPlanBuilder::from(rows).filter(compare)?.build()?))
}

/// The rows of a subquery, and their first column. They have a name of their own, unless their conditions look
/// out: these become conditions of a join, which names know nothing of.
fn named(subquery: &Subquery) -> Result<(LogicalPlan, Expr)> {
    let rows = LogicalPlanBuilder::from(subquery.subquery.as_ref().clone());
    let rows = match subquery.outer_ref_columns.is_empty() {
        true => rows.alias(ROWS)?.build()?,
        false => rows.build()?,
    };
    let column = Expr::Column(rows.schema().columns().swap_remove(0));
    Ok((rows, column))
}

/// A column of the outer query equals itself where it is not NULL; the engine drops the comparison.
pub(super) fn known(expression: Expr) -> Transformed<Expr> {
    match expression {
        Expr::BinaryExpr(both) if both.op == Operator::Eq && both.left == both.right => {
            match both.left.as_ref() {
                Expr::OuterReferenceColumn(..) => Transformed::yes(both.left.is_not_null()),
                _ => Transformed::no(Expr::BinaryExpr(both)),
            }
        }
        other => Transformed::no(other),
    }
}

/// An expression as a subquery sees it.
fn outwards(expression: Expr, schema: &DFSchema) -> Result<Expr> {
    let look = |e: Expr| match e {
        Expr::Column(column) => {
            let field = Arc::clone(schema.field_from_column(&column)?);
            Ok(Transformed::yes(Expr::OuterReferenceColumn(field, column)))
        }
        other => Ok(Transformed::no(other)),
    };
    Ok(expression.transform_up(look)?.data)
}

fn subquery_of(plan: LogicalPlan) -> Subquery {
    let outer_ref_columns = plan.all_out_ref_exprs();
    let spans = datafusion::common::Spans::new();
    Subquery { subquery: Arc::new(plan), outer_ref_columns, spans }
}

/// Whether a subquery has rows. One that does not look out is answered once.
fn exists(subquery: Subquery, is_unwanted: bool) -> Result<Expr> {
    if !subquery.outer_ref_columns.is_empty() {
        let found = Expr::Exists(Exists { subquery, negated: is_unwanted });
        // `!` would turn the question itself around.
        return Ok(if is_unwanted { Expr::Not(Box::new(found)) } else { found });
    }
    let name = if is_unwanted { UNWANTED } else { "exists" };
    let plan = LogicalPlanBuilder::from(subquery.subquery.as_ref().clone())
        .limit(0, Some(1))?
        .aggregate(Vec::<Expr>::new(), vec![count(lit(1)).alias("count")])?
        .project(vec![Expr::Column(Column::from_name("count")).gt(lit(0_i64)).alias(name)])?
        .build()?;
    Ok(Expr::ScalarSubquery(subquery_of(plan)))
}

/// Whether a condition is met where a plan, of a subquery or of the rows that a join marks others by, has no
/// rows.
pub(in super::super) fn is_unwanted(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::SubqueryAlias(alias) => alias.alias.table().starts_with(UNWANTED),
        other => other.schema().fields().iter().any(|field| field.name() == UNWANTED),
    }
}

/// A filter whose condition asks for rows inside an expression, on an input that is marked with the answers.
/// What it asks for by itself, or not at all, is a join of the engine's.
pub(super) fn inside_condition(filter: Filter, count: &AtomicUsize) -> Result<LogicalPlan> {
    let schema = Arc::clone(filter.input.schema());
    let mut marks: Vec<(String, Subquery)> = Vec::new();
    let parts = split_conjunction_owned(filter.predicate).into_iter().map(|part| {
        let bare = match &part {
            Expr::Not(inner) => inner,
            other => other,
        };
        if matches!(bare, Expr::Exists(_) | Expr::InSubquery(_)) {
            return Ok(part);
        }
        let answer = |e: Expr| match e {
            Expr::Exists(Exists { subquery, negated }) if is_here(&subquery, &schema) => {
                let found = answered(subquery, &schema, &mut marks, (count, negated))?;
                Ok(Transformed::yes(if negated { !found } else { found }))
            }
            other => Ok(Transformed::no(other)),
        };
        Ok(part.transform_up(answer)?.data)
    });
    let predicate = conjunction(parts.collect::<Result<Vec<_>>>()?).unwrap_or_else(|| lit(true));
    let mut input = Arc::unwrap_or_clone(filter.input);
    for (name, subquery) in &marks {
        input = mark(input, name, subquery)?;
    }
    let plan = LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(input))?);
    match marks.is_empty() {
        true => Ok(plan),
        false => {
            let columns = schema.columns().into_iter().map(Expr::Column);
            LogicalPlanBuilder::from(plan).project(columns)?.build()
        }
    }
}

/// A node whose expressions ask for rows, on an input that is marked with the answers.
pub(super) fn outside_conditions(plan: LogicalPlan, count: &AtomicUsize) -> Result<LogicalPlan> {
    if !asks(&plan)? {
        return Ok(plan);
    }
    let schema = match plan.inputs().as_slice() {
        [input] => Arc::clone(input.schema()),
        _ => return Ok(plan),
    };
    let names = NamePreserver::new(&plan);
    let mut marks: Vec<(String, Subquery)> = Vec::new();
    let plan = plan.map_expressions(|expression| {
        let name = names.save(&expression);
        let expression = anywhere(expression, &schema)?;
        let expression = expression.transform_up(|e| match e {
            Expr::Exists(Exists { subquery, negated }) => {
                let found = answered(subquery, &schema, &mut marks, (count, negated))?;
                Ok(Transformed::yes(if negated { !found } else { found }))
            }
            other => Ok(Transformed::no(other)),
        })?;
        Ok(Transformed::yes(name.restore(expression.data)))
    })?;
    marked(plan.data, marks)
}

/// Whether an expression of a node asks for rows.
fn asks(plan: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    plan.apply_expressions(|expression| {
        found |= expression.exists(|e| {
            Ok(matches!(e, Expr::Exists(_) | Expr::InSubquery(_) | Expr::SetComparison(_)))
        })?;
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

/// The answer to whether a subquery has rows.
fn answered(
    subquery: Subquery,
    schema: &DFSchema,
    marks: &mut Vec<(String, Subquery)>,
    (count, is_unwanted): (&AtomicUsize, bool),
) -> Result<Expr> {
    if subquery.outer_ref_columns.is_empty() {
        return exists(subquery, is_unwanted);
    }
    // Rows that a function makes of a row of the query around are found beside that row, and not by a join.
    if series::makes_rows(&subquery.subquery) {
        return Ok(Expr::Exists(Exists { subquery, negated: false }));
    }
    if !is_here(&subquery, schema) {
        return not_joined();
    }
    let name = if is_unwanted { UNWANTED } else { "#mark" };
    let name = format!("{name}{}", count.fetch_add(1, Ordering::Relaxed));
    let column = Expr::Column(Column::new(Some(name.clone()), MARK));
    marks.push((name, subquery));
    Ok(column)
}

/// Whether a subquery looks out upon nothing but the columns of a schema.
fn is_here(subquery: &Subquery, schema: &DFSchema) -> bool {
    subquery.outer_ref_columns.iter().all(|e| match e {
        Expr::OuterReferenceColumn(_, column) => schema.has_column(column),
        _ => true,
    })
}

/// A node over its input with marks; those are not among its columns.
fn marked(plan: LogicalPlan, marks: Vec<(String, Subquery)>) -> Result<LogicalPlan> {
    if marks.is_empty() {
        return Ok(plan);
    }
    let columns = plan.schema().columns();
    let keeps_input = matches!(plan, LogicalPlan::Sort(_) | LogicalPlan::Window(_));
    let plan = plan.map_children(|child| {
        let mut child = child;
        for (name, subquery) in &marks {
            child = mark(child, name, subquery)?;
        }
        Ok(Transformed::yes(child))
    })?;
    let plan = plan.data.recompute_schema()?;
    match keeps_input {
        true => {
            LogicalPlanBuilder::from(plan).project(columns.into_iter().map(Expr::Column))?.build()
        }
        false => Ok(plan),
    }
}

fn not_joined<T>() -> Result<T> {
    plan_err!(
        "a subquery that looks at the outer query in this way is not supported: join its rows"
    )
}

/// Rows with a mark where a subquery has rows for them.
fn mark(left: LogicalPlan, name: &str, subquery: &Subquery) -> Result<LogicalPlan> {
    let mut pull_up = PullUpCorrelatedExpr::new().with_exists_sub_query(true);
    let rows = unordered(subquery.subquery.as_ref().clone());
    let rows = rows.rewrite(&mut pull_up)?.data;
    if !pull_up.can_pull_up {
        return not_joined();
    }
    let right = LogicalPlanBuilder::from(rows).alias(name)?.build()?;
    let inner: BTreeSet<Column> =
        pull_up.correlated_subquery_cols_map.values().flatten().cloned().collect();
    let renamed = |filter: Expr| {
        filter.transform_up(|e| match e {
            Expr::Column(column) if inner.contains(&column) => {
                let column = Column::new(Some(name.to_owned()), column.name);
                Ok(Transformed::yes(Expr::Column(column)))
            }
            other => Ok(Transformed::no(other)),
        })
    };
    let filter = match conjunction(pull_up.join_filters) {
        Some(filter) => renamed(filter)?.data,
        None => lit(true),
    };
    LogicalPlanBuilder::from(left).join_on(right, JoinType::LeftMark, Some(filter))?.build()
}

/// Whether there are rows does not depend on their order, nor on how many there are at most.
fn unordered(plan: LogicalPlan) -> LogicalPlan {
    match plan {
        LogicalPlan::Sort(sort) if sort.fetch.is_none_or(|fetch| fetch > 0) => {
            unordered(Arc::unwrap_or_clone(sort.input))
        }
        LogicalPlan::Distinct(Distinct::All(input)) => unordered(Arc::unwrap_or_clone(input)),
        LogicalPlan::Limit(limit) => {
            let fetch = limit.get_fetch_type();
            let skip = limit.get_skip_type();
            match (fetch, skip) {
                (Ok(FetchType::Literal(None | Some(1..))), Ok(SkipType::Literal(0))) => {
                    unordered(Arc::unwrap_or_clone(limit.input))
                }
                _ => LogicalPlan::Limit(limit),
            }
        }
        other => other,
    }
}
