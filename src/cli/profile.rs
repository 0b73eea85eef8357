//! `pactum profile`

use std::sync::Arc;

use clap::{Args as ClapArgs, ValueEnum};

use crate::check::inputs;
use crate::contract;
use crate::contract::types::words;
use crate::diagnostic::Source;
use crate::engine::files::InputFile;
use crate::engine::input::{Columns, InputFormat, Reading, Renditions};
use crate::engine::parquet_file::ParquetFile;
use crate::engine::text_table;
use crate::error::{Error, Result};
use crate::profile::{ColumnProfile, TableProfile, Texts, profile, typed_draft};

use super::check::FilesAs;
use super::context::Global;
use super::output::{Out, count, thousands};
use super::report::{cell, number, profile_page};

/// Show statistics of data: types, NULLs, ranges, distributions.
///
/// Reads files once. Numbers are exact, except where a column has more than 256 distinct values:
/// their number is estimated then, and the distribution of more than 8192 rows is a sample's.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pactum profile scores.parquet
  pactum profile 'scores/*.parquet' --format html > profile.html
  pactum profile learners.csv --format json")]
pub(super) struct Args {
    /// Files of one table: a file, a quoted glob, a folder, a Delta table, an address, or -
    #[arg(value_name = "FILES", required = true)]
    files: Vec<String>,
    #[command(flatten)]
    files_as: FilesAs,
    /// How the numbers are written
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: Format,
}

/// How the numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A table for people
    Human,
    /// One JSON document
    Json,
    /// One self-contained HTML page
    Html,
}

pub(super) async fn run(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    let reading = args.files_as.reading(global);
    let name = table_name(&args.files);
    let threads = global.limits().threads;
    let files = open(&args.files, reading, &Columns { table: None }).await?;
    let found = numbers(&name, files.clone(), reading, threads);
    // A file that changed meanwhile explains any result.
    let (found, _) = unchanged(&files).and(found)?;
    match args.format {
        Format::Json => out.json(&found)?,
        Format::Html => out.document(profile_page(std::slice::from_ref(&found)))?,
        Format::Human => show(&found, out)?,
    }
    Ok(0)
}

/// The numbers of files, and the files as they were read for them: texts of CSV and JSON as the
/// types that they look like.
pub(super) fn numbers(
    name: &str,
    files: Vec<ParquetFile>,
    reading: Reading,
    threads: usize,
) -> Result<(TableProfile, Vec<ParquetFile>)> {
    let found = profile(name, &files, threads)?;
    match typed(&found, &files, reading)? {
        Some(typed) => Ok((profile(name, &typed, threads)?.read_from(&found), typed)),
        None => Ok((found, files)),
    }
}

/// Opens files; one that cannot be read ends the run.
pub(super) async fn open(
    arguments: &[String],
    reading: Reading,
    columns: &Columns<'_>,
) -> Result<Vec<ParquetFile>> {
    let renditions = Renditions::reading(reading);
    let mut files = Vec::new();
    for argument in arguments {
        for input in inputs(argument, &renditions, columns).await? {
            files.push(opened(&input)?);
        }
    }
    Ok(files)
}

fn opened(input: &InputFile) -> Result<ParquetFile> {
    let opened = ParquetFile::open(input).and_then(ParquetFile::with_path_columns);
    opened.map_err(|reason| {
        let changed = input.verify_unchanged().err();
        changed.unwrap_or_else(|| Error::mend("unreadable", reason).at(&input.name))
    })
}

/// Refuses files that changed while they were read.
pub(super) fn unchanged(files: &[ParquetFile]) -> Result<()> {
    files.iter().try_for_each(|file| file.input.verify_unchanged())
}

/// The name of the table that these files form: the first file's, without its number.
pub(super) fn table_name(arguments: &[String]) -> String {
    let first = arguments.first().map(String::as_str).unwrap_or_default();
    let path = std::path::Path::new(first);
    let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let glob = stem.contains(['*', '?', '[']);
    let named = match path.parent().and_then(|p| p.file_name()).filter(|_| glob) {
        Some(folder) => folder.to_string_lossy().into_owned(),
        None => stem,
    };
    let word: String =
        named.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect();
    let word = word.trim_matches(|c: char| c == '_' || c.is_ascii_digit()).to_owned();
    if word.is_empty() { "data".to_owned() } else { word }
}

/// Texts, read again as the types that they look like; `None` where they look like texts.
fn typed(
    found: &TableProfile,
    files: &[ParquetFile],
    reading: Reading,
) -> Result<Option<Vec<ParquetFile>>> {
    let texts_of = |file: &ParquetFile| match file.input.parsed {
        Some(InputFormat::Csv | InputFormat::Tsv) => Some(Texts::All),
        Some(InputFormat::Ndjson) => Some(Texts::Times),
        _ => None,
    };
    // What only some files hold as texts is typed in the others.
    let texts = match files.iter().filter_map(texts_of).collect::<Vec<_>>() {
        found if found.is_empty() => return Ok(None),
        found if found.contains(&Texts::Times) => Texts::Times,
        _ => Texts::All,
    };
    let Some(text) = typed_draft(found, texts) else { return Ok(None) };
    // Its names are those of the files, whatever a contract's may be.
    let parsed = contract::parse(&Arc::new(Source::new("draft", text)));
    let parsed = parsed.contract.ok_or_else(|| Error::invalid(parsed.diagnostics))?;
    let columns = Columns { table: parsed.tables.first() };
    let renditions = Renditions::reading(reading);
    let again = |file: &ParquetFile| match (texts_of(file), file.input.original()) {
        // The file that was read before, even if its name leads elsewhere by now.
        (Some(_), Some(original)) => {
            let format = file.input.parsed.unwrap_or(InputFormat::Csv);
            opened(&renditions.render(original, format, &columns)?)
        }
        _ => Ok(file.clone()),
    };
    files.iter().map(again).collect::<Result<_>>().map(Some)
}

fn show(found: &TableProfile, out: &Out) -> Result<()> {
    let rows = found.columns.iter().map(row).collect();
    let header = ["column", "type", "NULL", "distinct", "min", "max", "mean", "looks like"];
    let right = [false, false, true, true, false, false, true, false];
    out.line(text_table(header.map(str::to_owned).to_vec(), rows, &right))?;
    let files = count(found.files, "file", "files");
    out.line(format!("{}: {} in {files}", found.name, count(found.rows, "row", "rows")))
}

fn row(column: &ColumnProfile) -> Vec<String> {
    let about = if column.distinct_is_exact { "" } else { "~" };
    let shown = |value: &Option<serde_json::Value>| value.as_ref().map(cell).unwrap_or_default();
    let text = column.text.as_ref();
    let looks = text.and_then(|t| {
        t.format.map(str::to_owned).or_else(|| t.pattern.clone()).or(t.reads_as.map(str::to_owned))
    });
    let odd = [(column.nan, "NaN"), (column.infinite, "infinite")];
    let odd = odd.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}"));
    vec![
        column.name.clone(),
        words(&column.data_type),
        thousands(column.nulls),
        column.distinct.map(|n| format!("{about}{}", thousands(n))).unwrap_or_default(),
        shown(&column.min),
        shown(&column.max),
        column.mean.map(number).unwrap_or_default(),
        looks.into_iter().chain(odd).collect::<Vec<_>>().join(", "),
    ]
}
