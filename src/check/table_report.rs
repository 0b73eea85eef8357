//! One table's part of the report.

use serde_json::json;

use crate::contract::Contract;
use crate::contract::model::{Column, Table};
use crate::diagnostic::Span;
use crate::engine::parquet_file::ParquetFile;
use crate::engine::sql;
use crate::error::Result;

use super::clause::{Clause, Measure, Test};
use super::judge::Judge;
use super::queries::Tables;
use super::released::Released;
use super::report::{ClauseReport, Level, Sample, TableReport, Verdict};
use super::run::{Options, Work};

/// The report of one table: every clause with its verdict.
pub(super) async fn table_report(
    contract: &Contract,
    work: &Work<'_>,
    tables: &Tables,
    released: &Released,
    options: &Options<'_>,
) -> Result<TableReport> {
    let rows = work.files.iter().map(ParquetFile::rows).sum();
    let document = &contract.source.name;
    let mut clauses = vec![readable(work, document)];
    for (n, clause) in work.clauses.iter().enumerate() {
        let mut report = blank(clause, document);
        report.classified = classified(contract, work, clause, options);
        if work.unreadable.is_empty() {
            let judge = Judge { work, tables, released, options, rows };
            judge.judge(n, clause, &mut report).await?;
        } else {
            settle_unread(clause, &mut report);
        }
        clauses.push(report);
    }
    let name = work.table.name.value.clone();
    Ok(TableReport { name, rows, files: work.delivered as u64, clauses })
}

fn blank(clause: &Clause, document: &str) -> ClauseReport {
    ClauseReport {
        id: clause.id.clone(),
        kind: clause.kind.clone(),
        column: clause.column.clone(),
        severity: if clause.is_error { Level::Error } else { Level::Warning },
        verdict: Verdict::NotExecuted,
        measured: None,
        expected: clause.expected.clone(),
        failing_rows: None,
        samples: Vec::new(),
        reason: None,
        answered: None,
        place: place(document, clause.span),
        groups: None,
        classified: false,
    }
}

fn place(document: &str, span: Span) -> String {
    format!("{document}:{}:{}", span.line, span.column)
}

/// `readable`: every file can be read. An unreadable one is a verdict, no error beside it.
fn readable(work: &Work<'_>, document: &str) -> ClauseReport {
    let failed = !work.unreadable.is_empty();
    let reasons: Vec<String> =
        work.unreadable.iter().map(|(file, reason)| format!("{file}: {reason}")).collect();
    ClauseReport {
        id: format!("{}/readable", work.table.element()),
        kind: "readable".to_owned(),
        column: None,
        severity: Level::Error,
        verdict: if failed { Verdict::Failed } else { Verdict::Passed },
        measured: Some(json!(work.unreadable.len())),
        expected: "0 unreadable files".to_owned(),
        failing_rows: None,
        samples: work
            .unreadable
            .iter()
            .map(|(file, reason)| Sample {
                file: file.clone(),
                row: None,
                key: serde_json::Map::new(),
                value: json!(reason),
            })
            .collect(),
        reason: failed.then(|| reasons.join("; ")),
        answered: Some("scanned".to_owned()),
        place: place(document, work.table.name.span),
        groups: None,
        classified: false,
    }
}

/// Without every file no count is a count of the delivery.
fn settle_unread(clause: &Clause, report: &mut ClauseReport) {
    match &clause.test {
        Test::Settled(settled) if settled.verdict != Verdict::Passed => {
            report.verdict = settled.verdict;
            report.reason.clone_from(&settled.reason);
        }
        _ => report.reason = Some("a file of this table cannot be read".to_owned()),
    }
}

fn classified(
    contract: &Contract,
    work: &Work<'_>,
    clause: &Clause,
    options: &Options<'_>,
) -> bool {
    let secret = |c: &Column| c.classified(options.public_classifications);
    // Inside a column's values the name begins with the column's.
    let named = |name: &String| {
        let root = name.split('.').next().unwrap_or(name);
        work.table.column(name).or_else(|| work.table.column(root))
    };
    let own = clause.column.as_ref().and_then(named).is_some_and(secret)
        || clause.scope.group_by.iter().filter_map(named).any(secret)
        || filter_names(clause).iter().filter_map(named).any(secret);
    let any = |table: &Table| table.columns.iter().any(secret);
    match &clause.test {
        // What a query makes of a table is not followed: all of it counts.
        Test::Sql(query) => {
            let words = sql::words(query).unwrap_or_default();
            let named = |t: &&Table| {
                words.contains(&t.name.value.to_ascii_lowercase())
                    || words.contains(&t.physical().to_ascii_lowercase())
            };
            own || contract.tables.iter().filter(named).any(any)
        }
        // A service level stands on the table, and measures one of its columns.
        Test::Rows(test) => {
            own || secret_among(work.table, std::slice::from_ref(&test.column), &secret)
        }
        Test::Measure(Measure::Latency { columns, .. } | Measure::Frequency { columns, .. }) => {
            own || columns.iter().filter_map(named).any(secret)
        }
        Test::Unique(columns) => own || secret_among(work.table, columns, &secret),
        Test::ForeignKey(key) => own || secret_among(work.table, &key.from_physical, &secret),
        _ => own,
    }
}

/// The words of a clause's filter.
fn filter_names(clause: &Clause) -> Vec<String> {
    let words = clause.scope.filter.as_ref().map(|f| sql::words(f).unwrap_or_default());
    words.unwrap_or_default().into_iter().collect()
}

fn secret_among(table: &Table, physical: &[String], secret: &impl Fn(&Column) -> bool) -> bool {
    let mut named = table.columns.iter().filter(|c| physical.iter().any(|p| p == c.physical()));
    named.any(secret)
}
