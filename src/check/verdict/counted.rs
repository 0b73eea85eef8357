//! Counted: whether what a plan answers is a count of rows, or made of such counts alone.
//!
//! A count says how many rows of a kind tables have, and reveals no value in them. Where values
//! choose among rows that are counts or literals, the choice reveals a value: `select x from
//! (select 1 x union all select 2) v where x = (select min(n) from t)`. So a literal is a constant
//! within arithmetic and nothing else, rows are chosen by counts alone, and rows that no table
//! holds are not counted.

use datafusion::common::tree_node::TreeNode;
use datafusion::common::{Column, DFSchema, ScalarValue};
use datafusion::logical_expr::expr::{AggregateFunction, WindowFunctionDefinition};
use datafusion::logical_expr::logical_plan::Distinct;
use datafusion::logical_expr::{Expr, ExprSchemable, Join, JoinType, LogicalPlan};

use arrow::datatypes::DataType;

/// Whether every field of a plan's answer is a count, or is computed from counts and literals.
pub(in crate::check) fn is_count(plan: &LogicalPlan) -> bool {
    let fields = fields(plan);
    !fields.is_empty() && fields.into_iter().all(|is_count| is_count)
}

/// By field of a plan's schema: whether it is one. An unknown one is not.
fn fields(plan: &LogicalPlan) -> Vec<bool> {
    let width = plan.schema().fields().len();
    let found = match plan {
        LogicalPlan::Projection(node) => {
            let input = Fields::of(&node.input);
            node.expr.iter().map(|e| input.is_count(e)).collect()
        }
        LogicalPlan::Aggregate(node) if !are_of_tables(&node.input) => vec![false; width],
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
        LogicalPlan::Filter(node) => {
            let input = Fields::of(&node.input);
            if input.is_made_of_counts(&node.predicate) { input.counts } else { vec![false; width] }
        }
        LogicalPlan::Sort(node) => {
            let input = Fields::of(&node.input);
            let ordered = node.expr.iter().all(|by| input.is_made_of_counts(&by.expr));
            if ordered { input.counts } else { vec![false; width] }
        }
        LogicalPlan::Limit(node) => fields(&node.input),
        LogicalPlan::SubqueryAlias(node) => fields(&node.input),
        LogicalPlan::Distinct(Distinct::All(input)) => fields(input),
        LogicalPlan::Union(node) => {
            let inputs: Vec<Vec<bool>> = node.inputs.iter().map(|input| fields(input)).collect();
            let all = |n| inputs.iter().all(|input| input.get(n).copied().unwrap_or(false));
            (0..width).map(all).collect()
        }
        LogicalPlan::Join(join) if !is_joined_by_counts(join) => vec![false; width],
        LogicalPlan::Join(join) => match join.join_type {
            JoinType::LeftSemi | JoinType::LeftAnti => fields(&join.left),
            JoinType::RightSemi | JoinType::RightAnti => fields(&join.right),
            JoinType::LeftMark | JoinType::RightMark => vec![false; width],
            _ => fields(&join.left).into_iter().chain(fields(&join.right)).collect(),
        },
        _ => vec![false; width],
    };
    if found.len() == width { found } else { vec![false; width] }
}

/// Whether the rows of a plan are rows of tables, or made of them one by one or by group: a series,
/// a list of literals or a recursion may have as many rows as a value says.
fn are_of_tables(plan: &LogicalPlan) -> bool {
    match plan {
        // Tables made by functions are named like calls.
        LogicalPlan::TableScan(scan) => {
            let name = scan.table_name.table();
            !name.ends_with(')') && name != "tmp_table"
        }
        LogicalPlan::Projection(_)
        | LogicalPlan::Aggregate(_)
        | LogicalPlan::Window(_)
        | LogicalPlan::Filter(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Distinct(_)
        | LogicalPlan::Union(_)
        | LogicalPlan::Join(_) => plan.inputs().into_iter().all(are_of_tables),
        _ => false,
    }
}

/// Whether the condition of a join looks at counts and literals alone.
fn is_joined_by_counts(join: &Join) -> bool {
    let (left, right) = (Fields::of(&join.left), Fields::of(&join.right));
    let keys = join.on.iter();
    let mut keys = keys.map(|(l, r)| left.is_made_of_counts(l) && right.is_made_of_counts(r));
    let Some(filter) = &join.filter else { return keys.all(|is_count| is_count) };
    let Ok(schema) = join.left.schema().join(join.right.schema()) else { return false };
    let counts = left.counts.iter().chain(&right.counts).copied().collect();
    keys.all(|is_count| is_count) && Fields { schema: &schema, counts }.is_made_of_counts(filter)
}

/// Functions of arithmetic and comparison, as operators are planned too: they compute only from counts and
/// constants if their arguments do.
const ARITHMETIC: [&str; 28] = [
    "abs",
    "add",
    "at_least",
    "at_most",
    "ceil",
    "coalesce",
    "convert",
    "distinct_from",
    "divide",
    "equal",
    "floor",
    "greatest",
    "least",
    "less",
    "minus",
    "modulo",
    "more",
    "multiply",
    "not_distinct_from",
    "nullif",
    "over",
    "plus",
    "round",
    "subtract",
    "times",
    "to_whole",
    "trunc",
    "unequal",
];

/// The fields of an input.
struct Fields<'a> {
    schema: &'a DFSchema,
    counts: Vec<bool>,
}

