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

/// The fields that a reference to a column names after it: `table.column.field`, or
/// `schema/…/properties/…/properties/<field>`.
pub fn fields<'a>(column: &Column, reference: &'a str) -> Vec<&'a str> {
    if let Some(path) = reference.trim_start_matches(['#', '/']).strip_prefix("schema/") {
        return path.split("/properties/").skip(2).collect();
    }
    // The name of a table or a column may hold points itself.
    let rests = reference.match_indices('.').filter_map(|(at, _)| reference.get(at + 1..));
    let names = [column.name.value.as_str(), column.physical()];
    let mut behind = rests.flat_map(|rest| names.map(|name| after(rest, name)));
    match behind.find_map(|rest| rest) {
        None | Some("") => Vec::new(),
        Some(rest) => rest.split('.').collect(),
    }
}

/// What follows a name, in any case, and the point behind it; empty where nothing does.
fn after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(name.len())?;
    match rest.strip_prefix('.') {
        _ if name.is_empty() || !head.eq_ignore_ascii_case(name) => None,
        None if rest.is_empty() => Some(""),
        rest => rest.filter(|rest| !rest.is_empty()),
    }
}

/// The one of these whose name a text begins with: the longest name, a name before a physical one.
fn longest<'a, 't, T>(
    items: &'a [T],
    text: &'t str,
    names: impl Fn(&T) -> [&str; 2],
) -> Option<(&'a T, &'t str)> {
    let of = |which: usize| {
        let found = items.iter().filter_map(|item| {
            let name = names(item)[which];
            Some((name.len(), item, after(text, name)?))
        });
        found.max_by_key(|(length, ..)| *length).map(|(_, item, rest)| (item, rest))
    };
    of(0).or_else(|| of(1))
}

/// Resolves a reference inside a contract.
pub fn resolve<'a>(contract: &'a Contract, reference: &str) -> Resolved<'a> {
    // What names no document is in this one.
    let reference = reference.strip_prefix('#').unwrap_or(reference);
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
    let Some((first, _)) = reference.split_once('.') else { return Resolved::Malformed };
    let tables = longest(&contract.tables, reference, |t| [t.name.value.as_str(), t.physical()]);
    let Some((table, rest)) = tables.filter(|(_, rest)| !rest.is_empty()) else {
        return Resolved::NoTable(first.to_owned());
    };
    match column_of(table, rest) {
        Some(found) => Resolved::Column(table, found),
        None => Resolved::NoColumn(table, rest.split('.').next().unwrap_or(rest).to_owned()),
    }
}

/// The column of a table that a text names, or leads into.
pub fn column_of<'a>(table: &'a Table, text: &str) -> Option<&'a Column> {
    let found = longest(&table.columns, text, |c| [c.name.value.as_str(), c.physical()]);
    found.map(|(column, _)| column)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::contract::parse;
    use crate::diagnostic::Source;

    #[test]
    fn references_lead_to_names_and_physical_names_with_or_without_points() {
        let text = "apiVersion: v3.2.0\nkind: DataContract\nid: t\nname: t\nversion: 1.0.0\n\
                    status: active\nschema:\n\
                    - {name: orders, physicalName: dbo.orders, properties: [\
                    {name: id}, {name: a.b}, {name: a}, {name: phone_no, physicalName: Phone No.}]}\n\
                    - {name: dbo, properties: [{name: orders}]}\n";
        let contract = parse(&Arc::new(Source::new("t", text))).contract.unwrap();
        for (reference, column, behind) in [
            ("orders.id", "id", &[][..]),
            ("ORDERS.ID", "id", &[]),
            ("orders.a", "a", &[]),
            ("orders.a.x.y", "a", &["x", "y"]),
            ("orders.a.b", "a.b", &[]),
            ("orders.a.b.c", "a.b", &["c"]),
            ("orders.Phone No.", "phone_no", &[]),
            ("orders.phone_no", "phone_no", &[]),
            ("dbo.orders", "orders", &[]),
            ("schema/orders/properties/a/properties/x", "a", &["x"]),
            ("#/schema/orders/properties/a/properties/x", "a", &["x"]),
        ] {
            let Resolved::Column(_, found) = resolve(&contract, reference) else {
                panic!("{reference}");
            };
            assert_eq!(found.name.value, column, "{reference}");
            assert_eq!(fields(found, reference), behind, "{reference}");
        }
        assert!(
            matches!(resolve(&contract, "orders.x"), Resolved::NoColumn(_, name) if name == "x")
        );
        assert!(
            matches!(resolve(&contract, "other.x"), Resolved::NoTable(name) if name == "other")
        );
        assert!(matches!(resolve(&contract, "orders"), Resolved::Malformed));
    }

    #[test]
    fn a_physical_name_of_a_table_leads_where_no_table_is_named_so() {
        let text = "apiVersion: v3.2.0\nkind: DataContract\nid: t\nname: t\nversion: 1.0.0\n\
                    status: active\nschema:\n\
                    - {name: orders, physicalName: dbo.tbl, properties: [{name: id, physicalName: x}]}\n";
        let contract = parse(&Arc::new(Source::new("t", text))).contract.unwrap();
        let found = resolve(&contract, "dbo.tbl.x");
        assert!(matches!(found, Resolved::Column(_, column) if column.name.value == "id"));
    }
}
