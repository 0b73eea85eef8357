//! Whether a query that was planned runs: it is planned down to its operators, and what every row would
//! compute is computed once, for a row of NULLs. What fails then fails whatever the tables hold.

use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions, new_null_array};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, ExprSchema, ScalarValue};
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan, Operator, Volatility};
use datafusion::physical_plan::PhysicalExpr;

use crate::error::{Error, Result, SqlState};

use super::damage::contained;

/// Plans a query down to its operators.
///
/// # Errors
/// What every run of the query would end with.
pub async fn runnable(state: &SessionState, plan: &LogicalPlan) -> Result<()> {
    runs(state, state.optimize(plan)?).await
}

/// As [`runnable`], of a plan whose names and types are settled already.
///
/// # Errors
/// As [`runnable`].
pub async fn runnable_analyzed(state: &SessionState, analyzed: LogicalPlan) -> Result<()> {
    runs(state, state.optimizer().optimize(analyzed, state, |_, _| {})?).await
}

async fn runs(state: &SessionState, optimized: LogicalPlan) -> Result<()> {
    state.query_planner().create_physical_plan(&optimized, state).await?;
    // An explained query is not run.
    if matches!(optimized, LogicalPlan::Explain(_)) {
        return Ok(());
    }
    let mut failed = None;
    optimized.apply_with_subqueries(|node| {
        failed = computed(state, node).err();
        Ok(match failed {
            Some(_) => TreeNodeRecursion::Stop,
            None => TreeNodeRecursion::Continue,
        })
    })?;
    failed.map_or(Ok(()), Err)
}

