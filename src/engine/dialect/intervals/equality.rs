//! Intervals that are as long as each other are equal, however they are written: in GROUP BY, DISTINCT, ORDER
//! BY, joins and windows too. The engine compares their parts.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema, ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::functions_aggregate::first_last::first_value_udaf;
use datafusion::logical_expr::expr::{
    AggregateFunction, AggregateFunctionParams, ScalarFunction, Sort as SortExpr, WindowFunction,
};
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{
    Aggregate, BinaryExpr, Case, Distinct, Expr, ExprSchemable, Join, LogicalPlan, Projection,
    WindowFrameBound, WindowFrameUnits, WindowFunctionDefinition,
};
use datafusion::optimizer::AnalyzerRule;

use super::super::super::mended;
use super::super::dates::casts::interval_of;
use super::{span, totals};

/// The rule, for plans whose types are settled.
#[derive(Debug)]
pub(in super::super) struct EqualLengths;

impl AnalyzerRule for EqualLengths {
    fn name(&self) -> &'static str {
        "equal_lengths"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        plan.transform_up_with_subqueries(|plan| Ok(Transformed::yes(of_node(plan)?)))
            .map(|done| done.data)
    }
}

fn is_interval(expression: &Expr, schema: &DFSchema) -> bool {
    expression.get_type(schema).is_ok_and(|found| matches!(found, DataType::Interval(_)))
}

fn holds_intervals(expression: &Expr, schema: &DFSchema) -> bool {
    fn holds(data_type: &DataType) -> bool {
        match data_type {
            DataType::Interval(_) => true,
            DataType::List(item) | DataType::LargeList(item) => holds(item.data_type()),
            DataType::Struct(fields) => fields.iter().any(|field| holds(field.data_type())),
            _ => false,
        }
    }
    expression.get_type(schema).is_ok_and(|found| holds(&found))
}

/// What an expression is compared by.
fn key(expression: Expr, schema: &DFSchema) -> Expr {
    if is_interval(&expression, schema) { span(expression) } else { expression }
}

fn of_node(plan: LogicalPlan) -> Result<LogicalPlan> {
    let schema = merge_schema(&plan.inputs());
    let plan = of_expressions(plan, &schema)?;
    match plan {
        LogicalPlan::Sort(mut sort) => {
            sort.expr = keys(sort.expr, &schema);
            Ok(LogicalPlan::Sort(sort))
        }
        LogicalPlan::Join(join) => joined(join),
        LogicalPlan::Distinct(Distinct::All(input)) => {
            let columns: Vec<Expr> =
                input.schema().columns().into_iter().map(Expr::Column).collect();
            if !columns.iter().any(|column| is_interval(column, input.schema())) {
                return Ok(LogicalPlan::Distinct(Distinct::All(input)));
            }
            grouped(Aggregate::try_new(input, columns, Vec::new())?)
        }
        LogicalPlan::Distinct(Distinct::On(mut on)) => {
            on.on_expr = on.on_expr.into_iter().map(|e| key(e, &schema)).collect();
            on.sort_expr = on.sort_expr.map(|sort| keys(sort, &schema));
            Ok(LogicalPlan::Distinct(Distinct::On(on)))
        }
        LogicalPlan::Aggregate(aggregate) => grouped(aggregate),
        other => Ok(other),
    }
}

fn keys(sort: Vec<SortExpr>, schema: &DFSchema) -> Vec<SortExpr> {
    sort.into_iter().map(|s| SortExpr { expr: key(s.expr, schema), ..s }).collect()
}

fn joined(mut join: Join) -> Result<LogicalPlan> {
    let (left, right) = (Arc::clone(join.left.schema()), Arc::clone(join.right.schema()));
    join.on = join.on.into_iter().map(|(l, r)| (key(l, &left), key(r, &right))).collect();
    Ok(LogicalPlan::Join(join))
}

