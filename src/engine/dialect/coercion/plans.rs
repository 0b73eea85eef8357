//! The coercion of a plan: from its leaves upwards, subqueries with the types of what they look out upon.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{
    Column, DFSchema, ExprSchema, JoinConstraint, NullEquality, ScalarValue, plan_err,
};
use datafusion::error::Result;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::{grouping_set_to_exprlist, merge_schema};
use datafusion::logical_expr::{
    Aggregate, Cast, Expr, ExprSchemable, Filter, Join, JoinType, LogicalPlan, Operator,
    Projection, Union, Values,
};
use datafusion::optimizer::AnalyzerRule;

use super::super::super::mended;
use super::super::kinds::{Kind, type_name};
use super::columns::{cast_columns, column, project};
use super::expressions::settled;
use super::operands::{boolean, compared};
use super::sides::common;
use super::typed::{Typed, room, typed};
use super::{recursion, subqueries};

/// The rule of the analyzer, ahead of the engine's.
#[derive(Debug, Default)]
pub(in super::super) struct Coercion {
    /// Names for marks: each occurs once in a session.
    marks: AtomicUsize,
}

impl AnalyzerRule for Coercion {
    fn name(&self) -> &'static str {
        "coercion"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        texts_of_null(of_plan(plan, &[], &self.marks)?)
    }
}

/// A column of an answer in which nothing but NULL is written is one of texts.
fn texts_of_null(plan: LogicalPlan) -> Result<LogicalPlan> {
    let fields = plan.schema().fields().iter();
    let texts =
        fields.map(|field| (*field.data_type() == DataType::Null).then_some(DataType::Utf8));
    let texts: Vec<_> = texts.collect();
    if texts.iter().all(Option::is_none) || matches!(plan, LogicalPlan::Explain(_)) {
        return Ok(plan);
    }
    let schema = Arc::clone(plan.schema());
    let columns = schema.columns().into_iter().map(Expr::Column).collect();
    project(columns, Arc::new(plan), &schema, &texts)
}

/// A plan whose subqueries look out upon these schemas, the nearest last.
pub(super) fn of_plan(
    plan: LogicalPlan,
    outer: &[&DFSchema],
    marks: &AtomicUsize,
) -> Result<LogicalPlan> {
    let plan = match plan {
        LogicalPlan::RecursiveQuery(query) => {
            return recursion::of(query, |part| of_plan(part, outer, marks));
        }
        plan => {
            plan.map_children(|child| Ok(Transformed::yes(of_plan(child, outer, marks)?)))?.data
        }
    };
    let mut schema = merge_schema(&plan.inputs());
    if let LogicalPlan::TableScan(scan) = &plan {
        schema.merge(&DFSchema::try_from_qualified_schema(
            scan.table_name.clone(),
            &scan.source.schema(),
        )?);
    }
    let within: Vec<&DFSchema> = outer.iter().copied().chain([&schema]).collect();
    let plan =
        plan.map_subqueries(|inner| Ok(Transformed::yes(of_plan(inner, &within, marks)?)))?.data;
    let plan = match plan {
        LogicalPlan::Values(values) => LogicalPlan::Values(checked_rows(values)?),
        plan => plan,
    };
    let plan = mended::each_expression(plan, |expression| {
        Ok(Transformed::yes(settled(looked_out(expression, outer)?, &schema)?))
    })?;
    let plan = match plan.data {
        filter @ LogicalPlan::Filter(_) => filter,
        other => subqueries::outside_conditions(other, marks)?,
    };
    match whole(plan)? {
        LogicalPlan::Filter(filter) => subqueries::inside_condition(filter, marks),
        plan => plan.recompute_schema(),
    }
}

/// A condition in which subqueries are asked as the engine answers them.
fn condition(predicate: Expr, schema: &DFSchema, clause: &str) -> Result<Expr> {
    let predicate = boolean(typed(predicate, schema)?, clause)?;
    let predicate = predicate.transform_up(|e| Ok(subqueries::known(e)))?.data;
    subqueries::in_condition(predicate, schema)
}

