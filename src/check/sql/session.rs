//! What single rows cannot answer: foreign keys, SQL rules, and keys that repeat too often to be
//! held.
//!
//! Runs on DataFusion over the delivered files, bounded in memory; grouping and sorting spill.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Int64Type};
use datafusion::catalog::TableProvider;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::prelude::{ident, lit};
use serde_json::Value;

use crate::check::plan::clause::{ForeignKey, Other, Place, Step};
use crate::contract::Contract;
use crate::contract::model::Table;
use crate::contract::names::quote;
use crate::contract::servers::engines;
use crate::contract::types::planned;
use crate::engine::damage::watched;
use crate::engine::json::value_at;
use crate::engine::parquet_file::{ParquetFile, common_type};
use crate::engine::parquet_table::{ParquetTable, TableColumn};
use crate::engine::reader::{Wanted, batches};
use crate::engine::runnable::runnable;
use crate::engine::{Limits, Session, TimeLimit};
use crate::engine::{places, sql};
use crate::error::{Error, Result};

use super::rule_names::RuleNames;

/// How long an SQL rule may take, unless it is given more.
pub const RULE_TIME: Duration = Duration::from_secs(600);

/// Where a session keeps the current release's tables.
pub(in crate::check) const PREVIOUS: &str = "pactum_previous";

/// A session over the tables of one contract.
pub(in crate::check) struct Tables {
    /// Where queries run.
    session: Session,
    /// Where they run again after memory ran short.
    careful: Session,
    /// Names of tables that can be read, in lower case.
    tables: HashSet<String>,
    /// Names of tables and columns, in lower case.
    known: HashSet<String>,
    /// Every table that the contract declares, in lower case.
    declared: HashSet<String>,
    /// Delivered tables that no query may read, and why.
    unusable: HashMap<String, String>,
    schema: String,
    /// What rules may call tables and columns.
    names: RuleNames,
    /// The engines that the contract's servers name: rules may be in their dialects.
    engines: Vec<String>,
    limits: Limits,
    /// How long an SQL rule may take.
    time: Duration,
    /// Delivered files whose rows have not been measured yet.
    unmeasured: Mutex<Vec<ParquetFile>>,
}

/// Rows beyond the first of each key, keys that repeat, and some of those keys.
pub(in crate::check) struct Repeated {
    pub duplicates: u64,
    pub groups: u64,
    pub keys: Vec<Vec<ScalarValue>>,
}

/// The plan of a query.
pub(in crate::check) struct Planned {
    /// With the constructs that the query is written in.
    pub asked: LogicalPlan,
    /// With its types resolved; some constructs have become others.
    pub analyzed: LogicalPlan,
}

impl Tables {
    /// A session without tables.
    pub fn new(contract: &Contract, limits: &Limits) -> Result<Self> {
        let schema = contract.sql_name.value.to_ascii_lowercase();
        let names = RuleNames::of(contract);
        Ok(Self {
            session: Session::eager(limits, &schema)?,
            careful: Session::new(limits, &schema)?,
            tables: HashSet::new(),
            known: names.words().cloned().collect(),
            names,
            engines: engines(contract),
            declared: contract.tables.iter().map(|t| t.name.value.to_ascii_lowercase()).collect(),
            unusable: HashMap::new(),
            schema,
            limits: limits.clone(),
            time: RULE_TIME,
            unmeasured: Mutex::default(),
        })
    }

    /// Gives SQL rules so much time each.
    pub fn answering_within(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Lets SQL rules name the tables of the project's other contracts.
    pub fn beside<'a>(
        mut self,
        contract: &Contract,
        neighbours: impl Iterator<Item = &'a Contract>,
    ) -> Self {
        self.names.add_others(contract, neighbours);
        self.known.extend(self.names.words().cloned());
        self
    }

    /// The engines in whose dialects rules may be written.
    pub fn engines(&self) -> &[String] {
        &self.engines
    }

