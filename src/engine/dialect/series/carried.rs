//! A subquery that looks at the row of the query around it, computed for all of those rows at once.
//!
//! Each of its rows carries the columns of the row around it, that row's number, and whether it is one of
//! the subquery's rows at all. Conditions only unmark rows and empty their columns, so that no row around is
//! lost before the end, and nothing is computed of values that a condition left out.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, TableReference};
use datafusion::error::Result;
use datafusion::functions_nested::expr_fn::make_array;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::logical_plan::{
    Aggregate, Distinct, EmptyRelation, Filter, JoinType, Limit, Projection, Sort, Values, Window,
};
use datafusion::logical_expr::{
    Expr, ExprFunctionExt, FetchType, LogicalPlan, LogicalPlanBuilder, SkipType, SortExpr, lit,
    when,
};

use super::calls::Maker;
use super::node::{Extras, SetReturning, Wanted};

const ROW: &str = "__row";
const FOUND: &str = "__found";
const INNER_ROW: &str = "__inner_row";
const INNER_FOUND: &str = "__inner_found";
const NTH: &str = "__nth";

/// How many rows of a subquery a row around it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// One.
    One,
    /// One, or none.
    AtMostOne,
    Any,
}

/// The computed subquery.
pub(super) struct Carried {
    plan: LogicalPlan,
    /// The columns of the row around, in its names; here each has a number.
    around: Vec<Column>,
    pub(super) rows: Rows,
}

fn column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}

fn outer(n: usize) -> String {
    format!("__outer_{n}")
}

