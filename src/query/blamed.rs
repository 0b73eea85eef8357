//! Which table a file belongs to that cannot be read: errors name the release and the table, since a path
//! tells readers nothing.

use crate::error::{Error, SqlState};

use super::catalog::Served;

/// A table that a query reads, as errors name it.
#[derive(Debug, Clone)]
pub(super) struct Blamed {
    label: String,
    /// Its folder, below the contract's.
    folder: String,
}

impl Blamed {
    /// The table of a contract; `None` before its first release.
    pub fn of(served: &Served, table: &str) -> Option<Self> {
        let release = served.release.as_ref()?;
        let declared =
            served.contract.tables.iter().find(|t| t.name.value.eq_ignore_ascii_case(table))?;
        let (name, number) = (&served.contract.sql_name.value, release.entry.release?);
        let label = format!("table '{name}.{}' of release {number}", declared.name.value);
        let version = release.entry.tables.get(&declared.name.value)?;
        Some(Self { label, folder: format!("/{}/", version.path) })
    }

    /// The error with the table that it is about.
    pub fn blame(&self, error: Error) -> Error {
        match is_of_storage(&error) {
            true => error.of(&self.label),
            false => error,
        }
    }
}

/// The error with the one of these tables that it is about.
pub(super) fn blame(tables: &[Blamed], error: Error) -> Error {
    let place = format!("{}/", error.place().unwrap_or_default());
    let has = |table: &&Blamed| place.contains(&table.folder);
    let mut found = tables.iter().filter(has);
    match (found.next(), found.next(), tables) {
        (Some(table), None, _) | (None, None, [table]) => table.blame(error),
        _ => error,
    }
}

/// Whether stored data could not be read.
fn is_of_storage(error: &Error) -> bool {
    matches!(
        error.sqlstate(),
        SqlState::DataCorrupted | SqlState::IoError | SqlState::UndefinedFile
    )
}
