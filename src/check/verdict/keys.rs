//! Clauses about keys: repeated ones, and those that point to nothing.

use crate::check::plan::clause::{Clause, ForeignKey, Place};
use crate::check::plan::threshold::Share;
use crate::check::report::ClauseReport;
use crate::check::unique::search::Row;
use crate::error::Result;

use super::judge::Judge;

impl Judge<'_> {
    pub(super) async fn unique(
        &self,
        clause: &Clause,
        columns: &[String],
        report: &mut ClauseReport,
    ) -> Result<()> {
        let position = self.work.tracked.iter().position(|t| t == columns);
        let position = position.filter(|_| clause.scope.filter.is_none());
        let in_order = position.and_then(|p| self.work.found.as_ref()?.keys.get(p));
        let hashed = position.and_then(|p| self.work.repetitions.get(&p));
        let limit = self.options.samples;
        let (duplicates, groups) = match (in_order, hashed) {
            (Some(key), _) if key.sorted.is_some() => {
                report.answered = Some("scanned".to_owned());
                report.samples = self.rows_at(&with_first(&key.repeated, limit), columns)?;
                (key.duplicates, key.groups)
            }
            (_, Some(found)) => {
                report.answered = Some("scanned".to_owned());
                let mut rows = found.rows.clone();
                rows.truncate(if limit == 0 { 0 } else { limit.max(2) });
                report.samples = self.rows_at(&rows, columns)?;
                (found.duplicates, found.groups)
            }
            _ => {
                if self.cannot_be_queried(report) {
                    return Ok(());
                }
                let filter = clause.scope.filter.as_deref();
                let table = self.work.table;
                let repeated = match self.tables.repeated(table, columns, filter, limit).await {
                    Ok(repeated) => repeated,
                    Err(error) => return self.not_executed(error, report),
                };
                report.samples = self.rows_with(columns, &repeated.keys, limit.max(2))?;
                (repeated.duplicates, repeated.groups)
            }
        };
        let rows = match clause.scope.filter {
            Some(_) => self.measures().share(clause).await?.rows,
            None => self.rows,
        };
        self.count(clause, Share { count: duplicates, rows }, report);
        report.reason = more_than_once(groups, "key").or(report.reason.take());
        Ok(())
    }

    pub(super) async fn unique_within(
        &self,
        clause: &Clause,
        place: &Place,
        report: &mut ClauseReport,
    ) -> Result<()> {
        if self.cannot_be_queried(report) {
            return Ok(());
        }
        let limit = self.options.samples;
        let found = match self.tables.repeated_within(self.work.table, place, limit).await {
            Ok(found) => found,
            Err(error) => return self.not_executed(error, report),
        };
        report.samples = self.rows_within(place, &found.keys, limit)?;
        self.count(clause, Share { count: found.duplicates, rows: self.rows }, report);
        report.reason = more_than_once(found.groups, "value").or(report.reason.take());
        Ok(())
    }

    pub(super) async fn foreign_key(
        &self,
        clause: &Clause,
        key: &ForeignKey,
        report: &mut ClauseReport,
    ) -> Result<()> {
        let own_parent = key.contract.is_none().then(|| self.tables.unusable(&key.table)).flatten();
        if self.cannot_be_queried(report) {
            return Ok(());
        }
        if let Some(reason) = own_parent {
            report.reason = Some(reason.clone());
            return Ok(());
        }
        if !self.tables.has_parent(key) {
            report.reason = Some(match &key.contract {
                Some(other) => format!(
                    "contract '{}' has no release of major {} with '{}'",
                    other.id, other.major, key.table
                ),
                None => {
                    format!("table '{}' is neither delivered nor in the current release", key.table)
                }
            });
            return Ok(());
        }
        let limit = self.options.samples;
        let (orphans, keys) = match self.tables.orphans(self.work.table, key, limit).await {
            Ok(found) => found,
            Err(error) => return self.not_executed(error, report),
        };
        report.samples = match &key.within {
            Some(place) => self.rows_within(place, &keys, limit)?,
            None => self.rows_with(&key.from_physical, &keys, limit)?,
        };
        self.count(clause, Share { count: orphans, rows: self.rows }, report);
        if let Some(other) = &key.contract
            && let Some(found) = self.released.others.get(other)
        {
            let number = found.number;
            report.reason = Some(format!("against release {number} of contract '{}'", other.id));
        }
        Ok(())
    }
}

/// Rows that repeat a key, with the row that they repeat before them.
fn with_first(repeated: &[Row], samples: usize) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (file, row) in repeated {
        let before = row.checked_sub(1).map(|row| (*file, row));
        rows.extend(before.filter(|row| !rows.contains(row)));
        rows.push((*file, *row));
    }
    rows.truncate(if samples == 0 { 0 } else { samples.max(2) });
    rows
}

fn more_than_once(groups: u64, what: &str) -> Option<String> {
    match groups {
        0 => None,
        1 => Some(format!("1 {what} occurs more than once")),
        n => Some(format!("{n} {what}s occur more than once")),
    }
}
