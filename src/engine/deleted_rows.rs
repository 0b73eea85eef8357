//! Rows of a file that its table has deleted: the file still has them, and no reader may see them.
//!
//! Above the readers a row is counted among those that are left; only a report names it by its
//! number in the file.

use std::ops::Range;

use parquet::arrow::arrow_reader::{RowSelection, RowSelector};

/// Deleted rows, by their numbers in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeletedRows {
    /// Runs of neighbours, ascending, none of which touches the next.
    runs: Vec<Range<u64>>,
}

impl DeletedRows {
    /// The rows of these numbers, which ascend.
    pub fn new(rows: impl Iterator<Item = u64>) -> Self {
        let mut runs: Vec<Range<u64>> = Vec::new();
        for row in rows {
            match runs.last_mut() {
                Some(last) if last.end == row => last.end += 1,
                _ => runs.push(row..row.saturating_add(1)),
            }
        }
        Self { runs }
    }

    /// Whether no row is deleted.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The last deleted row.
    pub fn last(&self) -> Option<u64> {
        self.runs.last().map(|run| run.end - 1)
    }

    /// How many of the rows from `rows.start` up to `rows.end` are left.
    pub fn left(&self, rows: &Range<u64>) -> u64 {
        let length = rows.end.saturating_sub(rows.start);
        length - self.within(rows).map(|run| run.end - run.start).sum::<u64>()
    }

    /// The number in the file of a row that is counted among those that are left.
    pub fn number(&self, left: u64) -> u64 {
        let mut number = left;
        for run in &self.runs {
            if run.start > number {
                break;
            }
            number = number.saturating_add(run.end - run.start);
        }
        number
    }

    /// The rows to read of a part of the file.
    pub fn selection(&self, rows: &Range<u64>) -> RowSelection {
        let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let mut selectors = Vec::new();
        let mut at = rows.start;
        for run in self.within(rows) {
            selectors.push(RowSelector::select(count(run.start - at)));
            selectors.push(RowSelector::skip(count(run.end - run.start)));
            at = run.end;
        }
        selectors.push(RowSelector::select(count(rows.end.saturating_sub(at))));
        RowSelection::from(selectors)
    }

    /// The runs inside a part of the file, cut to it.
    fn within<'a>(&'a self, rows: &'a Range<u64>) -> impl Iterator<Item = Range<u64>> + 'a {
        let first = self.runs.partition_point(|run| run.end <= rows.start);
        let runs = self.runs.iter().skip(first).take_while(|run| run.start < rows.end);
        runs.map(|run| run.start.max(rows.start)..run.end.min(rows.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deleted(rows: &[u64]) -> DeletedRows {
        DeletedRows::new(rows.iter().copied())
    }

    #[test]
    fn rows_are_counted_among_those_that_are_left_and_named_by_their_number_in_the_file() {
        for rows in [&[][..], &[0], &[9], &[0, 1, 4, 9], &[2, 3, 4, 5, 6, 7], &[1, 3, 5, 7, 9]] {
            let deleted = deleted(rows);
            let left: Vec<u64> = (0..10).filter(|row| !rows.contains(row)).collect();
            let numbers: Vec<u64> = (0..left.len() as u64).map(|n| deleted.number(n)).collect();
            assert_eq!(numbers, left, "{rows:?}");
            for start in 0..10 {
                for end in start..=10 {
                    let expected = left.iter().filter(|row| (start..end).contains(*row)).count();
                    assert_eq!(
                        deleted.left(&(start..end)),
                        expected as u64,
                        "{rows:?} {start}..{end}"
                    );
                    let read = deleted.selection(&(start..end));
                    assert_eq!(read.row_count(), expected, "{rows:?} {start}..{end}");
                }
            }
        }
    }

    #[test]
    fn a_selection_skips_the_deleted_rows_of_its_part_and_no_others() {
        let selection = deleted(&[1, 2, 5, 9]).selection(&(2..8));
        let selectors: Vec<RowSelector> = selection.into();
        let expected = [
            RowSelector::skip(1),
            RowSelector::select(2),
            RowSelector::skip(1),
            RowSelector::select(2),
        ];
        assert_eq!(selectors, expected);
    }
}
