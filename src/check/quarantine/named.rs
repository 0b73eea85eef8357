//! Rows that a clause of the whole table names: by number, or by key.

use std::collections::{BTreeSet, HashMap, HashSet};

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::DataType;
use arrow::row::{OwnedRow, RowConverter, SortField};

use crate::check::options::Options;
use crate::check::plan::clause::ForeignKey;
use crate::check::sql::session::Tables;
use crate::check::unique::key::KeyColumns;
use crate::check::unique::search::{Search, key_of};
use crate::contract::model::Table;
use crate::engine::parquet_file::{ParquetFile, common_type};
use crate::error::{Error, Result};

/// The clauses that rows of a batch fail, by row.
pub(super) type Marks = HashMap<usize, BTreeSet<usize>>;

/// Rows that a clause of the whole table names: by number, or by key.
pub(super) enum Named {
    Rows(usize, HashSet<(usize, u64)>),
    Keys(usize, Vec<String>, RowConverter, HashSet<OwnedRow>),
}

/// Rows whose clauses are held at a time, at most.
const MOST_ROWS: usize = 20_000_000;

fn too_many() -> Error {
    Error::mend("too-many-rows", "more rows fail than can be told apart")
        .hint(format!("at most {MOST_ROWS} rows that repeat a key are held"))
}

impl Named {
    /// Rows beyond the first of each key.
    pub fn repetitions(
        clause: usize,
        files: &[ParquetFile],
        columns: &[String],
        options: &Options<'_>,
    ) -> Result<Self> {
        let Some(key) = key_of(files, columns) else {
            return Ok(Self::Rows(clause, HashSet::new()));
        };
        let search = Search {
            files,
            key: &key,
            threads: options.limits.threads,
            memory: options.limits.memory,
        };
        let rows = search.beyond_first(MOST_ROWS)?.ok_or_else(too_many)?;
        Ok(Self::Rows(clause, rows.into_iter().collect()))
    }

    /// Rows whose key is not in the parent.
    pub async fn orphans(
        clause: usize,
        files: &[ParquetFile],
        key: &ForeignKey,
        (tables, table): (&Tables, &Table),
    ) -> Result<Self> {
        let (_, keys) = tables.orphans(table, key, MOST_ROWS).await?;
        let columns = key.from_physical.clone();
        let types = types_of(files, &columns);
        let fields = types.iter().map(|t| SortField::new(t.clone())).collect();
        let converter = RowConverter::new(fields)?;
        let mut found = HashSet::new();
        for key in keys {
            let arrays: Vec<ArrayRef> = key
                .iter()
                .zip(&types)
                .map(|(value, t)| Ok(value.cast_to(t)?.to_array()?))
                .collect::<Result<_>>()?;
            found.insert(converter.convert_columns(&arrays)?.row(0).owned());
        }
        Ok(Self::Keys(clause, columns, converter, found))
    }

    /// Marks the rows of a batch that it names, of the file of this number from its row on.
    pub fn mark(
        &self,
        (file, first_row): (usize, u64),
        batch: &RecordBatch,
        files: &[ParquetFile],
        marks: &mut Marks,
    ) -> Result<()> {
        match self {
            Self::Rows(clause, rows) => {
                for row in 0..batch.num_rows() {
                    if rows.contains(&(file, first_row + row as u64)) {
                        marks.entry(row).or_default().insert(*clause);
                    }
                }
            }
            Self::Keys(clause, columns, converter, keys) => {
                let indices: Option<Vec<usize>> =
                    columns.iter().map(|c| batch.schema().index_of(c).ok()).collect();
                let Some(indices) = indices else { return Ok(()) };
                let types = types_of(files, columns);
                let values = KeyColumns::new(&indices, &types).values(batch)?;
                let rows = converter.convert_columns(&values)?;
                for (row, key) in rows.iter().enumerate() {
                    if keys.contains(&key.owned()) {
                        marks.entry(row).or_default().insert(*clause);
                    }
                }
            }
        }
        Ok(())
    }
}

fn types_of(files: &[ParquetFile], columns: &[String]) -> Vec<DataType> {
    let one = |c: &String| common_type(files, c).ok().flatten().unwrap_or(DataType::Null);
    columns.iter().map(one).collect()
}
