//! The session of a check: what queries over whole tables read.
//!
//! Runs on DataFusion over the delivered files, bounded in memory; grouping and sorting spill.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::Field;
use datafusion::catalog::TableProvider;

use crate::check::plan::clause::Other;
use crate::contract::Contract;
use crate::contract::model::Table;
use crate::contract::names::quote;
use crate::contract::servers::engines;
use crate::contract::types::planned;
use crate::engine::damage::watched;
use crate::engine::parquet_file::{ParquetFile, common_type};
use crate::engine::parquet_table::{ParquetTable, TableColumn};
use crate::engine::sql;
use crate::engine::{Limits, Session};
use crate::error::{Error, Result};

use super::ends::bounds;
use super::rule_names::RuleNames;

/// How long an SQL rule may take, unless it is given more.
pub const RULE_TIME: Duration = Duration::from_secs(600);

/// Where a session keeps the current release's tables.
pub(in crate::check) const PREVIOUS: &str = "pactum_previous";

/// A session over the tables of one contract.
pub(in crate::check) struct Tables {
    /// Where queries run.
    pub(super) session: Session,
    /// Where they run again after memory ran short.
    pub(super) careful: Session,
    /// Names of tables that can be read, in lower case.
    pub(super) tables: HashSet<String>,
    /// Names of tables and columns, in lower case.
    pub(super) known: HashSet<String>,
    /// Every table that the contract declares, in lower case.
    pub(super) declared: HashSet<String>,
    /// Delivered tables that no query may read, and why.
    pub(super) unusable: HashMap<String, String>,
    pub(super) schema: String,
    /// What rules may call tables and columns.
    pub(super) names: RuleNames,
    /// The engines that the contract's servers name: rules may be in their dialects.
    pub(super) engines: Vec<String>,
    pub(super) limits: Limits,
    /// How long an SQL rule may take.
    pub(super) time: Duration,
    /// Delivered files whose rows have not been measured yet.
    pub(super) unmeasured: Mutex<Vec<ParquetFile>>,
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

    /// A filter as a WHERE clause: its names folded, and no comment in it swallows what follows.
    pub fn clause_where(&self, filter: &str) -> String {
        let folded = sql::fold_identifiers(filter, &self.known);
        format!(" where ({}\n)", folded.as_deref().unwrap_or(filter))
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

    /// The schema of the contract's own tables in the session.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    pub(super) fn sql_table(&self, table: &Table) -> String {
        quote(&table.name.value.to_ascii_lowercase())
    }

    /// A column's quoted name in SQL, by its name in files.
    pub fn sql_column(&self, table: &Table, physical: &str) -> String {
        let column = table.columns.iter().find(|c| c.physical() == physical);
        quote(&column.map_or(physical, |c| &c.name.value).to_ascii_lowercase())
    }
}

/// A column that no row clause reads is decoded here first: a panic means damage.
async fn unharmed<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    watched(work).await.map_err(|error| match error.code() {
        "internal" => Error::mend("damaged-file", "a page cannot be decoded").caused_by(error),
        _ => error,
    })
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
