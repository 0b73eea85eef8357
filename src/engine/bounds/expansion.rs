//! How many rows an unnesting makes of its input, and how long.

use arrow::array::RecordBatch;

use super::{predicted, weights};

/// Columns of an input that are unnested.
#[derive(Debug, Clone)]
pub(super) struct Expansion {
    /// Their places.
    pub lists: Vec<usize>,
}

impl Expansion {
    /// How many of the next rows make an output of at most so many bytes: one at least. And the bytes.
    pub fn rows(&self, batch: &RecordBatch, from: usize, most: usize) -> (usize, usize) {
        let mut sum = 0usize;
        let mut rows = 0;
        while from + rows < batch.num_rows() {
            let bytes = self.bytes(batch, from + rows);
            if rows > 0 && sum.saturating_add(bytes) > most {
                break;
            }
            sum = sum.saturating_add(bytes);
            rows += 1;
        }
        (rows.max(1), sum)
    }

    /// The bytes that a row has once it is written for each of its items.
    fn bytes(&self, batch: &RecordBatch, row: usize) -> usize {
        let lists = self.lists.iter().filter_map(|n| batch.columns().get(*n));
        let (items, own) = lists.fold((1, 0usize), |(items, own), list| {
            let each = predicted::leaves(list, row, 1);
            (each.max(items), own.saturating_add(weights::of_rows(list, row, 1)))
        });
        let rest = batch.columns().iter().enumerate();
        let rest = rest.filter(|(n, _)| !self.lists.contains(n));
        let rest: usize = rest.map(|(_, c)| weights::of_rows(c, row, 1)).sum();
        own.saturating_add(rest.saturating_mul(items))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, ListArray, StringArray};
    use arrow::datatypes::Int64Type;

    use super::*;

    #[test]
    fn rows_are_cut_by_what_they_become() {
        let list = |n: usize| Some(vec![Some(1); n]);
        let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([
            list(10),
            list(1),
            list(0),
            list(1000),
        ]);
        let texts = StringArray::from_iter_values(["x".repeat(96).as_str(); 4]);
        let columns: [(&str, ArrayRef); 2] = [("l", Arc::new(lists)), ("s", Arc::new(texts))];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let expansion = Expansion { lists: vec![0] };
        let (rows, bytes) = expansion.rows(&batch, 0, 2_000);
        assert_eq!(rows, 3);
        assert!((1_200..2_000).contains(&bytes), "{bytes}");
        let (rows, bytes) = expansion.rows(&batch, 3, 2_000);
        assert_eq!(rows, 1);
        assert!(bytes > 100_000, "{bytes}");
    }
}
