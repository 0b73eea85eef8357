//! Drift: how a table differs from the current release's.

use arrow::array::AsArray;
use arrow::datatypes::Float64Type;

use crate::check::plan::clause::Drift;
use crate::contract::names::quote;
use crate::engine::sql;
use crate::error::{Error, Result};

use super::measures::Measures;
use super::session::PREVIOUS;

/// Least share of a bin, so that an empty one does not make the index infinite.
const LEAST_SHARE: f64 = 0.0001;

impl Measures<'_> {
    /// How the table differs from the current release's.
    ///
    /// # Errors
    /// When there is nothing to measure, or the query cannot be run.
    pub async fn drift(&self, drift: &Drift, percent: bool) -> Result<f64> {
        let before = Measures { tables: self.tables, table: self.table, schema: PREVIOUS };
        match drift {
            Drift::Mean(column) => {
                let (now, then) = (self.mean(column).await?, before.mean(column).await?);
                Ok(moved(now, then, percent))
            }
            Drift::Quantile(column, q) => {
                let (now, then) =
                    (self.quantile(column, *q).await?, before.quantile(column, *q).await?);
                Ok(moved(now, then, percent))
            }
            Drift::StabilityIndex(column) => self.stability_index(column, &before).await,
            Drift::KeysKept => {
                let all =
                    before.number(&format!("select count(*) from {}", before.source())).await?;
                Ok(share(self.kept().await?, all, 100.0))
            }
            Drift::RowsChanged => {
                let all = self.kept().await?;
                Ok(share(self.changed().await?, all, 0.0))
            }
        }
    }

    async fn mean(&self, column: &str) -> Result<f64> {
        self.number(&format!("select avg(v) from ({})", self.finite(column))).await
    }

    async fn quantile(&self, column: &str, q: f64) -> Result<f64> {
        let found = self.quantiles(column, &[q]).await?;
        let missing = || Error::mend("measure", "there is no value to measure");
        found.first().copied().ok_or_else(missing)
    }

    /// The values at ranks: each occurs in the column. One sort, which may spill.
    async fn quantiles(&self, column: &str, quantiles: &[f64]) -> Result<Vec<f64>> {
        let values = self.finite(column);
        let rows = self.number(&format!("select count(*) from ({values})")).await?;
        let ranks: Vec<String> =
            quantiles.iter().map(|q| format!("{}", (q * rows).ceil().max(1.0))).collect();
        let query = format!(
            "select v from (select v, row_number() over (order by v) as r from ({values})) \
             where r in ({}) order by v",
            ranks.join(", ")
        );
        let batches = self.rows(&query).await?;
        Ok(batches
            .iter()
            .flat_map(|b| b.column(0).as_primitive::<Float64Type>().values().to_vec())
            .collect())
    }

    async fn stability_index(&self, column: &str, before: &Measures<'_>) -> Result<f64> {
        let tenths: Vec<f64> = (1..10).map(|tenth| f64::from(tenth) / 10.0).collect();
        let mut bounds = before.quantiles(column, &tenths).await?;
        bounds.dedup();
        if bounds.is_empty() {
            return Err(Error::mend("measure", "there is no value to measure"));
        }
        let (now, then) = (self.bins(column, &bounds).await?, before.bins(column, &bounds).await?);
        let share = |bins: &[f64], n: usize| (bins[n] / bins.iter().sum::<f64>()).max(LEAST_SHARE);
        Ok((0..now.len())
            .map(|n| {
                let (p, q) = (share(&now, n), share(&then, n));
                (p - q) * (p / q).ln()
            })
            .sum())
    }

    async fn bins(&self, column: &str, bounds: &[f64]) -> Result<Vec<f64>> {
        let edge = |n: usize| bounds.get(n).map(|b| format!("v <= '{b:e}'::double"));
        let bins: Vec<String> = (0..=bounds.len())
            .map(|n| {
                let above =
                    n.checked_sub(1).map(|below| format!("v > '{:e}'::double", bounds[below]));
                let parts: Vec<String> = above.into_iter().chain(edge(n)).collect();
                let test = if parts.is_empty() { "true".to_owned() } else { parts.join(" and ") };
                format!("cast(coalesce(sum(case when {test} then 1 else 0 end), 0) as double)")
            })
            .collect();
        let query = format!("select {} from ({})", bins.join(", "), self.finite(column));
        let batches = self.rows(&query).await?;
        let batch = batches.iter().find(|b| b.num_rows() > 0);
        Ok(batch
            .map(|b| b.columns().iter().map(|c| c.as_primitive::<Float64Type>().value(0)).collect())
            .unwrap_or_default())
    }

    /// The column's numbers as doubles; NULL, NaN and infinities left out.
    fn finite(&self, column: &str) -> String {
        let name = quote(column);
        format!(
            "select v from (select cast({name} as double) as v from {}) \
             where v > cast('-inf' as double) and v < cast('inf' as double)",
            self.source()
        )
    }

    async fn kept(&self) -> Result<f64> {
        let key = self.key()?;
        self.number(&format!(
            "select count(*) from {PREVIOUS}.{table} as {OLD} where exists \
             (select 1 from {schema}.{table} as {NEW} where {same})",
            schema = quote(self.schema),
            table = self.name(),
            same = equal(&key, "=", " and "),
        ))
        .await
    }

    async fn changed(&self) -> Result<f64> {
        let key = self.key()?;
        let context = self.tables.session().context();
        let query = format!("select * from {PREVIOUS}.{}", self.name());
        let before = sql::plan_query(context, &query).await?;
        // A key that the release did not have cannot have changed.
        let known = |name: &String| before.schema().field_with_unqualified_name(name).is_ok();
        let rest: Vec<String> = self
            .table
            .stored_columns()
            .map(|c| c.name.value.to_ascii_lowercase())
            .filter(known)
            .map(|name| quote(&name))
            .filter(|name| !key.contains(name))
            .collect();
        if rest.is_empty() {
            return Ok(0.0);
        }
        self.number(&format!(
            "select count(*) from {schema}.{table} as {NEW} \
             join {PREVIOUS}.{table} as {OLD} on {same} \
             where {changed}",
            schema = quote(self.schema),
            table = self.name(),
            same = equal(&key, "=", " and "),
            changed = equal(&rest, "is distinct from", " or "),
        ))
        .await
    }

    fn key(&self) -> Result<Vec<String>> {
        let key = self.table.primary_key();
        let key: Vec<String> =
            key.iter().map(|c| quote(&c.name.value.to_ascii_lowercase())).collect();
        match key.is_empty() {
            true => Err(Error::mend("measure", "the table has no primary key to match rows by")),
            false => Ok(key),
        }
    }
}

