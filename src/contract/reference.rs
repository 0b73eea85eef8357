//! References to columns: `table.column` by name, or `schema/<id>/properties/<id>`.

use std::path::{Component, Path, PathBuf};

use super::model::{Column, Contract, Table};

/// Where a reference leads.
#[derive(Debug)]
pub enum Resolved<'a> {
    /// A column of this contract.
    Column(&'a Table, &'a Column),
    /// A table of this contract that has no such column.
    NoColumn(&'a Table, String),
    /// No table of this contract has that name.
    NoTable(String),
    /// Another document: this contract alone cannot resolve it.
    Elsewhere,
    /// Not a reference.
    Malformed,
}

/// The fields that a reference names after its column: `table.column.field`, or
/// `schema/…/properties/…/properties/<field>`.
pub fn fields(reference: &str) -> Vec<&str> {
    match reference.trim_start_matches('/').strip_prefix("schema/") {
        Some(path) => path.split("/properties/").skip(2).collect(),
        None => reference.split('.').skip(2).collect(),
    }
}

/// Resolves a reference inside a contract.
pub fn resolve<'a>(contract: &'a Contract, reference: &str) -> Resolved<'a> {
    if reference.contains('#') {
        return Resolved::Elsewhere;
    }
    if let Some(path) = reference.trim_start_matches('/').strip_prefix("schema/") {
        let Some((table, rest)) = path.split_once('/') else { return Resolved::Malformed };
        let Some(column) = rest.strip_prefix("properties/") else { return Resolved::Malformed };
        let column = column.split('/').next().unwrap_or(column);
        let by_id = |t: &&Table| t.id.as_deref() == Some(table) || t.name.value == table;
        let Some(table_found) = contract.tables.iter().find(by_id) else {
            return Resolved::NoTable(table.to_owned());
        };
        let by_id = |c: &&Column| c.id.as_deref() == Some(column) || c.name.value == column;
        return match table_found.columns.iter().find(by_id) {
            Some(found) => Resolved::Column(table_found, found),
            None => Resolved::NoColumn(table_found, column.to_owned()),
        };
    }
    let mut parts = reference.split('.');
    let (Some(table), Some(column)) = (parts.next(), parts.next()) else {
        return Resolved::Malformed;
    };
    let Some(table_found) = contract.table(table) else {
        return Resolved::NoTable(table.to_owned());
    };
    match table_found.column(column) {
        Some(found) => Resolved::Column(table_found, found),
        None => Resolved::NoColumn(table_found, column.to_owned()),
    }
}

/// The contract of a document that a reference names: by its path from the contract's own folder,
/// else by its name where no other contract's file has it.
///
/// # Errors
/// In words: why it matches no contract, or more than one.
pub fn neighbour<'a>(
    contract: &Contract,
    neighbours: &'a [Contract],
    document: &str,
) -> Result<&'a Contract, String> {
    let folder = Path::new(&contract.source.name).parent().unwrap_or(Path::new(""));
    let wanted = lexical(&folder.join(document));
    let known = || neighbours.iter();
    if let Some(found) = known().find(|c| lexical(Path::new(&c.source.name)) == wanted) {
        return Ok(found);
    }
    let name = Path::new(document).file_name();
    let named: Vec<&Contract> =
        known().filter(|c| Path::new(&c.source.name).file_name() == name).collect();
    match named.as_slice() {
        [one] => Ok(one),
        [] => Err(format!("no contract of this project is in '{document}'")),
        _ => Err(format!("several contracts of this project are in files like '{document}'")),
    }
}

/// A path without `.` and `..`, resolved by text only.
fn lexical(path: &Path) -> PathBuf {
    let mut found = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if found.pop() => {}
            other => found.push(other),
        }
    }
    found
}
