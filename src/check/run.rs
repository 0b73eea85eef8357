//! One run: footers, plan, scan, queries, report.

use std::collections::{BTreeMap, HashSet};

use serde_json::json;

use crate::contract::Contract;
use crate::contract::model::{Column, Table};
use crate::contract::types::plain;
use crate::engine::Limits;
use crate::engine::files::{InputFile, ParquetFile};
use crate::engine::progress::Progress;
use crate::engine::sql;
use crate::error::Result;

use super::clause::{Clause, Test};
use super::clauses::PlannedFile;
use super::compile::{Compiler, Program};
use super::delivery::{Delivery, find_table};
use super::judge::Judge;
use super::plan::plan;
use super::queries::{Released, Tables};
use super::report::{ClauseReport, Level, Overall, Report, Sample, TableReport, Verdict};
use super::scan::{Found, Scan};

/// How a check is run.
pub struct Options<'a> {
    /// Memory and threads.
    pub limits: Limits,
    /// Failing rows to show for each clause.
    pub samples: usize,
    /// Classifications that are as public as `public`.
    pub public_classifications: &'a [String],
    /// Engines of custom rules that something else runs.
    pub external_engines: &'a [String],
    /// Who shows progress.
    pub progress: &'a dyn Progress,
}

/// A check's report, and what a publish needs to know beyond it.
#[derive(Debug)]
pub struct Checked {
    /// The report.
    pub report: Report,
    /// The tables as they were read.
    pub tables: Vec<CheckedTable>,
}

/// A table as it was read.
#[derive(Debug)]
pub struct CheckedTable {
    /// The table's name, as declared.
    pub name: String,
    /// Its files; in the order of the primary key when `sorted`.
    pub files: Vec<ParquetFile>,
    /// Whether all rows are sorted by the primary key.
    pub sorted: bool,
}

/// A table while it is being checked.
pub(super) struct Work<'a> {
    pub table: &'a Table,
    /// Files handed over, readable or not.
    pub delivered: usize,
    pub files: Vec<ParquetFile>,
    /// Files that cannot be read, and why.
    pub unreadable: Vec<(String, String)>,
    pub clauses: Vec<Clause>,
    /// Keys whose order is followed.
    pub tracked: Vec<Vec<String>>,
    pub found: Option<Found>,
    /// Clauses that a file's types do not let be tested, and why.
    pub blocked: BTreeMap<usize, String>,
}

/// Checks a delivery. `released` holds tables of the contract's current release that foreign keys
/// and SQL rules may need beside the delivered ones.
///
/// # Errors
/// When the run could not be finished. What the delivery fails is in the report, no error.
pub async fn check(
    contract: &Contract,
    delivery: &Delivery,
    released: Released,
    options: &Options<'_>,
) -> Result<Checked> {
    let mut work = Vec::new();
    for delivered in &delivery.tables {
        let table = find_table(contract, &delivered.table)?;
        work.push(open(contract, table, &delivered.files, options));
    }
    let mut tables = Tables::new(contract, &options.limits)?;
    let rows = work.iter().flat_map(|w| &w.files).map(ParquetFile::rows).sum();
    options.progress.begin("checking", rows);
    for one in &mut work {
        scan(one, &tables, options)?;
        let order = primary_order(one);
        match one.unreadable.first() {
            Some((file, _)) => tables.refuse(one.table, format!("{file} cannot be read")),
            None => tables.add_delivered(one.table, &one.files, order.as_deref())?,
        }
    }
    options.progress.end();
    for (name, provider) in released {
        let table = find_table(contract, &name)?;
        if !tables.has(&name) && tables.unusable(&name).is_none() {
            tables.add_released(table, provider)?;
        }
    }
    let mut reports = Vec::new();
    for one in &work {
        reports.push(report(contract, one, &tables, options).await?);
    }
    delivery.verify_unchanged()?;
    let failed = reports.iter().flat_map(|t| &t.clauses).any(ClauseReport::fails_run);
    Ok(Checked {
        report: Report {
            contract: contract.id.clone(),
            sql_name: contract.sql_name.value.clone(),
            contract_version: contract.version_text.clone(),
            verdict: if failed { Overall::Failed } else { Overall::Passed },
            outcome: None,
            release: None,
            attempt: None,
            tables: reports,
        },
        tables: work.into_iter().map(checked_table).collect(),
    })
}

fn checked_table(work: Work<'_>) -> CheckedTable {
    let order = primary_order(&work);
    let sorted = order.is_some();
    let files = match order {
        Some(order) => order.iter().map(|n| work.files[*n].clone()).collect(),
        None => work.files,
    };
    CheckedTable { name: work.table.name.value.clone(), files, sorted }
}

/// The files in the order of the primary key, when all rows are sorted by it.
fn primary_order(work: &Work<'_>) -> Option<Vec<usize>> {
    let key: Vec<&str> = work.table.primary_key().iter().map(|c| c.physical()).collect();
    let position = work.tracked.iter().position(|t| !key.is_empty() && *t == key)?;
    work.found.as_ref()?.keys.get(position)?.sorted.clone()
}

