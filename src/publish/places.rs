//! Where the tables of a publish are: in their folders, or beside those whose Delta log is damaged.
//!
//! A log that cannot be read cannot take a commit either. Earlier releases stay as readable as they
//! are; a new publish begins a new log.

use std::collections::BTreeMap;

use crate::check::report::{Level, Notice};
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::warehouse::{ContractFolder, Entry, Head};

use super::standing::current_of_major;

/// The folder of each table, relative to the contract's, by the table's name.
#[derive(Debug, Clone)]
pub(super) struct Places {
    paths: BTreeMap<String, String>,
    /// What was lost.
    pub notices: Vec<Notice>,
}

impl Places {
    /// Where the tables continue after these entries of the ledger.
    pub async fn after(
        contract: &Contract,
        folder: &ContractFolder,
        entries: &[Entry],
    ) -> Result<Self> {
        let current = current_of_major(entries, contract.version.major);
        let mut places = Self { paths: BTreeMap::new(), notices: Vec::new() };
        for table in &contract.tables {
            let name = &table.name.value;
            let usual = ContractFolder::table_path(contract.version.major, table);
            let known = current.and_then(|entry| entry.tables.get(name)).map(|t| t.path.clone());
            let mut path = known.filter(|path| is_of(path, &usual)).unwrap_or(usual.clone());
            while let Some(error) = damage(folder, &path, entries).await? {
                path = next(&path, &usual);
                places.notices.push(lost(name, &path, &error));
            }
            places.paths.insert(name.clone(), path);
        }
        Ok(places)
    }

    /// The folder of a table.
    pub fn of(&self, table: &str) -> &str {
        self.paths.get(table).map(String::as_str).unwrap_or_default()
    }
}

/// Why no commit may follow on a table: its log is damaged, or lacks versions that a release has.
/// Those numbers would be reused, and earlier releases would be read as later ones.
async fn damage(folder: &ContractFolder, path: &str, entries: &[Entry]) -> Result<Option<Error>> {
    let head = Head::new(folder.table(path));
    let newest = match head.newest().await {
        Ok(newest) => newest.map(|files| files.version),
        Err(error) if error.code() == "damaged-log" => return Ok(Some(error)),
        Err(error) => return Err(error),
    };
    let tables = entries.iter().flat_map(|e| e.tables.values()).filter(|t| t.path == path);
    let released = tables.map(|t| t.version).max();
    if newest >= released {
        return Ok(None);
    }
    let message = format!(
        "its Delta log ends {}, and the ledger names version {}",
        newest.map_or("before the first version".to_owned(), |n| format!("with version {n}")),
        released.unwrap_or_default()
    );
    let log = head.folder().join("_delta_log");
    Ok(Some(Error::try_again("damaged-log", message).at(log.display().to_string())))
}

/// Between a table's usual path and the number of a later one. No table's own path has it: there `~` is
/// followed by two hexadecimal digits.
const MARK: &str = "~r";

/// Whether a path is a table's usual one, or one of its successors.
pub(super) fn is_of(path: &str, usual: &str) -> bool {
    let rest = path.strip_prefix(usual);
    rest.is_some_and(|rest| rest.is_empty() || number(rest).is_some())
}

fn number(rest: &str) -> Option<u64> {
    rest.strip_prefix(MARK)?.parse().ok()
}

fn next(path: &str, usual: &str) -> String {
    let number = path.strip_prefix(usual).and_then(number).unwrap_or(1);
    format!("{usual}{MARK}{}", number + 1)
}

fn lost(table: &str, path: &str, error: &Error) -> Notice {
    Notice {
        code: error.code().to_owned(),
        severity: Level::Warning,
        message: format!(
            "table '{table}': {}; the table continues in {path}, and releases before this one may not \
             be readable",
            error.message()
        ),
        place: error.place().unwrap_or_default().to_owned(),
        hint: Some("restore the log from a backup to read earlier releases".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_goes_on_beside_a_damaged_one() {
        assert_eq!(next("v1/t", "v1/t"), "v1/t~r2");
        assert_eq!(next("v1/t~r2", "v1/t"), "v1/t~r3");
        assert!(is_of("v1/t~r12", "v1/t") && is_of("v1/t", "v1/t"));
        for other in ["v1/tt", "v1/t~r", "v1/t~2E", "v2/t", "v1/t~rx"] {
            assert!(!is_of(other, "v1/t"), "{other}");
        }
    }
}
