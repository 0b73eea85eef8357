//! Uniqueness out of order: exact and bounded.
//!
//! Row groups whose keys were not hashed while they were scanned are read again, their key alone.
//! Only keys whose hash repeats are compared: they are collected by a second pass over the key.

use std::collections::{HashMap, HashSet};

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::DataType;
use arrow::row::{RowConverter, SortField};

use crate::check::pieces::{Piece, pieces};
use crate::engine::Limits;
use crate::engine::in_parallel;
use crate::engine::parquet_file::{ParquetFile, common_type};
use crate::engine::reader::{Wanted, batches};
use crate::error::Result;

use super::hashes::{Hashes, code};
use super::key::{Key, KeyColumns};

/// Bytes that a key takes, roughly, while keys with equal hashes are compared.
const BYTES_A_KEY: usize = 256;

/// A row by the index of its file and its number in it.
pub(in crate::check) type Row = (usize, u64);

/// What was found of a key.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::check) struct Repetitions {
    /// Rows beyond the first of each key.
    pub duplicates: u64,
    /// Keys in more than one row.
    pub groups: u64,
    /// Rows of the first few repeated keys: each key's first row, then one that repeats it.
    pub rows: Vec<Row>,
}

/// The rows of a delivery whose keys are searched for repetitions.
pub(in crate::check) struct Search<'a> {
    pub files: &'a [ParquetFile],
    pub key: &'a Key,
    pub threads: usize,
    /// Bytes that the search may use.
    pub memory: usize,
}

impl Search<'_> {
    /// Hashes the keys of these row groups.
    pub fn hash(&self, missing: &[Piece], hashes: &Hashes) -> Result<()> {
        let mut outcome = Ok(());
        in_parallel(
            missing,
            self.threads,
            |piece| {
                let mut outbox = hashes.outbox();
                self.read(piece, |columns, batch, _| self.key.hash(columns, batch, &mut outbox))?;
                outbox.finish()
            },
            |_, result| {
                if outcome.is_ok() {
                    outcome = result;
                }
            },
        );
        outcome
    }

    /// Compares the keys whose hashes repeat. `None` when there are too many to hold.
    pub fn finish(&self, hashes: Hashes, samples: usize) -> Result<Option<Repetitions>> {
        let most = (self.memory / BYTES_A_KEY).max(1024);
        let Some(codes) = hashes.repeated(self.threads, most)? else { return Ok(None) };
        if codes.is_empty() {
            return Ok(Some(Repetitions::default()));
        }
        let groups = self.collect(&codes)?;
        Ok(Some(summary(groups.into_values(), samples)))
    }

    /// Hashes every key.
    fn hash_all(&self) -> Result<Hashes> {
        let hashes = Hashes::new(self.memory / 8 * 5);
        self.hash(&pieces(self.files), &hashes)?;
        Ok(hashes)
    }

    /// Whether no two rows have the same key; unknown where there are too many to compare.
    pub fn is_unique(&self) -> Result<bool> {
        let found = self.finish(self.hash_all()?, 0)?;
        Ok(found.is_some_and(|found| found.duplicates == 0))
    }

    /// Rows beyond the first of each key; `None` when there are more than `most`.
    pub fn beyond_first(&self, most: usize) -> Result<Option<Vec<Row>>> {
        let Some(codes) = self.hash_all()?.repeated(self.threads, most)? else { return Ok(None) };
        let mut seen: HashSet<Box<[u8]>> = HashSet::new();
        let mut beyond: Vec<Row> = Vec::new();
        for piece in pieces(self.files) {
            // Pieces come in order: the first row of a key is its first.
            self.candidates(&piece, &codes, |key, row| {
                if !seen.insert(key) {
                    beyond.push(row);
                }
                beyond.len() <= most
            })?;
        }
        Ok((beyond.len() <= most).then_some(beyond))
    }

    /// Every row whose hash repeats, by its key.
    fn collect(&self, codes: &[u64]) -> Result<HashMap<Box<[u8]>, Group>> {
        let mut groups: HashMap<Box<[u8]>, Group> = HashMap::new();
        let mut outcome = Ok(());
        in_parallel(
            &pieces(self.files),
            self.threads,
            |piece| {
                let mut found: HashMap<Box<[u8]>, Group> = HashMap::new();
                self.candidates(piece, codes, |key, row| {
                    found.entry(key).or_default().add(row);
                    true
                })?;
                Ok(found)
            },
            |_, found| match found {
                Ok(found) => {
                    for (key, group) in found {
                        groups.entry(key).or_default().merge(group);
                    }
                }
                Err(error) if outcome.is_ok() => outcome = Err(error),
                Err(_) => {}
            },
        );
        outcome.map(|()| groups)
    }

    /// Hands over every row whose hash repeats, with its key, until told to stop.
    fn candidates(
        &self,
        piece: &Piece,
        codes: &[u64],
        mut take: impl FnMut(Box<[u8]>, Row) -> bool,
    ) -> Result<()> {
        let fields = self.key.types.iter().map(|t| SortField::new(t.clone())).collect();
        let converter = RowConverter::new(fields)?;
        self.read(piece, |columns, batch, first_row| {
            let arrays = columns.values(batch)?;
            let hashes = self.key.hashes(&arrays, batch.num_rows())?;
            for (row, hash) in hashes {
                if codes.binary_search(&code(hash)).is_ok() {
                    let one: Vec<ArrayRef> = arrays.iter().map(|a| a.slice(row, 1)).collect();
                    let key = converter.convert_columns(&one)?.row(0).data().into();
                    if !take(key, (piece.file, first_row + row as u64)) {
                        break;
                    }
                }
            }
            Ok(())
        })
    }

    fn read(
        &self,
        piece: &Piece,
        mut each: impl FnMut(&KeyColumns, &RecordBatch, u64) -> Result<()>,
    ) -> Result<()> {
        let file = &self.files[piece.file];
        let Some(mut wanted) = self.key.indices(file.schema()) else { return Ok(()) };
        wanted.sort_unstable();
        let wanted =
            Wanted { columns: &wanted, row_group: Some(piece.row_group), ..Wanted::default() };
        let read = batches(file, &wanted)?;
        let Some(indices) = self.key.indices(read.schema()) else { return Ok(()) };
        let columns = KeyColumns::new(&indices, &self.key.types);
        let mut first_row = piece.first_row;
        for batch in read {
            let batch = batch?;
            each(&columns, &batch, first_row)?;
            first_row += batch.num_rows() as u64;
        }
        Ok(())
    }
}

