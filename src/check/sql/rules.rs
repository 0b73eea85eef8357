//! SQL rules: whether they plan, what they read, and what they answer.

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::DataType;
use datafusion::logical_expr::LogicalPlan;
use serde_json::Value;

use crate::contract::model::Table;
use crate::engine::json::value_at;
use crate::engine::runnable::runnable;
use crate::engine::{Session, TimeLimit, places, sql};
use crate::error::{Error, Result};

use super::session::Tables;

/// The plan of a query.
pub(in crate::check) struct Planned {
    /// With the constructs that the query is written in.
    pub asked: LogicalPlan,
    /// With its types resolved; some constructs have become others.
    pub analyzed: LogicalPlan,
}

impl Tables {
    /// Only plans a query, down to its operators.
    ///
    /// # Errors
    /// Why it does not run.
    pub async fn plan(&self, query: &str) -> Result<()> {
        let folded = sql::fold_identifiers(query, &self.known)?;
        let session = self.names.session(&self.session, &folded)?;
        let planned = sql::plan_query(session.context(), &folded).await?;
        let (state, plan) = planned.into_parts();
        match runnable(&state, &plan).await {
            Ok(()) => Ok(()),
            Err(error) => Err(places::located(&state, query, error).await),
        }
    }

    /// The plan of a query, as it is asked and as it is analyzed.
    ///
    /// # Errors
    /// Why it does not plan.
    pub async fn planned(&self, query: &str) -> Result<Planned> {
        let folded = sql::fold_identifiers(query, &self.known)?;
        let session = self.names.session(&self.session, &folded)?;
        let (state, asked) = sql::plan_query(session.context(), &folded).await?.into_parts();
        let options = state.config_options();
        let analyzed = state.analyzer().execute_and_check(asked.clone(), options, |_, _| {})?;
        Ok(Planned { asked, analyzed })
    }

    /// Only plans a predicate over a table's columns, down to its operators.
    ///
    /// # Errors
    /// Why it does not run.
    pub async fn plan_filter(&self, table: &Table, filter: &str) -> Result<()> {
        let query = format!("select * from {}", self.sql_table(table));
        let frame = sql::plan_query(self.session.context(), &query).await?;
        let state = self.session.context().state();
        let predicate = sql::predicate(&state, filter, frame.schema())?;
        let (state, plan) = frame.filter(predicate)?.into_parts();
        runnable(&state, &plan).await
    }

    /// The one answer of an SQL rule: a number or a boolean.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn answer(&self, query: &str) -> Result<Value> {
        let words = sql::words(query)?;
        let read = self.names.own_in(query);
        let is_read = |table: &String| words.contains(table) || read.contains(table);
        if let Some((table, reason)) = self.unusable.iter().find(|(table, _)| is_read(table)) {
            let message = format!("table '{table}' cannot be queried: {reason}");
            return Err(Error::mend("unusable-table", message));
        }
        let answer = async |session: &Session| {
            let folded = sql::fold_identifiers(query, &self.known)?;
            let session = self.names.session(session, &folded)?;
            let session = session.until(TimeLimit::after(self.time));
            let frame = sql::plan_query(session.context(), &folded).await?;
            let frame = frame.limit(0, Some(2))?;
            let columns = frame.schema().fields().len();
            Ok::<_, Error>((columns, frame.collect().await?))
        };
        let (columns, batches) = self.run(answer).await.map_err(|e| self.too_slow(e))?;
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        if columns != 1 || rows != 1 {
            let rows = if rows > 1 { "several rows".to_owned() } else { format!("{rows} rows") };
            let message =
                format!("the query answered {rows} and {columns} columns instead of one value");
            return Err(Error::mend("not-one-value", message));
        }
        let batch = batches.iter().find(|b| b.num_rows() == 1);
        Ok(batch.map_or(Value::Null, |b| measured(b.column(0))))
    }

    /// A rule that takes too long cannot be tested: that is its fault, and does not end the run.
    fn too_slow(&self, error: Error) -> Error {
        match error.code() {
            "timeout" => {
                let seconds = self.time.as_secs_f64();
                let message = format!("the query has no answer within {seconds} seconds");
                Error::mend("too-slow", message).hint(
                    "join by keys, and aggregate before joining; --rule-timeout allows more time",
                )
            }
            _ => error,
        }
    }
}

/// The first value of a column. A sum is numeric in SQL, but a whole number in a report.
fn measured(column: &dyn Array) -> Value {
    let value = value_at(column, 0);
    let whole = match (&value, column.data_type()) {
        (Value::String(text), DataType::Decimal128(_, 0)) => text.parse::<i64>().ok(),
        _ => None,
    };
    whole.map_or(value, Value::from)
}
