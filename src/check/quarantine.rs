//! Quarantine: the failing rows as Parquet, each with the clauses that it fails, its file and row;
//! and, if asked for, the rows that fail nothing.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{
    ArrayRef, BooleanArray, ListBuilder, RecordBatch, StringArray, StringBuilder, UInt64Array,
};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::row::{OwnedRow, RowConverter, SortField};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::contract::Contract;
use crate::contract::model::Table;
use crate::contract::names::path_segment;
use crate::engine::parquet_file::{ParquetFile, UNPARSED, common_type};
use crate::engine::reader::{Wanted, batches};
use crate::engine::temporary;
use crate::error::{Error, Result};

use super::checked::Checked;
use super::clauses::{Planning, plan, planned};
use super::delivery::{Delivery, find_table};
use super::expr::compile::{Compiler, Program};
use super::options::{Options, is_secret};
use super::plan::clause::{Clause, ForeignKey, Test};
use super::released::Released;
use super::report::{ClauseReport, TableReport, Verdict};
use super::scan::work::rows_where;
use super::sql::releases::add_released;
use super::sql::session::Tables;
use super::unique::key::KeyColumns;
use super::unique::search::{Search, key_of};
use super::unread;

/// Rows whose clauses are held at a time, at most.
const MOST_ROWS: usize = 20_000_000;

/// Where rows go.
#[derive(Debug, Clone, Copy)]
pub struct Quarantine<'a> {
    /// The folder of the rows that fail.
    pub failing: &'a Path,
    /// The folder of the rows that do not.
    pub passing: Option<&'a Path>,
}

/// Splits the rows of a checked delivery into files: `DIR/<table>/<n>-<file>.parquet`.
///
/// Failing rows get three more columns: `pactum_clauses` (the ids of the clauses that the row
/// fails), `pactum_file` and `pactum_row` (from zero); those of a text file get `pactum_texts` too, with
/// what is not a value of its column. A failure of the table as a whole, such as a row count or an
/// SQL rule, is not attributed to rows.
///
/// # Errors
/// When a folder cannot be written, the failing rows are too many to be told apart, or the delivery
/// is no longer what was checked. Everything that was written is then removed.
pub async fn quarantine(
    contract: &Contract,
    delivery: &Delivery,
    checked: &Checked,
    released: &Released,
    options: &Options<'_>,
    into: &Quarantine<'_>,
) -> Result<()> {
    let written = Mutex::default();
    let contract = &*delivery.naming(contract);
    let outcome = apart(contract, (checked, released), options, into, &written).await;
    let outcome = delivery.verify_unchanged().and(outcome);
    if outcome.is_err() {
        let written = written.into_inner().unwrap_or_else(PoisonError::into_inner);
        written.iter().for_each(|path: &PathBuf| drop(std::fs::remove_file(path)));
    }
    outcome
}

/// Splits the rows, and notes each file before its first byte.
async fn apart(
    contract: &Contract,
    (checked, released): (&Checked, &Released),
    options: &Options<'_>,
    into: &Quarantine<'_>,
    written: &Mutex<Vec<PathBuf>>,
) -> Result<()> {
    let mut tables = Tables::new(contract, &options.limits)?
        .answering_within(options.rule_time)
        .beside(contract, released.neighbours(options.neighbours));
    for table in &checked.tables {
        tables.add_delivered(find_table(contract, &table.name)?, &table.files, None)?;
    }
    add_released(contract, &mut tables, released)?;
    for (table, report) in checked.tables.iter().zip(&checked.report.tables) {
        if report.clauses.iter().any(|c| c.kind == "readable" && c.verdict != Verdict::Passed) {
            return Err(Error::mend(
                "unreadable",
                "a file cannot be read: its rows cannot be told apart",
            )
            .at(report.name.clone())
            .hint("mend the file first"));
        }
        let declared = find_table(contract, &table.name)?;
        let planned = planned(&table.files);
        let clauses = plan(&Planning {
            contract,
            table: declared,
            files: &planned,
            external_engines: options.external_engines,
            neighbours: options.neighbours,
            now: options.now,
            inside: None,
        });
        if into.passing.is_some() {
            refuse_untold(&clauses, report)?;
        }
        let files = &table.files;
        let is_secret = is_secret(declared, options);
        let rows = Rows { table: declared, files, report, options, tables: &tables, written };
        let done = rows.write(&clauses, into).await;
        done.map_err(|error| if is_secret { error.without_values() } else { error })?;
    }
    Ok(())
}

