//! One run: footers, plan, scan, queries, report.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use arrow::datatypes::{DataType, FieldRef};
use chrono::{DateTime, NaiveDate, Utc};

use crate::contract::Contract;
use crate::contract::lint::{classifications, refuse_unusable_names};
use crate::contract::model::Table;
use crate::engine::Limits;
use crate::engine::files::InputFile;
use crate::engine::parquet_file::{ParquetFile, common_type};
use crate::engine::progress::Progress;
use crate::error::{Error, Result};
use crate::project::Waivers;

use super::clause::{Clause, Measure, Test};
use super::clauses::Planning;
use super::compile::{Compiler, Program};
use super::declared::has_undeclared;
use super::delivery::{Delivery, find_table};
use super::hashes::Hashes;
use super::plan::plan;
use super::quarantine::planned;
use super::queries::Tables;
use super::released::Released;
use super::report::{ClauseReport, Level, Overall, Report, Verdict};
use super::scan::{Followed, Found, KeyFound, Scan};
use super::secrecy::Secrets;
use super::statistics::proven;
use super::table_report::{secret_names, table_report};
use super::uniqueness::{Key, Repetitions, Search};
use super::waive;

/// How a check is run.
#[derive(Clone)]
pub struct Options<'a> {
    /// Memory and threads.
    pub limits: Limits,
    /// How long each SQL rule may take.
    pub rule_time: Duration,
    /// Failing rows to show for each clause.
    pub samples: usize,
    /// Classifications that are as public as `public`.
    pub public_classifications: &'a [String],
    /// Engines of custom rules that something else runs.
    pub external_engines: &'a [String],
    /// Other contracts that relationships may point to.
    pub neighbours: &'a [Contract],
    /// Approved exceptions.
    pub waivers: Option<&'a Waivers>,
    /// The clauses to run, by id; without a list, all.
    pub only: Option<&'a BTreeSet<String>>,
    /// The instant that ages are measured at.
    pub now: DateTime<Utc>,
    /// The day that waivers expire by: the clock's, whatever `now` is.
    pub today: NaiveDate,
    /// Whether footers' minima, maxima and NULL counts are believed.
    pub trust_statistics: bool,
    /// Whether a contract that states nothing passes.
    pub allow_empty: bool,
    /// Whether values of classified columns are shown.
    pub show_classified: bool,
    /// Shows progress.
    pub progress: &'a dyn Progress,
}

/// A check's report, and what a publish needs to know beyond it.
#[derive(Debug)]
pub struct Checked {
    /// The report.
    pub report: Report,
    /// The tables as they were read.
    pub tables: Vec<CheckedTable>,
    /// Whether a clause looked at the contract's current release.
    pub looked_back: bool,
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
    /// Columns, by their names in files, whose values stay out of reports.
    pub hidden: Vec<String>,
}

/// A table being checked.
pub(super) struct Work<'a> {
    pub table: &'a Table,
    /// Files handed over, readable or not.
    pub delivered: usize,
    pub files: Vec<ParquetFile>,
    /// Files that cannot be read, and why.
    pub unreadable: Vec<(String, String)>,
    pub clauses: Vec<Clause>,
    /// Keys whose order is tracked.
    pub tracked: Vec<Vec<String>>,
    pub found: Option<Found>,
    /// What hashes revealed about tracked keys that are not in order.
    pub repetitions: BTreeMap<usize, Repetitions>,
    /// Clauses that trusted statistics prove.
    pub proven: Vec<usize>,
    /// Clauses that cannot be tested on a file's types, and why.
    pub blocked: BTreeMap<usize, String>,
}

/// Checks a delivery. `released` holds the other data that clauses look at.
///
/// # Errors
/// When the run could not be finished, or the contract states nothing to check. Failures of the
/// delivery are in the report and are not errors.
pub async fn check(
    contract: &Contract,
    delivery: &Delivery,
    released: &Released,
    options: &Options<'_>,
) -> Result<Checked> {
    refuse_unusable_names(contract)?;
    let contract = &*delivery.naming(contract);
    let outcome = judge(contract, delivery, released, options).await;
    // A file that changed meanwhile explains any result.
    delivery.verify_unchanged().and(outcome)
}

