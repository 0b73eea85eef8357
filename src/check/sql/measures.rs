//! What is measured of whole tables by queries: groups, ages, gaps, and drift from the current
//! release.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit};
use chrono::{DateTime, Utc};
use datafusion::dataframe::DataFrame;
use datafusion::functions_aggregate::expr_fn::{count, sum};
use datafusion::logical_expr::{Expr, when};
use datafusion::prelude::{ident, lit};
use futures::StreamExt;
use serde_json::{Map, Value};

use crate::check::declared::declared_value;
use crate::check::expr::nested;
use crate::check::plan::clause::{Clause, RowTest, Test};
use crate::check::plan::threshold::Share;
use crate::check::report::{GroupReport, Groups, REDACTED, Verdict};
use crate::contract::model::Table;
use crate::contract::names::quote;
use crate::contract::temporal::zone;
use crate::contract::types::instead;
use crate::engine::Session;
use crate::engine::sql;
use crate::error::{Error, Result};

use super::session::Tables;

/// Measures clauses of one table of a session.
pub(in crate::check) struct Measures<'a> {
    pub tables: &'a Tables,
    pub table: &'a Table,
    /// The schema of the session that holds the table.
    pub schema: &'a str,
}

impl Measures<'_> {
    /// The count of a clause, out of the rows that it looks at.
    ///
    /// # Errors
    /// When the query cannot be planned or run.
    pub async fn share(&self, clause: &Clause) -> Result<Share> {
        let collect = async |session: &Session| {
            Ok(self.counted(session, clause, &[]).await?.collect().await?)
        };
        let batches = self.tables.run(collect).await?;
        let number = |column: usize| {
            batches.iter().find(|b| b.num_rows() > 0).map_or(0, |b| integer(b.column(column), 0))
        };
        Ok(Share { rows: number(0), count: number(1) })
    }

    /// A verdict for each group, the worst groups first.
    ///
    /// # Errors
    /// When the query cannot be planned or run.
    pub async fn groups(&self, clause: &Clause, worst: usize, public: &[String]) -> Result<Groups> {
        self.tables.run(async |session| self.groups_in(session, clause, worst, public).await).await
    }

    async fn groups_in(
        &self,
        session: &Session,
        clause: &Clause,
        worst: usize,
        public: &[String],
    ) -> Result<Groups> {
        let columns: Vec<&str> = clause.scope.group_by.iter().map(String::as_str).collect();
        let mut stream = self.counted(session, clause, &columns).await?.execute_stream().await?;
        let mut found = Groups { total: 0, failing: 0, worst: Vec::new() };
        while let Some(batch) = stream.next().await {
            let batch = batch?;
            for row in 0..batch.num_rows() {
                found.total += 1;
                self.group(clause, &columns, &batch, row, public, &mut found);
            }
            found.worst.sort_by(|a, b| b.distance.total_cmp(&a.distance));
            found.worst.truncate(worst);
        }
        Ok(found)
    }

    fn group(
        &self,
        clause: &Clause,
        columns: &[&str],
        batch: &RecordBatch,
        row: usize,
        public: &[String],
        found: &mut Groups,
    ) {
        let last = batch.num_columns() - 2;
        let rows = integer(batch.column(last), row);
        let count = integer(batch.column(last + 1), row);
        let holds = clause.threshold.holds_for_count(count, rows);
        if holds {
            return;
        }
        found.failing += 1;
        let measured = clause.threshold.measured(count, rows);
        let key: Map<String, Value> = columns
            .iter()
            .enumerate()
            .map(|(n, name)| {
                let declared = self.table.column(name);
                let secret = declared.is_some_and(|c| c.classified(public));
                let value = match secret {
                    true => Value::String(REDACTED.to_owned()),
                    false => declared_value(declared, batch.column(n), row),
                };
                (declared.map_or((*name).to_owned(), |c| c.name.value.clone()), value)
            })
            .collect();
        let distance = clause.threshold.distance(measured.as_f64().unwrap_or_default());
        found.worst.push(GroupReport { key, rows, measured, verdict: Verdict::Failed, distance });
    }

    /// Rows and failing rows, in all or by group.
    async fn counted(&self, session: &Session, clause: &Clause, by: &[&str]) -> Result<DataFrame> {
        if let Test::Unique(columns) = &clause.test {
            return self.repetitions(session, clause, columns, by).await;
        }
        let context = session.context();
        let name = format!("{}.{}", quote(self.schema), self.name());
        let frame = sql::plan_query(context, &format!("select * from {name}")).await?;
        let names = frame.schema().clone();
        let frame = match &clause.scope.filter {
            Some(filter) => frame.filter(sql::predicate(&context.state(), filter, &names)?)?,
            None => frame,
        };
        let failing = match &clause.test {
            Test::Rows(test) => self.failing(test, &frame)?,
            Test::RowCount => lit(true),
            _ => return Err(Error::mend("measure", "this clause cannot be measured so")),
        };
        let keys: Vec<Expr> = by.iter().map(|name| ident(name.to_ascii_lowercase())).collect();
        let one = when(failing, lit(1_i64)).otherwise(lit(0_i64))?;
        let rows = count(lit(1_i64)).alias("pactum_rows");
        Ok(frame.aggregate(keys, vec![rows, sum(one).alias("pactum_failing")])?)
    }

    fn failing(&self, test: &RowTest, frame: &DataFrame) -> Result<Expr> {
        let column = self.table.columns.iter().find(|c| c.physical() == test.column);
        let name = column.map_or(&test.column, |c| &c.name.value).to_ascii_lowercase();
        let data_type = frame.schema().field_with_unqualified_name(&name)?.data_type().clone();
        let state = self.tables.session().context().state();
        nested::failing(
            &state,
            &ident(name),
            &data_type,
            (&test.path, &test.planned),
            &test.failing,
        )
        .map_err(|reason| Error::mend("measure", reason))
    }

    /// Rows, and rows beyond the first of each key; keys with NULL repeat nothing.
    async fn repetitions(
        &self,
        session: &Session,
        clause: &Clause,
        columns: &[String],
        by: &[&str],
    ) -> Result<DataFrame> {
        let keys: Vec<String> =
            columns.iter().map(|c| self.tables.sql_column(self.table, c)).collect();
        let groups: Vec<String> = by.iter().map(|g| quote(&g.to_ascii_lowercase())).collect();
        let filter =
            clause.scope.filter.as_ref().map(|f| self.tables.clause_where(f)).unwrap_or_default();
        let mut all = groups.clone();
        all.extend(keys.iter().filter(|k| !groups.contains(k)).cloned());
        let null: Vec<String> = keys.iter().map(|k| format!("{k} is null")).collect();
        let inner = format!(
            "select {all}, count(*) as pactum_n, \
             case when {null} then 0 else count(*) - 1 end as pactum_d \
             from {schema}.{table} {filter} group by {all}",
            all = all.join(", "),
            null = null.join(" or "),
            schema = quote(self.schema),
            table = self.name(),
        );
        let list: String = groups.iter().map(|g| format!("{g}, ")).collect();
        let by = match groups.is_empty() {
            true => String::new(),
            false => format!(" group by {}", groups.join(", ")),
        };
        let query = format!(
            "select {list}cast(coalesce(sum(pactum_n), 0) as bigint), \
             cast(coalesce(sum(pactum_d), 0) as bigint) from ({inner}){by}"
        );
        sql::plan_query(session.context(), &query).await
    }

    /// How many seconds before an instant the newest value of a column lies.
    ///
    /// # Errors
    /// When the column is not a point in time, or holds no value.
    pub async fn age(&self, column: &str, now: DateTime<Utc>) -> Result<f64> {
        let query = format!("select max({}) from {}", quote(column), self.source());
        let newest = self.one(&query).await?;
        let zone = self.table.column(column).and_then(|c| c.options.text("defaultTimezone"));
        let newest = instant(&newest, zone.as_deref())?.ok_or_else(|| {
            Error::mend("measure", "there are no rows whose age could be measured")
        })?;
        Ok((now - newest).as_seconds_f64())
    }

    /// The longest time between neighbouring values of a column, in seconds.
    ///
    /// # Errors
    /// When the column is not a point in time, or holds fewer than two values.
    pub async fn gap(&self, column: &str) -> Result<f64> {
        let name = quote(column);
        let first = self.one(&format!("select max({name}) from {}", self.source())).await?;
        let (seconds, length) = match first.data_type() {
            DataType::Date32 => (86_400.0, "max(d)"),
            DataType::Timestamp(..) => (1.0, "max(extract(epoch from d))"),
            other => return Err(Error::mend("measure", instead(other, "points in time"))),
        };
        let query = format!(
            "select {length} from (select v - lag(v) over (order by v) as d from \
             (select distinct {name} as v from {} where {name} is not null))",
            self.source()
        );
        let gap = cast(&self.one(&query).await?, &DataType::Float64)?;
        match gap.is_empty() || gap.is_null(0) {
            true => Err(Error::mend(
                "measure",
                "there are fewer than two rows, and no gap between them",
            )),
            false => Ok(gap.as_primitive::<Float64Type>().value(0) * seconds),
        }
    }

    /// The one number that a query answers.
    pub async fn number(&self, query: &str) -> Result<f64> {
        let found = self.one(query).await?;
        let found = cast(&found, &DataType::Float64)?;
        match found.is_empty() || found.is_null(0) {
            true => Err(Error::mend("measure", "there is no value to measure")),
            false => Ok(found.as_primitive::<Float64Type>().value(0)),
        }
    }

    /// The one value that a query answers.
    pub async fn one(&self, query: &str) -> Result<ArrayRef> {
        let batches = self.rows(query).await?;
        let found = batches.iter().find(|b| b.num_rows() > 0).or_else(|| batches.first());
        found
            .map(|b| ArrayRef::clone(b.column(0)))
            .ok_or_else(|| Error::mend("measure", "there is no value to measure"))
    }

    /// The rows of a query.
    pub async fn rows(&self, query: &str) -> Result<Vec<RecordBatch>> {
        self.tables.rows(query).await
    }

    /// The table, as queries name it.
    pub fn source(&self) -> String {
        format!("{}.{}", quote(self.schema), self.name())
    }

    /// The table's quoted name.
    pub fn name(&self) -> String {
        quote(&self.table.name.value.to_ascii_lowercase())
    }
}

