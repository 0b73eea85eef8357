//! The scan: every row group once, only the columns that clauses need, on all cores.
//!
//! Memory does not grow with the table: a worker holds one batch, and the findings of row groups
//! are merged in order as soon as possible.

use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::and;
use datafusion::physical_expr::PhysicalExpr;

use crate::check::expr::compile::{ClauseTest, Program};
use crate::check::expr::dictionary::Dictionaries;
use crate::check::pieces::{Piece, pieces};
use crate::check::unique::hashes::Hashes;
use crate::check::unique::key::{Key, KeyColumns};
use crate::engine::damage::contained;
use crate::engine::in_parallel;
use crate::engine::pages::{Pages, walk_row_group};
use crate::engine::parquet_file::ParquetFile;
use crate::engine::progress::Progress;
use crate::engine::reader::{Wanted, batches};
use crate::error::{Error, Result};

use super::found::{Count, Found, PieceFound, PieceKey};
use super::keys::{KeyRun, Tracker};
use super::merge::Merger;
use super::samples::{failing_rows, sample};

/// A key that the scan follows.
pub(in crate::check) struct Followed {
    /// The key.
    pub key: Key,
    /// Its hashes, once rows turn out not to be in order.
    pub hashes: Hashes,
    /// Set by the first worker that finds an inversion: from then on keys are hashed.
    pub unsorted: AtomicBool,
}

/// What to scan.
pub(in crate::check) struct Scan<'a> {
    pub files: &'a [ParquetFile],
    /// A program for each file.
    pub programs: &'a [Program],
    pub clauses: usize,
    /// Keys whose order is tracked.
    pub followed: &'a [Followed],
    pub samples: usize,
    pub threads: usize,
    /// Bytes that a page may claim.
    pub memory: usize,
    pub progress: &'a dyn Progress,
    /// Whether words that quote a value may quote a classified one.
    pub is_secret: bool,
}

impl Scan<'_> {
    /// Runs the scan.
    pub fn run(&self) -> Result<Found> {
        let pieces = pieces(self.files);
        let mut merger =
            Merger::new(self.files.len(), self.followed.len(), self.clauses, self.samples);
        in_parallel(
            &pieces,
            self.threads,
            |piece| self.piece(piece),
            |n, found| merger.add(n, pieces[n], found),
        );
        Ok(merger.finish())
    }

    /// A damaged page is a finding about this file, and does not end the run.
    fn piece(&self, piece: &Piece) -> PieceFound {
        let broken = match contained(|| self.read_piece(piece)) {
            Some(Ok(found)) => return found,
            Some(Err(error)) if self.is_secret => error.without_values().to_string(),
            Some(Err(error)) => error.to_string(),
            None => "a page cannot be decoded".to_owned(),
        };
        PieceFound {
            broken: Some(format!("row group {}: {broken}", piece.row_group)),
            ..PieceFound::default()
        }
    }

    fn read_piece(&self, piece: &Piece) -> Result<PieceFound> {
        let parquet = &self.files[piece.file];
        let program = &self.programs[piece.file];
        let row_group = parquet.footer().row_group(piece.row_group);
        let file = parquet.input.bytes()?;
        let pages = walk_row_group(&file, row_group, self.memory)
            .map_err(|reason| Error::mend("damaged-file", reason))?;
        let as_dictionary = by_dictionary(parquet, program, &pages);
        let read = batches(
            parquet,
            &Wanted {
                columns: &program.projection,
                row_group: Some(piece.row_group),
                as_dictionary: &as_dictionary,
                rows: None,
            },
        )?;
        let mut work = RowGroupWork::new(self, piece, read.schema())?;
        for batch in read {
            let batch = batch?;
            work.test(&batch)?;
            self.progress.advance(batch.num_rows() as u64);
        }
        let left = parquet.rows_of(piece.row_group);
        if work.offset != left {
            return Err(Error::mend(
                "damaged-file",
                format!("the footer promises {left} rows, the pages hold {}", work.offset),
            ));
        }
        work.finish()
    }
}

/// The columns that are read by their dictionary: text columns whose data pages all use it.
fn by_dictionary(parquet: &ParquetFile, program: &Program, pages: &[Pages]) -> Vec<usize> {
    let schema = parquet.metadata.parquet_schema();
    let leaf =
        |root: usize| (0..schema.num_columns()).find(|n| schema.get_column_root_idx(*n) == root);
    let whole = |root: &usize| leaf(*root).is_some_and(|n| pages[n].all_dictionary);
    program.texts.iter().copied().filter(whole).collect()
}

/// One row group while it is being read.
struct RowGroupWork<'a> {
    scan: &'a Scan<'a>,
    program: &'a Program,
    piece: &'a Piece,
    /// Rows read so far.
    offset: u64,
    counts: Vec<Count>,
    dictionaries: Dictionaries,
    keys: Vec<FollowedKey<'a>>,
}

/// A key in one row group: tracked in order, or hashed.
enum FollowedKey<'a> {
    InOrder(Tracker),
    Hashed(KeyColumns, crate::check::unique::hashes::Outbox<'a>),
    /// An inversion came in the middle: the row group must be read again.
    GivenUp,
    /// The file lacks some of the key's columns.
    Absent,
}