/// Names of both sides that no column is likely to have: the planner reads `a.b` as a field of
/// column `a` where there is one.
const OLD: &str = "pactum_previous_rows";
const NEW: &str = "pactum_delivered_rows";

fn equal(columns: &[String], operator: &str, between: &str) -> String {
    let one = |c: &String| format!("({OLD}.{c} {operator} {NEW}.{c})");
    columns.iter().map(one).collect::<Vec<_>>().join(between)
}

fn moved(now: f64, then: f64, percent: bool) -> f64 {
    match percent {
        // A move from zero to zero is not a change.
        true if now == then => 0.0,
        true => (now - then) / then.abs() * 100.0,
        false => now - then,
    }
}

/// A share in percent; `of_nothing` where the whole is zero.
fn share(count: f64, all: f64, of_nothing: f64) -> f64 {
    if all == 0.0 { of_nothing } else { count * 100.0 / all }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::check::sql::session::Tables;
    use crate::contract::parse;
    use crate::diagnostic::Source;
    use crate::engine::Limits;
    use crate::query::planned_table;

    #[test]
    fn a_move_has_the_sign_of_its_direction_on_either_side_of_zero() {
        assert_eq!((moved(6.0, 4.0, true), moved(2.0, 4.0, true)), (50.0, -50.0));
        assert_eq!((moved(-2.0, -4.0, true), moved(-6.0, -4.0, true)), (50.0, -50.0));
        assert_eq!((moved(0.0, 0.0, true), moved(-6.0, -4.0, false)), (0.0, -2.0));
    }

    #[tokio::test]
    async fn of_a_release_without_rows_every_key_is_kept() {
        let text = "version: 1.0.0\napiVersion: v3.2.0\nkind: DataContract\nid: t\nstatus: active\n\
            schema: [{ name: t, properties: [{ name: id, logicalType: integer, primaryKey: true }] }]\n";
        let contract = parse(&Arc::new(Source::new("t", text))).contract.unwrap();
        let table = &contract.tables[0];
        let mut tables = Tables::new(&contract, &Limits::default()).unwrap();
        tables.add_released(table, planned_table(table).unwrap()).unwrap();
        tables.add_previous("t", planned_table(table).unwrap()).unwrap();
        let measures = Measures { tables: &tables, table, schema: tables.schema() };
        assert_eq!(measures.drift(&Drift::KeysKept, false).await.unwrap(), 100.0);
        assert_eq!(measures.drift(&Drift::RowsChanged, false).await.unwrap(), 0.0);
    }
}
