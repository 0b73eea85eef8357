//! CSV: a header line, then rows. A field without characters is NULL, quoted or not.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::csv::ReaderBuilder;
use arrow::csv::reader::Format;
use arrow::datatypes::{DataType, Field, Schema};

use crate::engine::bytes::FileBytes;
use crate::error::Error;

use super::spool::{Spool, Typed};
use super::{Columns, Stop};

/// Cells that are parsed at a time: what a batch holds in memory is bounded, however wide it is.
const CELLS: usize = 1 << 19;
/// Most columns of a header.
const MOST_COLUMNS: usize = 16 * 1024;

/// Writes the rows of a CSV file as Parquet.
pub(super) fn write(
    file: &FileBytes,
    delimiter: Option<u8>,
    columns: &Columns<'_>,
    to: &Path,
) -> Result<(), Stop> {
    let delimiter = delimiter.map_or_else(|| guess(file), Ok)?;
    let format = Format::default().with_header(true).with_delimiter(delimiter);
    let (header, _) = format.infer_schema(file.reader(0), Some(0)).map_err(unreadable)?;
    let names: Vec<String> = header.fields().iter().map(|f| f.name().clone()).collect();
    refuse_header(&names)?;
    let text = names.iter().map(|n| Field::new(n, DataType::Utf8, true)).collect::<Vec<_>>();
    let rows = (CELLS / names.len()).clamp(1, 16 * 1024);
    let reader = ReaderBuilder::new(Arc::new(Schema::new(text)))
        .with_header(true)
        .with_delimiter(delimiter)
        .with_batch_size(rows)
        .build(file.reader(0))
        .map_err(unreadable)?;
    let typed = Typed::new(&names, columns, &HashMap::new());
    let mut spool = Spool::create(to, typed.schema())?;
    for batch in reader {
        let batch = batch.map_err(unreadable)?;
        let parsed = batch
            .columns()
            .iter()
            .enumerate()
            .map(|(n, texts)| typed.parse(n, texts.as_string::<i32>(), columns))
            .collect::<Result<_, _>>()?;
        spool.write(&typed.batch(parsed)?)?;
    }
    Ok(spool.finish()?)
}

fn refuse_header(names: &[String]) -> Result<(), Stop> {
    let mut seen = HashSet::new();
    if names.is_empty() {
        return Err(Stop::Unreadable("the file has no header line".to_owned()));
    }
    if names.len() > MOST_COLUMNS {
        return Err(Stop::Unreadable(format!("the header has {} columns", names.len())));
    }
    match names.iter().find(|name| !seen.insert(*name)) {
        Some(name) => Err(Stop::Unreadable(format!("two columns are named '{name}'"))),
        None => Ok(()),
    }
}

/// The sign that the header line has most of: a comma, unless there is none.
fn guess(file: &FileBytes) -> Result<u8, Stop> {
    use std::io::{BufRead, BufReader, Read};
    let mut line = Vec::new();
    BufReader::new(file.reader(0))
        .take(1 << 20)
        .read_until(b'\n', &mut line)
        .map_err(|e| Error::io(Path::new("the CSV file"), e))?;
    let count = |sign: u8| line.iter().filter(|b| **b == sign).count();
    let semicolons = count(b',') == 0 && count(b';') > 0;
    Ok(if semicolons { b';' } else { b',' })
}

fn unreadable(error: arrow::error::ArrowError) -> Stop {
    let words = error.to_string();
    let words = words.trim_start_matches("Csv error: ");
    Stop::Unreadable(format!("no readable CSV: {words}"))
}