impl<'a> Fields<'a> {
    fn of(plan: &'a LogicalPlan) -> Self {
        Self { schema: plan.schema(), counts: fields(plan) }
    }

    /// Whether an expression is a count, or is computed from counts; a literal alone is not.
    fn is_count(&self, expression: &Expr) -> bool {
        self.is_made_of_counts(expression) && !is_constant(expression)
    }

    /// Whether an expression looks at nothing but counts and constants.
    fn is_made_of_counts(&self, expression: &Expr) -> bool {
        let every = |of: &[Expr]| of.iter().all(|e| self.is_made_of_counts(e));
        match expression {
            Expr::Literal(..) => true,
            Expr::Column(column) => self.column(column),
            Expr::Alias(alias) => self.is_made_of_counts(&alias.expr),
            Expr::Cast(cast) => self.is_made_of_counts(&cast.expr),
            Expr::TryCast(cast) => self.is_made_of_counts(&cast.expr),
            Expr::Negative(inner) | Expr::Not(inner) => self.is_made_of_counts(inner),
            Expr::IsNull(inner) | Expr::IsNotNull(inner) => self.is_made_of_counts(inner),
            Expr::BinaryExpr(both) => {
                self.is_made_of_counts(&both.left) && self.is_made_of_counts(&both.right)
            }
            Expr::Between(of) => {
                [&of.expr, &of.low, &of.high].into_iter().all(|part| self.is_made_of_counts(part))
            }
            Expr::Case(case) => {
                let mut whens = case.when_then_expr.iter().map(|(when, _)| when).chain(&case.expr);
                let mut results =
                    case.when_then_expr.iter().map(|(_, then)| then).chain(&case.else_expr);
                // A choice among literals reveals what it was made by; 0, 1 and 100 are the ends of
                // a share.
                whens.all(|when| self.is_made_of_counts(when))
                    && results
                        .all(|then| self.is_count(then) || is_one_of(then, &[0.0, 1.0, 100.0]))
            }
            Expr::ScalarFunction(call) => ARITHMETIC.contains(&call.name()) && every(&call.args),
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

    /// Whether an expression is 1 or 0 for each row, whatever it looks at.
    fn is_flag(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Literal(..) => is_bit(expression),
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
    is_one_of(expression, &[0.0, 1.0])
}

/// Whether an expression is NULL or one of these numbers.
fn is_one_of(expression: &Expr, numbers: &[f64]) -> bool {
    match expression {
        Expr::Cast(cast) => is_one_of(&cast.expr, numbers),
        Expr::Literal(value, _) => {
            let number = value.cast_to(&DataType::Float64);
            value.is_null()
                || matches!(number, Ok(ScalarValue::Float64(Some(n))) if numbers.contains(&n))
        }
        _ => false,
    }
}

/// Whether an expression looks at nothing at all.
fn is_constant(expression: &Expr) -> bool {
    let looks = |part: &Expr| {
        Ok(matches!(
            part,
            Expr::Column(_)
                | Expr::ScalarSubquery(_)
                | Expr::AggregateFunction(_)
                | Expr::WindowFunction(_)
        ))
    };
    !expression.exists(looks).unwrap_or(true)
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
            "select sum(1) from t where n > 3",
            "select case when count(*) = 0 then 100.0 else 100.0 * count(n) / count(*) end from t",
            "select count(*) from (select n from t group by n having count(*) > 1) g",
            "select count(*) from t a join t b on a.n = b.m",
            "select a.c - b.c from (select count(*) c from t) a cross join (select count(n) c from t) b",
            "with a as (select count(*) c from t) select c from a union all select count(n) from t",
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
            "with a as (select count(*) c from t) select c from a union all select 0",
            "select max(l.band) from t join (select 1 band, 0 lo, 7 hi union all select 2, 8, 9) l on t.n between l.lo and l.hi",
            "select x from (select 710000 x union all select 710001) v where x = (select min(n) from t)",
            "select max(x) from (values (710000), (710001)) v(x) where x < (select min(n) from t)",
            "select count(*) from (values (1), (2), (3)) v(x) where x < (select min(n) from t)",
            "select count(*) from unnest([1, 2, 3]) v(x) where x < (select min(n) from t)",
            "with recursive r as (select 1 k union all select k + 1 from r where k < (select min(n) from t)) select count(*) from r",
            "select c from (select count(*) * 0 + 7 c from t union all select count(*) * 0 + 8 from t) v where c = (select min(n) from t)",
            "select v.c from (select count(*) + 7 c, max(n) m from t union all select count(*) + 8, min(n) from t) v order by v.m limit 1",
            "select v.c from (select count(*) + 7 c from t union all select count(*) + 8 from t) v join t on t.n = v.c",
            "select count(*) from t group by n having n = 710001",
            "select 710001 from t where n = 710001",
            "select max(5) from t where n > 5",
            "select case when n > 5 then 1 else 0 end from t",
            "select case when count(*) > 5 then 710001 else 710002 end from t",
            "select coalesce(n, 0) from t",
            "select exists (select 1 from t where n > 5)",
            "select n is null from t",
            "select n > 5 from t",
            "select (array[710001, 710002])[count(*)] from t",
            "select string_agg(n::text, ',') from t",
        ] {
            assert!(!counts(query).await, "{query}");
        }
    }
}