impl Carried {
    /// Computes a subquery for the rows of a plan; `None` where it does what cannot be done for all rows at
    /// once.
    pub(super) fn over(around: &LogicalPlan, subquery: &LogicalPlan) -> Result<Option<Self>> {
        if !looks_outside(subquery) {
            return Self::joined(around, subquery, None);
        }
        match subquery {
            LogicalPlan::Subquery(inner) => Self::over(around, &inner.subquery),
            LogicalPlan::SubqueryAlias(alias) => {
                let Some(inner) = Self::over(around, &alias.input)? else { return Ok(None) };
                let names = alias.input.schema().columns().into_iter();
                let renamed = names.zip(alias.schema.columns());
                let named = renamed.map(|(from, to)| aliased(Expr::Column(from), &to));
                let named = named.collect();
                inner.projected(named).map(Some)
            }
            LogicalPlan::Extension(_) => match SetReturning::of(subquery) {
                Some(node) => Self::made(around, node),
                None => Ok(None),
            },
            LogicalPlan::Projection(node) => {
                let Some(inner) = Self::over(around, &node.input)? else { return Ok(None) };
                let columns = node.schema.columns();
                let named = node.expr.iter().zip(&columns);
                let named =
                    named.map(|(e, to)| Ok(aliased(inner.inside(e.clone().unalias())?, to)));
                let named = named.collect::<Result<_>>()?;
                inner.projected(named).map(Some)
            }
            LogicalPlan::Filter(node) if !looks_outside(&node.input) => {
                Self::joined(around, &node.input, Some(&node.predicate))
            }
            LogicalPlan::Values(values) => Self::listed(around, values).map(Some),
            LogicalPlan::Filter(node) => {
                let Some(inner) = Self::over(around, &node.input)? else { return Ok(None) };
                let condition = inner.inside(node.predicate.clone())?;
                inner.filtered(condition, &node.input.schema().columns()).map(Some)
            }
            LogicalPlan::Aggregate(node) => {
                let Some(inner) = Self::over(around, &node.input)? else { return Ok(None) };
                inner.aggregated(node)
            }
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let Some(mut inner) = Self::over(around, input)? else { return Ok(None) };
                inner.plan = LogicalPlan::Distinct(Distinct::All(Arc::new(inner.plan)));
                Ok(Some(inner))
            }
            // Without a limit, the order of a subquery says nothing.
            LogicalPlan::Sort(Sort { input, fetch: None, .. }) => Self::over(around, input),
            LogicalPlan::Limit(limit) => Self::limited(around, limit),
            LogicalPlan::Window(node) => {
                let Some(inner) = Self::over(around, &node.input)? else { return Ok(None) };
                inner.windowed(node)
            }
            _ => Ok(None),
        }
    }

    /// The rows around, with a number for each of their columns.
    fn around(around: &LogicalPlan) -> Result<(LogicalPlan, Self)> {
        let columns = around.schema().columns();
        let numbered = columns.iter().enumerate();
        let numbered = numbered.map(|(n, c)| Expr::Column(c.clone()).alias(outer(n)));
        let input = LogicalPlanBuilder::from(around.clone()).project(numbered)?.build()?;
        Ok((input, Self { plan: LogicalPlan::default(), around: columns, rows: Rows::Any }))
    }

    /// The rows of a plan that looks at nothing around, for which a condition on both is true.
    fn joined(
        around: &LogicalPlan,
        inner: &LogicalPlan,
        condition: Option<&Expr>,
    ) -> Result<Option<Self>> {
        let (input, mut carried) = Self::around(around)?;
        let condition = condition.map(|e| carried.inside(e.clone())).transpose()?;
        let has_subquery = |e: &Expr| e.exists(|e| Ok(is_subquery(e))).unwrap_or(true);
        if condition.as_ref().is_some_and(has_subquery) {
            return Ok(None);
        }
        let number = row_number().alias(ROW);
        let input = LogicalPlanBuilder::from(input).window(vec![number])?.build()?;
        let columns: Vec<_> = inner.schema().columns().into_iter().map(Expr::Column).collect();
        let marked = columns.iter().cloned().chain([lit(true).alias(INNER_FOUND)]);
        let marked = LogicalPlanBuilder::from(inner.clone()).project(marked)?.build()?;
        let joined = LogicalPlanBuilder::from(input).join_on(
            marked,
            JoinType::Left,
            [condition.unwrap_or_else(|| lit(true))],
        )?;
        carried.plan = joined.build()?;
        let found = column(INNER_FOUND).is_not_null().alias(FOUND);
        carried.with_marks(found, columns).map(Some)
    }

    /// Rows that are listed: items of an array for each column.
    fn listed(around: &LogicalPlan, values: &Values) -> Result<Self> {
        let (input, mut carried) = Self::around(around)?;
        let columns = values.schema.columns().into_iter().enumerate();
        let wanted = columns.map(|(n, to)| {
            let items = values.values.iter().filter_map(|row| row.get(n).cloned());
            let items = items.map(|e| carried.inside(e)).collect::<Result<Vec<_>>>()?;
            let arguments = vec![make_array(items)];
            let (qualifier, name) = (to.relation, to.name);
            Ok(Wanted { maker: Maker::Each, arguments, qualifier, name })
        });
        let wanted = wanted.collect::<Result<_>>()?;
        let marks = Some((ROW.to_owned(), FOUND.to_owned()));
        carried.plan =
            SetReturning::over(input, wanted, Extras { keeps: true, marks, ordinal: None })?;
        Ok(carried)
    }

    /// The rows of a function.
    fn made(around: &LogicalPlan, node: &SetReturning) -> Result<Option<Self>> {
        let marks = |row: &str, found: &str| Extras {
            keeps: true,
            marks: Some((row.to_owned(), found.to_owned())),
            ordinal: node.extras().ordinal.clone(),
        };
        let is_first = matches!(
            node.input(),
            LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: true, .. })
        );
        if is_first {
            let (input, mut carried) = Self::around(around)?;
            carried.plan = node.moved(input, marks(ROW, FOUND), |e| carried.inside(e))?;
            return Ok(Some(carried));
        }
        let Some(mut inner) = Self::over(around, node.input())? else { return Ok(None) };
        let input = std::mem::take(&mut inner.plan);
        let extras = marks(INNER_ROW, INNER_FOUND);
        inner.plan = node.moved(input, extras, |e| inner.inside(e))?;
        let both = column(FOUND).and(column(INNER_FOUND)).alias(FOUND);
        let columns = node.output().columns().into_iter().map(Expr::Column);
        let columns = columns.collect();
        inner.rows = Rows::Any;
        inner.with_marks(both, columns).map(Some)
    }

    /// An expression of the subquery over its computed rows.
    pub(super) fn inside(&self, expression: Expr) -> Result<Expr> {
        let place = |column: &Column| {
            let is_it = |c: &&Column| match &column.relation {
                Some(table) => {
                    c.name == column.name
                        && c.relation.as_ref().is_some_and(|r| r.resolved_eq(table))
                }
                None => c.name == column.name,
            };
            self.around.iter().position(|c| is_it(&c))
        };
        let change = |e: Expr| match &e {
            Expr::OuterReferenceColumn(_, name) => match place(name) {
                Some(n) => Ok(Transformed::yes(column(&outer(n)))),
                None => Ok(Transformed::no(e)),
            },
            _ => Ok(Transformed::no(e)),
        };
        Ok(expression.transform_up(change)?.data)
    }

    /// What is carried beside the subquery's own columns, without the mark.
    fn carrying(&self) -> Vec<Expr> {
        let numbers = (0..self.around.len()).map(|n| column(&outer(n)));
        numbers.chain([column(ROW)]).collect()
    }

    /// The same rows with another mark, and with these columns.
    fn with_marks(mut self, found: Expr, columns: Vec<Expr>) -> Result<Self> {
        let all = self.carrying().into_iter().chain([found]).chain(columns);
        let input = Arc::new(std::mem::take(&mut self.plan));
        self.plan = LogicalPlan::Projection(Projection::try_new(all.collect(), input)?);
        Ok(self)
    }

    fn projected(self, columns: Vec<Expr>) -> Result<Self> {
        self.with_marks(column(FOUND), columns)
    }

    /// Unmarks the rows for which a condition is not true, and empties their columns.
    fn filtered(mut self, condition: Expr, columns: &[Column]) -> Result<Self> {
        let found = column(FOUND).and(condition.clone().is_true()).alias(FOUND);
        let emptied = columns.iter().map(|c| {
            let kept = when(condition.clone(), Expr::Column(c.clone())).end()?;
            Ok(aliased(kept, c))
        });
        let emptied = emptied.collect::<Result<_>>()?;
        if self.rows == Rows::One {
            self.rows = Rows::AtMostOne;
        }
        self.with_marks(found, emptied)
    }

    /// Aggregates of the marked rows of each row around.
    fn aggregated(mut self, node: &Aggregate) -> Result<Option<Self>> {
        if node.group_expr.iter().any(|e| matches!(e, Expr::GroupingSet(_))) {
            return Ok(None);
        }
        let columns = node.schema.columns();
        let (groups, values) = columns.split_at(node.group_expr.len().min(columns.len()));
        let is_whole = groups.is_empty();
        let inside = |e: &Expr, to: &Column| Ok(aliased(self.inside(e.clone().unalias())?, to));
        let grouped = node.group_expr.iter().zip(groups);
        let grouped = grouped.map(|(e, to)| inside(e, to)).collect::<Result<Vec<_>>>()?;
        let computed = node.aggr_expr.iter().zip(values);
        let computed = computed.map(|(e, to)| marked(self.inside(e.clone().unalias())?, to));
        let computed = computed.collect::<Result<Vec<_>>>()?;
        let mut keys = self.carrying();
        if !is_whole {
            keys.push(column(FOUND));
            keys.extend(grouped);
        }
        let input = Arc::new(std::mem::take(&mut self.plan));
        self.plan = LogicalPlan::Aggregate(Aggregate::try_new(input, keys, computed)?);
        if !is_whole {
            self.rows = Rows::Any;
            return Ok(Some(self));
        }
        self.rows = Rows::One;
        let values = values.iter().cloned().map(Expr::Column).collect();
        self.with_marks(lit(true).alias(FOUND), values).map(Some)
    }

    /// Windows over the marked rows of each row around.
    fn windowed(mut self, node: &Window) -> Result<Option<Self>> {
        let before = node.input.schema().fields().len();
        let columns = node.schema.columns();
        let own = columns.get(before..).unwrap_or_default();
        let mut windows = Vec::new();
        for (window, to) in node.window_expr.iter().zip(own) {
            let Expr::WindowFunction(mut function) = self.inside(window.clone().unalias())? else {
                return Ok(None);
            };
            let by = &mut function.params.partition_by;
            by.extend([column(ROW), column(FOUND)]);
            windows.push(aliased(Expr::WindowFunction(function), to));
        }
        let input = std::mem::take(&mut self.plan);
        self.plan = LogicalPlanBuilder::from(input).window(windows)?.build()?;
        Ok(Some(self))
    }

    /// The first rows of each row around, in an order.
    fn limited(around: &LogicalPlan, limit: &Limit) -> Result<Option<Self>> {
        let (skip, fetch) = (limit.get_skip_type()?, limit.get_fetch_type()?);
        let (SkipType::Literal(skip), FetchType::Literal(fetch)) = (skip, fetch) else {
            return Ok(None);
        };
        let (input, order) = match limit.input.as_ref() {
            LogicalPlan::Sort(sort) => (&sort.input, sort.expr.as_slice()),
            // A column that orders and is not selected.
            LogicalPlan::Projection(projection) => match projection.input.as_ref() {
                LogicalPlan::Sort(sort) => {
                    let sorted = LogicalPlan::Sort(sort.clone());
                    let below = Limit { input: Arc::new(sorted), ..limit.clone() };
                    let mut above = projection.clone();
                    above.input = Arc::new(LogicalPlan::Limit(below));
                    return Self::over(around, &LogicalPlan::Projection(above));
                }
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        let Some(mut inner) = Self::over(around, input)? else { return Ok(None) };
        let order = order
            .iter()
            .map(|s| Ok(SortExpr::new(inner.inside(s.expr.clone())?, s.asc, s.nulls_first)));
        let mut by = vec![column(FOUND).sort(false, false)];
        by.extend(order.collect::<Result<Vec<_>>>()?);
        inner.plan = numbered(std::mem::take(&mut inner.plan), by)?;
        let skipped = u64::try_from(skip).unwrap_or(u64::MAX);
        let mut within = column(NTH).gt(lit(skipped));
        if let Some(fetch) = fetch {
            within = within.and(column(NTH).lt_eq(lit(skipped.saturating_add(fetch as u64))));
        }
        let mut inner = inner.filtered(within, &input.schema().columns())?;
        if fetch.is_some_and(|fetch| fetch <= 1) {
            inner.rows = Rows::AtMostOne;
        }
        Ok(Some(inner))
    }

    /// Unmarks the rows for which a condition on both sides of a join is not true.
    pub(super) fn on(self, condition: Expr, columns: &[Column]) -> Result<Self> {
        let change = |e: Expr| match &e {
            Expr::Column(own) => match self.around.iter().position(|c| c == own) {
                Some(n) => Ok(Transformed::yes(column(&outer(n)))),
                None => Ok(Transformed::no(e)),
            },
            _ => Ok(Transformed::no(e)),
        };
        let condition = condition.transform_up(change)?.data;
        self.filtered(condition, columns)
    }

    /// The rows as they stand beside those around: their columns first, in their own names, then these
    /// of the subquery. `keeps` a row around without any, with NULLs.
    pub(super) fn beside(mut self, columns: &[(Expr, Column)], keeps: bool) -> Result<LogicalPlan> {
        let is_found = column(FOUND);
        let mut plan = std::mem::take(&mut self.plan);
        if self.rows != Rows::One && !keeps {
            plan = LogicalPlan::Filter(Filter::try_new(is_found.clone(), Arc::new(plan))?);
        } else if self.rows != Rows::One {
            plan = numbered(plan, vec![is_found.clone().sort(false, false)])?;
            let first = is_found.clone().or(column(NTH).eq(lit(1_u64)));
            plan = LogicalPlan::Filter(Filter::try_new(first, Arc::new(plan))?);
        }
        let around = self.around.iter().enumerate().map(|(n, c)| aliased(column(&outer(n)), c));
        let own = columns.iter().map(|(e, to)| match self.rows {
            Rows::One => Ok(aliased(e.clone(), to)),
            _ => Ok(aliased(when(is_found.clone(), e.clone()).end()?, to)),
        });
        let all = around.map(Ok).chain(own).collect::<Result<Vec<_>>>()?;
        Ok(LogicalPlan::Projection(Projection::try_new(all, Arc::new(plan))?))
    }

    /// One row for each row around, with an aggregate of the marked rows.
    pub(super) fn reduced(mut self, aggregates: Vec<Expr>) -> Result<Self> {
        let input = Arc::new(std::mem::take(&mut self.plan));
        let computed = aggregates.into_iter().map(|e| match &e {
            Expr::Alias(alias) => {
                marked(e.clone().unalias(), &Column::new_unqualified(&alias.name))
            }
            _ => Ok(e),
        });
        let computed = computed.collect::<Result<Vec<_>>>()?;
        self.plan = LogicalPlan::Aggregate(Aggregate::try_new(input, self.carrying(), computed)?);
        self.rows = Rows::One;
        Ok(self)
    }
}

/// Whether a plan names columns of a query around it.
pub(super) fn looks_outside(plan: &LogicalPlan) -> bool {
    let mut found = false;
    // The walk itself cannot fail.
    let _ = plan.apply_with_subqueries(|node| {
        found |= node.contains_outer_reference();
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    found
}

fn is_subquery(expression: &Expr) -> bool {
    matches!(expression, Expr::ScalarSubquery(_) | Expr::Exists(_) | Expr::InSubquery(_))
}

/// Numbers the rows of each row around, in an order.
fn numbered(plan: LogicalPlan, order: Vec<SortExpr>) -> Result<LogicalPlan> {
    let number = row_number().partition_by(vec![column(ROW)]).order_by(order).build()?;
    LogicalPlanBuilder::from(plan).window(vec![number.alias(NTH)])?.build()
}

/// An aggregate of the marked rows alone.
fn marked(aggregate: Expr, to: &Column) -> Result<Expr> {
    let change = |e: Expr| match e {
        Expr::AggregateFunction(mut call) => {
            let own = call.params.filter.take();
            let filter = own.map_or_else(|| column(FOUND), |own| column(FOUND).and(*own));
            call.params.filter = Some(Box::new(filter));
            let changed = Expr::AggregateFunction(call);
            Ok(Transformed::new(changed, true, TreeNodeRecursion::Jump))
        }
        other => Ok(Transformed::no(other)),
    };
    Ok(aliased(aggregate.transform_down(change)?.data, to))
}

fn aliased(expression: Expr, to: &Column) -> Expr {
    match &expression {
        Expr::Column(own) if own == to => expression,
        _ => {
            let table: Option<TableReference> = to.relation.clone();
            expression.alias_qualified(table, to.name.clone())
        }
    }
}