/// The rows of one table.
struct Rows<'a> {
    table: &'a Table,
    files: &'a [ParquetFile],
    report: &'a TableReport,
    options: &'a Options<'a>,
    tables: &'a Tables,
    /// The files that were written so far.
    written: &'a Mutex<Vec<PathBuf>>,
}

/// Rows that a clause of the whole table names: by number, or by key.
enum Named {
    Rows(usize, HashSet<(usize, u64)>),
    Keys(usize, Vec<String>, RowConverter, HashSet<OwnedRow>),
}

impl Rows<'_> {
    async fn write(&self, clauses: &[Clause], into: &Quarantine<'_>) -> Result<()> {
        let named = self.named(clauses).await?;
        let state = self.tables.session().context().state();
        let compiler = Compiler { state: &state, table: self.table, public: &[] };
        // Clauses that hold by their threshold may have failing rows: only failed ones count.
        let skipped: Vec<usize> = (0..clauses.len())
            .filter(|n| !self.failed(&clauses[*n]) || counts(&clauses[*n]))
            .collect();
        for (n, file) in self.files.iter().enumerate() {
            let program = compiler.program(clauses, &skipped, &[], file.schema())?;
            self.file(n, file, &program, clauses, &named, into)?;
        }
        Ok(())
    }

    fn failed(&self, clause: &Clause) -> bool {
        let mut reports = self.report.clauses.iter();
        reports.any(|r| r.id == clause.id && matches!(r.verdict, Verdict::Failed | Verdict::Waived))
    }

    async fn named(&self, clauses: &[Clause]) -> Result<Vec<Named>> {
        let mut named = Vec::new();
        for (n, clause) in clauses.iter().enumerate().filter(|(_, c)| self.failed(c)) {
            match &clause.test {
                Test::Unique(columns) if plainly(clause) => {
                    named.push(Named::Rows(n, self.repetitions(columns)?));
                }
                Test::ForeignKey(key) if key.within.is_none() => {
                    named.push(self.orphans(n, key).await?);
                }
                _ => {}
            }
        }
        Ok(named)
    }

    /// Rows beyond the first of each key.
    fn repetitions(&self, columns: &[String]) -> Result<HashSet<(usize, u64)>> {
        let Some(key) = key_of(self.files, columns) else { return Ok(HashSet::new()) };
        let search = Search {
            files: self.files,
            key: &key,
            threads: self.options.limits.threads,
            memory: self.options.limits.memory,
        };
        search.beyond_first(MOST_ROWS)?.map(|rows| rows.into_iter().collect()).ok_or_else(too_many)
    }

    async fn orphans(&self, clause: usize, key: &ForeignKey) -> Result<Named> {
        let (_, keys) = self.tables.orphans(self.table, key, MOST_ROWS).await?;
        let columns = key.from_physical.clone();
        let types: Vec<DataType> = columns
            .iter()
            .map(|c| common_type(self.files, c).ok().flatten().unwrap_or(DataType::Null))
            .collect();
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
        Ok(Named::Keys(clause, columns, converter, found))
    }

    fn file(
        &self,
        n: usize,
        file: &ParquetFile,
        program: &Program,
        clauses: &[Clause],
        named: &[Named],
        into: &Quarantine<'_>,
    ) -> Result<()> {
        let all: Vec<usize> = (0..file.schema().fields().len()).collect();
        let wanted = Wanted { columns: &all, ..Wanted::default() };
        let read = batches(file, &wanted)?;
        let own: Vec<usize> = (0..read.schema().fields().len())
            .filter(|n| !read.schema().field(*n).name().starts_with(UNPARSED))
            .collect();
        let schema: SchemaRef = Arc::new(read.schema().project(&own)?);
        let output =
            |folder, schema| Output::new(folder, (self.table, n, file), schema, self.written);
        let texts = unread::field(read.schema());
        let mut failing = output(into.failing, with_marks(&schema, texts.clone()));
        let mut passing = into.passing.map(|folder| output(folder, Arc::clone(&schema)));
        let mut first_row = 0;
        for batch in read {
            let batch = batch?;
            let marks = self.marks((n, first_row), &batch, program, named)?;
            let fails: BooleanArray =
                (0..batch.num_rows()).map(|row| Some(marks.contains_key(&row))).collect();
            let data = batch.project(&own)?;
            if !marks.is_empty() {
                let bad = filter_record_batch(&data, &fails)?;
                let mut rows: Vec<usize> = marks.keys().copied().collect();
                rows.sort_unstable();
                let texts = match &texts {
                    Some(field) => Some((field.clone(), unread::texts(&batch, &rows)?)),
                    None => None,
                };
                let place = (file, first_row, rows.as_slice());
                failing.write(&marked(&bad, place, &marks, clauses, texts)?)?;
            }
            if let Some(passing) = &mut passing {
                let good = arrow::compute::not(&fails)?;
                passing.write(&filter_record_batch(&data, &good)?)?;
            }
            first_row += batch.num_rows() as u64;
        }
        failing.finish()?;
        passing.map_or(Ok(()), Output::finish)
    }

    /// The clauses that rows of a batch fail, by row.
    fn marks(
        &self,
        (file, first_row): (usize, u64),
        batch: &RecordBatch,
        program: &Program,
        named: &[Named],
    ) -> Result<HashMap<usize, BTreeSet<usize>>> {
        let mut marks: HashMap<usize, BTreeSet<usize>> = HashMap::new();
        let view = batch.project(&program.projection)?;
        for step in &program.steps {
            let mut failing = rows_where(&step.failing, &view)?;
            if let Some(filter) = &step.filter {
                failing = arrow::compute::and(&failing, &rows_where(filter, &view)?)?;
            }
            for row in failing.values().set_indices() {
                marks.entry(row).or_default().insert(step.clause);
            }
        }
        for one in named {
            match one {
                Named::Rows(clause, rows) => {
                    for row in 0..batch.num_rows() {
                        if rows.contains(&(file, first_row + row as u64)) {
                            marks.entry(row).or_default().insert(*clause);
                        }
                    }
                }
                Named::Keys(clause, columns, converter, keys) => {
                    let indices: Option<Vec<usize>> =
                        columns.iter().map(|c| batch.schema().index_of(c).ok()).collect();
                    let Some(indices) = indices else { continue };
                    let types: Vec<DataType> = columns
                        .iter()
                        .map(|c| {
                            common_type(self.files, c).ok().flatten().unwrap_or(DataType::Null)
                        })
                        .collect();
                    let values = KeyColumns::new(&indices, &types).values(batch)?;
                    let rows = converter.convert_columns(&values)?;
                    for (row, key) in rows.iter().enumerate() {
                        if keys.contains(&key.owned()) {
                            marks.entry(row).or_default().insert(*clause);
                        }
                    }
                }
            }
        }
        Ok(marks)
    }
}