async fn judge(
    contract: &Contract,
    delivery: &Delivery,
    released: &Released,
    options: &Options<'_>,
) -> Result<Checked> {
    let mut work = Vec::new();
    for delivered in &delivery.tables {
        let table = find_table(contract, &delivered.table)?;
        work.push(open(contract, table, &delivered.files, options));
    }
    if !options.allow_empty {
        refuse_empty(contract, &work)?;
    }
    let others = released.others.values().map(|found| &found.contract);
    let unreleased = options.neighbours.iter().filter(|other| !released.has(other));
    let mut tables = Tables::new(contract, &options.limits)?
        .answering_within(options.rule_time)
        .beside(contract, others.chain(unreleased));
    let rows = work.iter().flat_map(|w| &w.files).map(ParquetFile::rows).sum();
    options.progress.begin("checking", rows);
    for one in &mut work {
        let is_secret = is_secret(one.table, options);
        scan(one, &tables, options)
            .map_err(|error| if is_secret { error.without_values() } else { error })?;
        let order = primary_order(one);
        match one.unreadable.first() {
            Some((file, _)) => tables.refuse(one.table, format!("{file} cannot be read")),
            None => tables.add_delivered(one.table, &one.files, order.as_deref())?,
        }
    }
    options.progress.end();
    add_released(contract, &mut tables, released)?;
    let delivered = work.iter().map(|one| one.table.name.value.as_str()).collect();
    let public = options.public_classifications;
    let secrets = Secrets::of(contract, &delivered, released, options.neighbours, public);
    let names = work.iter().flat_map(|one| secret_names(one, public)).collect();
    let mut reports = Vec::new();
    for one in &work {
        reports.push(
            table_report(contract, one, &tables, released, (&secrets, &names), options).await?,
        );
    }
    let mut notices = released.notices();
    if let Some(waivers) = options.waivers {
        notices.extend(waive::apply(contract, &mut reports, waivers, options.today));
    }
    let failed = reports.iter().flat_map(|t| &t.clauses).any(ClauseReport::fails_run)
        || notices.iter().any(|notice| notice.severity == Level::Error);
    Ok(Checked {
        looked_back: work.iter().flat_map(|w| &w.clauses).any(looks_back),
        report: Report {
            contract: contract.id.clone(),
            sql_name: contract.sql_name.value.clone(),
            contract_version: contract.version_text.clone(),
            verdict: if failed { Overall::Failed } else { Overall::Passed },
            outcome: None,
            release: None,
            attempt: None,
            tables: reports,
            depends_on: released.depends_on(),
            notices,
        },
        tables: work.into_iter().map(|work| checked_table(work, options)).collect(),
    })
}

fn looks_back(clause: &Clause) -> bool {
    clause.scope.previous || matches!(clause.test, Test::Measure(Measure::Drift(_)))
}

