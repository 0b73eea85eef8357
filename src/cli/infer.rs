//! `pactum infer`

use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::engine::Limits;
use crate::engine::input::{Columns, Reading};
use crate::engine::parquet_file::ParquetFile;
use crate::error::{Error, Result};
use crate::profile::{Keys, TableProfile, candidate_keys, draft};

use super::check::FilesAs;
use super::context::Global;
use super::output::Out;
use super::profile::{numbers, open, table_name, unchanged};

/// Draft a contract from data.
///
/// Types, NULLs, keys (verified on every row), ranges, patterns and lists of values, each with its
/// evidence in a comment. Columns that look personal get a classification, and none of their values
/// enters the draft. The draft lints clean, and its own data pass.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pactum infer scores.parquet > contracts/scores.odcs.yaml
  pactum infer 'scores/*.parquet' --name learning --table scores --output contracts/learning.odcs.yaml
  pactum infer learners.csv")]
pub(super) struct Args {
    /// Files of one table, or table=FILES for several
    #[arg(value_name = "FILES", required = true)]
    files: Vec<String>,
    /// The contract's id and name [default: the first table's]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The table's name [default: after its first file]
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
    #[command(flatten)]
    files_as: FilesAs,
    /// Write the draft here; an existing file is left alone
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) async fn run(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    let reading = args.files_as.reading(global);
    let mut tables: Vec<(String, Vec<String>)> = Vec::new();
    for argument in &args.files {
        let (name, files) = named(argument, args.table.as_deref());
        match tables.iter_mut().find(|(known, _)| *known == name || args.table.is_some()) {
            Some((_, known)) => known.push(files),
            None => tables.push((name, vec![files])),
        }
    }
    let mut drafted = Vec::new();
    for (name, files) in &tables {
        drafted.push(one_table(name, files, reading, global).await?);
    }
    let name = args.name.clone().or_else(|| tables.first().map(|(name, _)| name.clone()));
    let text = draft(&name.unwrap_or_default(), &drafted);
    match &args.output {
        None => out.document(text.trim_end())?,
        Some(path) => {
            let mut file = std::fs::File::create_new(path).map_err(|e| match e.kind() {
                std::io::ErrorKind::AlreadyExists => {
                    Error::usage("file-exists", "the file exists already, and was not changed")
                        .at(path.display().to_string())
                        .hint("name another file, or remove this one")
                }
                _ => Error::io(path, e),
            })?;
            std::io::Write::write_all(&mut file, text.as_bytes())
                .map_err(|e| Error::io(path, e))?;
            out.line(format!("drafted {}", path.display()))?;
        }
    }
    Ok(0)
}

/// `table=FILES`, or FILES with the table name that they suggest.
fn named(argument: &str, table: Option<&str>) -> (String, String) {
    let pair = argument.split_once('=').filter(|(name, _)| {
        let word = name.chars().all(|c| c.is_alphanumeric() || c == '_');
        word && !name.is_empty() && !std::path::Path::new(argument).exists()
    });
    match (pair, table) {
        (Some((name, files)), _) => (name.to_owned(), files.to_owned()),
        (None, Some(table)) => (table.to_owned(), argument.to_owned()),
        (None, None) => (table_name(&[argument.to_owned()]), argument.to_owned()),
    }
}

async fn one_table(
    name: &str,
    files: &[String],
    reading: Reading,
    global: &Global,
) -> Result<Drafted> {
    let limits = global.limits();
    let opened = open(files, reading, &Columns { table: None }).await?;
    let drafted = with_keys(name, opened.clone(), reading, &limits);
    // A file that changed meanwhile explains any result.
    unchanged(&opened).and(drafted)
}

type Drafted = (TableProfile, Keys);

fn with_keys(
    name: &str,
    files: Vec<ParquetFile>,
    reading: Reading,
    limits: &Limits,
) -> Result<Drafted> {
    let (found, files) = numbers(name, files, reading, limits.threads)?;
    let keys = candidate_keys(&found, &files, limits)?;
    Ok((found, keys))
}
