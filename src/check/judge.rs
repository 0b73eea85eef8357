//! The judge: what was found of each clause becomes its verdict.

use crate::engine::files::ParquetFile;
use crate::error::Result;

use super::clause::{Clause, ForeignKey, Test};
use super::compile::{Compiler, Program};
use super::queries::{Tables, has_key};
use super::report::{ClauseReport, Sample, Verdict};
use super::run::{Options, Work};
use super::scan::{Count, locate};

/// The engine's words may quote a value: of classified columns they are not repeated.
fn withheld(classified: bool, words: String) -> String {
    match classified {
        true => {
            "it could not be evaluated; why is withheld, for the columns are classified".to_owned()
        }
        false => words,
    }
}

/// Rows that repeat a key, with the row that they repeat before them.
fn with_first(repeated: &[(usize, u64)], samples: usize) -> Vec<(usize, u64)> {
    let mut rows: Vec<(usize, u64)> = Vec::new();
    for (file, row) in repeated {
        let before = row.checked_sub(1).map(|row| (*file, row));
        rows.extend(before.filter(|row| !rows.contains(row)));
        rows.push((*file, *row));
    }
    rows.truncate(if samples == 0 { 0 } else { samples.max(2) });
    rows
}

/// Judges the clauses of one table.
pub(super) struct Judge<'a> {
    pub work: &'a Work<'a>,
    pub tables: &'a Tables,
    pub options: &'a Options<'a>,
    /// Rows of all files.
    pub rows: u64,
}

