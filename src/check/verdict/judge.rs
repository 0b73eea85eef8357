//! The judge: turns what was found for each clause into its verdict.

use datafusion::error::DataFusionError;
use serde_json::json;

use crate::error::{Error, Result};
use crate::warehouse::is_lost;

use crate::check::options::{Options, shown_as_public};
use crate::check::plan::clause::{Clause, ForeignKey, Measure, Place, Test};
use crate::check::plan::threshold::Share;
use crate::check::released::{Readable, Released};
use crate::check::report::{ClauseReport, Verdict};
use crate::check::scan::found::Count;
use crate::check::sql::measures::Measures;
use crate::check::sql::session::{PREVIOUS, Tables};
use crate::check::unique::search::Row;
use crate::check::work::TableWork;

/// Whether reading rows failed: a filter pushed down to the scan fails there too, and retrying
/// would not help.
fn is_of_rows(error: &Error) -> bool {
    let source = std::error::Error::source(error);
    let engine = source.and_then(|source| source.downcast_ref::<DataFusionError>());
    engine.is_some_and(|e| matches!(e.find_root(), DataFusionError::ParquetError(_)))
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

/// An error in the user's own words is a verdict; a full disk or an exhausted limit ends the run.
fn settle(error: Error, report: &mut ClauseReport) -> Result<()> {
    if error.remedy() == crate::error::Remedy::TryAgain && !is_of_rows(&error) {
        return Err(error);
    }
    report.say_why(&error);
    Ok(())
}

/// Judges the clauses of one table.
pub(in crate::check) struct Judge<'a> {
    pub work: &'a TableWork<'a>,
    pub tables: &'a Tables,
    pub released: &'a Released,
    pub options: &'a Options<'a>,
    /// Rows of all files.
    pub rows: u64,
}