/// Whether columns distinguish every row from every other, over all rows of the files.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn is_unique(
    files: &[ParquetFile],
    columns: &[String],
    limits: &Limits,
) -> Result<bool> {
    let Some(key) = key_of(files, columns) else { return Ok(false) };
    let (threads, memory) = (limits.threads, limits.memory);
    Search { files, key: &key, threads, memory }.is_unique()
}

/// Whether columns distinguish the first rows of each file: quickly refutes most candidates.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn unique_in_sample(files: &[ParquetFile], columns: &[String]) -> Result<bool> {
    let Some(key) = key_of(files, columns) else { return Ok(false) };
    let mut seen = HashSet::new();
    for file in files {
        let Some(mut wanted) = key.indices(file.schema()) else { return Ok(false) };
        wanted.sort_unstable();
        let wanted = Wanted { columns: &wanted, rows: Some((0, SAMPLE_ROWS)), ..Wanted::default() };
        let read = batches(file, &wanted)?;
        let Some(indices) = key.indices(read.schema()) else { return Ok(false) };
        let columns = KeyColumns::new(&indices, &key.types);
        for batch in read {
            let batch = batch?;
            let hashes = key.hashes(&columns.values(&batch)?, batch.num_rows())?;
            if hashes.into_iter().any(|(_, hash)| !seen.insert(hash)) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Rows of a file that a key is tried on first.
const SAMPLE_ROWS: usize = 50_000;

/// A key of these columns; `None` where files have no types in common.
pub(in crate::check) fn key_of(files: &[ParquetFile], columns: &[String]) -> Option<Key> {
    let types: Option<Vec<DataType>> =
        columns.iter().map(|name| common_type(files, name).ok().flatten()).collect();
    Some(Key::new(columns, types?))
}

/// Rows of one key.
#[derive(Default)]
struct Group {
    rows: u64,
    /// The first two rows, whichever thread found them.
    first: Option<Row>,
    second: Option<Row>,
}

impl Group {
    fn merge(&mut self, other: Self) {
        let rows = self.rows + other.rows;
        other.first.into_iter().chain(other.second).for_each(|row| self.add(row));
        self.rows = rows;
    }

    fn add(&mut self, row: Row) {
        self.rows += 1;
        match (self.first, self.second) {
            (None, _) => self.first = Some(row),
            (Some(first), _) if row < first => {
                self.second = Some(first);
                self.first = Some(row);
            }
            (Some(_), None) => self.second = Some(row),
            (Some(_), Some(second)) if row < second => self.second = Some(row),
            _ => {}
        }
    }
}

fn summary(groups: impl Iterator<Item = Group>, samples: usize) -> Repetitions {
    let mut found = Repetitions::default();
    let mut pairs: Vec<(Row, Row)> = Vec::new();
    for group in groups {
        // Two keys may share a hash: each alone repeats nothing.
        if let (Some(first), Some(second)) = (group.first, group.second) {
            found.duplicates += group.rows - 1;
            found.groups += 1;
            pairs.push((second, first));
        }
    }
    pairs.sort_unstable();
    pairs.truncate(samples);
    found.rows = pairs.into_iter().flat_map(|(second, first)| [first, second]).collect();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(rows: &[u64]) -> Group {
        let mut group = Group::default();
        rows.iter().for_each(|row| group.add((0, *row)));
        group
    }

    #[test]
    fn rows_of_one_key_are_counted_whichever_thread_met_them() {
        let mut all = group(&[7, 3, 9]);
        all.merge(group(&[8, 1, 5, 2]));
        let found = summary([all, group(&[4])].into_iter(), 5);
        let expected = Repetitions { duplicates: 6, groups: 1, rows: vec![(0, 1), (0, 2)] };
        assert_eq!(found, expected);
    }
}