    /// The state that expressions are compiled with.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Adds the delivered files of a table, in the order of its key where they are sorted.
    pub fn add_delivered(
        &mut self,
        table: &Table,
        files: &[ParquetFile],
        order: Option<&[usize]>,
    ) -> Result<()> {
        let mut columns = Vec::new();
        for column in table.stored_columns() {
            match common_type(files, column.physical()) {
                Ok(found) => columns.push(TableColumn {
                    field: Field::new(
                        column.physical(),
                        found.unwrap_or_else(|| planned(column)),
                        true,
                    ),
                    name: column.name.value.clone(),
                }),
                Err(reason) => {
                    self.refuse(table, reason);
                    return Ok(());
                }
            }
        }
        let files: Vec<ParquetFile> = match order {
            Some(order) => order.iter().map(|n| files[*n].clone()).collect(),
            None => files.to_vec(),
        };
        // Rows that are sorted by the key are sorted by its first column.
        let first = table.primary_key().first().map(|c| c.physical().to_owned());
        let first = first.filter(|_| order.is_some());
        let field = first.and_then(|name| columns.iter().find(|c| *c.field.name() == name));
        let order = match field {
            Some(column) => {
                bounds(&files, &column.field)?.map(|b| (column.field.name().as_str(), b))
            }
            None => None,
        };
        match ParquetTable::delivered(&columns, &files, order) {
            Ok(provider) => {
                self.unmeasured.get_mut().unwrap_or_else(PoisonError::into_inner).extend(files);
                self.add(table, Arc::new(provider))
            }
            Err(error) => {
                self.refuse(table, error.to_string());
                Ok(())
            }
        }
    }

    /// Keeps a delivered table from being read by queries: it cannot be read whole and exactly.
    pub fn refuse(&mut self, table: &Table, reason: String) {
        self.unusable.insert(table.physical().to_ascii_lowercase(), reason.clone());
        self.unusable.insert(table.name.value.to_ascii_lowercase(), reason);
    }

    /// Why no query may read a table, if none may.
    pub fn unusable(&self, table: &str) -> Option<&String> {
        self.unusable.get(&table.to_ascii_lowercase())
    }

    /// Adds a table of the current release.
    pub fn add_released(&mut self, table: &Table, provider: Arc<dyn TableProvider>) -> Result<()> {
        self.add(table, provider)
    }

    fn add(&mut self, table: &Table, provider: Arc<dyn TableProvider>) -> Result<()> {
        let name = table.name.value.to_ascii_lowercase();
        self.known.extend(table.columns.iter().map(|c| c.name.value.to_ascii_lowercase()));
        // Rules may name a table as files do, where no table has that name.
        let physical = table.physical().to_ascii_lowercase();
        if !self.declared.contains(&physical) && self.tables.insert(physical.clone()) {
            self.register(&self.schema, &physical, Arc::clone(&provider))?;
            self.names.add(&self.schema, &physical, &provider);
            self.names.add_columns(&self.schema, &physical, table);
            self.known.insert(physical);
        }
        self.known.insert(name.clone());
        self.tables.insert(name.clone());
        self.names.add(&self.schema, &name, &provider);
        self.register(&self.schema, &name, provider)
    }

    fn register(&self, schema: &str, name: &str, table: Arc<dyn TableProvider>) -> Result<()> {
        self.careful.register(schema, name, Arc::clone(&table))?;
        self.session.register(schema, name, table)
    }

