//! The judge: turns what was found for each clause into its verdict.

use datafusion::error::DataFusionError;

use crate::check::clauses::Gap;
use crate::check::options::Options;
use crate::check::plan::clause::{Clause, Note, Test};
use crate::check::plan::threshold::Share;
use crate::check::released::Released;
use crate::check::report::{ClauseReport, Verdict};
use crate::check::scan::found::Count;
use crate::check::sql::measures::Measures;
use crate::check::sql::session::Tables;
use crate::check::work::TableWork;
use crate::error::{Error, Result};

/// Whether reading rows failed: a filter pushed down to the scan fails there too, and retrying
/// would not help.
fn is_of_rows(error: &Error) -> bool {
    let source = std::error::Error::source(error);
    let engine = source.and_then(|source| source.downcast_ref::<DataFusionError>());
    engine.is_some_and(|e| matches!(e.find_root(), DataFusionError::ParquetError(_)))
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
                self.rows(n, clause, &test.notes, report);
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
    pub(super) fn count(&self, clause: &Clause, share: Share, report: &mut ClauseReport) {
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

    fn rows(&self, n: usize, clause: &Clause, notes: &[Note], report: &mut ClauseReport) {
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
        if report.reason.is_none() {
            report.reason = noted(notes, &found.notes);
        }
    }

    /// Why no query may read the table, said in the report.
    pub(super) fn cannot_be_queried(&self, report: &mut ClauseReport) -> bool {
        let reason = self.tables.unusable(&self.work.table.name.value);
        report.answered = Some("query".to_owned());
        report.reason = reason.cloned().or(report.reason.take());
        reason.is_some()
    }

    pub(super) fn not_executed(&self, error: Error, report: &mut ClauseReport) -> Result<()> {
        settle(error, report)
    }

    async fn sql(&self, clause: &Clause, query: &str, report: &mut ClauseReport) {
        if let Some(gap) = Gap::of(query) {
            report.answered = None;
            report.reason = Some(gap.why());
            self.runs_elsewhere(report);
            return;
        }
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
        if self.runs_elsewhere(report) {
            return;
        }
        let why = report.reason.take().unwrap_or_default();
        report.reason = Some(format!(
            "the contract's server is {}, and here the query does not plan: {why}; if {engine} \
             runs it, write in pactum.yaml: external_engines: [{engine}]",
            engines.join(" or ")
        ));
    }

    /// Whether the engine of the contract's server runs its queries.
    fn runs_elsewhere(&self, report: &mut ClauseReport) -> bool {
        let external = self.options.external_engines;
        let engines = self.tables.engines();
        let Some(engine) = engines.iter().find(|engine| external.contains(engine)) else {
            return false;
        };
        report.verdict = Verdict::Informational;
        report.reason = Some(format!("{engine} runs it"));
        true
    }

    pub(super) fn measures(&self) -> Measures<'_> {
        Measures { tables: self.tables, table: self.work.table, schema: self.tables.schema() }
    }
}

/// How many of the failing rows have a name of their own, and why those fail.
fn noted(notes: &[Note], counts: &[u64]) -> Option<String> {
    let found = || notes.iter().zip(counts).filter(|(_, count)| **count > 0);
    let named: Vec<String> =
        found().map(|(note, count)| format!("{count} {}", note.name)).collect();
    let whys = found().filter_map(|(note, _)| Some(format!("; {}", note.why?)));
    (!named.is_empty()).then(|| format!("of them {}{}", named.join(", "), whys.collect::<String>()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
