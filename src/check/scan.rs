//! The scan: every row group once, only the columns that clauses need, on all cores.
//!
//! Memory does not grow with the table: a worker holds one batch, and what row groups found is
//! merged in their order as soon as it can be.

use std::collections::BTreeMap;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{AsArray, RecordBatch};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::contract::model::Table;
use crate::engine::files::ParquetFile;
use crate::engine::progress::Progress;
use crate::error::{Error, Result};

use super::compile::{Program, Step};
use super::keys::{KeyRun, Tracker};
use super::report::Sample;
use super::sample::{Shown, failing_rows, sample};

/// Rows that are decoded and tested at a time.
const BATCH_ROWS: usize = 16 * 1024;

/// What the scan of one table found.
#[derive(Debug)]
pub(super) struct Found {
    /// By clause.
    pub counts: Vec<Count>,
    /// By tracked key.
    pub keys: Vec<KeyFound>,
    /// Files whose pages could not be decoded, and why.
    pub broken: Vec<(usize, String)>,
}

/// What the scan found of one clause.
#[derive(Debug, Clone, Default)]
pub(super) struct Count {
    /// Failing rows.
    pub failing: u64,
    /// Rows counted under a name of their own, by note.
    pub notes: Vec<u64>,
    /// The first failing rows.
    pub samples: Vec<Sample>,
    /// Why rows could not be tested.
    pub error: Option<String>,
}

/// What the scan found of one key.
#[derive(Debug)]
pub(super) struct KeyFound {
    /// The files in the order of their keys, when all rows are sorted by the key.
    pub sorted: Option<Vec<usize>>,
    /// Rows beyond the first of each key; only meaningful when sorted.
    pub duplicates: u64,
    /// Keys in more than one row; only meaningful when sorted.
    pub groups: u64,
    /// File and row of repetitions.
    pub repeated: Vec<(usize, u64)>,
}

/// What to scan.
pub(super) struct Scan<'a> {
    pub files: &'a [ParquetFile],
    /// A program for each file.
    pub programs: &'a [Program],
    pub clauses: usize,
    /// Tracked keys; true for those whose files differ in type, so that bytes do not compare.
    pub tracked: &'a [bool],
    pub samples: usize,
    pub threads: usize,
    pub progress: &'a dyn Progress,
}

struct Piece {
    file: usize,
    row_group: usize,
    first_row: u64,
}

#[derive(Default)]
struct PieceFound {
    counts: Vec<Count>,
    keys: Vec<KeyRun>,
    broken: Option<String>,
}