/// Rows that fail, with the clauses that each fails, its file and row, and its texts.
fn marked(
    bad: &RecordBatch,
    (file, first_row, rows): (&ParquetFile, u64, &[usize]),
    marks: &HashMap<usize, BTreeSet<usize>>,
    clauses: &[Clause],
    texts: Option<(Field, ArrayRef)>,
) -> Result<RecordBatch> {
    let mut ids = ListBuilder::new(StringBuilder::new());
    for row in rows {
        marks[row].iter().for_each(|n| ids.values().append_value(&clauses[*n].id));
        ids.append(true);
    }
    let names = StringArray::from(vec![file.input.name.as_str(); rows.len()]);
    // As the file has them, deleted rows included.
    let numbers = rows.iter().map(|row| file.row_number(first_row + *row as u64));
    let numbers = UInt64Array::from_iter_values(numbers);
    let mut columns = bad.columns().to_vec();
    columns.push(Arc::new(ids.finish()));
    columns.push(Arc::new(names));
    columns.push(Arc::new(numbers));
    let (field, texts) = texts.unzip();
    columns.extend(texts);
    Ok(RecordBatch::try_new(with_marks(&bad.schema(), field), columns)?)
}

/// No row is to blame for too few rows.
fn counts(clause: &Clause) -> bool {
    matches!(clause.test, Test::RowCount)
}