impl<'a> RowGroupWork<'a> {
    fn new(
        scan: &'a Scan<'a>,
        piece: &'a Piece,
        schema: &arrow::datatypes::SchemaRef,
    ) -> Result<Self> {
        let keys = scan.followed.iter().map(|followed| {
            let Some(indices) = followed.key.indices(schema) else {
                followed.unsorted.store(true, Ordering::Relaxed);
                return Ok(FollowedKey::Absent);
            };
            let columns = KeyColumns::new(&indices, &followed.key.types);
            Ok(match followed.unsorted.load(Ordering::Relaxed) {
                true => FollowedKey::Hashed(columns, followed.hashes.outbox()),
                false => FollowedKey::InOrder(Tracker::new(columns, scan.samples)?),
            })
        });
        Ok(Self {
            scan,
            program: &scan.programs[piece.file],
            piece,
            offset: 0,
            counts: vec![Count::default(); scan.clauses],
            dictionaries: Dictionaries::default(),
            keys: keys.collect::<Result<_>>()?,
        })
    }

    fn test(&mut self, batch: &RecordBatch) -> Result<()> {
        for step in &self.program.steps {
            if self.counts[step.clause].error.is_some() {
                continue;
            }
            // An evaluation error is the clause's fault, not the file's.
            if let Err(error) = self.step(step, batch) {
                self.counts[step.clause].error = Some(error.to_string());
            }
        }
        let first_row = self.piece.first_row + self.offset;
        for (followed, key) in self.scan.followed.iter().zip(&mut self.keys) {
            match key {
                FollowedKey::InOrder(tracker) => {
                    let in_order = tracker.add(batch, first_row)?;
                    if !in_order {
                        followed.unsorted.store(true, Ordering::Relaxed);
                        *key = FollowedKey::GivenUp;
                    }
                }
                FollowedKey::Hashed(columns, outbox) => {
                    followed.key.hash(columns, batch, outbox)?;
                }
                _ => {}
            }
        }
        self.offset += batch.num_rows() as u64;
        Ok(())
    }

    fn step(&mut self, step: &ClauseTest, batch: &RecordBatch) -> Result<()> {
        let by_value = match &step.by_value {
            Some(by_value) => self.dictionaries.judge(step.clause, by_value, batch)?,
            None => None,
        };
        let count = &mut self.counts[step.clause];
        count.by_dictionary = Some(count.by_dictionary.unwrap_or(true) && by_value.is_some());
        let failing = match by_value {
            Some(None) => return Ok(()),
            Some(Some(failing)) => failing,
            None => evaluate(&step.failing, batch)?.as_boolean().clone(),
        };
        let failing = match &step.filter {
            Some(filter) => {
                let scope = truth(evaluate(filter, batch)?.as_boolean());
                count.scoped += scope.true_count() as u64;
                and(&truth(&failing), &scope)?
            }
            None => failing,
        };
        count.notes.resize(step.notes.len(), 0);
        let failed = failing.true_count();
        if failed == 0 {
            return Ok(());
        }
        count.failing += failed as u64;
        for (n, note) in step.notes.iter().enumerate() {
            let noted = truth(evaluate(note, batch)?.as_boolean());
            count.notes[n] += and(&truth(&failing), &noted)?.true_count() as u64;
        }
        let room = self.scan.samples.saturating_sub(count.samples.len());
        let file = &self.scan.files[self.piece.file];
        let first_row = self.piece.first_row + self.offset;
        for row in failing_rows(&failing, room) {
            let made = sample(file, first_row, batch, row, &self.program.key, &step.values);
            count.samples.push(made);
        }
        Ok(())
    }

    fn finish(self) -> Result<PieceFound> {
        let keys = self.keys.into_iter().map(|key| {
            Ok(match key {
                FollowedKey::InOrder(tracker) => PieceKey { run: tracker.finish(), hashed: false },
                FollowedKey::Hashed(_, outbox) => {
                    outbox.finish()?;
                    PieceKey { run: KeyRun::default(), hashed: true }
                }
                FollowedKey::GivenUp => PieceKey { run: KeyRun::default(), hashed: false },
                FollowedKey::Absent => PieceKey { run: KeyRun::default(), hashed: true },
            })
        });
        let keys = keys.collect::<Result<_>>()?;
        Ok(PieceFound { counts: self.counts, keys, broken: None })
    }
}

/// Unknown is not true.
fn truth(array: &BooleanArray) -> BooleanArray {
    match array.nulls() {
        Some(nulls) => BooleanArray::new(array.values() & nulls.inner(), None),
        None => array.clone(),
    }
}

fn evaluate(
    expression: &std::sync::Arc<dyn PhysicalExpr>,
    batch: &RecordBatch,
) -> Result<ArrayRef> {
    Ok(expression.evaluate(batch)?.into_array(batch.num_rows())?)
}

/// The rows of a batch that an expression is true for.
pub(in crate::check) fn rows_where(
    expression: &std::sync::Arc<dyn PhysicalExpr>,
    batch: &RecordBatch,
) -> Result<BooleanArray> {
    Ok(truth(evaluate(expression, batch)?.as_boolean()))
}
