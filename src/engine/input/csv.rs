//! CSV: a header line, then rows. A field without characters is NULL, quoted or not.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use arrow::array::StringBuilder;

use crate::engine::bytes::FileBytes;

use super::coded::{Coded, undecodable};
use super::reading::{BATCH_BYTES, Columns, Reading, Stop};
use super::records::{Fault, Record, Records};
use super::spool::{Rendered, Spool, Typed};

/// Cells that are parsed at a time: what a batch holds in memory is bounded, however wide it is.
const CELLS: usize = 1 << 19;
/// Rows that are parsed at a time.
const ROWS: usize = 16 * 1024;

/// Writes the rows of a CSV file as Parquet.
pub(super) fn write(
    file: &FileBytes,
    delimiter: Option<u8>,
    (columns, reading): (&Columns<'_>, &Reading),
    to: &Path,
) -> Result<Rendered, Stop> {
    let file = Coded::of(file);
    let delimiter = delimiter.map_or_else(|| guess(&file), Ok)?;
    let text = file.reader().map_err(Fault::Io)?;
    let mut records = Records::new(text, delimiter, reading)?;
    let mut record = Record::default();
    let names = match records.next_filled(&mut record)? {
        true => texts(&record)?.map(str::to_owned).collect(),
        false => Vec::new(),
    };
    refuse_header(&names, columns)?;
    let typed = Typed::new(&names, columns, &HashMap::new());
    let mut spool = Spool::create(to, typed.schema())?;
    let mut batch = Batch::new(names.len());
    loop {
        let found = match names.len() {
            // An empty line is a row whose one field is empty.
            1 => records.next(&mut record)?,
            _ => records.next_filled(&mut record)?,
        };
        if !found {
            break;
        }
        batch.add(&record)?;
        if batch.is_full() {
            spool.write(&batch.parse(&typed, columns)?)?;
        }
    }
    spool.write(&batch.parse(&typed, columns)?)?;
    Ok(typed.finish(spool)?)
}

/// Rows on their way into columns.
struct Batch {
    texts: Vec<StringBuilder>,
    rows: usize,
    bytes: usize,
}

impl Batch {
    fn new(width: usize) -> Self {
        Self { texts: (0..width).map(|_| StringBuilder::new()).collect(), rows: 0, bytes: 0 }
    }

    fn add(&mut self, record: &Record) -> Result<(), Stop> {
        if record.len() != self.texts.len() {
            let (expected, found) = (self.texts.len(), record.len());
            let what = format!("incorrect number of fields: expected {expected}, got {found}");
            return Err(unreadable(record.line(), &what));
        }
        for (text, builder) in texts(record)?.zip(&mut self.texts) {
            match text.is_empty() {
                true => builder.append_null(),
                false => builder.append_value(text),
            }
        }
        self.rows += 1;
        self.bytes += record.size();
        Ok(())
    }

    fn is_full(&self) -> bool {
        let cells = self.rows * self.texts.len();
        self.rows >= ROWS || cells >= CELLS || self.bytes >= BATCH_BYTES
    }

    /// The rows as a batch of the spool; none are left.
    fn parse(
        &mut self,
        typed: &Typed,
        columns: &Columns<'_>,
    ) -> Result<arrow::array::RecordBatch, Stop> {
        let parsed = self
            .texts
            .iter_mut()
            .enumerate()
            .map(|(n, texts)| typed.parse(n, &texts.finish(), columns))
            .collect::<Result<_, _>>()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(typed.batch(parsed)?)
    }
}

fn texts(record: &Record) -> Result<impl Iterator<Item = &str>, Stop> {
    record.fields().ok_or_else(|| unreadable(record.line(), "not UTF-8 text"))
}

fn refuse_header(names: &[String], columns: &Columns<'_>) -> Result<(), Stop> {
    let mut seen = HashSet::new();
    if names.is_empty() {
        return Err(Stop::Unreadable("the file has no header line".to_owned()));
    }
    match names.iter().find(|name| !seen.insert(*name)) {
        // What is found in place of names may be values, and some of this table's values are
        // secret.
        Some(_) if columns.table.is_some_and(|t| t.may_be_values(names.iter().map(String::as_str))) => {
            Err(Stop::Unreadable(
                "two columns have the same name, and none has a declared one: the first line looks like data"
                    .to_owned(),
            ))
        }
        Some(name) => Err(Stop::Unreadable(format!("two columns are named '{name}'"))),
        None => Ok(()),
    }
}

/// The most frequent separator in the header line outside quotes: a comma, unless there is none.
fn guess(file: &Coded<'_>) -> Result<u8, Stop> {
    let mut line = Vec::new();
    let text = BufReader::new(file.reader().map_err(Fault::Io)?);
    text.take(1 << 20).read_until(b'\n', &mut line).map_err(Fault::Io)?;
    let mut quoted = false;
    let (mut commas, mut semicolons) = (0, 0);
    for byte in line {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => commas += 1,
            b';' if !quoted => semicolons += 1,
            _ => {}
        }
    }
    Ok(if commas == 0 && semicolons > 0 { b';' } else { b',' })
}

fn unreadable(line: u64, what: &str) -> Stop {
    Stop::Unreadable(format!("not readable as CSV: line {line}: {what}"))
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Text { line, what } => unreadable(line, &what),
            Fault::Io(error) => match undecodable(&error) {
                Some(what) => Self::Unreadable(what.to_string()),
                None => Self::Failed(crate::error::Error::io(Path::new("the CSV file"), error)),
            },
        }
    }
}
