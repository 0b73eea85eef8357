//! Where the tables of a publish lie: in their folders, or beside those whose Delta log is damaged.
//!
//! A log that cannot be read cannot be followed by a commit either. What was released before stays
//! as readable as it is; what is published anew begins a log of its own.

use std::collections::BTreeMap;

use crate::check::report::{Level, Notice};
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::warehouse::{ContractFolder, Entry, Head};

/// The folder of each table, relative to the contract's, by the table's name.
#[derive(Debug, Clone)]
pub(super) struct Places {
    paths: BTreeMap<String, String>,
    /// What was lost on the way.
    pub notices: Vec<Notice>,
}

impl Places {
    /// Where the tables go on after the current release of their major.
    pub async fn after(
        contract: &Contract,
        folder: &ContractFolder,
        current: Option<&Entry>,
    ) -> Result<Self> {
        let mut places = Self { paths: BTreeMap::new(), notices: Vec::new() };
        for table in &contract.tables {
            let name = &table.name.value;
            let usual = ContractFolder::table_path(contract.version.major, table);
            let known = current.and_then(|entry| entry.tables.get(name)).map(|t| t.path.clone());
            let mut path = known.filter(|path| is_of(path, &usual)).unwrap_or(usual.clone());
            while let Err(error) = Head::new(folder.table(&path)).newest().await {
                if error.code() != "damaged-log" {
                    return Err(error);
                }
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

/// Between a table's usual path and the number of a later one. No table's own path has it: there `~` is
/// followed by two hexadecimal digits.
const MARK: &str = "~r";

/// Whether a path is a table's usual one, or one of those that came after it.
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
            "table '{table}': {}; the table goes on in {path}, and releases before this one may not \
             be readable",
            error.message()
        ),
        place: error.place().unwrap_or_default().to_owned(),
        hint: Some("restore the file from a backup to read earlier releases".to_owned()),
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
