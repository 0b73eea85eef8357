//! Merges what row groups found into what a table found, in the order of the rows.

use std::collections::BTreeMap;

use crate::check::pieces::Piece;

use super::found::{Count, Found, KeyFound, PieceFound};
use super::keys::KeyRun;

/// Puts what row groups found together in their order.
pub(in crate::check) struct Merger {
    next: usize,
    waiting: BTreeMap<usize, (Piece, PieceFound)>,
    counts: Vec<Count>,
    /// By key, by file.
    keys: Vec<Vec<KeyRun>>,
    /// By key.
    unhashed: Vec<Vec<Piece>>,
    broken: Vec<(usize, String)>,
    samples: usize,
}

impl Merger {
    /// Nothing found yet, in so many files and keys, of so many clauses.
    pub fn new(files: usize, keys: usize, clauses: usize, samples: usize) -> Self {
        Self {
            next: 0,
            waiting: BTreeMap::new(),
            counts: vec![Count::default(); clauses],
            keys: vec![vec![KeyRun::new(); files]; keys],
            unhashed: vec![Vec::new(); keys],
            broken: Vec::new(),
            samples,
        }
    }

    /// Takes what was found of the row group of this number.
    pub fn add(&mut self, n: usize, piece: Piece, found: PieceFound) {
        self.waiting.insert(n, (piece, found));
        while let Some((piece, found)) = self.waiting.remove(&self.next) {
            self.next += 1;
            self.merge(piece, found);
        }
    }

    fn merge(&mut self, piece: Piece, found: PieceFound) {
        if let Some(reason) = found.broken {
            if !self.broken.iter().any(|(known, _)| *known == piece.file) {
                self.broken.push((piece.file, reason));
            }
            self.keys.iter_mut().for_each(|files| files[piece.file].sorted = false);
            return;
        }
        for (total, count) in self.counts.iter_mut().zip(found.counts) {
            total.add(count, self.samples);
        }
        for ((files, unhashed), key) in
            self.keys.iter_mut().zip(&mut self.unhashed).zip(&found.keys)
        {
            files[piece.file].append(&key.run, self.samples);
            files[piece.file].sorted &= key.run.sorted;
            if !key.hashed {
                unhashed.push(piece);
            }
        }
    }

    /// What was found of the table.
    pub fn finish(self) -> Found {
        let keys = self.keys.into_iter().zip(self.unhashed);
        let keys = keys.map(|(runs, unhashed)| chain(runs, unhashed, self.samples)).collect();
        Found { counts: self.counts, keys, broken: self.broken }
    }
}

impl Count {
    fn add(&mut self, other: Self, samples: usize) {
        self.failing += other.failing;
        self.scoped += other.scoped;
        self.error = self.error.take().or(other.error);
        self.by_dictionary = match (self.by_dictionary, other.by_dictionary) {
            (Some(a), Some(b)) => Some(a && b),
            (a, b) => a.or(b),
        };
        self.notes.resize(self.notes.len().max(other.notes.len()), 0);
        self.notes.iter_mut().zip(&other.notes).for_each(|(sum, n)| *sum += n);
        let room = samples.saturating_sub(self.samples.len());
        self.samples.extend(other.samples.into_iter().take(room));
    }
}

/// Chains the files of a key in the order of their first keys.
fn chain(runs: Vec<KeyRun>, unhashed: Vec<Piece>, limit: usize) -> KeyFound {
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
        unhashed,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, RecordBatch};
    use arrow::datatypes::DataType;

    use super::*;
    use crate::check::report::Sample;
    use crate::check::scan::keys::Tracker;
    use crate::check::unique::key::KeyColumns;

    fn merger() -> Merger {
        Merger {
            next: 0,
            waiting: BTreeMap::new(),
            counts: vec![Count::default()],
            keys: Vec::new(),
            unhashed: Vec::new(),
            broken: Vec::new(),
            samples: 2,
        }
    }

    /// Adds a row group of ten rows of which some fail, the first one among them.
    fn add(merger: &mut Merger, n: usize, failing: u64, error: Option<&str>) {
        let first_row = 10 * n as u64;
        let sample = Sample {
            file: "a".to_owned(),
            row: Some(first_row),
            key: serde_json::Map::new(),
            value: serde_json::Value::Null,
            texts: Vec::new(),
        };
        let error = error.map(str::to_owned);
        let count = Count { failing, samples: vec![sample], error, ..Count::default() };
        let found = PieceFound { counts: vec![count], ..PieceFound::default() };
        merger.add(n, Piece { file: 0, row_group: n, first_row }, found);
    }

    #[test]
    fn row_groups_are_merged_in_their_order_whichever_comes_first() {
        let mut merger = merger();
        add(&mut merger, 2, 1, None);
        add(&mut merger, 0, 4, None);
        add(&mut merger, 1, 2, None);
        let count = merger.finish().counts.remove(0);
        assert_eq!(count.failing, 7);
        let rows: Vec<Option<u64>> = count.samples.iter().map(|sample| sample.row).collect();
        assert_eq!(rows, [Some(0), Some(10)]);
    }

    #[test]
    fn an_error_of_any_row_group_is_the_clauses_and_the_first_one_stays() {
        let mut merger = merger();
        add(&mut merger, 0, 1, None);
        add(&mut merger, 1, 1, Some("first"));
        add(&mut merger, 2, 1, Some("second"));
        let count = merger.finish().counts.remove(0);
        assert_eq!(count.error.as_deref(), Some("first"));
    }

    fn run(values: &[i64]) -> KeyRun {
        let array: ArrayRef = Arc::new(Int64Array::from(values.to_vec()));
        let batch = RecordBatch::try_from_iter([("k", array)]).unwrap();
        let columns = KeyColumns::new(&[0], &[DataType::Int64]);
        let mut tracker = Tracker::new(columns, 5).unwrap();
        tracker.add(&batch, 0).unwrap();
        tracker.finish()
    }

    #[test]
    fn files_are_chained_by_their_first_keys() {
        let found = chain(vec![run(&[5, 6]), run(&[1, 5])], Vec::new(), 5);
        assert_eq!(found.sorted, Some(vec![1, 0]));
        assert_eq!((found.duplicates, found.groups), (1, 1));
        assert_eq!(found.repeated, [(0, 0)]);
    }

    #[test]
    fn one_file_out_of_order_is_a_table_out_of_order() {
        let given_up = KeyRun::default();
        assert_eq!(chain(vec![run(&[1, 2]), given_up], Vec::new(), 5).sorted, None);
        assert_eq!(chain(vec![run(&[1, 4]), run(&[2, 5])], Vec::new(), 5).sorted, None);
    }
}