/// What needs to be done about a node itself, once its expressions are settled.
fn whole(plan: LogicalPlan) -> Result<LogicalPlan> {
    Ok(match plan {
        LogicalPlan::Filter(filter) => {
            let schema = Arc::clone(filter.input.schema());
            let predicate = condition(filter.predicate, &schema, "WHERE")?;
            LogicalPlan::Filter(Filter::try_new(predicate, filter.input)?)
        }
        LogicalPlan::Aggregate(aggregate) => LogicalPlan::Aggregate(told_apart(aggregate)?),
        LogicalPlan::Union(union) => LogicalPlan::Union(united(union)?),
        LogicalPlan::Join(join) if is_set_operation(&join) => LogicalPlan::Join(matched(join)?),
        LogicalPlan::Join(join) => merged(joined(join)?)?,
        window @ LogicalPlan::Window(_) => signed(window)?,
        LogicalPlan::Projection(projection) => {
            let Projection { expr, input, .. } = projection;
            let expr = expr.into_iter().map(settled_null).collect();
            LogicalPlan::Projection(Projection::try_new(expr, input)?)
        }
        other => other,
    })
}

/// GROUPING names what is grouped by, as it stands there now.
fn told_apart(mut aggregate: Aggregate) -> Result<Aggregate> {
    for call in &aggregate.aggr_expr {
        let looks_out = call.exists(|e| Ok(matches!(e, Expr::OuterReferenceColumn(..))))?;
        if looks_out && call.column_refs().is_empty() {
            return plan_err!("an aggregate of columns of the outer query alone is not supported");
        }
    }
    let groups = grouping_set_to_exprlist(&aggregate.group_expr)?;
    let groups: Vec<Expr> = groups.into_iter().cloned().collect();
    let as_grouped = |argument: Expr| {
        let bare = argument.clone().unalias();
        let found = groups.iter().find(|group| (*group).clone().unalias() == bare);
        found.cloned().unwrap_or(argument)
    };
    for expression in &mut aggregate.aggr_expr {
        let taken = std::mem::take(expression);
        *expression = taken
            .transform_up(|e| match e {
                Expr::AggregateFunction(mut call) if call.func.name() == "grouping" => {
                    call.params.args = call.params.args.into_iter().map(as_grouped).collect();
                    Ok(Transformed::yes(Expr::AggregateFunction(call)))
                }
                other => Ok(Transformed::no(other)),
            })?
            .data;
    }
    Ok(aggregate)
}

/// Columns of outer queries have the types that are settled there.
fn looked_out(expression: Expr, outer: &[&DFSchema]) -> Result<Expr> {
    if outer.is_empty() {
        return Ok(expression);
    }
    let look = |e: Expr| {
        let Expr::OuterReferenceColumn(field, column) = e else { return Ok(Transformed::no(e)) };
        let found = outer.iter().rev().find_map(|schema| schema.field_from_column(&column).ok());
        let field = found.cloned().unwrap_or(field);
        Ok(Transformed::yes(Expr::OuterReferenceColumn(field, column)))
    };
    Ok(expression.transform_up(look)?.data)
}

/// The engine makes texts of what stands among texts in a column of VALUES; PostgreSQL does not.
fn checked_rows(values: Values) -> Result<Values> {
    let none = DFSchema::empty();
    for row in &values.values {
        for cell in row {
            let Expr::Cast(Cast { expr, field }) = cell else { continue };
            let from = expr.get_type(&none)?;
            let kinds = (Kind::of(expr, &from), Kind::of_type(field.data_type()));
            if kinds.1 == Kind::Text && !matches!(kinds.0, Kind::Text | Kind::Unknown) {
                return plan_err!("VALUES types {} and text cannot be matched", type_name(&from));
            }
        }
    }
    Ok(values)
}

/// Whether a join is INTERSECT or EXCEPT: before the optimizer nothing else joins NULL with NULL.
fn is_set_operation(join: &Join) -> bool {
    matches!(join.join_type, JoinType::LeftAnti | JoinType::LeftSemi)
        && join.null_equality == NullEquality::NullEqualsNull
        && join.filter.is_none()
        && join.on.len() == join.left.schema().fields().len()
}

fn matched(join: Join) -> Result<Join> {
    let what = if join.join_type == JoinType::LeftSemi { "INTERSECT" } else { "EXCEPT" };
    let wanted = columns_in_common(what, &[&join.left, &join.right])?;
    let left = cast_columns(Arc::unwrap_or_clone(join.left), &wanted)?;
    let right = cast_columns(Arc::unwrap_or_clone(join.right), &wanted)?;
    Ok(Join { left: Arc::new(left), right: Arc::new(right), ..join })
}

