//! Keys by queries: those that repeat, and those that are not in their parent.

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use datafusion::prelude::{ident, lit};

use crate::check::plan::clause::{ForeignKey, Place, Step};
use crate::contract::model::Table;
use crate::contract::names::quote;
use crate::error::Result;

use super::session::Tables;

/// Rows beyond the first of each key, keys that repeat, and some of those keys.
pub(in crate::check) struct Repeated {
    pub duplicates: u64,
    pub groups: u64,
    pub keys: Vec<Vec<ScalarValue>>,
}

impl Tables {
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
                // Those of maps are not planned.
                Step::Items | Step::Keys | Step::Values => format!("unnest({value})"),
            };
            source = format!("(select {value} as value from {source})");
            value = "value".to_owned();
        }
        source
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
}

/// The field of a value, which is NULL where the value is.
fn field(value: &str, name: &str) -> String {
    let name = name.replace('\'', "''");
    format!("case when {value} is not null then {value}['{name}'] end")
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