/// Groups by the lengths of intervals; a group shows the first interval of it.
fn grouped(aggregate: Aggregate) -> Result<LogicalPlan> {
    let input = Arc::clone(&aggregate.input);
    let of_interval = |e: &Expr| is_interval(e, input.schema());
    if !aggregate.group_expr.iter().any(|e| contains_interval(e, &of_interval)) {
        return Ok(LogicalPlan::Aggregate(aggregate));
    }
    if aggregate.group_expr.iter().any(|e| matches!(e, Expr::GroupingSet(_))) {
        return plan_err!("grouping sets of intervals are not supported");
    }
    let wanted = Arc::clone(&aggregate.schema);
    let groups = aggregate.group_expr.len();
    let (mut keys, mut aggregates) = (Vec::new(), aggregate.aggr_expr);
    let mut shown: Vec<Option<String>> = Vec::new();
    for (at, expression) in aggregate.group_expr.into_iter().enumerate() {
        if !of_interval(&expression) {
            keys.push(expression);
            shown.push(None);
            continue;
        }
        let name = format!("first_interval_{at}");
        keys.push(span(expression.clone()).alias(format!("interval_length_{at}")));
        aggregates.push(first(expression).alias(name.clone()));
        shown.push(Some(name));
    }
    let count = wanted.fields().len();
    let inner = LogicalPlan::Aggregate(Aggregate::try_new(input, keys, aggregates)?);
    let columns = inner.schema().columns();
    let mut projected = Vec::with_capacity(count);
    for (at, (qualifier, field)) in wanted.iter().enumerate() {
        let column = match shown.get(at).filter(|_| at < groups) {
            Some(Some(name)) => Column::from_name(name.clone()),
            _ => match columns.get(at) {
                Some(column) => column.clone(),
                None => return plan_err!("a group lacks a column"),
            },
        };
        projected.push(Expr::Column(column).alias_qualified(qualifier.cloned(), field.name()));
    }
    Ok(LogicalPlan::Projection(Projection::try_new(projected, Arc::new(inner))?))
}

fn contains_interval(expression: &Expr, is_one: &impl Fn(&Expr) -> bool) -> bool {
    match expression {
        Expr::GroupingSet(sets) => sets.distinct_expr().into_iter().any(is_one),
        other => is_one(other),
    }
}

/// The first value of a group.
fn first(expression: Expr) -> Expr {
    Expr::AggregateFunction(AggregateFunction {
        func: first_value_udaf(),
        params: AggregateFunctionParams {
            args: vec![expression],
            distinct: false,
            filter: None,
            order_by: Vec::new(),
            null_treatment: None,
        },
    })
}

fn of_expressions(plan: LogicalPlan, schema: &DFSchema) -> Result<LogicalPlan> {
    let each = |expression: Expr| expression.transform_up(|e| of_expression(e, schema));
    mended::each_expression(plan, each).map(|done| done.data)
}

fn of_expression(expression: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    Ok(match expression {
        Expr::AggregateFunction(call) => aggregated(call, schema)?,
        Expr::WindowFunction(call) => windowed(call, schema)?,
        Expr::Case(Case { expr: Some(value), when_then_expr, else_expr })
            if is_interval(&value, schema) =>
        {
            let boxed = |e: Box<Expr>| Box::new(key(*e, schema));
            let pairs = when_then_expr.into_iter().map(|(when, then)| (boxed(when), then));
            let case = Case::new(Some(boxed(value)), pairs.collect(), else_expr);
            Transformed::yes(Expr::Case(case))
        }
        Expr::InSubquery(inside) if holds_intervals(&inside.expr, schema) => {
            return plan_err!("IN (SELECT …) of intervals is not supported");
        }
        Expr::SetComparison(found) if holds_intervals(&found.expr, schema) => {
            return plan_err!("ANY and ALL of intervals are not supported");
        }
        Expr::ScalarFunction(call) => compared(call, schema)?,
        Expr::BinaryExpr(both) if both.op.supports_propagation() => {
            match is_interval(&both.left, schema) && is_interval(&both.right, schema) {
                true => {
                    let (left, right) = (Box::new(span(*both.left)), Box::new(span(*both.right)));
                    Transformed::yes(Expr::BinaryExpr(BinaryExpr { left, op: both.op, right }))
                }
                false => Transformed::no(Expr::BinaryExpr(both)),
            }
        }
        other => Transformed::no(other),
    })
}

/// Functions that compare their arguments.
const COMPARING: &[&str] = &[
    "array_distinct",
    "array_has",
    "array_max",
    "array_min",
    "array_position",
    "array_positions",
    "array_remove",
    "array_replace",
    "array_sort",
    "greatest",
    "least",
];