/// Computes what a node computes of every row.
fn computed(state: &SessionState, node: &LogicalPlan) -> Result<()> {
    let mut parts = Vec::new();
    for expression in node.expressions() {
        if is_whole(&expression, &mut parts) {
            parts.push(expression);
        }
    }
    parts.retain(|part| !is_plain(part));
    if parts.is_empty() {
        return Ok(());
    }
    let mut schema = DFSchema::empty();
    for input in node.inputs() {
        schema.merge(input.schema());
    }
    if let LogicalPlan::TableScan(scan) = node {
        schema.merge(&scan.projected_schema);
    }
    let row = nulls(schema.as_arrow())?;
    let samples = match parts.iter().any(may_refuse) {
        true => samples(schema.as_arrow())?,
        false => Vec::new(),
    };
    for part in parts {
        let states = may_refuse(&part).then(|| blamed_on_constants(&part, &schema));
        // What cannot be planned here alone was planned above, in its place.
        let Ok(physical) = state.create_physical_expr(part, &schema) else { continue };
        if let Some(Err(error)) = contained(|| physical.evaluate(&row)) {
            return Err(Error::from(error));
        }
        if let Some(states) = states {
            let always = samples.iter().map(|row| refused(&physical, row, &states));
            // What fails in every row, whatever the columns hold, is a constant.
            if let Some(error) = always.collect::<Option<Vec<_>>>().and_then(|mut all| all.pop()) {
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Whether an expression is computed as one, for every row; if not, its parts that are.
fn is_whole(expression: &Expr, parts: &mut Vec<Expr>) -> bool {
    let always = always_computed(expression);
    let mut whole = true;
    let mut own = Vec::new();
    for child in &always {
        let is_part = is_whole(child, parts);
        whole &= is_part;
        if is_part {
            own.push((*child).clone());
        }
    }
    if whole && is_computable(expression) {
        return true;
    }
    parts.append(&mut own);
    false
}

/// The operands that are computed whatever the others are.
fn always_computed(expression: &Expr) -> Vec<&Expr> {
    match expression {
        Expr::BinaryExpr(binary) if matches!(binary.op, Operator::And | Operator::Or) => {
            vec![&binary.left]
        }
        Expr::Case(case) => match (&case.expr, case.when_then_expr.first()) {
            (Some(of), _) => vec![of],
            (None, Some((when, _))) => vec![when],
            (None, None) => Vec::new(),
        },
        Expr::ScalarFunction(call) if call.func.short_circuits() => {
            call.args.first().into_iter().collect()
        }
        // Rows that a filter leaves out are not aggregated.
        Expr::AggregateFunction(call) if call.params.filter.is_some() => Vec::new(),
        _ => {
            let mut children = Vec::new();
            // The walk itself cannot fail: the visitor never does.
            let _ = expression.apply_children(|child| {
                children.push(child);
                Ok(TreeNodeRecursion::Continue)
            });
            children
        }
    }
}

/// Whether an expression can be computed from its operands alone.
fn is_computable(expression: &Expr) -> bool {
    match expression {
        Expr::BinaryExpr(binary) => !matches!(binary.op, Operator::And | Operator::Or),
        Expr::ScalarFunction(call) => {
            !call.func.short_circuits() && call.func.signature().volatility != Volatility::Volatile
        }
        Expr::Alias(_)
        | Expr::Column(_)
        | Expr::Literal(..)
        | Expr::Like(_)
        | Expr::SimilarTo(_)
        | Expr::Not(_)
        | Expr::IsNotNull(_)
        | Expr::IsNull(_)
        | Expr::IsTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotTrue(_)
        | Expr::IsNotFalse(_)
        | Expr::IsNotUnknown(_)
        | Expr::Negative(_)
        | Expr::Between(_)
        | Expr::Cast(_)
        | Expr::TryCast(_)
        | Expr::InList(_) => true,
        _ => false,
    }
}

fn is_plain(expression: &Expr) -> bool {
    match expression {
        Expr::Alias(alias) => is_plain(&alias.expr),
        Expr::Column(_) | Expr::Literal(..) => true,
        _ => false,
    }
}

/// Whether a constant argument may be one that no value goes with: functions look at it for values alone, not
/// for NULL.
fn may_refuse(expression: &Expr) -> bool {
    let may = |e: &Expr| match e {
        Expr::BinaryExpr(binary) => matches!(binary.op, Operator::Divide | Operator::Modulo),
        Expr::ScalarFunction(_) => true,
        _ => false,
    };
    expression.exists(|e| Ok(may(e))).unwrap_or(false)
}

/// The states of errors that a constant is to blame for, where every sample ends with one: texts of columns
/// may be words that samples do not have.
fn blamed_on_constants(expression: &Expr, schema: &DFSchema) -> Vec<SqlState> {
    let is_text = |column: &Column| {
        let field = schema.field_from_column(column);
        field.map_or(true, |field| field.data_type() == &DataType::Utf8)
    };
    let mut states = vec![SqlState::DivisionByZero, SqlState::InvalidRegularExpression];
    if !expression.column_refs().iter().any(|column| is_text(column)) {
        states.push(SqlState::InvalidParameterValue);
    }
    states
}

/// The error of an expression for a row, where it has one of these states.
fn refused(
    physical: &Arc<dyn PhysicalExpr>,
    row: &RecordBatch,
    states: &[SqlState],
) -> Option<Error> {
    let outcome = contained(|| physical.evaluate(row))?;
    outcome.err().map(Error::from).filter(|e| states.contains(&e.sqlstate()))
}

/// Rows whose numbers, times and texts differ from row to row, and from column to column: a difference of two
/// columns is not zero.
fn samples(schema: &Schema) -> Result<Vec<RecordBatch>> {
    let one = RecordBatchOptions::new().with_row_count(Some(1));
    let row = |(first, step): (i64, i64)| {
        let column = |(n, field): (usize, &Arc<Field>)| {
            let number = first + step * i64::try_from(n).unwrap_or_default();
            let number = ScalarValue::Int64(Some(number)).cast_to(field.data_type());
            let kind = field.data_type();
            let is_told = kind.is_numeric() || kind.is_temporal() || kind == &DataType::Utf8;
            match number.ok().filter(|_| is_told) {
                Some(number) => Ok(number.to_array()?),
                None => Ok(new_null_array(field.data_type(), 1)),
            }
        };
        let columns = schema.fields().iter().enumerate().map(column);
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let fields = schema.fields().iter().map(|f| f.as_ref().clone().with_nullable(true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        Ok(RecordBatch::try_new_with_options(schema, columns, &one)?)
    };
    [(1, 11), (7, 5), (-3, -17)].into_iter().map(row).collect()
}

/// One row of NULLs.
fn nulls(schema: &Schema) -> Result<RecordBatch> {
    let fields = schema.fields().iter().map(|f| f.as_ref().clone().with_nullable(true));
    let columns = schema.fields().iter().map(|f| new_null_array(f.data_type(), 1)).collect();
    let schema = Schema::new(fields.collect::<Vec<_>>());
    let one = RecordBatchOptions::new().with_row_count(Some(1));
    Ok(RecordBatch::try_new_with_options(Arc::new(schema), columns, &one)?)
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;
    use datafusion::datasource::empty::EmptyTable;

    use super::*;
    use crate::engine::{Limits, Session, sql};

    /// What a query over an empty table `t (id, name, at)` would end with.
    async fn fails(text: &str) -> Option<String> {
        let session = Session::new(&Limits::default(), "public").unwrap();
        let at = DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, None);
        let table = EmptyTable::new(Arc::new(Schema::new(vec![
            Field::new("id", DataType::Int64, false),
            Field::new("name", DataType::Utf8, true),
            Field::new("at", at, true),
        ])));
        session.register("public", "t", Arc::new(table)).unwrap();
        let frame = sql::plan_query(session.context(), text).await.unwrap();
        let (state, plan) = frame.into_parts();
        runnable(&state, &plan).await.err().map(|e| e.sqlstate().code().to_owned())
    }

    #[tokio::test]
    async fn what_fails_for_every_row_is_found_without_rows() {
        for (text, state) in [
            ("select 1 / 0", "22012"),
            ("select id / 0 from t", "22012"),
            ("select id from t where id > 1 / 0", "22012"),
            ("select sum(1 / 0) from t", "22012"),
            ("select upper((2147483647 + 1)::text) from t", "22003"),
            ("select id from t where name ~ '['", "2201B"),
            ("select date_trunc('fortnight', at) from t", "22023"),
            ("select case when 1 / 0 > id then 1 end from t", "22012"),
            (
                "select id from t where exists (select 1 / 0 as a from t u where u.id = 1 / 0)",
                "22012",
            ),
            ("select (select u.id from t u where u.id > t.id limit 1) from t", "0A000"),
        ] {
            assert_eq!(fails(text).await.as_deref(), Some(state), "{text}");
        }
    }

    #[tokio::test]
    async fn what_may_never_be_computed_passes() {
        for text in [
            "select 1",
            "select case when id > 0 then 1 / 0 end from t",
            "select coalesce(id, 1 / 0) from t",
            "select id from t where id > 0 and 1 / 0 = 1",
            "select id from t where name is null or id / id > 0",
            "select sum(1 / 0) filter (where id > 0) from t",
            "select 10 / id, lower(name), date_trunc('day', at), id::text || 'a' from t",
            "explain select 1 / 0",
            "select random() * id from t",
            "select 1 / (id - 1), 1 / (id - id / 2) from t",
            "select 1 / (length(name) - 1), date_trunc(name, at), 'a' ~ name from t",
            "select 1 / (a.id - b.id) from t a, t b",
        ] {
            assert_eq!(fails(text).await, None, "{text}");
        }
    }
}