impl Judge<'_> {
    /// Sets verdict, measure, samples and reason of one clause.
    pub async fn judge(&self, n: usize, clause: &Clause, report: &mut ClauseReport) -> Result<()> {
        match &clause.test {
            Test::Settled(settled) => {
                report.verdict = settled.verdict;
                report.measured.clone_from(&settled.measured);
                report.failing_rows = settled.failing_rows;
                report.reason.clone_from(&settled.reason);
                report.answered = Some("footer".to_owned());
            }
            Test::RowCount => {
                self.count(clause, self.rows, report);
                report.failing_rows = None;
                report.answered = Some("footer".to_owned());
            }
            Test::Rows(test) => match self.work.blocked.get(&n) {
                Some(reason) => report.reason = Some(reason.clone()),
                None => {
                    let names: Vec<&str> = test.notes.iter().map(|(name, _)| *name).collect();
                    self.rows(clause, self.scanned(n), &names, report);
                }
            },
            Test::Unique(columns) => self.unique(clause, columns, report).await?,
            Test::ForeignKey(key) => self.foreign_key(clause, key, report).await?,
            Test::Sql(query) => {
                report.answered = Some("query".to_owned());
                self.sql(clause, query, report).await;
            }
        }
        Ok(())
    }

    fn scanned(&self, clause: usize) -> Count {
        let found = self.work.found.as_ref();
        found.and_then(|f| f.counts.get(clause)).cloned().unwrap_or_default()
    }

    /// Sets verdict and measure from a count out of all rows.
    fn count(&self, clause: &Clause, count: u64, report: &mut ClauseReport) {
        let threshold = &clause.threshold;
        report.measured = Some(threshold.measured(count, self.rows));
        report.failing_rows = Some(count);
        if threshold.is_percent() && self.rows == 0 && !self.zero_rows_allowed() {
            report.verdict = Verdict::NotExecuted;
            report.measured = None;
            report.reason = Some("no rows to take a percentage of".to_owned());
            return;
        }
        let holds = threshold.holds_for_count(count, self.rows);
        report.verdict = if holds { Verdict::Passed } else { Verdict::Failed };
    }

    fn zero_rows_allowed(&self) -> bool {
        let mut counts = self.work.clauses.iter().filter(|c| matches!(c.test, Test::RowCount));
        counts.any(|c| c.threshold.allows_zero())
    }

    fn rows(&self, clause: &Clause, found: Count, notes: &[&str], report: &mut ClauseReport) {
        if let Some(error) = found.error {
            report.reason = Some(withheld(report.classified, error));
            return;
        }
        self.count(clause, found.failing, report);
        report.samples = found.samples;
        report.answered = Some("scanned".to_owned());
        let named: Vec<String> = notes
            .iter()
            .zip(&found.notes)
            .filter(|(_, count)| **count > 0)
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        if !named.is_empty() && report.reason.is_none() {
            report.reason = Some(format!("of them {}", named.join(", ")));
        }
    }

    async fn unique(
        &self,
        clause: &Clause,
        columns: &[String],
        report: &mut ClauseReport,
    ) -> Result<()> {
        let position = self.work.tracked.iter().position(|t| t == columns);
        let found = position.and_then(|p| self.work.found.as_ref()?.keys.get(p));
        let (duplicates, groups) = match found {
            Some(key) if key.sorted.is_some() => {
                report.answered = Some("scanned".to_owned());
                let rows = with_first(&key.repeated, self.options.samples);
                report.samples = self.rows_at(&rows, columns)?;
                (key.duplicates, key.groups)
            }
            _ => {
                report.answered = Some("query".to_owned());
                if let Some(reason) = self.tables.unusable(&self.work.table.name.value) {
                    report.reason = Some(reason.clone());
                    return Ok(());
                }
                let limit = self.options.samples;
                let repeated = self.tables.repeated(self.work.table, columns, limit).await?;
                let limit = limit.max(2);
                report.samples = self.rows_with(columns, &repeated.keys, limit)?;
                (repeated.duplicates, repeated.groups)
            }
        };
        self.count(clause, duplicates, report);
        if duplicates > 0 {
            report.reason = Some(format!(
                "{groups} {} than once",
                if groups == 1 { "key stands more" } else { "keys stand more" }
            ));
        }
        Ok(())
    }

    async fn foreign_key(
        &self,
        clause: &Clause,
        key: &ForeignKey,
        report: &mut ClauseReport,
    ) -> Result<()> {
        report.answered = Some("query".to_owned());
        let own = self.tables.unusable(&self.work.table.name.value);
        if let Some(reason) = own.or_else(|| self.tables.unusable(&key.table)) {
            report.reason = Some(reason.clone());
            return Ok(());
        }
        if !self.tables.has(&key.table) {
            report.reason = Some(format!(
                "table '{}' is neither delivered nor in the current release",
                key.table
            ));
            return Ok(());
        }
        let limit = self.options.samples;
        let (orphans, keys) = self.tables.orphans(self.work.table, key, limit).await?;
        report.samples = self.rows_with(&key.from_physical, &keys, limit)?;
        self.count(clause, orphans, report);
        Ok(())
    }

    async fn sql(&self, clause: &Clause, query: &str, report: &mut ClauseReport) {
        let answer = match self.tables.answer(query).await {
            Ok(answer) => answer,
            Err(reason) => {
                report.reason = Some(withheld(report.classified, reason));
                return;
            }
        };
        if clause.threshold.is_percent() && self.rows == 0 && !self.zero_rows_allowed() {
            report.reason = Some("no rows to take a percentage of".to_owned());
            return;
        }
        match clause.threshold.holds_for_answer(&answer, self.rows) {
            Ok(holds) => {
                report.verdict = if holds { Verdict::Passed } else { Verdict::Failed };
                report.measured = Some(clause.threshold.measured_answer(answer, self.rows));
            }
            Err(reason) => report.reason = Some(withheld(report.classified, reason)),
        }
    }

    /// Samples of rows with one of these keys.
    fn rows_with(
        &self,
        columns: &[String],
        keys: &[Vec<datafusion::common::ScalarValue>],
        limit: usize,
    ) -> Result<Vec<Sample>> {
        let Some(failing) = has_key(columns, keys) else { return Ok(Vec::new()) };
        let state = self.tables.session().context().state();
        let public = self.options.public_classifications;
        let compiler = Compiler { state: &state, table: self.work.table, public };
        // A file without one of the columns has no row with such a key.
        let whole = |f: &&ParquetFile| columns.iter().all(|c| f.schema().index_of(c).is_ok());
        let files: Vec<ParquetFile> = self.work.files.iter().filter(whole).cloned().collect();
        let programs: Vec<Program> = files
            .iter()
            .map(|file| compiler.locate(failing.clone(), columns, file.schema()))
            .collect::<Result<_>>()?;
        locate(&files, &programs, limit)
    }

    /// Samples of rows by file and number.
    fn rows_at(&self, rows: &[(usize, u64)], columns: &[String]) -> Result<Vec<Sample>> {
        let public = self.options.public_classifications;
        rows.iter()
            .map(|(file, row)| {
                let file = &self.work.files[*file];
                super::scan::row_at(file, *row, self.work.table, columns, public)
            })
            .collect()
    }
}
