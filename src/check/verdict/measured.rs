//! Clauses that are measured by queries over the whole table: by groups, over time, and against the
//! current release.

use serde_json::json;

use crate::check::options::shown_as_public;
use crate::check::plan::clause::{Clause, Measure, Test};
use crate::check::released::Readable;
use crate::check::report::{ClauseReport, Verdict};
use crate::check::sql::measures::Measures;
use crate::check::sql::session::PREVIOUS;
use crate::error::{Error, Result};
use crate::warehouse::is_lost;

use super::judge::Judge;

impl Judge<'_> {
    pub(super) async fn by_group(&self, clause: &Clause, report: &mut ClauseReport) -> Result<()> {
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
                report.reason = Some("there are no groups to judge".to_owned());
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
    pub(super) fn previous(&self, report: &mut ClauseReport) -> Option<u64> {
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
    pub(super) fn not_compared(
        &self,
        release: u64,
        error: Error,
        report: &mut ClauseReport,
    ) -> Result<()> {
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

    pub(super) async fn since_previous(
        &self,
        clause: &Clause,
        report: &mut ClauseReport,
    ) -> Result<()> {
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

    pub(super) async fn measure(
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
