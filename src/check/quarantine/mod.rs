//! Quarantine: the failing rows as Parquet, each with the clauses that it fails, its file and row;
//! and, if asked for, the rows that fail nothing.

mod named;
mod output;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{
    ArrayRef, BooleanArray, ListBuilder, RecordBatch, StringArray, StringBuilder, UInt64Array,
};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::contract::Contract;
use crate::contract::model::Table;
use crate::engine::parquet_file::ParquetFile;
use crate::engine::reader::{Wanted, batches};
use crate::engine::unparsed::UNPARSED;
use crate::error::{Error, Result};

use super::checked::Checked;
use super::clauses::{Planning, plan, planned};
use super::delivery::{Delivery, find_table};
use super::expr::compile::{Compiler, Program};
use super::options::{Options, is_secret};
use super::plan::clause::{Clause, Test};
use super::released::Released;
use super::report::{ClauseReport, TableReport, Verdict};
use super::scan::work::rows_where;
use super::sql::releases::add_released;
use super::sql::session::Tables;
use super::unread;
use named::{Marks, Named};
use output::Output;

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
                "a file cannot be read: its rows cannot be identified",
            )
            .at(report.name.clone())
            .hint("fix the file first"));
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
                    named.push(Named::repetitions(n, self.files, columns, self.options)?);
                }
                Test::ForeignKey(key) if key.within.is_none() => {
                    let parent = (self.tables, self.table);
                    named.push(Named::orphans(n, self.files, key, parent).await?);
                }
                _ => {}
            }
        }
        Ok(named)
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
    ) -> Result<Marks> {
        let mut marks = Marks::new();
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
            one.mark((file, first_row), batch, self.files, &mut marks)?;
        }
        Ok(marks)
    }
}

/// Rows that fail, with the clauses that each fails, its file and row, and its texts.
fn marked(
    bad: &RecordBatch,
    (file, first_row, rows): (&ParquetFile, u64, &[usize]),
    marks: &Marks,
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
            format!("rows fail {}, and the ones that pass cannot be identified", clause.id),
        )
        .hint("omit --pass; --quarantine holds the rows that can be identified")),
    }
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