    /// Whether a table can be read.
    pub fn has(&self, table: &str) -> bool {
        self.tables.contains(&table.to_ascii_lowercase())
    }

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
                    "join by keys, and aggregate before joining; --rule-timeout gives it longer",
                )
            }
            _ => error,
        }
    }

    /// Counts repetitions of a key by grouping. NULLs are distinct.
    pub async fn repeated(
        &self,
        table: &Table,
        key: &[String],
        filter: Option<&str>,
        limit: usize,
    ) -> Result<Repeated> {
        let names: Vec<String> = key.iter().map(|k| self.sql_column(table, k)).collect();
        let filter = filter.map(|f| self.clause_where(f)).unwrap_or_default();
        let source = format!("(select * from {}{filter})", self.sql_table(table));
        self.repeated_in(&source, &names, limit).await
    }

    /// A filter as a WHERE clause: its names folded, and no comment in it swallows what follows.
    pub fn clause_where(&self, filter: &str) -> String {
        let folded = sql::fold_identifiers(filter, &self.known);
        format!(" where ({}\n)", folded.as_deref().unwrap_or(filter))
    }

    /// Counts repetitions among the values at a place inside a column.
    pub async fn repeated_within(
        &self,
        table: &Table,
        place: &Place,
        limit: usize,
    ) -> Result<Repeated> {
        let source = self.values_of(table, place);
        self.repeated_in(&source, &["value".to_owned()], limit).await
    }

    async fn repeated_in(&self, source: &str, names: &[String], limit: usize) -> Result<Repeated> {
        let list = names.join(", ");
        let not_null: Vec<String> = names.iter().map(|n| format!("{n} is not null")).collect();
        let groups = format!(
            "select {list}, count(*) as pactum_n from {source} where {} group by {list} having count(*) > 1",
            not_null.join(" and "),
        );
        let totals = format!(
            "select cast(coalesce(sum(pactum_n - 1), 0) as bigint), count(*) from ({groups})"
        );
        let counts = self.rows(&totals).await?;
        let number = |column: usize| {
            counts.first().map_or(0, |batch| {
                let value = batch.column(column).as_primitive::<Int64Type>().value(0);
                u64::try_from(value).unwrap_or(0)
            })
        };
        let (duplicates, repeated) = (number(0), number(1));
        let mut keys = Vec::new();
        if duplicates > 0 && limit > 0 {
            let found = self.rows(&format!("{groups} order by {list} limit {limit}")).await?;
            keys = scalars(&found, names.len())?;
        }
        Ok(Repeated { duplicates, groups: repeated, keys })
    }

    /// Counts rows whose key is not in the parent, and returns some of those keys.
    pub async fn orphans(
        &self,
        table: &Table,
        key: &ForeignKey,
        limit: usize,
    ) -> Result<(u64, Vec<Vec<ScalarValue>>)> {
        let (source, from) = match &key.within {
            Some(place) => (self.values_of(table, place), vec!["value".to_owned()]),
            None => (self.sql_table(table), key.from.clone()),
        };
        let columns: Vec<String> = from.iter().map(|c| format!("child.{}", quote(c))).collect();
        let matches: Vec<String> = columns
            .iter()
            .zip(&key.to)
            .enumerate()
            .map(|(n, (from, _))| format!("{from} = parent.pactum_{n}"))
            .collect();
        let present: Vec<String> = columns.iter().map(|c| format!("{c} is not null")).collect();
        let orphans = format!(
            "from {source} as child where {} and not exists (select 1 from {} as parent where {})",
            present.join(" and "),
            self.parent(key),
            matches.join(" and "),
        );
        let counts = self.rows(&format!("select count(*) {orphans}")).await?;
        let count = counts.first().map_or(0, |b| {
            u64::try_from(b.column(0).as_primitive::<Int64Type>().value(0)).unwrap_or(0)
        });
        let mut keys = Vec::new();
        if count > 0 && limit > 0 {
            let list = columns.join(", ");
            let query = format!("select distinct {list} {orphans} order by {list} limit {limit}");
            keys = scalars(&self.rows(&query).await?, columns.len())?;
        }
        Ok((count, keys))
    }

    /// Runs work in a session, and again in a sparing one after memory ran short.
    pub async fn run<T>(&self, work: impl AsyncFn(&Session) -> Result<T>) -> Result<T> {
        self.measure()?;
        match unharmed(work(&self.session)).await {
            Err(error) if error.code() == "memory-limit" => unharmed(work(&self.careful)).await,
            outcome => outcome,
        }
    }

    /// Makes long rows be queried a few at a time.
    fn measure(&self) -> Result<()> {
        let files =
            std::mem::take(&mut *self.unmeasured.lock().unwrap_or_else(PoisonError::into_inner));
        for file in files {
            let bytes = file.row_bytes()?;
            self.session.narrow(bytes, &self.limits);
            self.careful.narrow(bytes, &self.limits);
        }
        Ok(())
    }

    /// The rows of a query.
    pub async fn rows(&self, query: &str) -> Result<Vec<RecordBatch>> {
        self.run(async |session| {
            Ok(sql::plan_query(session.context(), query).await?.collect().await?)
        })
        .await
    }

    /// The parent's key: another contract's tables have a schema of their own.
    fn parent(&self, key: &ForeignKey) -> String {
        let table = quote(&key.table.to_ascii_lowercase());
        let table = match &key.contract {
            Some(contract) => format!("{}.{table}", quote(&contract.schema())),
            None => table,
        };
        // Renamed: a join needs columns.
        let column = |(n, (column, fields)): (usize, &(String, Vec<String>))| {
            let value = fields.iter().fold(quote(column), |value, name| field(&value, name));
            format!("{value} as pactum_{n}")
        };
        let columns: Vec<String> = key.to.iter().enumerate().map(column).collect();
        format!("(select {} from {table})", columns.join(", "))
    }

    /// A query of every value at a place inside a column, under the name `value`.
    fn values_of(&self, table: &Table, place: &Place) -> String {
        let mut source = self.sql_table(table);
        let mut value = quote(&place.column);
        for step in &place.path {
            value = match step {
                Step::Field(name) => field(&value, name),
                Step::Items => format!("unnest({value})"),
                Step::Keys => format!("unnest(map_keys({value}))"),
                Step::Values => format!("unnest(map_values({value}))"),
            };
            source = format!("(select {value} as value from {source})");
            value = "value".to_owned();
        }
        source
    }

    /// Adds a table of the current release, to be compared with.
    pub fn add_previous(&mut self, name: &str, provider: Arc<dyn TableProvider>) -> Result<()> {
        let name = name.to_ascii_lowercase();
        self.names.add(PREVIOUS, &name, &provider);
        self.register(PREVIOUS, &name, provider)
    }

    /// Adds a table of another contract's current release.
    pub fn add_other(
        &mut self,
        other: &Other,
        name: &str,
        provider: Arc<dyn TableProvider>,
    ) -> Result<()> {
        let (schema, name) = (other.schema(), name.to_ascii_lowercase());
        self.tables.insert(format!("{schema}#{name}"));
        self.names.add(&schema, &name, &provider);
        self.register(&schema, &name, provider)
    }

    /// Whether a foreign key's parent can be read.
    pub fn has_parent(&self, key: &ForeignKey) -> bool {
        match &key.contract {
            Some(other) => {
                let name = format!("{}#{}", other.schema(), key.table.to_ascii_lowercase());
                self.tables.contains(&name)
            }
            None => self.has(&key.table),
        }
    }

    /// The schema of the contract's own tables in the session.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    fn sql_table(&self, table: &Table) -> String {
        quote(&table.name.value.to_ascii_lowercase())
    }

    /// A column's quoted name in SQL, by its name in files.
    pub fn sql_column(&self, table: &Table, physical: &str) -> String {
        let column = table.columns.iter().find(|c| c.physical() == physical);
        quote(&column.map_or(physical, |c| &c.name.value).to_ascii_lowercase())
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

/// The first and last value of a column in each file that is sorted by it; `None` where one is NULL
/// or a file has no rows.
fn bounds(files: &[ParquetFile], field: &Field) -> Result<Option<Vec<(ScalarValue, ScalarValue)>>> {
    let mut found = Vec::new();
    for file in files {
        let (first, last) =
            (value(file, field, 0)?, value(file, field, file.rows().wrapping_sub(1))?);
        match first.zip(last) {
            Some(both) => found.push(both),
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

/// The value of a column in one row.
fn value(file: &ParquetFile, field: &Field, row: u64) -> Result<Option<ScalarValue>> {
    let Ok(column) = file.schema().index_of(field.name()) else { return Ok(None) };
    let Ok(row) = usize::try_from(row) else { return Ok(None) };
    let wanted = Wanted { columns: &[column], rows: Some((row, 1)), ..Wanted::default() };
    let Some(batch) = batches(file, &wanted)?.next() else { return Ok(None) };
    let found = ScalarValue::try_from_array(batch?.column(0), 0)?.cast_to(field.data_type())?;
    Ok((!found.is_null()).then_some(found))
}

/// The field of a value, which is NULL where the value is.
fn field(value: &str, name: &str) -> String {
    let name = name.replace('\'', "''");
    format!("case when {value} is not null then {value}['{name}'] end")
}

/// A column that no row clause reads is decoded here first: a panic means damage.
async fn unharmed<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    watched(work).await.map_err(|error| match error.code() {
        "internal" => Error::mend("damaged-file", "a page cannot be decoded").caused_by(error),
        _ => error,
    })
}

fn scalars(batches: &[RecordBatch], columns: usize) -> Result<Vec<Vec<ScalarValue>>> {
    let mut found = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let key = (0..columns).map(|n| ScalarValue::try_from_array(batch.column(n), row));
            found.push(key.collect::<datafusion::error::Result<_>>()?);
        }
    }
    Ok(found)
}

/// The expression that is true for values among these.
pub(in crate::check) fn among(value: &Expr, keys: &[Vec<ScalarValue>]) -> Expr {
    let values = keys.iter().filter_map(|key| key.first()).map(|value| lit(value.clone()));
    value.clone().in_list(values.collect(), false)
}

/// The expression that is true for rows with one of these keys.
pub(in crate::check) fn has_key(columns: &[String], keys: &[Vec<ScalarValue>]) -> Option<Expr> {
    keys.iter()
        .filter_map(|key| {
            columns
                .iter()
                .zip(key)
                .map(|(name, value)| ident(name).eq(lit(value.clone())))
                .reduce(Expr::and)
        })
        .reduce(Expr::or)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::contract::parse;
    use crate::diagnostic::Source;

    fn contract() -> Contract {
        let text = "version: 1.0.0\napiVersion: v3.2.0\nkind: DataContract\nid: t\nstatus: active\n\
            schema: [{ name: t, properties: [{ name: a, logicalType: integer }] }]\n";
        parse(&Arc::new(Source::new("t", text))).contract.unwrap()
    }

    #[tokio::test]
    async fn a_rule_over_a_table_that_cannot_be_read_whole_says_why() {
        let contract = contract();
        let mut tables = Tables::new(&contract, &Limits::default()).unwrap();
        tables.refuse(&contract.tables[0], "a.parquet is damaged".to_owned());
        let error = tables.answer("select count(*) from T").await.unwrap_err();
        assert_eq!(error.code(), "unusable-table");
        assert_eq!(error.message(), "table 't' cannot be queried: a.parquet is damaged");
    }

    #[tokio::test]
    async fn a_query_that_memory_was_short_for_is_tried_once_more_with_care() {
        let tables = Tables::new(&contract(), &Limits::default()).unwrap();
        let tries = AtomicUsize::new(0);
        let answer = tables.run(async |_: &Session| match tries.fetch_add(1, Ordering::Relaxed) {
            0 => Err(Error::try_again("memory-limit", "more memory is needed")),
            n => Ok(n),
        });
        assert_eq!(answer.await.unwrap(), 1);
        let answer = tables.run(async |_: &Session| {
            tries.fetch_add(1, Ordering::Relaxed);
            Err::<usize, Error>(Error::mend("measure", "there is no value to measure"))
        });
        assert_eq!(answer.await.unwrap_err().code(), "measure");
        assert_eq!(tries.into_inner(), 3, "another error is final");
    }
}