fn integer(array: &ArrayRef, row: usize) -> u64 {
    let value = array.as_primitive_opt::<Int64Type>().filter(|a| a.is_valid(row));
    value.and_then(|a| u64::try_from(a.value(row)).ok()).unwrap_or(0)
}

/// The instant of the one value of an array; a reading without zone is taken in the zone given, by
/// default UTC; a date counts from its beginning.
fn instant(array: &ArrayRef, zone_name: Option<&str>) -> Result<Option<DateTime<Utc>>> {
    if array.is_empty() || array.is_null(0) {
        return Ok(None);
    }
    let zoned = matches!(array.data_type(), DataType::Timestamp(_, Some(_)));
    let date = array.data_type() == &DataType::Date32;
    if !date && !matches!(array.data_type(), DataType::Timestamp(..)) {
        let what = array.data_type();
        return Err(Error::mend("measure", format!("{what} is not a point in time")));
    }
    let plain = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
    let micros = plain.as_primitive::<arrow::datatypes::TimestampMicrosecondType>().value(0);
    let utc = DateTime::from_timestamp_micros(micros);
    let local = |utc: DateTime<Utc>| match zone_name.and_then(zone).filter(|_| !zoned) {
        Some(zone) => zone.instant(utc.naive_utc()).unwrap_or(utc),
        None => utc,
    };
    Ok(utc.map(local))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::TimestampMicrosecondArray;

    use super::*;

    #[test]
    fn a_time_without_zone_is_taken_in_the_zone_that_the_contract_names() {
        let seconds = |array: &ArrayRef, zone: Option<&str>| {
            instant(array, zone).unwrap().unwrap().timestamp()
        };
        let times = TimestampMicrosecondArray::from(vec![0]);
        let naive: ArrayRef = Arc::new(times.clone());
        assert_eq!(seconds(&naive, None), 0);
        // In Berlin midnight came an hour earlier.
        assert_eq!(seconds(&naive, Some("Europe/Berlin")), -3600);
        assert_eq!(seconds(&naive, Some("-02:00")), 7200);
        let zoned: ArrayRef = Arc::new(times.with_timezone("UTC"));
        assert_eq!(seconds(&zoned, Some("Europe/Berlin")), 0);
    }
}