fn open<'a>(
    contract: &Contract,
    table: &'a Table,
    inputs: &[InputFile],
    options: &Options<'_>,
) -> Work<'a> {
    let mut files = Vec::new();
    let mut unreadable = Vec::new();
    for input in inputs {
        match ParquetFile::open(input).and_then(refuse_repeated_columns) {
            Ok(file) => files.push(file),
            Err(reason) => unreadable.push((input.name.clone(), reason)),
        }
    }
    let planned: Vec<PlannedFile> = files
        .iter()
        .map(|f| PlannedFile {
            name: f.input.name.clone(),
            schema: f.schema().clone(),
            rows: f.rows(),
        })
        .collect();
    let clauses = plan(contract, table, &planned, options.external_engines);
    let mut tracked: Vec<Vec<String>> = Vec::new();
    for clause in &clauses {
        if let Test::Unique(columns) = &clause.test
            && !tracked.contains(columns)
        {
            tracked.push(columns.clone());
        }
    }
    Work {
        table,
        delivered: inputs.len(),
        files,
        unreadable,
        clauses,
        tracked,
        found: None,
        blocked: BTreeMap::new(),
    }
}

fn refuse_repeated_columns(file: ParquetFile) -> Result<ParquetFile, String> {
    let mut seen = HashSet::new();
    match file.schema().fields().iter().find(|f| !seen.insert(f.name().clone())) {
        Some(field) => Err(format!("two columns are named '{}'", field.name())),
        None if file.schema().fields().is_empty() => Err("the file has no columns".to_owned()),
        None => Ok(file),
    }
}

fn scan(work: &mut Work<'_>, tables: &Tables, options: &Options<'_>) -> Result<()> {
    let state = tables.session().context().state();
    let public = options.public_classifications;
    let compiler = Compiler { state: &state, table: work.table, public };
    let mut programs: Vec<Program> = Vec::new();
    for (n, file) in work.files.iter().enumerate() {
        // Files of one schema share a program.
        let same = work.files[..n].iter().position(|f| f.schema() == file.schema());
        let program = match same {
            Some(other) => programs[other].clone(),
            None => compiler.program(&work.clauses, &work.tracked, file.schema())?,
        };
        for (clause, reason) in &program.blocked {
            work.blocked.entry(*clause).or_insert_with(|| reason.clone());
        }
        programs.push(program);
    }
    let mixed: Vec<bool> = work.tracked.iter().map(|key| differ(&work.files, key)).collect();
    let scan = Scan {
        files: &work.files,
        programs: &programs,
        clauses: work.clauses.len(),
        tracked: &mixed,
        samples: options.samples,
        threads: options.limits.threads,
        progress: options.progress,
    };
    let found = scan.run()?;
    for (file, reason) in &found.broken {
        let name = work.files[*file].input.name.clone();
        work.unreadable.push((name, reason.clone()));
    }
    work.found = Some(found);
    Ok(())
}

/// Whether files differ in the type of a key's column.
fn differ(files: &[ParquetFile], key: &[String]) -> bool {
    key.iter().any(|name| {
        let types = files.iter().filter_map(|f| f.schema().field_with_name(name).ok());
        let mut types = types.map(|f| plain(f.data_type()));
        let first = types.next();
        types.any(|other| Some(other) != first)
    })
}

async fn report(
    contract: &Contract,
    work: &Work<'_>,
    tables: &Tables,
    options: &Options<'_>,
) -> Result<TableReport> {
    let rows = work.files.iter().map(ParquetFile::rows).sum();
    let mut clauses = vec![readable(work)];
    for (n, clause) in work.clauses.iter().enumerate() {
        let mut report = blank(clause);
        report.classified = classified(contract, work, clause, options);
        if work.unreadable.is_empty() {
            Judge { work, tables, options, rows }.judge(n, clause, &mut report).await?;
        } else {
            settle_unread(clause, &mut report);
        }
        clauses.push(report);
    }
    let name = work.table.name.value.clone();
    Ok(TableReport { name, rows, files: work.delivered as u64, clauses })
}

fn blank(clause: &Clause) -> ClauseReport {
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
        classified: false,
    }
}

/// `readable`: every file can be read. An unreadable one is a verdict, no error beside it.
fn readable(work: &Work<'_>) -> ClauseReport {
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
        answered: Some("footer".to_owned()),
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
    let own = clause.column.as_ref().and_then(|name| work.table.column(name)).is_some_and(secret);
    let any = |table: &Table| table.columns.iter().any(secret);
    match &clause.test {
        // What a query makes of a table is not followed: all of it counts.
        Test::Sql(query) => {
            let words = sql::words(query).unwrap_or_default();
            let named = |t: &&Table| {
                words.contains(&t.name.value.to_lowercase())
                    || words.contains(&t.physical().to_lowercase())
            };
            own || contract.tables.iter().filter(named).any(any)
        }
        Test::Unique(columns) => own || secret_among(work.table, columns, &secret),
        Test::ForeignKey(key) => own || secret_among(work.table, &key.from_physical, &secret),
        _ => own,
    }
}

fn secret_among(table: &Table, physical: &[String], secret: &impl Fn(&Column) -> bool) -> bool {
    let mut named = table.columns.iter().filter(|c| physical.iter().any(|p| p == c.physical()));
    named.any(secret)
}