/// Clauses that every delivery has are not statements of the contract.
fn refuse_empty(contract: &Contract, work: &[Work<'_>]) -> Result<()> {
    let informs = |c: &Clause| match &c.test {
        Test::Settled(settled) => settled.verdict == Verdict::Informational,
        _ => false,
    };
    let own = |c: &&Clause| c.kind != "additionalColumns" && !informs(c);
    if work.iter().flat_map(|w| &w.clauses).filter(own).count() > 0 {
        return Ok(());
    }
    Err(Error::mend("nothing-to-check", "the contract states nothing about the delivered tables")
        .at(contract.source.name.clone())
        .hint("declare types, keys or rules; pactum infer FILE drafts them; --allow-empty passes"))
}

pub(super) fn add_released(
    contract: &Contract,
    tables: &mut Tables,
    released: &Released,
) -> Result<()> {
    for (name, provider) in released.own.iter().flat_map(|own| &own.tables) {
        tables.add_previous(name, Arc::clone(provider))?;
        let Ok(table) = find_table(contract, name) else { continue };
        if !tables.has(name) && tables.unusable(name).is_none() {
            tables.add_released(table, Arc::clone(provider))?;
        }
    }
    for (other, found) in &released.others {
        for (name, provider) in &found.tables {
            tables.add_other(other, name, Arc::clone(provider))?;
        }
    }
    Ok(())
}

fn checked_table(work: Work<'_>, options: &Options<'_>) -> CheckedTable {
    let hidden = hidden(&work, options);
    let order = primary_order(&work);
    let sorted = order.is_some();
    let files = match order {
        Some(order) => order.iter().map(|n| work.files[*n].clone()).collect(),
        None => work.files,
    };
    CheckedTable { name: work.table.name.value.clone(), files, sorted, hidden }
}

/// Columns, by their names in files, whose values stay out of reports: classified ones, and
/// undeclared ones.
fn hidden(work: &Work<'_>, options: &Options<'_>) -> Vec<String> {
    if options.show_classified {
        return Vec::new();
    }
    let public = options.public_classifications;
    let declared = |name: &str| work.table.stored_columns().find(|c| c.physical() == name);
    let fields = work.files.iter().flat_map(|f| f.schema().fields());
    let hides = |field: &&FieldRef| {
        let column = declared(field.name());
        let is_secret = column.is_none_or(|c| c.classified(public));
        is_secret || has_undeclared(column, field.data_type())
    };
    let names: BTreeSet<&String> = fields.filter(hides).map(|field| field.name()).collect();
    names.into_iter().cloned().collect()
}

/// The files in primary-key order, when all rows are sorted by the key.
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
        let opened = ParquetFile::open(input).and_then(|file| refuse_repeated_columns(file, table));
        match opened.and_then(|file| file.with_partitions(table)) {
            Ok(file) => files.push(file),
            Err(reason) => unreadable.push((input.name.clone(), reason)),
        }
    }
    let planned = planned(&files);
    let mut clauses = plan(&Planning {
        contract,
        table,
        files: &planned,
        external_engines: options.external_engines,
        neighbours: options.neighbours,
        now: options.now,
        inside: None,
    });
    if let Some(only) = options.only {
        clauses.retain(|clause| only.contains(&clause.id));
    }
    let mut tracked: Vec<Vec<String>> = Vec::new();
    for clause in &clauses {
        let plainly = clause.scope.filter.is_none()
            && clause.scope.group_by.is_empty()
            && !clause.scope.previous;
        if let Test::Unique(columns) = &clause.test
            && plainly
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
        repetitions: BTreeMap::new(),
        proven: Vec::new(),
        blocked: BTreeMap::new(),
    }
}

fn refuse_repeated_columns(file: ParquetFile, table: &Table) -> Result<ParquetFile, String> {
    let names: Vec<&str> = file.schema().fields().iter().map(|f| f.name().as_str()).collect();
    let mut seen = HashSet::new();
    let refused = match names.iter().find(|name| !seen.insert(**name)) {
        Some(_) if table.may_be_values(names.iter().copied()) => {
            Some("two columns have the same name, and none has a declared one".to_owned())
        }
        Some(name) => Some(format!("two columns are named '{name}'")),
        None if names.is_empty() => Some("the file has no columns".to_owned()),
        None => None,
    };
    drop((seen, names));
    refused.map_or(Ok(file), Err)
}