impl Scan<'_> {
    /// Runs the scan.
    pub fn run(&self) -> Result<Found> {
        let pieces = self.pieces();
        let next = AtomicUsize::new(0);
        let unsorted: Vec<Arc<AtomicBool>> =
            self.tracked.iter().map(|mixed| Arc::new(AtomicBool::new(*mixed))).collect();
        let merger = Mutex::new(Merger::new(self));
        std::thread::scope(|scope| {
            for _ in 0..self.threads.clamp(1, pieces.len().max(1)) {
                scope.spawn(|| {
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        let Some(piece) = pieces.get(n) else { break };
                        let found = self.piece(piece, &unsorted);
                        let mut merger = merger.lock().unwrap_or_else(PoisonError::into_inner);
                        merger.add(n, piece.file, found);
                    }
                });
            }
        });
        let merger = merger.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(merger.finish())
    }

    fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (file, parquet) in self.files.iter().enumerate() {
            let mut first_row = 0;
            for row_group in 0..parquet.footer().num_row_groups() {
                pieces.push(Piece { file, row_group, first_row });
                let rows = parquet.footer().row_group(row_group).num_rows();
                first_row += u64::try_from(rows).unwrap_or(0);
            }
        }
        pieces
    }

    /// A damaged page is what this file is found to be, not the end of the run.
    fn piece(&self, piece: &Piece, unsorted: &[Arc<AtomicBool>]) -> PieceFound {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.read_piece(piece, unsorted)));
        let broken = match outcome {
            Ok(Ok(found)) => return found,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "a page cannot be decoded".to_owned(),
        };
        PieceFound {
            broken: Some(format!("row group {}: {broken}", piece.row_group)),
            ..PieceFound::default()
        }
    }

    fn read_piece(&self, piece: &Piece, unsorted: &[Arc<AtomicBool>]) -> Result<PieceFound> {
        let parquet = &self.files[piece.file];
        let program = &self.programs[piece.file];
        let mut found =
            PieceFound { counts: vec![Count::default(); self.clauses], ..Default::default() };
        let rows = parquet.footer().row_group(piece.row_group).num_rows();
        let mut trackers: Option<Vec<Tracker>> = None;
        let mut offset = 0;
        for batch in reader(parquet, program, piece.row_group)? {
            let batch = batch?;
            let first_row = piece.first_row + offset;
            self.test(program, &batch, piece, offset, &mut found)?;
            if trackers.is_none() {
                let new = program.tracked.iter().zip(unsorted).map(|(columns, flag)| {
                    Tracker::new(columns, &batch.schema(), Arc::clone(flag), self.samples)
                });
                trackers = Some(new.collect::<Result<_>>()?);
            }
            for tracker in trackers.iter_mut().flatten() {
                tracker.add(&batch, first_row)?;
            }
            offset += batch.num_rows() as u64;
            self.progress.advance(batch.num_rows() as u64);
        }
        if i64::try_from(offset) != Ok(rows) {
            return Err(Error::mend(
                "damaged-file",
                format!("the footer promises {rows} rows, the pages hold {offset}"),
            ));
        }
        found.keys = match trackers {
            Some(trackers) => trackers.into_iter().map(Tracker::finish).collect(),
            None => vec![KeyRun::new(); self.tracked.len()],
        };
        Ok(found)
    }

    fn test(
        &self,
        program: &Program,
        batch: &RecordBatch,
        piece: &Piece,
        offset: u64,
        found: &mut PieceFound,
    ) -> Result<()> {
        for step in &program.steps {
            let count = &mut found.counts[step.clause];
            if count.error.is_some() {
                continue;
            }
            // What cannot be evaluated is a fault of the clause, not of the file.
            let failing = match evaluate(&step.failing, batch) {
                Ok(failing) => failing,
                Err(error) => {
                    count.error = Some(error.to_string());
                    continue;
                }
            };
            let failing = failing.as_boolean();
            count.notes.resize(step.notes.len(), 0);
            let failed = failing.true_count();
            if failed == 0 {
                continue;
            }
            count.failing += failed as u64;
            for (n, note) in step.notes.iter().enumerate() {
                count.notes[n] += evaluate(note, batch)?.as_boolean().true_count() as u64;
            }
            let room = self.samples.saturating_sub(count.samples.len());
            let name = &self.files[piece.file].input.name;
            for row in failing_rows(failing, room) {
                let first_row = piece.first_row + offset;
                let made = sample(name, first_row, batch, row, &program.key, &step.values);
                count.samples.push(made);
            }
        }
        Ok(())
    }
}

fn evaluate(
    expression: &Arc<dyn datafusion::physical_expr::PhysicalExpr>,
    batch: &RecordBatch,
) -> Result<arrow::array::ArrayRef> {
    Ok(expression.evaluate(batch)?.into_array(batch.num_rows())?)
}

fn reader(
    parquet: &ParquetFile,
    program: &Program,
    row_group: usize,
) -> Result<parquet::arrow::arrow_reader::ParquetRecordBatchReader> {
    let path = &parquet.input.path;
    let file = File::open(path).map_err(|e| Error::io(path, e))?;
    // Rows are counted by reading, so at least one column is read.
    let roots = program.projection.iter().copied();
    let schema = parquet.metadata.parquet_schema();
    let mask = match program.projection.is_empty() {
        true => ProjectionMask::roots(schema, [0]),
        false => ProjectionMask::roots(schema, roots),
    };
    let builder =
        ParquetRecordBatchReaderBuilder::new_with_metadata(file, parquet.metadata.clone());
    Ok(builder
        .with_projection(mask)
        .with_row_groups(vec![row_group])
        .with_batch_size(BATCH_ROWS)
        .build()?)
}

/// The first rows that an expression is true for, file by file.
pub(super) fn locate(
    files: &[ParquetFile],
    programs: &[Program],
    limit: usize,
) -> Result<Vec<Sample>> {
    let mut samples = Vec::new();
    for (parquet, program) in files.iter().zip(programs) {
        let mut first_row = 0;
        for row_group in 0..parquet.footer().num_row_groups() {
            for batch in reader(parquet, program, row_group)? {
                let batch = batch?;
                for Step { failing, values, .. } in &program.steps {
                    let failing = evaluate(failing, &batch)?;
                    let room = limit - samples.len();
                    for row in failing_rows(failing.as_boolean(), room) {
                        let name = &parquet.input.name;
                        samples.push(sample(name, first_row, &batch, row, &program.key, values));
                    }
                }
                if samples.len() >= limit {
                    return Ok(samples);
                }
                first_row += batch.num_rows() as u64;
            }
        }
    }
    Ok(samples)
}

