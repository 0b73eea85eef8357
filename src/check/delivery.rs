//! A delivery: the files handed over for one or more tables of one contract.

use std::borrow::Cow;

use crate::contract::Contract;
use crate::contract::model::Table;
use crate::engine::address::without_credentials;
use crate::engine::files::{InputFile, resolve};
use crate::engine::input::{Columns, InputFormat, Reading, Renditions, is_remote};
use crate::engine::parquet_file::ParquetFile;
use crate::engine::{Limits, in_parallel};
use crate::error::{Error, Result};
use crate::warehouse::{Release, delivered_files, is_delta_table};

/// The files of one table.
#[derive(Debug, Clone)]
pub struct DeliveredTable {
    /// The table's name, as declared.
    pub table: String,
    /// Its files.
    pub files: Vec<InputFile>,
}

/// The files of a delivery, by table.
#[derive(Debug, Clone, Default)]
pub struct Delivery {
    /// The tables, in the order of the contract.
    pub tables: Vec<DeliveredTable>,
}

impl Delivery {
    /// Gathers `table=FILES` pairs, or bare FILES where only one table can be meant.
    ///
    /// FILES is a file, a glob, a folder, a Delta table, an `s3://` or `https://` address, or `-`
    /// for standard input. `format` gives their format where their names do not.
    ///
    /// # Errors
    /// When a table is unknown, a file is missing, or it is unclear which table a file is for.
    pub async fn gather(
        contract: &Contract,
        table: Option<&str>,
        arguments: &[String],
        format: Option<InputFormat>,
    ) -> Result<Self> {
        let reading = Reading { format, ..Reading::default() };
        Self::gather_as(contract, table, arguments, reading).await
    }

    /// As [`Delivery::gather`], with settings for reading files.
    ///
    /// # Errors
    /// As [`Delivery::gather`].
    pub async fn gather_as(
        contract: &Contract,
        table: Option<&str>,
        arguments: &[String],
        reading: Reading,
    ) -> Result<Self> {
        let mut delivery = Self::default();
        let renditions = Renditions::reading(reading);
        for argument in arguments {
            let (name, pattern) = match pair(contract, argument) {
                Some((name, pattern)) if table.is_none() => (name.to_owned(), pattern),
                _ => (only_table(contract, table)?, argument.as_str()),
            };
            let declared = find_table(contract, &name)?;
            let columns = Columns { table: Some(declared) };
            let found = inputs(pattern, &renditions, &columns).await?;
            delivery.add(declared, found);
        }
        delivery.sort(contract);
        Ok(delivery)
    }

    /// The tables of a release as a delivery: to check them against another contract.
    ///
    /// # Errors
    /// When the contract has none of the release's tables, or a file of the release is gone.
    pub async fn of_release(
        contract: &Contract,
        release: &Release,
        table: Option<&str>,
    ) -> Result<Self> {
        let mut delivery = Self::default();
        for declared in &contract.tables {
            let name = &declared.name.value;
            let wanted = table.is_none_or(|only| only == name);
            if !wanted || !release.entry.tables.contains_key(name) {
                continue;
            }
            delivery.add(declared, release.table(name).await?.whole()?);
        }
        if delivery.tables.is_empty() {
            return Err(Error::mend(
                "nothing-to-check",
                format!("release {} has none of the contract's tables", release.number()),
            ));
        }
        delivery.sort(contract);
        Ok(delivery)
    }

    /// The contract with the names that the delivered files have: those of a Delta table are other
    /// ones where Delta forbids a name that files have.
    pub(crate) fn naming<'a>(&self, contract: &'a Contract) -> Cow<'a, Contract> {
        let mut named = Cow::Borrowed(contract);
        for (n, table) in contract.tables.iter().enumerate() {
            let Some(files) = self.files(&table.name.value) else { continue };
            let first = files.first().filter(|_| files.iter().all(|file| file.of_delta));
            let mut renamed = table.columns.iter().filter(|c| c.stored() != c.physical());
            if first.is_none() || renamed.next().is_none() {
                continue;
            }
            let Some(Ok(file)) = first.map(ParquetFile::open) else { continue };
            let has = |name: &str| {
                let logged = file.input.logged.as_ref();
                file.schema().index_of(name).is_ok() || logged.is_some_and(|l| l.has(name))
            };
            for column in &mut named.to_mut().tables[n].columns {
                if has(column.stored()) && !has(column.physical()) {
                    column.physical_name = Some(column.stored().to_owned());
                    column.stored_name = None;
                }
            }
        }
        named
    }

    fn sort(&mut self, contract: &Contract) {
        let position = |t: &DeliveredTable| {
            contract.tables.iter().position(|declared| declared.name.value == t.table)
        };
        self.tables.sort_by_key(position);
    }

    fn add(&mut self, table: &Table, files: Vec<InputFile>) {
        let name = &table.name.value;
        let entry = match self.tables.iter_mut().position(|t| &t.table == name) {
            Some(n) => &mut self.tables[n],
            None => {
                self.tables.push(DeliveredTable { table: name.clone(), files: Vec::new() });
                let last = self.tables.len() - 1;
                &mut self.tables[last]
            }
        };
        for file in files {
            if !entry.files.iter().any(|known| known.path == file.path) {
                entry.files.push(file);
            }
        }
    }

    /// The files of a table, if it was delivered.
    pub fn files(&self, table: &str) -> Option<&[InputFile]> {
        self.tables.iter().find(|t| t.table == table).map(|t| t.files.as_slice())
    }

    /// Compares every byte of a release's files with what was recorded, including columns that no
    /// clause reads.
    ///
    /// # Errors
    /// Names the first file that is not what was written.
    pub fn compare(&self, threads: usize) -> Result<()> {
        let files: Vec<&InputFile> = self.tables.iter().flat_map(|t| &t.files).collect();
        let mut found: Vec<(usize, Error)> = Vec::new();
        let take = |n, compared: Result<()>| found.extend(compared.err().map(|e| (n, e)));
        in_parallel(&files, threads, |file| file.compare(), take);
        found.into_iter().min_by_key(|(n, _)| *n).map_or(Ok(()), |(_, error)| Err(error))
    }

    /// Refuses the delivery when one of its files has changed.
    ///
    /// # Errors
    /// Names the first file that changed.
    pub fn verify_unchanged(&self) -> Result<()> {
        verify(self, InputFile::verify_unchanged)
    }

    /// Refuses the delivery when any byte that was read has changed: everything read by the check
    /// and after it is read once more.
    ///
    /// # Errors
    /// Names the first file that changed.
    pub fn verify_content(&self) -> Result<()> {
        verify(self, InputFile::verify_content)
    }
}