fn scan(work: &mut Work<'_>, tables: &Tables, options: &Options<'_>) -> Result<()> {
    if options.trust_statistics {
        work.proven = proven(&work.files, &work.clauses);
    }
    let state = tables.session().context().state();
    let public = shown_as_public(work.table, options);
    let compiler = Compiler { state: &state, table: work.table, public: &public };
    let mut programs: Vec<Program> = Vec::new();
    for (n, file) in work.files.iter().enumerate() {
        // Files of one schema share a program.
        let same = work.files[..n].iter().position(|f| f.schema() == file.schema());
        let program = match same {
            Some(other) => programs[other].clone(),
            None => compiler.program(&work.clauses, &work.proven, &work.tracked, file.schema())?,
        };
        for (clause, reason) in &program.blocked {
            work.blocked.entry(*clause).or_insert_with(|| reason.clone());
        }
        programs.push(program);
    }
    // All keys together stay within the memory that a run may use.
    let budget = options.limits.memory / 8 * 5 / work.tracked.len().max(1);
    let followed: Vec<Option<Followed>> =
        work.tracked.iter().map(|key| follow(&work.files, key, budget)).collect();
    let positions: Vec<usize> = (0..followed.len()).filter(|n| followed[*n].is_some()).collect();
    let followed: Vec<Followed> = followed.into_iter().flatten().collect();
    let scan = Scan {
        files: &work.files,
        programs: &programs,
        clauses: work.clauses.len(),
        followed: &followed,
        samples: options.samples,
        threads: options.limits.threads,
        memory: options.limits.memory,
        progress: options.progress,
        is_secret: work.table.columns.iter().any(|c| c.classified(options.public_classifications)),
    };
    let mut found = scan.run()?;
    for (file, reason) in &found.broken {
        let name = work.files[*file].input.name.clone();
        work.unreadable.push((name, reason.clone()));
    }
    // By tracked key again, where some could not be followed.
    let mut keys: Vec<KeyFound> = work.tracked.iter().map(|_| KeyFound::unknown()).collect();
    for (position, key) in positions.iter().zip(std::mem::take(&mut found.keys)) {
        keys[*position] = key;
    }
    if work.unreadable.is_empty() {
        for (position, followed) in positions.into_iter().zip(followed) {
            if keys[position].sorted.is_none() {
                let search = Search {
                    files: &work.files,
                    key: &followed.key,
                    threads: options.limits.threads,
                    memory: options.limits.memory / 2,
                };
                search.hash(&keys[position].unhashed, &followed.hashes)?;
                if let Some(found) = search.finish(followed.hashes, options.samples)? {
                    work.repetitions.insert(position, found);
                }
            }
        }
    }
    found.keys = keys;
    work.found = Some(found);
    Ok(())
}

/// A key to follow; `None` when its files have no types in common, so that keys cannot be compared.
fn follow(files: &[ParquetFile], key: &[String], budget: usize) -> Option<Followed> {
    let types: Option<Vec<DataType>> =
        key.iter().map(|name| common_type(files, name).ok().flatten()).collect();
    Some(Followed {
        key: Key::new(key, types?),
        hashes: Hashes::new(budget),
        unsorted: AtomicBool::new(false),
    })
}

/// Whether words that quote a value of the table may quote a classified one.
pub(super) fn is_secret(table: &Table, options: &Options<'_>) -> bool {
    let public = shown_as_public(table, options);
    table.columns.iter().any(|column| column.classified(&public))
}

/// The classifications whose values are shown: all of them, where the user asks for it.
pub(super) fn shown_as_public(table: &Table, options: &Options<'_>) -> Vec<String> {
    let mut public = options.public_classifications.to_vec();
    if options.show_classified {
        public.extend(table.columns.iter().flat_map(classifications));
    }
    public
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::parse;
    use crate::diagnostic::Source;

    #[test]
    fn changes_and_drift_look_back_and_other_clauses_do_not() {
        let text = "version: 1.0.0\napiVersion: v3.2.0\nkind: DataContract\nid: t\nstatus: active\nschema:\n\
            - name: t\n  properties: [{ name: id, logicalType: integer, primaryKey: true }]\n\
            \x20 quality:\n\
            \x20 - { id: rows, metric: rowCount, mustBe: 1 }\n\
            \x20 - { id: change, metric: rowCount, mustBe: 0, customProperties: [{ property: compareTo, value: previous }] }\n\
            \x20 - { id: kept, type: custom, engine: pactum, implementation: { metric: keysKept, mustBe: 100 } }\n";
        let contract = parse(&Arc::new(Source::new("t", text))).contract.unwrap();
        let clauses = plan(&Planning {
            contract: &contract,
            table: &contract.tables[0],
            files: &[],
            external_engines: &[],
            neighbours: &[],
            now: DateTime::UNIX_EPOCH,
            inside: None,
        });
        let back = |id: &str| looks_back(clauses.iter().find(|c| c.id == id).unwrap());
        assert!(back("t/change") && back("t/kept"));
        assert!(!back("t/rows") && !back("t/primaryKey"));
    }
}