/// One row of a file as a sample that shows these columns.
pub(super) fn row_at(
    parquet: &ParquetFile,
    row: u64,
    table: &Table,
    columns: &[String],
    public: &[String],
) -> Result<Sample> {
    let key: Vec<String> = table.primary_key().iter().map(|c| c.physical().to_owned()).collect();
    let names: Vec<&str> = columns.iter().chain(&key).map(String::as_str).collect();
    let path = &parquet.input.path;
    let file = File::open(path).map_err(|e| Error::io(path, e))?;
    let roots = names.iter().filter_map(|n| parquet.schema().index_of(n).ok());
    let mask = ProjectionMask::roots(parquet.metadata.parquet_schema(), roots);
    let mut reader =
        ParquetRecordBatchReaderBuilder::new_with_metadata(file, parquet.metadata.clone())
            .with_projection(mask)
            .with_offset(usize::try_from(row).unwrap_or(usize::MAX))
            .with_limit(1)
            .build()?;
    let shown = |batch: &RecordBatch, list: &[String]| -> Vec<Shown> {
        list.iter()
            .filter_map(|n| Some(Shown::new(table, n, batch.schema().index_of(n).ok()?, public)))
            .collect()
    };
    match reader.next() {
        Some(batch) => {
            let batch = batch?;
            let (key, values) = (shown(&batch, &key), shown(&batch, columns));
            Ok(sample(&parquet.input.name, row, &batch, 0, &key, &values))
        }
        None => {
            Err(Error::try_again("file-changed", "a row is no longer there")
                .at(&parquet.input.name))
        }
    }
}

/// Puts what row groups found together in their order.
struct Merger {
    next: usize,
    waiting: BTreeMap<usize, (usize, PieceFound)>,
    counts: Vec<Count>,
    /// By key, by file.
    keys: Vec<Vec<KeyRun>>,
    broken: Vec<(usize, String)>,
    samples: usize,
}

impl Merger {
    fn new(scan: &Scan<'_>) -> Self {
        Self {
            next: 0,
            waiting: BTreeMap::new(),
            counts: vec![Count::default(); scan.clauses],
            keys: vec![vec![KeyRun::new(); scan.files.len()]; scan.tracked.len()],
            broken: Vec::new(),
            samples: scan.samples,
        }
    }

    fn add(&mut self, n: usize, file: usize, found: PieceFound) {
        self.waiting.insert(n, (file, found));
        while let Some((file, found)) = self.waiting.remove(&self.next) {
            self.next += 1;
            self.merge(file, found);
        }
    }

    fn merge(&mut self, file: usize, found: PieceFound) {
        if let Some(reason) = found.broken {
            if !self.broken.iter().any(|(known, _)| *known == file) {
                self.broken.push((file, reason));
            }
            self.keys.iter_mut().for_each(|files| files[file].sorted = false);
            return;
        }
        for (total, count) in self.counts.iter_mut().zip(found.counts) {
            total.failing += count.failing;
            total.error = total.error.take().or(count.error);
            total.notes.resize(total.notes.len().max(count.notes.len()), 0);
            total.notes.iter_mut().zip(&count.notes).for_each(|(sum, n)| *sum += n);
            let room = self.samples.saturating_sub(total.samples.len());
            total.samples.extend(count.samples.into_iter().take(room));
        }
        for (files, run) in self.keys.iter_mut().zip(&found.keys) {
            files[file].append(run, self.samples);
            files[file].sorted &= run.sorted;
        }
    }

    fn finish(self) -> Found {
        let keys = self.keys.into_iter().map(|runs| chain(runs, self.samples)).collect();
        Found { counts: self.counts, keys, broken: self.broken }
    }
}

/// Chains the files of a key in the order of their first keys.
fn chain(runs: Vec<KeyRun>, limit: usize) -> KeyFound {
    let mut order: Vec<usize> = (0..runs.len()).collect();
    order.sort_by(|a, b| runs[*a].first().cmp(&runs[*b].first()));
    let mut total = KeyRun::new();
    let mut repeated = Vec::new();
    for file in &order {
        let run = &runs[*file];
        if total.append(run, 0) {
            repeated.push((*file, 0));
        }
        total.sorted &= run.sorted;
        repeated.extend(run.repeated.iter().map(|row| (*file, *row)));
    }
    repeated.truncate(limit);
    KeyFound {
        sorted: total.sorted.then_some(order),
        duplicates: total.duplicates,
        groups: total.groups,
        repeated,
    }
}
