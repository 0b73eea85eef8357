//! Results as bytes: table, JSON, NDJSON, CSV, Arrow IPC, Parquet. All stream except the table,
//! whose column widths depend on every row.

use std::collections::HashSet;
use std::io::Write;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::ipc::writer::StreamWriter;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use serde_json::Value;

use crate::engine::json::value_at;
use crate::engine::text_table;
use crate::error::{Error, Result};

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// One array of row objects.
    Json,
    /// One row object per line.
    Ndjson,
    /// With a header line.
    Csv,
    /// Arrow IPC stream.
    Arrow,
    /// A Parquet file.
    Parquet,
}

/// Writes batches of one result in one format.
pub struct Encoder<W: Write + Send> {
    schema: SchemaRef,
    kind: Kind<W>,
    rows: u64,
    /// Bytes of the rows that a table shows.
    shown: usize,
}

enum Kind<W: Write + Send> {
    Table(W, Vec<Vec<String>>),
    Json(W),
    Ndjson(W),
    Csv(W),
    Arrow(Box<StreamWriter<W>>),
    Parquet(Box<ArrowWriter<W>>),
}

/// Rows that a table shows before it only counts the rest.
const TABLE_ROWS: usize = 1000;

/// Bytes of rows after which it shows no more.
const TABLE_BYTES: usize = 8 << 20;

impl<W: Write + Send> Encoder<W> {
    /// An encoder of results with these columns.
    ///
    /// # Errors
    /// When the format cannot hold a column's type, or the output cannot be written.
    pub fn new(format: Format, schema: SchemaRef, mut out: W) -> Result<Self> {
        let schema = match format {
            Format::Table | Format::Csv => schema,
            Format::Json | Format::Ndjson | Format::Arrow | Format::Parquet => numbered(&schema),
        };
        let kind = match format {
            Format::Table => Kind::Table(out, Vec::new()),
            Format::Json => Kind::Json(out),
            Format::Ndjson => Kind::Ndjson(out),
            Format::Csv => {
                let names = schema.fields().iter().map(|f| csv_text(f.name()));
                writeln!(out, "{}", names.collect::<Vec<_>>().join(",")).map_err(output)?;
                Kind::Csv(out)
            }
            Format::Arrow => Kind::Arrow(Box::new(StreamWriter::try_new(out, &schema)?)),
            Format::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(parquet::basic::ZstdLevel::default()))
                    .build();
                let writer = ArrowWriter::try_new(out, schema.clone(), Some(properties))?;
                Kind::Parquet(Box::new(writer))
            }
        };
        Ok(Self { schema, kind, rows: 0, shown: 0 })
    }

    /// Writes a batch.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let batch = RecordBatch::try_new_with_options(
            self.schema.clone(),
            batch.columns().to_vec(),
            &arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows())),
        )?;
        match &mut self.kind {
            Kind::Table(_, lines) => {
                for row in 0..batch.num_rows() {
                    if lines.len() < TABLE_ROWS && self.shown < TABLE_BYTES {
                        let cells = batch.columns().iter().map(|c| cell(&value_at(c, row)));
                        let line: Vec<String> = cells.collect();
                        self.shown += line.iter().map(String::len).sum::<usize>();
                        lines.push(line);
                    }
                }
            }
            Kind::Json(out) => {
                for row in 0..batch.num_rows() {
                    let first = self.rows == 0 && row == 0;
                    out.write_all(if first { b"[\n " } else { b",\n " }).map_err(output)?;
                    write_row(out, &self.schema, &batch, row)?;
                }
            }
            Kind::Ndjson(out) => {
                for row in 0..batch.num_rows() {
                    write_row(out, &self.schema, &batch, row)?;
                    out.write_all(b"\n").map_err(output)?;
                }
            }
            Kind::Csv(out) => {
                for row in 0..batch.num_rows() {
                    let cells = batch.columns().iter().map(|c| csv_cell(&value_at(c, row)));
                    writeln!(out, "{}", cells.collect::<Vec<_>>().join(",")).map_err(output)?;
                }
            }
            Kind::Arrow(writer) => writer.write(&batch)?,
            Kind::Parquet(writer) => writer.write(&batch)?,
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// Writes the end of the result.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn finish(self) -> Result<()> {
        let flush = |mut out: W| out.flush().map_err(output);
        match self.kind {
            Kind::Table(mut out, lines) => {
                let header = self.schema.fields().iter().map(|f| f.name().clone()).collect();
                let numeric = self.schema.fields().iter().map(|f| f.data_type().is_numeric());
                let shown = lines.len();
                let table = text_table(header, lines, &numeric.collect::<Vec<_>>());
                if self.schema.fields().is_empty() {
                    return flush(out);
                }
                writeln!(out, "{table}").map_err(output)?;
                let more = match self.rows {
                    rows if rows > shown as u64 => format!(", the first {shown} shown"),
                    _ => String::new(),
                };
                let noun = if self.rows == 1 { "row" } else { "rows" };
                writeln!(out, "{} {noun}{more}", self.rows).map_err(output)?;
                flush(out)
            }
            Kind::Json(mut out) => {
                let end: &[u8] = if self.rows == 0 { b"[]\n" } else { b"\n]\n" };
                out.write_all(end).map_err(output)?;
                flush(out)
            }
            Kind::Ndjson(out) | Kind::Csv(out) => flush(out),
            Kind::Arrow(mut writer) => Ok(writer.finish()?),
            Kind::Parquet(writer) => Ok(writer.close().map(|_| ())?),
        }
    }
}

/// The columns, each with a name of its own where readers look columns up by name: the second `id` is
/// `id_2`.
fn numbered(schema: &SchemaRef) -> SchemaRef {
    let mut taken: HashSet<String> = schema.fields().iter().map(|f| f.name().clone()).collect();
    let mut seen = HashSet::new();
    let fields = schema.fields().iter().map(|field| {
        if seen.insert(field.name().clone()) {
            return Arc::clone(field);
        }
        let mut names = (2..).map(|n| format!("{}_{n}", field.name()));
        let name = names.find(|name| !taken.contains(name)).unwrap_or_default();
        taken.insert(name.clone());
        Arc::new(field.as_ref().clone().with_name(name))
    });
    let fields: Vec<_> = fields.collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

fn write_row<W: Write>(
    out: &mut W,
    schema: &SchemaRef,
    batch: &RecordBatch,
    row: usize,
) -> Result<()> {
    let fields = schema.fields().iter().zip(batch.columns());
    let object: serde_json::Map<String, Value> =
        fields.map(|(f, c)| (f.name().clone(), value_at(c, row))).collect();
    serde_json::to_writer(out, &object).map_err(|e| output(e.into()))
}

/// A value of a CSV line; NULL is an empty field, an empty text is `""`.
fn csv_cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => csv_text(text),
        other => csv_text(&other.to_string()),
    }
}

fn csv_text(text: &str) -> String {
    if text.is_empty() || text.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn output(error: std::io::Error) -> Error {
    Error::try_again("output", error.to_string()).caused_by(error)
}