fn compared(mut call: ScalarFunction, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let name = call.name().to_owned();
    let has_intervals = call.args.iter().any(|argument| holds_intervals(argument, schema));
    if has_intervals && COMPARING.contains(&name.as_str()) {
        return plan_err!("{name} of intervals is not supported");
    }
    if !has_intervals || name != "nullif" {
        return Ok(Transformed::no(Expr::ScalarFunction(call)));
    }
    let (Some(right), Some(left)) = (call.args.pop(), call.args.pop()) else {
        return plan_err!("nullif takes two values");
    };
    let is_equal = span(left.clone()).eq(span(right));
    let null = Expr::Literal(ScalarValue::IntervalMonthDayNano(None), None);
    let pairs = vec![(Box::new(is_equal), Box::new(null))];
    Ok(Transformed::yes(Expr::Case(Case::new(None, pairs, Some(Box::new(left))))))
}

fn aggregated(mut call: AggregateFunction, schema: &DFSchema) -> Result<Transformed<Expr>> {
    call.params.order_by = keys(call.params.order_by, schema);
    let has_intervals = call.params.args.iter().any(|argument| holds_intervals(argument, schema));
    if !has_intervals {
        return Ok(Transformed::yes(Expr::AggregateFunction(call)));
    }
    if let Some(function) = totals::function(call.func.name()) {
        call.func = function;
    } else if call.func.name() == "count" {
        call.params.args = call.params.args.into_iter().map(|a| key(a, schema)).collect();
    } else if call.params.distinct {
        let name = call.func.name();
        return plan_err!("{name}(distinct …) of intervals is not supported");
    }
    Ok(Transformed::yes(Expr::AggregateFunction(call)))
}

fn windowed(mut call: Box<WindowFunction>, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let params = &mut call.params;
    if params.window_frame.units == WindowFrameUnits::Range
        && let Some(order) = params.order_by.first()
        && is_point(&order.expr, schema)
    {
        let frame = &mut params.window_frame;
        frame.start_bound = bound(std::mem::replace(&mut frame.start_bound, CURRENT))?;
        frame.end_bound = bound(std::mem::replace(&mut frame.end_bound, CURRENT))?;
    }
    params.order_by = keys(std::mem::take(&mut params.order_by), schema);
    let partition = std::mem::take(&mut params.partition_by).into_iter();
    params.partition_by = partition.map(|e| key(e, schema)).collect();
    let is_of_intervals = params.args.first().is_some_and(|first| is_interval(first, schema));
    if let (WindowFunctionDefinition::AggregateUDF(function), true) = (&call.fun, is_of_intervals)
        && let Some(own) = totals::function(function.name())
    {
        call.fun = WindowFunctionDefinition::AggregateUDF(own);
    }
    Ok(Transformed::yes(Expr::WindowFunction(call)))
}

const CURRENT: WindowFrameBound = WindowFrameBound::CurrentRow;

/// Whether an expression is a point in time, whose frames reach as far as an interval says.
fn is_point(expression: &Expr, schema: &DFSchema) -> bool {
    let found = expression.get_type(schema);
    found.is_ok_and(|found| matches!(found, DataType::Date32 | DataType::Timestamp(..)))
}

/// A bound of a frame, whose size is an interval.
fn bound(bound: WindowFrameBound) -> Result<WindowFrameBound> {
    let size = |size: ScalarValue| match size {
        ScalarValue::Utf8(Some(text)) if text.trim().parse::<f64>().is_ok() => plan_err!(
            "RANGE with offset PRECEDING/FOLLOWING is not supported for times and the number {text}"
        ),
        ScalarValue::Utf8(Some(text)) => {
            let span = interval_of(&text, None)?;
            if span.months < 0 || span.days < 0 || span.micros < 0 {
                return plan_err!("invalid preceding or following size in window function");
            }
            Ok(ScalarValue::IntervalMonthDayNano(Some(span.to_engine()?)))
        }
        other => Ok(other),
    };
    Ok(match bound {
        WindowFrameBound::Preceding(found) => WindowFrameBound::Preceding(size(found)?),
        WindowFrameBound::Following(found) => WindowFrameBound::Following(size(found)?),
        WindowFrameBound::CurrentRow => WindowFrameBound::CurrentRow,
    })
}