fn verify(delivery: &Delivery, one: fn(&InputFile) -> Result<()>) -> Result<()> {
    let files: Vec<&InputFile> = delivery.tables.iter().flat_map(|t| &t.files).collect();
    let mut failed: Vec<(usize, Error)> = Vec::new();
    let threads = Limits::default().threads;
    let take = |n, outcome: Result<()>| failed.extend(outcome.err().map(|error| (n, error)));
    in_parallel(&files, threads, |file| one(file), take);
    failed.into_iter().min_by_key(|(n, _)| *n).map_or(Ok(()), |(_, error)| Err(error))
}

/// The files that one argument names, as Parquet files.
///
/// # Errors
/// When nothing is there, or it cannot be fetched.
pub async fn inputs(
    pattern: &str,
    renditions: &Renditions,
    columns: &Columns<'_>,
) -> Result<Vec<InputFile>> {
    let format = renditions.format();
    if pattern == "-" {
        let format = format.ok_or_else(|| {
            Error::usage("which-format", "standard input has no name that tells its format")
                .hint("add --input parquet, csv, tsv, ndjson or arrow")
        })?;
        let input = renditions.standard_input()?;
        return Ok(vec![renditions.render(&input, format, columns)?]);
    }
    let pattern = pattern.strip_prefix("file://").unwrap_or(pattern);
    if let Some((scheme, _)) = pattern.split_once("://").filter(|_| !is_remote(pattern)) {
        return Err(Error::usage("bad-address", format!("{scheme}:// addresses are not read"))
            .at(without_credentials(pattern))
            .hint("s3://, https:// and http:// are, and files of this machine"));
    }
    let folder = std::path::Path::new(pattern);
    // A folder whose log cannot be read is not taken as plain files: the log may name fewer of
    // them.
    if is_delta_table(folder)? {
        return delivered_files(folder).await;
    }
    let found = match is_remote(pattern) {
        true => renditions.fetch(pattern).await?,
        false => resolve(pattern)?,
    };
    let one = |input: &InputFile| {
        let named = InputFormat::of_name(&input.name).unwrap_or(InputFormat::Parquet);
        renditions.render(input, format.unwrap_or(named), columns)
    };
    found.iter().map(one).collect()
}

/// `table=FILES`, where the part before the sign can be a table's name and no such file exists.
fn pair<'a>(contract: &Contract, argument: &'a str) -> Option<(&'a str, &'a str)> {
    let (name, pattern) = argument.split_once('=')?;
    let is_table = contract.table(name).is_some();
    let looks_like_name = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    (is_table || (looks_like_name && !std::path::Path::new(argument).exists()))
        .then_some((name, pattern))
}

fn only_table(contract: &Contract, table: Option<&str>) -> Result<String> {
    match (table, contract.tables.as_slice()) {
        (Some(table), _) => Ok(table.to_owned()),
        (None, [only]) => Ok(only.name.value.clone()),
        (None, tables) => {
            let names: Vec<&str> = tables.iter().map(|t| t.name.value.as_str()).collect();
            Err(Error::usage(
                "which-table",
                format!("contract '{}' has {} tables: say which", contract.id, names.len()),
            )
            .hint(format!(
                "write {}=FILES; tables: {}",
                names.first().unwrap_or(&"table"),
                names.join(", ")
            )))
        }
    }
}

/// The declared table of a name.
///
/// # Errors
/// When the contract has none of that name.
pub(crate) fn find_table<'a>(contract: &'a Contract, name: &str) -> Result<&'a Table> {
    contract.table(name).ok_or_else(|| {
        let names = contract.tables.iter().map(|t| t.name.value.as_str());
        let hint = match crate::diagnostic::nearest(name, names.clone()) {
            Some(near) => format!("did you mean '{near}'?"),
            None => format!("tables: {}", names.collect::<Vec<_>>().join(", ")),
        };
        Error::usage("unknown-table", format!("contract '{}' has no table '{name}'", contract.id))
            .hint(hint)
    })
}
