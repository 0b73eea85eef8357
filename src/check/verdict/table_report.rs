//! One table's part of the report.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::check::options::Options;
use crate::check::plan::clause::{Clause, ForeignKey, Test};
use crate::check::released::Released;
use crate::check::report::{ClauseReport, Level, REDACTED, Sample, Secrecy, TableReport, Verdict};
use crate::check::sql::session::Tables;
use crate::check::work::TableWork;
use crate::contract::Contract;
use crate::contract::model::{Column, Table};
use crate::diagnostic::Span;
use crate::engine::files::hidden_partitions;
use crate::engine::parquet_file::ParquetFile;
use crate::error::Result;

use super::judge::Judge;
use super::secrecy::Secrets;

/// The report of one table: every clause with its verdict. `secrets` and `names` are the secret
/// columns and file names of all tables.
pub(in crate::check) async fn table_report(
    contract: &Contract,
    work: &TableWork<'_>,
    tables: &Tables,
    released: &Released,
    (secrets, names): (&Secrets<'_>, &BTreeMap<String, String>),
    options: &Options<'_>,
) -> Result<TableReport> {
    let rows = work.files.iter().map(ParquetFile::rows).sum();
    let document = &contract.source.name;
    let mut clauses = vec![readable(work, document)];
    for (n, clause) in work.clauses.iter().enumerate() {
        let mut report = blank(clause, document);
        let secrecy = secrets.of_clause(work.table, clause, tables).await;
        let shown = if options.show_classified { Secrecy::Open } else { secrecy };
        if work.unreadable.is_empty() {
            let judge = Judge { work, tables, released, options, rows };
            let judged = judge.judge(n, clause, &mut report).await;
            judged.map_err(|error| shown.told(error))?;
        } else {
            settle_unread(clause, &mut report);
        }
        if let Test::ForeignKey(key) = &clause.test
            && !options.show_classified
            && secrets.parent(key)
        {
            withhold_references(work.table, key, &mut report);
        }
        // Values shown now must not be kept: the report remembers their secrecy.
        report.secrecy = secrecy;
        clauses.push(report);
    }
    let mut report = TableReport {
        name: work.table.name.value.clone(),
        rows,
        files: work.delivered as u64,
        clauses,
        secret_names: names.clone(),
    };
    if !options.show_classified {
        report.withhold();
    }
    Ok(report)
}

/// Names of files whose path holds the value of a classified column, as Hive writes it.
pub(in crate::check) fn secret_names(
    work: &TableWork<'_>,
    public: &[String],
) -> BTreeMap<String, String> {
    let secret =
        |name: &str| work.table.columns.iter().any(|c| c.is_called(name) && c.classified(public));
    let read = work.files.iter().map(|file| &file.input.name);
    let names = read.chain(work.unreadable.iter().map(|(name, _)| name));
    names
        .filter_map(|name| Some((name.clone(), hidden_partitions(name, secret, REDACTED)?)))
        .collect()
}

/// Takes the values of a foreign key out of its samples and groups, where they are keys of a classified parent.
fn withhold_references(table: &Table, key: &ForeignKey, report: &mut ClauseReport) {
    let within = key.within.iter().map(|place| place.column.as_str());
    let own: Vec<&str> = key.from_physical.iter().map(String::as_str).chain(within).collect();
    let refers = |name: &str| {
        let stored = table.column(name).map_or(name, Column::physical);
        own.iter().any(|own| own.eq_ignore_ascii_case(name) || own.eq_ignore_ascii_case(stored))
    };
    let withhold = |key: &mut serde_json::Map<String, Value>| {
        for (_, value) in key.iter_mut().filter(|(name, _)| refers(name.as_str())) {
            *value = json!(REDACTED);
        }
    };
    for sample in &mut report.samples {
        withhold(&mut sample.key);
        sample.value = json!(REDACTED);
    }
    for group in report.groups.iter_mut().flat_map(|groups| &mut groups.worst) {
        withhold(&mut group.key);
    }
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
        secrecy: Secrecy::Open,
        quotes: false,
    }
}

fn place(document: &str, span: Span) -> String {
    format!("{document}:{}:{}", span.line, span.column)
}

/// `readable`: every file can be read. An unreadable one is a verdict, not an additional error.
fn readable(work: &TableWork<'_>, document: &str) -> ClauseReport {
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
                texts: Vec::new(),
            })
            .collect(),
        reason: failed.then(|| reasons.join("; ")),
        answered: Some("scanned".to_owned()),
        place: place(document, work.table.name.span),
        groups: None,
        secrecy: Secrecy::Open,
        quotes: false,
    }
}

/// Unless every file was read, no count covers the delivery.
fn settle_unread(clause: &Clause, report: &mut ClauseReport) {
    match &clause.test {
        Test::Settled(settled) if settled.verdict != Verdict::Passed => {
            report.verdict = settled.verdict;
            report.reason.clone_from(&settled.reason);
        }
        _ => report.reason = Some("a file of this table cannot be read".to_owned()),
    }
}