/// Whether a clause looks at all rows, each by itself.
fn plainly(clause: &Clause) -> bool {
    let scope = &clause.scope;
    scope.filter.is_none() && scope.group_by.is_empty() && !scope.previous
}

/// Rows fail these clauses, and it is unknown which: no row could be said to pass.
fn refuse_untold(clauses: &[Clause], report: &TableReport) -> Result<()> {
    let told = |clause: &Clause| match &clause.test {
        Test::Rows(_) => clause.scope.group_by.is_empty() && !clause.scope.previous,
        Test::Unique(_) => plainly(clause),
        Test::ForeignKey(key) => key.within.is_none(),
        _ => false,
    };
    let failed = |id: &str| {
        let rows = |r: &ClauseReport| r.failing_rows.is_some_and(|n| n > 0);
        report.clauses.iter().any(|r| r.id == id && r.verdict == Verdict::Failed && rows(r))
    };
    match clauses.iter().find(|c| !told(c) && failed(&c.id)) {
        None => Ok(()),
        Some(clause) => Err(Error::mend(
            "untold-rows",
            format!("rows fail {}, and it cannot be told which ones pass", clause.id),
        )
        .hint("leave --pass out; --quarantine holds the rows that can be told")),
    }
}

fn too_many() -> Error {
    Error::mend("too-many-rows", "more rows fail than can be told apart")
        .hint(format!("at most {MOST_ROWS} rows that repeat a key are held"))
}

fn with_marks(schema: &SchemaRef, texts: Option<Field>) -> SchemaRef {
    let mut fields: Vec<Field> = schema.fields().iter().map(|f| f.as_ref().clone()).collect();
    fields.push(Field::new_list(
        "pactum_clauses",
        Field::new_list_field(DataType::Utf8, true),
        true,
    ));
    fields.push(Field::new("pactum_file", DataType::Utf8, true));
    fields.push(Field::new("pactum_row", DataType::UInt64, true));
    fields.extend(texts);
    Arc::new(Schema::new(fields))
}

/// One file of rows; the first row creates it.
struct Output<'a> {
    path: PathBuf,
    schema: SchemaRef,
    writer: Option<ArrowWriter<File>>,
    written: &'a Mutex<Vec<PathBuf>>,
}

impl<'a> Output<'a> {
    fn new(
        folder: &Path,
        (table, n, file): (&Table, usize, &ParquetFile),
        schema: SchemaRef,
        written: &'a Mutex<Vec<PathBuf>>,
    ) -> Self {
        let name = Path::new(&file.input.name).file_stem();
        let name = name.map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let path = folder.join(path_segment(table.physical())).join(format!("{n}-{name}.parquet"));
        Self { path, schema, writer: None, written }
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                if let Some(folder) = self.path.parent() {
                    temporary::private_folder(folder).map_err(|e| Error::io(folder, e))?;
                }
                let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
                written.push(self.path.clone());
                // Rows of a delivery, classified columns included: only for the user who runs this.
                let file = temporary::private_file(&self.path);
                let file = file.map_err(|e| Error::io(&self.path, e))?;
                let level = ZstdLevel::default();
                let properties =
                    WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
                let schema = Arc::clone(&self.schema);
                self.writer.insert(ArrowWriter::try_new(file, schema, Some(properties))?)
            }
        };
        Ok(writer.write(batch)?)
    }

    fn finish(mut self) -> Result<()> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        writer.finish()?;
        self.writer = None;
        Ok(())
    }
}

impl Drop for Output<'_> {
    /// An incomplete result leaves no file behind.
    fn drop(&mut self) {
        if self.writer.is_some() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