impl Judge<'_> {
    /// Sets verdict, measure, samples and reason of one clause.
    pub async fn judge(&self, n: usize, clause: &Clause, report: &mut ClauseReport) -> Result<()> {
        if self.work.proven.contains(&n) {
            self.count(clause, Share { count: 0, rows: self.rows }, report);
            report.answered = Some("statistics".to_owned());
            return Ok(());
        }
        let testable = !matches!(clause.test, Test::Settled(_));
        let unfiltered =
            matches!(clause.test, Test::Measure(_) | Test::Sql(_) | Test::UniqueWithin(_));
        if unfiltered && clause.scope.filter.is_some() {
            report.reason = Some("where is not for this kind of rule".to_owned());
            return Ok(());
        }
        if testable && clause.scope.previous {
            return self.since_previous(clause, report).await;
        }
        if testable && !clause.scope.group_by.is_empty() {
            return self.by_group(clause, report).await;
        }
        match &clause.test {
            Test::Settled(settled) => {
                report.verdict = settled.verdict;
                report.measured.clone_from(&settled.measured);
                report.failing_rows = settled.failing_rows;
                report.reason.clone_from(&settled.reason);
                let compared = matches!(settled.verdict, Verdict::Passed | Verdict::Failed);
                report.answered = compared.then(|| "schema".to_owned());
            }
            Test::RowCount if clause.scope.filter.is_some() => self.rows(n, clause, &[], report),
            Test::RowCount => {
                self.count(clause, Share { count: self.rows, rows: self.rows }, report);
                report.failing_rows = None;
                report.answered = Some("scanned".to_owned());
            }
            Test::Rows(test) => {
                let names: Vec<&str> = test.notes.iter().map(|(name, _)| name.as_str()).collect();
                self.rows(n, clause, &names, report);
                if report.failing_rows.is_some_and(|rows| rows > 0)
                    && let Some(because) = &test.because
                {
                    let told = report.reason.take().map(|reason| format!("{reason}; "));
                    report.reason = Some(told.unwrap_or_default() + because);
                }
            }
            Test::Unique(columns) => self.unique(clause, columns, report).await?,
            Test::UniqueWithin(place) => self.unique_within(clause, place, report).await?,
            Test::ForeignKey(key) => self.foreign_key(clause, key, report).await?,
            Test::Measure(measure) => self.measure(clause, measure, report).await?,
            Test::Sql(query) => {
                report.answered = Some("query".to_owned());
                self.sql(clause, query, report).await;
            }
        }
        Ok(())
    }

    /// Sets verdict and measure from a count out of the rows that a clause looks at.
    fn count(&self, clause: &Clause, share: Share, report: &mut ClauseReport) {
        let threshold = &clause.threshold;
        report.measured = Some(threshold.measured(share.count, share.rows));
        report.failing_rows = Some(share.count);
        if threshold.is_percent() && share.rows == 0 && !self.zero_rows_allowed() {
            report.verdict = Verdict::NotExecuted;
            report.measured = None;
            report.reason = Some("no rows to take a percentage of".to_owned());
            return;
        }
        let holds = threshold.holds_for_count(share.count, share.rows);
        report.verdict = if holds { Verdict::Passed } else { Verdict::Failed };
    }

    fn zero_rows_allowed(&self) -> bool {
        let mut counts = self.work.clauses.iter().filter(|c| matches!(c.test, Test::RowCount));
        let plainly = |c: &Clause| {
            let scope = &c.scope;
            c.is_error && scope.filter.is_none() && scope.group_by.is_empty() && !scope.previous
        };
        counts.any(|c| plainly(c) && c.threshold.allows_zero())
    }

    fn rows(&self, n: usize, clause: &Clause, notes: &[&str], report: &mut ClauseReport) {
        if let Some(reason) = self.work.blocked.get(&n) {
            report.reason = Some(reason.clone());
            return;
        }
        let found = self.work.found.as_ref().and_then(|f| f.counts.get(n));
        let found: Count = found.cloned().unwrap_or_default();
        if let Some(error) = found.error {
            report.say_quoting(error);
            return;
        }
        let rows = if clause.scope.filter.is_some() { found.scoped } else { self.rows };
        self.count(clause, Share { count: found.failing, rows }, report);
        report.samples = found.samples;
        let dictionary = found.by_dictionary == Some(true);
        report.answered = Some(if dictionary { "dictionary" } else { "scanned" }.to_owned());
        if matches!(clause.test, Test::RowCount) {
            report.failing_rows = None;
            report.samples.clear();
        }
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

    /// Why no query may read the table, said in the report.
    fn cannot_be_queried(&self, report: &mut ClauseReport) -> bool {
        let reason = self.tables.unusable(&self.work.table.name.value);
        report.answered = Some("query".to_owned());
        report.reason = reason.cloned().or(report.reason.take());
        reason.is_some()
    }

    async fn unique(
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

    async fn unique_within(
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

    fn not_executed(&self, error: Error, report: &mut ClauseReport) -> Result<()> {
        settle(error, report)
    }

    async fn foreign_key(
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

    async fn sql(&self, clause: &Clause, query: &str, report: &mut ClauseReport) {
        let answer = match self.tables.answer(query).await {
            Ok(answer) => answer,
            Err(error) => {
                report.say_why(&error);
                self.in_other_dialect(query, &error, report).await;
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
            Err(reason) => report.say_quoting(reason),
        }
    }

    /// A query that does not plan here may be in the dialect of the contract's server.
    async fn in_other_dialect(&self, query: &str, error: &Error, report: &mut ClauseReport) {
        let engines = self.tables.engines();
        let Some(engine) = engines.first().filter(|_| error.code() != "not-released") else {
            return;
        };
        if self.tables.plan(query).await.is_ok() {
            return;
        }
        let external = self.options.external_engines;
        if let Some(engine) = engines.iter().find(|engine| external.contains(engine)) {
            report.verdict = Verdict::Informational;
            report.reason = Some(format!("{engine} runs it"));
            return;
        }
        let why = report.reason.take().unwrap_or_default();
        report.reason = Some(format!(
            "the contract's server is {}, and here the query does not plan: {why}; if {engine} \
             runs it, write in pactum.yaml: external_engines: [{engine}]",
            engines.join(" or ")
        ));
    }

    fn measures(&self) -> Measures<'_> {
        Measures { tables: self.tables, table: self.work.table, schema: self.tables.schema() }
    }

    async fn by_group(&self, clause: &Clause, report: &mut ClauseReport) -> Result<()> {
        if self.cannot_be_queried(report) {
            return Ok(());
        }
        let unknown = clause.scope.group_by.iter().find(|g| self.work.table.column(g).is_none());
        if let Some(name) = unknown {
            report.reason = Some(format!("groupBy names '{name}', which is not a column"));
            return Ok(());
        }
        let public = shown_as_public(self.work.table, self.options);
        let worst = self.options.samples.max(1);
        match self.measures().groups(clause, worst, &public).await {
            Ok(groups) if groups.total == 0 => {
                report.reason = Some("there is no group to judge".to_owned());
                Ok(())
            }
            Ok(groups) => {
                report.measured = Some(json!(groups.failing));
                report.verdict = match groups.failing {
                    0 => Verdict::Passed,
                    _ => Verdict::Failed,
                };
                report.groups = Some(groups);
                Ok(())
            }
            Err(error) => self.not_executed(error, report),
        }
    }

    /// The release to compare with; where there is none, the report says so.
    fn previous(&self, report: &mut ClauseReport) -> Option<u64> {
        let found = self.released.own.as_ref();
        if found.is_none() {
            report.verdict = Verdict::Informational;
            report.reason = Some("there is no earlier release to compare with".to_owned());
            return None;
        }
        let name = &self.work.table.name.value;
        let Readable { number: release, tables, unread, .. } = found?;
        if let Some(error) = unread.get(name) {
            match is_lost(error) {
                true => lost_release(*release, error, report),
                // Out of reach for now: a clause that was not compared has not passed.
                false => report.say_why(error),
            }
            return None;
        }
        let mut lacks = |what: String| {
            report.verdict = Verdict::Informational;
            report.reason = Some(format!("release {release} has no {what}"));
            None
        };
        let Some(table) = tables.get(name) else { return lacks(format!("table '{name}'")) };
        let column = report.column.as_ref().map(|c| c.to_ascii_lowercase());
        match column.filter(|c| table.schema().index_of(c).is_err()) {
            Some(column) => lacks(format!("column '{column}'")),
            None => Some(*release),
        }
    }

    /// Damage that shows only when the earlier release is read leaves nothing to compare with.
    fn not_compared(&self, release: u64, error: Error, report: &mut ClauseReport) -> Result<()> {
        let delivered = |place: &str| {
            let mut paths = self.work.files.iter().map(|f| f.input.path.display().to_string());
            paths.any(|path| place.starts_with(&path))
        };
        if is_lost(&error) && !error.place().is_some_and(delivered) {
            lost_release(release, &error, report);
            return Ok(());
        }
        self.not_executed(error, report)
    }

    async fn since_previous(&self, clause: &Clause, report: &mut ClauseReport) -> Result<()> {
        if self.cannot_be_queried(report) {
            return Ok(());
        }
        let Some(release) = self.previous(report) else { return Ok(()) };
        let now = self.measures();
        let then = Measures { schema: PREVIOUS, ..self.measures() };
        let (now, then) = match (now.share(clause).await, then.share(clause).await) {
            (Ok(now), Ok(then)) => (now, then),
            (Err(error), _) | (_, Err(error)) => {
                return self.not_compared(release, error, report);
            }
        };
        let whole = matches!(clause.test, Test::RowCount);
        match clause.threshold.change(now, then, whole) {
            Some((measured, holds)) => {
                report.verdict = if holds { Verdict::Passed } else { Verdict::Failed };
                report.measured = Some(measured);
                report.reason =
                    Some(format!("release {release} had {}, now {}", then.count, now.count));
            }
            None => report.reason = Some(format!("release {release} has no rows to compare with")),
        }
        Ok(())
    }

    async fn measure(
        &self,
        clause: &Clause,
        measure: &Measure,
        report: &mut ClauseReport,
    ) -> Result<()> {
        if self.cannot_be_queried(report) {
            return Ok(());
        }
        let measures = self.measures();
        let mut found = f64::NEG_INFINITY;
        match measure {
            Measure::Latency { columns, unit_seconds } => {
                for column in columns {
                    match measures.age(column, self.options.now).await {
                        Ok(age) => found = found.max(age / unit_seconds),
                        Err(error) => return self.not_executed(error, report),
                    }
                }
            }
            Measure::Frequency { columns, unit_seconds } => {
                for column in columns {
                    match measures.gap(column).await {
                        Ok(gap) => found = found.max(gap / unit_seconds),
                        Err(error) => return self.not_executed(error, report),
                    }
                }
            }
            Measure::Drift(drift) => {
                let Some(release) = self.previous(report) else { return Ok(()) };
                match measures.drift(drift, clause.threshold.is_percent()).await {
                    Ok(drift) => found = drift,
                    Err(error) => return self.not_compared(release, error, report),
                }
                report.reason = Some(format!("since release {release}"));
            }
        }
        let holds = clause.threshold.holds_for_float(found);
        report.verdict = if holds { Verdict::Passed } else { Verdict::Failed };
        report.measured = Some(json!(found));
        if !found.is_finite() {
            report.measured = Some(json!(found.to_string()));
        }
        Ok(())
    }
}

/// As before the first release: there is nothing to compare with, and the report says why.
fn lost_release(release: u64, error: &Error, report: &mut ClauseReport) {
    report.verdict = Verdict::Informational;
    report.reason = Some(format!("not compared with release {release}, which is lost: {error}"));
}

fn more_than_once(groups: u64, what: &str) -> Option<String> {
    match groups {
        0 => None,
        1 => Some(format!("1 {what} occurs more than once")),
        n => Some(format!("{n} {what}s occur more than once")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_ends_the_run_and_a_faulty_rule_is_a_verdict() {
        let blank = json!({
            "id": "t/q", "kind": "sql", "column": null, "severity": "error",
            "verdict": "not-executed", "measured": null, "expected": "", "failing_rows": null,
            "samples": [], "reason": null
        });
        let mut report: ClauseReport = serde_json::from_value(blank).unwrap();
        let full = Error::try_again("memory-limit", "more memory is needed");
        assert_eq!(settle(full, &mut report).unwrap_err().code(), "memory-limit");
        assert_eq!(report.reason, None);
        settle(Error::mend("measure", "there is no value to measure"), &mut report).unwrap();
        assert_eq!(report.verdict, Verdict::NotExecuted);
        assert!(report.reason.unwrap().contains("no value to measure"));
    }
}
