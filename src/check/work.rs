//! The work of one table: its files, its clauses, and what their scan finds.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::AtomicBool;

use arrow::datatypes::DataType;

use crate::contract::Contract;
use crate::contract::model::Table;
use crate::engine::files::InputFile;
use crate::engine::parquet_file::{ParquetFile, common_type};
use crate::error::Result;

use super::clauses::{Planning, plan, planned};
use super::expr::compile::{Compiler, Program};
use super::options::{Options, shown_as_public};
use super::plan::clause::{Clause, Test};
use super::released::Released;
use super::scan::found::{Found, KeyFound};
use super::scan::statistics::proven;
use super::scan::work::{Followed, Scan};
use super::served::hold;
use super::sql::session::Tables;
use super::unique::hashes::Hashes;
use super::unique::key::Key;
use super::unique::search::{Repetitions, Search};

/// A table being checked.
pub(super) struct TableWork<'a> {
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

/// The files in primary-key order, when all rows are sorted by the key.
pub(super) fn primary_order(work: &TableWork<'_>) -> Option<Vec<usize>> {
    let key: Vec<&str> = work.table.primary_key().iter().map(|c| c.physical()).collect();
    let position = work.tracked.iter().position(|t| !key.is_empty() && *t == key)?;
    work.found.as_ref()?.keys.get(position)?.sorted.clone()
}

/// Opens the files of a table, and plans its clauses by what they hold.
pub(super) fn open<'a>(
    contract: &Contract,
    table: &'a Table,
    inputs: &[InputFile],
    released: &Released,
    options: &Options<'_>,
) -> TableWork<'a> {
    let mut files = Vec::new();
    let mut unreadable = Vec::new();
    for input in inputs {
        let opened = ParquetFile::open(input).and_then(|file| refuse_repeated_columns(file, table));
        match opened.and_then(|file| file.with_partitions(table)) {
            Ok(file) => files.push(file.with_declared_types(table)),
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
    hold(contract, table, &files, released, &mut clauses, options.only.is_none());
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
    TableWork {
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

/// Reads the rows, once.
pub(super) fn scan(work: &mut TableWork<'_>, tables: &Tables, options: &Options<'_>) -> Result<()> {
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