fn united(union: Union) -> Result<Union> {
    let branches: Vec<&LogicalPlan> = union.inputs.iter().map(AsRef::as_ref).collect();
    let wanted = columns_in_common("UNION", &branches)?;
    let cast = |branch: Arc<LogicalPlan>| {
        Ok(Arc::new(cast_columns(Arc::unwrap_or_clone(branch), &wanted)?))
    };
    let inputs = union.inputs.into_iter().map(cast).collect::<Result<Vec<_>>>()?;
    Union::try_new_with_loose_types(inputs)
}

/// The type of each column of a set operation; `None` where the branches' own is left.
fn columns_in_common(what: &str, branches: &[&LogicalPlan]) -> Result<Vec<Option<DataType>>> {
    let count = branches.iter().map(|b| b.schema().fields().len()).min().unwrap_or(0);
    let column = |place: usize| {
        let values = branches.iter().map(|branch| column(branch, place));
        let values = values.collect::<Result<Vec<_>>>()?;
        match common(what, &values)? {
            Kind::Unknown => Ok(Some(DataType::Utf8)),
            kind => {
                let is_one = values.iter().all(|value| value.kind == kind);
                let stays = is_one && kind != Kind::Numeric && kind.data_type().is_some();
                let same = |a: &[Typed]| matches!(a, [a, b] if a.data_type == b.data_type);
                match stays && values.windows(2).all(same) {
                    true => Ok(None),
                    false => room(kind, &values),
                }
            }
        }
    };
    (0..count).map(column).collect()
}

/// The columns that USING and NATURAL merge: of a row that one side lacks, the other side has the value.
fn merged(join: Join) -> Result<LogicalPlan> {
    let is_merged = join.join_constraint == JoinConstraint::Using
        && matches!(join.join_type, JoinType::Right | JoinType::Full);
    if !is_merged {
        return Ok(LogicalPlan::Join(join));
    }
    let pairs = join.on.clone();
    let plan = LogicalPlan::Join(join).recompute_schema()?;
    let names = NamePreserver::new_for_projection();
    let column = |column: Column| {
        let own = Expr::Column(column);
        let pair = pairs.iter().find(|(left, _)| left.clone().unalias() == own);
        let Some((_, other)) = pair else { return own };
        let name = names.save(&own);
        name.restore(coalesce(vec![own, other.clone()]))
    };
    let columns = plan.schema().columns().into_iter().map(column).collect();
    Projection::try_new(columns, Arc::new(plan)).map(LogicalPlan::Projection)
}

/// A column of nothing but NULL is one of texts, where nothing beside it tells another type.
fn settled_null(expression: Expr) -> Expr {
    match expression {
        Expr::Literal(ScalarValue::Null, metadata) => {
            let name = NamePreserver::new_for_projection();
            let name = name.save(&Expr::Literal(ScalarValue::Null, None));
            name.restore(Expr::Literal(ScalarValue::Utf8(None), metadata))
        }
        Expr::Alias(mut alias)
            if alias.expr.as_ref() == &Expr::Literal(ScalarValue::Null, None) =>
        {
            alias.expr = Box::new(Expr::Literal(ScalarValue::Utf8(None), None));
            Expr::Alias(alias)
        }
        other => other,
    }
}

/// Ranks and numbers of rows are bigints: the engine's have no sign.
fn signed(plan: LogicalPlan) -> Result<LogicalPlan> {
    let plan = plan.recompute_schema()?;
    let schema = Arc::clone(plan.schema());
    let count = match &plan {
        LogicalPlan::Window(window) => window.input.schema().fields().len(),
        _ => return Ok(plan),
    };
    let own = schema.fields().iter().enumerate();
    let wanted = own.map(|(place, field)| {
        let is_rank = place >= count && *field.data_type() == DataType::UInt64;
        is_rank.then(|| match field.name().starts_with("ntile(") {
            true => DataType::Int32,
            false => DataType::Int64,
        })
    });
    cast_columns(plan, &wanted.collect::<Vec<_>>())
}

/// Keys of a join, each pair in the kind that it is compared in.
fn joined(mut join: Join) -> Result<Join> {
    let (left, right) = (join.left.schema(), join.right.schema());
    let pair = |(a, b): (Expr, Expr)| {
        let (a, b) = compared(Operator::Eq, typed(a, left)?, typed(b, right)?)?;
        Ok((a.expression, b.expression))
    };
    join.on = join.on.into_iter().map(pair).collect::<Result<_>>()?;
    if let Some(filter) = join.filter {
        join.filter = Some(condition(filter, &join.schema, "JOIN/ON")?);
    }
    Ok(join)
}
